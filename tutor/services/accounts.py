"""Signing in and out, and what ends a session."""

import asyncio
import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from tutor.domain.accounts import Account, Role, Session
from tutor.domain.errors import InvalidInput, NotFound, SignInFailed, WeakPassword
from tutor.ports import Accounts, Clock, NewId, Sessions
from tutor.services.rate_limit import RateLimit

MIN_PASSWORD = 8
MAX_PASSWORD = 1024
MAX_USERNAME = 64

Revoked = Callable[[str, str | None], None]
"""Told ``(account id, token hash)`` when a session ends, or ``(account id, None)`` when all of an account's do."""

# A whole class may sign in from behind one address.
ADDRESS_SHARE = 10


class PasswordHasher(Protocol):
    """One-way, salted and slow."""

    def hash(self, password: str) -> str: ...
    def verify(self, password: str, encoded: str) -> bool: ...


class Argon2:
    """Argon2id with pwdlib's recommended parameters; the library is loaded at the first use."""

    def hash(self, password: str) -> str:
        from pwdlib import PasswordHash

        return str(PasswordHash.recommended().hash(password))

    def verify(self, password: str, encoded: str) -> bool:
        from pwdlib import PasswordHash
        from pwdlib.exceptions import UnknownHashError

        try:
            return bool(PasswordHash.recommended().verify(password, encoded))
        except UnknownHashError:
            return False


def token_hash(token: str) -> str:
    """What is stored of a session token: its SHA-256 in hex. A token has 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def clean_username(username: str) -> str:
    """NFKC, without surrounding white space, so that a name looks and compares alike on every keyboard."""
    return unicodedata.normalize("NFKC", username).strip()


def check_password(password: str) -> None:
    """Raises ``WeakPassword`` for fewer than 8 or more than 1,024 characters."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise WeakPassword(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)


