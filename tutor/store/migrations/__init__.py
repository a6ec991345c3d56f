"""The schema's history, and bringing a database up to date with it.

A new revision: ``versions/<number>_<what>.py``, and ``HEAD`` here. A test compares the result with the tables.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from tutor.store.sql.engine import Database

#: The newest revision. Known here so that a database that is up to date needs no Alembic at start.
HEAD = "0001"
FOLDER = Path(__file__).parent


def upgrade(database: "Database") -> None:
    """Bring the schema to ``HEAD`` in one transaction. Quick when it is there already; safe when several start at
    once. Raises ``StoreBusy`` when the database stays locked."""
    with database.read() as connection:
        if _revision(connection) == HEAD:
            return
    with database.write() as connection:
        database.lock(connection, "migrations")
        if _revision(connection) == HEAD:
            return
        migrate(connection)


def migrate(connection: sa.Connection, revision: str = "head") -> None:
    """Run Alembic on this connection, inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, revision)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
