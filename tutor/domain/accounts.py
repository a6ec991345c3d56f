"""People who sign in, and what their role opens."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    STUDENT = "student"
    TRAINER = "trainer"
    REVIEWER = "reviewer"
    ADMIN = "admin"


@dataclass(frozen=True)
class Account:
    """``id`` is also the learner id. ``password_hash`` is an encoded Argon2 hash."""

    id: str
    username: str
    display_name: str
    role: Role
    password_hash: str
    language: str
    created_at: datetime
    disabled: bool = False

    def may(self, *roles: Role) -> bool:
        """Whether this account has one of ``roles``; an admin has them all."""
        return not self.disabled and (self.role in roles or self.role is Role.ADMIN)


@dataclass(frozen=True)
class Session:
    """A signed-in browser. Only the SHA-256 of its token is stored."""

    token_hash: str
    account: str
    csrf: str
    created_at: datetime
    expires_at: datetime
