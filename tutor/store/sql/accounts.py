"""Accounts and sessions in SQL."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tutor.domain.accounts import Account, Role, Session
from tutor.domain.errors import InvalidInput, NotFound
from tutor.store.sql.engine import Database
from tutor.store.sql.tables import accounts, sessions
from tutor.store.text import folded

# Built once, since every request asks for it: putting a statement together costs more than running it.
_HELD = tuple(column.label(f"session_{column.name}") for column in sessions.columns)
_HOLDER = (
    sa.select(accounts, *_HELD)
    .join(sessions, sessions.c.account == accounts.c.id)
    .where(sessions.c.token_hash == sa.bindparam("of_token"))
)


class SqlAccounts:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, account: Account) -> None:
        with self._db.write() as connection:
            try:
                connection.execute(accounts.insert(), _values(account))
            except IntegrityError:
                raise InvalidInput("this username is taken") from None

    def get(self, account: str) -> Account | None:
        return self._one(accounts.c.id == account)

    def holder(self, token_hash: str) -> tuple[Account, Session] | None:
        with self._db.read() as connection:
            row = connection.execute(_HOLDER, {"of_token": token_hash}).one_or_none()
        if row is None:
            return None
        account = {name: value for name, value in row._mapping.items() if not name.startswith("session_")}
        return _account(account), Session(
            **{column.name: row._mapping[f"session_{column.name}"] for column in sessions.columns}
        )

    def by_username(self, username: str) -> Account | None:
        return self._one(accounts.c.username_folded == folded(username))

    def listed(self, role: Role | None = None) -> tuple[Account, ...]:
        query = sa.select(accounts).order_by(accounts.c.created_at, accounts.c.id)
        if role is not None:
            query = query.where(accounts.c.role == role.value)
        with self._db.read() as connection:
            return tuple(_account(row._mapping) for row in connection.execute(query))

    def update(self, account: str, change: Callable[[Account], Account]) -> Account:
        of_this = accounts.c.id == account
        with self._db.write() as connection:
            row = connection.execute(sa.select(accounts).where(of_this).with_for_update()).one_or_none()
            if row is None:
                raise NotFound("no such account")
            changed = change(_account(row._mapping))
            try:
                connection.execute(accounts.update().where(of_this), _values(changed))
            except IntegrityError:
                raise InvalidInput("this username is taken") from None
        return changed

    def erase(self, account: str) -> None:
        with self._db.write() as connection:
            connection.execute(accounts.delete().where(accounts.c.id == account))

    def _one(self, condition: sa.ColumnElement[bool]) -> Account | None:
        with self._db.read() as connection:
            row = connection.execute(sa.select(accounts).where(condition)).one_or_none()
        return _account(row._mapping) if row else None


class SqlSessions:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, session: Session) -> None:
        """Raises ``NotFound`` when the account is gone."""
        values = {column.name: getattr(session, column.name) for column in sessions.columns}
        with self._db.write() as connection:
            try:
                connection.execute(sessions.insert(), values)
            except IntegrityError:
                raise NotFound("no such account") from None

    def get(self, token_hash: str) -> Session | None:
        with self._db.read() as connection:
            row = connection.execute(sa.select(sessions).where(sessions.c.token_hash == token_hash)).one_or_none()
        return Session(**row._mapping) if row else None

    def revoke(self, token_hash: str) -> None:
        self._delete(sessions.c.token_hash == token_hash)

    def revoke_all(self, account: str) -> None:
        self._delete(sessions.c.account == account)

    def prune(self, now: datetime) -> int:
        return self._delete(sessions.c.expires_at <= now)

    def _delete(self, condition: sa.ColumnElement[bool]) -> int:
        with self._db.write() as connection:
            return connection.execute(sessions.delete().where(condition)).rowcount


def _values(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "username": account.username,
        "username_folded": folded(account.username),
        "display_name": account.display_name,
        "role": account.role.value,
        "password_hash": account.password_hash,
        "language": account.language,
        "created_at": account.created_at,
        "disabled": account.disabled,
    }


def _account(row: sa.RowMapping | Mapping[str, Any]) -> Account:
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    del values["username_folded"]
    return Account(**{**values, "role": Role(values["role"])})
