"""The servers that are running, in SQL."""

from collections.abc import Mapping

import sqlalchemy as sa

from tutor.store.sql.engine import Database
from tutor.store.sql.tables import servers


class SqlServers:
    def __init__(self, database: Database) -> None:
        self._db = database

    def join(self, server: str, seat: str, *, alone: bool = False) -> None:
        gone = servers.delete()
        if not alone:
            gone = gone.where(sa.or_(servers.c.id == server, sa.and_(servers.c.seat == seat, servers.c.seat != "")))
        with self._db.write() as connection:
            connection.execute(gone)
            connection.execute(servers.insert(), {"id": server, "seat": seat, "count": 0})

    def beat(self, server: str) -> Mapping[str, int]:
        mine = servers.update().where(servers.c.id == server).values(count=servers.c.count + 1)
        with self._db.write() as connection:
            if not connection.execute(mine).rowcount:
                connection.execute(servers.insert(), {"id": server, "seat": "", "count": 0})
            return _counts(connection)

    def counts(self) -> Mapping[str, int]:
        with self._db.read() as connection:
            return _counts(connection)

    def leave(self, server: str) -> None:
        with self._db.write() as connection:
            connection.execute(servers.delete().where(servers.c.id == server))


def _counts(connection: sa.Connection) -> Mapping[str, int]:
    return {row.id: row[1] for row in connection.execute(sa.select(servers.c.id, servers.c["count"]))}
