"""The clock and the id maker a store uses when it is given none."""

import uuid
from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    """32 hex digits at random: a name that says nothing about what it names."""
    return uuid.uuid4().hex
