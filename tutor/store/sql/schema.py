"""Bringing a database's schema up to date."""

import sqlalchemy as sa

from tutor.store.migrations import HEAD, migrate
from tutor.store.sql.engine import Database
from tutor.store.sql.tables import metadata

#: As Alembic makes it.
_version = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def upgrade(database: Database) -> None:
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


def revision_of(database: Database) -> str | None:
    """Which revision the schema is of; None for an empty database, or one from before there were revisions."""
    with database.read() as connection:
        return _revision(connection)


def create(connection: sa.Connection) -> None:
    """Build the newest schema in an empty database.

    Straight from the tables, because importing Alembic alone would cost a first start 0.4 s; a test holds the result
    and that of the migrations against each other, statement by statement.
    """
    metadata.create_all(connection, checkfirst=False)
    _version.create(connection, checkfirst=False)
    connection.execute(_version.insert(), {"version_num": HEAD})


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.select(_version.c.version_num)).scalar_one_or_none()
