"""Accounts and sessions in memory."""

import threading
from collections.abc import Callable
from datetime import datetime

from tutor.domain.accounts import Account, Role, Session
from tutor.domain.errors import InvalidInput, NotFound
from tutor.store.text import folded


class MemorySessions:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._sessions: dict[str, Session] = {}
        self.known: set[str] = set()  # ids of the accounts there are; MemoryAccounts keeps it

    def add(self, session: Session) -> None:
        with self._lock:
            if session.account not in self.known:
                raise NotFound("no such account")
            self._sessions[session.token_hash] = session

    def get(self, token_hash: str) -> Session | None:
        with self._lock:
            return self._sessions.get(token_hash)

    def revoke(self, token_hash: str) -> None:
        with self._lock:
            self._sessions.pop(token_hash, None)

    def revoke_all(self, account: str) -> None:
        with self._lock:
            self._sessions = {name: s for name, s in self._sessions.items() if s.account != account}

    def prune(self, now: datetime) -> int:
        with self._lock:
            kept = {name: s for name, s in self._sessions.items() if s.expires_at > now}
            pruned = len(self._sessions) - len(kept)
            self._sessions = kept
            return pruned


class MemoryAccounts:
    def __init__(self, sessions: MemorySessions) -> None:
        self._lock = threading.RLock()
        self._sessions = sessions
        self._accounts: dict[str, Account] = {}

    def add(self, account: Account) -> None:
        with self._lock:
            if account.id in self._accounts or self.by_username(account.username) is not None:
                raise InvalidInput("this username is taken")
            self._accounts[account.id] = account
            self._sessions.known.add(account.id)

    def get(self, account: str) -> Account | None:
        with self._lock:
            return self._accounts.get(account)

    def holder(self, token_hash: str) -> tuple[Account, Session] | None:
        with self._lock:
            session = self._sessions.get(token_hash)
            account = self._accounts.get(session.account) if session else None
            return (account, session) if account and session else None

    def by_username(self, username: str) -> Account | None:
        with self._lock:
            wanted = folded(username)
            return next((a for a in self._accounts.values() if folded(a.username) == wanted), None)

    def listed(self, role: Role | None = None) -> tuple[Account, ...]:
        with self._lock:
            found = [a for a in self._accounts.values() if role in (None, a.role)]
        return tuple(sorted(found, key=lambda a: (a.created_at, a.id)))

    def update(self, account: str, change: Callable[[Account], Account]) -> Account:
        with self._lock:
            if account not in self._accounts:
                raise NotFound("no such account")
            changed = change(self._accounts[account])
            namesake = self.by_username(changed.username)
            if namesake is not None and namesake.id != account:
                raise InvalidInput("this username is taken")
            self._accounts[account] = changed
            return changed

    def erase(self, account: str) -> None:
        with self._lock:
            self._accounts.pop(account, None)
            self._sessions.known.discard(account)
            self._sessions.revoke_all(account)
