"""The error tree.

Every error carries a stable ``code`` (for the wire and for tests), ``data`` (facts for the message; never secrets or
learner text) and says whether trying again can help.

    DiotimaError
    |- InvalidInput            the request can never succeed as it is
    |  |- MessageTooLong
    |  `- WeakPassword
    |- NotFound                no such thing, or not yours: the two are never told apart
    |- NotAllowed              signed in, but the role does not permit it
    |- SignInFailed            wrong name or password
    |- RateLimited             too many requests; data["retry_after"] in seconds
    |- TurnInProgress          one turn at a time in a conversation
    |- StoreError
    |  |- StoreBusy            the database is locked; retrying helps
    |  |  `- StoreFull         there is no room on its disk; retrying helps once there is
    |  |- SequenceConflict     somebody else appended first; reload and retry
    |  |- TurnClosed           the turn was closed by somebody else, who took its server for dead
    |  |- DuplicateKey         this idempotency key is already in the stream
    |  `- EventUnreadable      an event of unknown type or version, or one that doesn't fit its type
    `- ModelError              the language model did not serve
       |- ModelUnavailable     connection refused, 5xx
       |- ModelRateLimited     429
       |- ModelTimeout         no first token, or a stall, within the limit
       |- ModelRejected        4xx: key, model name or request refused
       `- ModelGarbled         the reply could not be read
"""

from typing import Any, ClassVar


class DiotimaError(Exception):
    """Base of all errors this product raises on purpose."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str = "", **data: Any) -> None:
        super().__init__(message or self.code)
        self.data: dict[str, Any] = data


class InvalidInput(DiotimaError):
    code = "invalid_input"


class MessageTooLong(InvalidInput):
    code = "message_too_long"


class WeakPassword(InvalidInput):
    code = "weak_password"


class NotFound(DiotimaError):
    code = "not_found"


class NotAllowed(DiotimaError):
    code = "not_allowed"


class SignInFailed(DiotimaError):
    code = "sign_in_failed"


class RateLimited(DiotimaError):
    code = "rate_limited"
    retryable = True


class TurnInProgress(DiotimaError):
    code = "turn_in_progress"
    retryable = True


class StoreError(DiotimaError):
    code = "store_error"


class StoreBusy(StoreError):
    code = "store_busy"
    retryable = True


class StoreFull(StoreBusy):
    code = "store_full"


class TurnClosed(StoreError):
    code = "turn_closed"


class SequenceConflict(StoreError):
    code = "sequence_conflict"
    retryable = True


class DuplicateKey(StoreError):
    """``data["seq"]`` is the sequence number of the event that already carries the key."""

    code = "duplicate_key"


class EventUnreadable(StoreError):
    """``data`` holds ``type`` and ``version``, never the payload."""

    code = "event_unreadable"


class ModelError(DiotimaError):
    code = "model_error"


class ModelUnavailable(ModelError):
    code = "model_unavailable"
    retryable = True


class ModelRateLimited(ModelError):
    code = "model_rate_limited"
    retryable = True


class ModelTimeout(ModelError):
    code = "model_timeout"
    retryable = True


class ModelRejected(ModelError):
    code = "model_rejected"


class ModelGarbled(ModelError):
    code = "model_garbled"
    retryable = True
