"""Where our own words to the operator go: structlog, loaded when there is something to say.

Importing structlog brings its coloured tracebacks with it (rich, Pygments): an eighth of a cold start's CPU.

A log is read by other people than those who talk with the tutor, and is kept by other rules. So it names events, codes,
and random ids of requests and turns; of an exception it tells the kind and the place, and its message only where that
can't quote what somebody wrote. Other people's loggers are heard from warnings up, whatever the level: at ``debug`` a
websocket library writes down every frame and an HTTP client every header.
"""

import contextlib
import json
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

Level = Literal["debug", "info", "warning", "error"]
Style = Literal["text", "json"]
ROOMS = ("tutor", "retrieval", "media_gen", "prompts", "web")
# Kinds whose messages name code, files or machines, and never a value that came from somebody.
_PLAIN = (OSError, ImportError, AttributeError, NameError, TypeError, RuntimeError, MemoryError)
_bound: ContextVar[Mapping[str, str]] = ContextVar("bound", default=MappingProxyType({}))


@contextlib.contextmanager
def bound(**fields: str) -> Iterator[None]:
    """Every line logged inside, by this task and by those it starts, carries ``fields``: ids, never names."""
    token = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def log_to_stderr(level: Level, *rooms: str, style: Style = "text") -> None:
    """One line an event: ours (the loggers of ``rooms``) from ``level`` up, other people's from warnings up.

    ``json`` makes each line an object: ``at``, ``level``, ``logger``, ``event``, what is bound, the event's own fields,
    and ``traceback`` where there is one.
    """
    least = getattr(logging, level.upper())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    logging.basicConfig(level=max(least, logging.WARNING), handlers=[handler])
    for room in rooms:
        logging.getLogger(room).setLevel(least)


def traceback_of(error: BaseException) -> str:
    """Where ``error`` arose and what led to it, without variables and without messages that may quote somebody."""
    parts: list[str] = []
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        told = f": {found}" if _may_be_told(found) and str(found) else ""
        parts.append("".join(traceback.format_tb(found.__traceback__)) + type(found).__qualname__ + told)
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return "\n\ncaused:\n\n".join(reversed(parts))


def _may_be_told(error: BaseException) -> bool:
    # By rule without learners' words (tutor.domain.errors); what media_gen says quotes scripts.
    ours = type(error).__module__.partition(".")[0] in ("tutor", "retrieval")
    return ours or (isinstance(error, _PLAIN) and not isinstance(error, UnicodeError))


class _Lines(logging.Formatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802  # the standard library's name
        return traceback_of(ei[1]) if ei[1] is not None else ""

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """The event and what is known of it."""
        own: dict[str, Any] | None = getattr(record, "fields", None)
        return own if own is not None else {"event": record.getMessage(), **_bound.get()}


class TextLines(_Lines):
    """For people: the time, the level, who says it, and the event with its fields as ``name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        fields = self.fields(record)
        if getattr(record, "fields", None) is None:
            said = " ".join([str(fields.pop("event")), *(f"{name}={value}" for name, value in fields.items())])
        else:
            said = _structlog().processors.LogfmtRenderer(key_order=["event"])(None, "", fields)
        line = f"{self.formatTime(record)} [{record.levelname}] {record.name}: {said}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonLines(_Lines):
    """For programs: one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "logger": record.name, **self.fields(record)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _with_bound(logger: Any, method: str, fields: MutableMapping[str, Any]) -> dict[str, Any]:
    return {**_bound.get(), **fields}


def _without_messages(logger: Any, method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as ``traceback_of`` tells it, where there is no handler of ours that would."""
    error = fields.pop("exc_info", None)
    found = sys.exc_info()[1] if error is True else error
    if isinstance(found, BaseException):
        fields["exception"] = traceback_of(found)
    return fields


def _handed_over(logger: Any, method: str, fields: MutableMapping[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    """To the standard library's logging, whose handler renders the fields."""
    error = fields.pop("exc_info", None)
    return (str(fields.get("event", "")),), {"extra": {"fields": fields}, "exc_info": error}


@lru_cache(maxsize=1)
def _structlog() -> Any:
    """structlog, writing through what ``log_to_stderr`` set up."""
    import structlog

    if structlog.is_configured():
        return structlog
    if not logging.getLogger().handlers:
        # Plain as well: structlog's own default prints the variables of every frame, a learner's words among them.
        structlog.configure(
            processors=[
                _with_bound,
                structlog.processors.add_log_level,
                _without_messages,
                structlog.processors.LogfmtRenderer(key_order=["event"]),
            ],
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )
    else:
        structlog.configure(
            processors=[structlog.stdlib.filter_by_level, _with_bound, _handed_over],
            wrapper_class=structlog.stdlib.BoundLogger,
            logger_factory=structlog.stdlib.LoggerFactory(),
            cache_logger_on_first_use=True,
        )
    return structlog


class Logger:
    """The part of a structlog logger that we use; ``event`` is a dotted name, the rest are fields."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def heeds_debug(self) -> bool:
        """Whether anybody reads what ``debug`` says; asked where that is often, so that structlog isn't loaded."""
        return logging.getLogger(self._name).isEnabledFor(logging.DEBUG)

    def debug(self, event: str, **fields: Any) -> None:
        self._loaded().debug(event, **fields)

    def info(self, event: str, **fields: Any) -> None:
        self._loaded().info(event, **fields)

    def warning(self, event: str, **fields: Any) -> None:
        self._loaded().warning(event, **fields)

    def error(self, event: str, **fields: Any) -> None:
        self._loaded().error(event, **fields)

    def exception(self, event: str, **fields: Any) -> None:
        """An error with the traceback of the exception being handled."""
        self._loaded().exception(event, **fields)

    def _loaded(self) -> Any:
        return _structlog().get_logger(self._name)
