"""The SQL adapter: SQLite and PostgreSQL through SQLAlchemy Core."""

from tutor.store.sql.store import SqlStore

__all__ = ["SqlStore"]
