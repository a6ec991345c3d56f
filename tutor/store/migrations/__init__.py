"""The schema's history, and bringing a database up to date with it.

A new revision: ``versions/<number>_<what>.py``, and ``HEAD`` here. There is no way down: that is what backups are for.
"""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tutor.domain.errors import StoreError
from tutor.store.sql.tables import metadata

if TYPE_CHECKING:
    from tutor.store.sql.engine import Database

#: The newest revision. Known here so that a database that is up to date needs no Alembic at start.
HEAD = "0001"
FOLDER = Path(__file__).parent

#: As Alembic makes it.
_version = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
_one_at_a_time = threading.Lock()  # Alembic keeps its context in module globals


def upgrade(database: "Database") -> None:
    """Bring the schema to ``HEAD`` in one transaction. Quick when it is there already; safe when several start at
    once. Raises ``StoreBusy`` when the database stays locked, ``StoreError`` when it can't be brought there (it may be
    of a newer version of this program)."""
    with database.read() as connection:
        if _revision(connection) == HEAD:
            return
    with database.write() as connection:
        database.lock(connection, "migrations")
        revision = _revision(connection)
        if revision == HEAD:
            return
        if revision is None and not sa.inspect(connection).has_table("events"):
            create(connection)
        else:
            migrate(connection)


def create(connection: sa.Connection) -> None:
    """Build the newest schema in an empty database.

    Straight from the tables, because importing Alembic alone would cost a first start 0.4 s; a test holds the result
    and that of the migrations against each other, statement by statement.
    """
    metadata.create_all(connection, checkfirst=False)
    _version.create(connection, checkfirst=False)
    connection.execute(_version.insert(), {"version_num": HEAD})


def migrate(connection: sa.Connection, revision: str = "head") -> None:
    """Run Alembic's revisions on this connection, inside the caller's transaction. Raises ``StoreError``."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with _one_at_a_time:
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise StoreError("the database can't be brought up to date; is it of a newer version?") from error


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.select(_version.c.version_num)).scalar_one_or_none()