class AccountService:
    """People and their sessions. Callbacks given to ``on_revoked`` run in the event loop, before the method returns."""

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        clock: Clock,
        new_id: NewId,
        *,
        session_hours: float = 12,
        sign_ins_per_minute: int = 10,
        hasher: PasswordHasher | None = None,
        new_token: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._clock = clock
        self._new_id = new_id
        self._lifetime = timedelta(hours=session_hours)
        self._limit = RateLimit("sign-in", sign_ins_per_minute)
        self._address_limit = RateLimit("sign-in address", ADDRESS_SHARE * sign_ins_per_minute)
        self._hasher: PasswordHasher = hasher or Argon2()
        self._new_token = new_token
        self._decoy: str | None = None
        # Each verification takes 64 MiB and a core: a flood of sign-ins must not take the machine.
        self._hashing = asyncio.Semaphore(2)
        self._callbacks: list[Revoked] = []

    # -- sessions --------------------------------------------------------------------------------------------------

    async def sign_in(self, username: str, password: str, address: str) -> tuple[str, Session, Account]:
        """A new session's token (the only copy), the session and the account.

        Raises ``SignInFailed`` for a wrong name, a wrong password and a disabled account alike, and after the same
        work; ``RateLimited`` when ``address`` tries one name too often, or too many names.
        """
        username = clean_username(username)
        self._address_limit.hit(address)
        self._limit.hit(f"{address} {username}")
        account = await asyncio.to_thread(self._accounts.by_username, username)
        async with self._hashing:
            good = await asyncio.to_thread(self._verify, account, password)
        if account is None or not good or account.disabled:
            raise SignInFailed
        now = self._clock()
        token = self._new_token()
        session = Session(token_hash(token), account.id, self._new_token(), now, now + self._lifetime)
        await asyncio.to_thread(self._add_session, session)
        return token, session, account

    def _verify(self, account: Account | None, password: str) -> bool:
        if self._decoy is None:
            self._decoy = self._hasher.hash(secrets.token_urlsafe())
        # Too long a password is not hashed as it came: its cost would be the sender's to choose.
        encoded = account.password_hash if account else self._decoy
        return self._hasher.verify(password[: MAX_PASSWORD + 1], encoded)

    def _add_session(self, session: Session) -> None:
        self._sessions.prune(session.created_at)
        self._sessions.add(session)

    async def resolve(self, token: str) -> tuple[Account, Session] | None:
        """Who holds ``token``; None when it is unknown, expired or revoked, or the account disabled or gone."""
        return await asyncio.to_thread(self._resolve, token_hash(token))

    def _resolve(self, hashed: str) -> tuple[Account, Session] | None:
        found = self._accounts.holder(hashed)
        if found is None:
            return None
        account, session = found
        return None if account.disabled or session.expires_at <= self._clock() else found

    async def sign_out(self, token: str) -> None:
        """End the session of ``token``; an unknown token is no error."""
        hashed = token_hash(token)
        session = await asyncio.to_thread(self._sessions.get, hashed)
        if session is not None:
            await asyncio.to_thread(self._sessions.revoke, hashed)
            self._tell(session.account, hashed)

    async def revoke_all(self, account_id: str) -> None:
        """End every session of the account."""
        await asyncio.to_thread(self._sessions.revoke_all, account_id)
        self._tell(account_id, None)

    def on_revoked(self, callback: Revoked) -> None:
        self._callbacks.append(callback)

    def _tell(self, account_id: str, hashed: str | None) -> None:
        for callback in tuple(self._callbacks):
            callback(account_id, hashed)

    # -- accounts --------------------------------------------------------------------------------------------------

    async def create(
        self, username: str, password: str, display_name: str = "", role: Role = Role.STUDENT, language: str = "en"
    ) -> Account:
        """Raises ``WeakPassword``, or ``InvalidInput`` for a name that is empty, too long or taken."""
        name = clean_username(username)
        if not name or len(name) > MAX_USERNAME:
            raise InvalidInput("a username has 1 to 64 characters", field="username", max_length=MAX_USERNAME)
        check_password(password)
        account = Account(
            id=self._new_id(),
            username=name,
            display_name=display_name.strip() or name,
            role=role,
            password_hash=await self._hash(password),
            language=language,
            created_at=self._clock(),
        )
        await asyncio.to_thread(self._accounts.add, account)
        return account

    async def change_password(self, account_id: str, old: str, new: str) -> None:
        """Ends every session of the account: whoever knew the old password is out.

        Raises ``SignInFailed`` when ``old`` is wrong, ``WeakPassword``, ``NotFound``, and ``RateLimited`` as
        ``sign_in`` does: a stolen session must not be good for guessing, nor for keeping the hasher busy.
        """
        self._limit.hit(f"account {account_id}")
        account = await self._get(account_id)
        async with self._hashing:
            if not await asyncio.to_thread(self._verify, account, old):
                raise SignInFailed
        await self.set_password(account_id, new)

    async def set_password(self, account_id: str, new: str) -> None:
        """Without knowing the old one (an administrator's reset); ends every session."""
        check_password(new)
        hashed = await self._hash(new)
        await self._change(account_id, lambda account: replace(account, password_hash=hashed))
        await self.revoke_all(account_id)

    async def set_role(self, account_id: str, role: Role) -> Account:
        """Ends every session, so that nothing goes on under the old role."""
        account = await self._get(account_id)
        if account.role is role:
            return account
        changed = await self._change(account_id, lambda account: replace(account, role=role))
        await self.revoke_all(account_id)
        return changed

    async def set_disabled(self, account_id: str, disabled: bool) -> Account:
        """Disabling ends every session at once."""
        changed = await self._change(account_id, lambda account: replace(account, disabled=disabled))
        if disabled:
            await self.revoke_all(account_id)
        return changed

    async def set_language(self, account_id: str, language: str) -> Account:
        return await self._change(account_id, lambda account: replace(account, language=language))

    async def get(self, account_id: str) -> Account | None:
        return await asyncio.to_thread(self._accounts.get, account_id)

    async def by_username(self, username: str) -> Account | None:
        return await asyncio.to_thread(self._accounts.by_username, clean_username(username))

    async def listed(self, role: Role | None = None) -> tuple[Account, ...]:
        return await asyncio.to_thread(self._accounts.listed, role)

    async def erase(self, account_id: str) -> None:
        """Remove the account and its sessions. What it said is erased by the privacy service, before."""
        await asyncio.to_thread(self._accounts.erase, account_id)
        self._tell(account_id, None)

    async def _get(self, account_id: str) -> Account:
        account = await asyncio.to_thread(self._accounts.get, account_id)
        if account is None:
            raise NotFound
        return account

    async def _change(self, account_id: str, change: Callable[[Account], Account]) -> Account:
        return await asyncio.to_thread(self._accounts.update, account_id, change)

    async def _hash(self, password: str) -> str:
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, password)
