"""Where our own words to the operator go: structlog, loaded when there is something to say.

Importing structlog brings its coloured tracebacks with it (rich, Pygments): an eighth of a cold start's CPU.
"""

import logging
import sys
from functools import lru_cache
from typing import Any, Literal

Level = Literal["debug", "info", "warning", "error"]


def log_to_stderr(level: Level, *rooms: str) -> None:
    """One line an event: ours (the loggers of ``rooms``) from ``level`` up, other people's from warnings up."""
    least = getattr(logging, level.upper())
    logging.basicConfig(
        level=max(least, logging.WARNING) if least > logging.DEBUG else least,
        format="%(asctime)s [%(levelname)s] %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for room in rooms:
        logging.getLogger(room).setLevel(least)


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
                structlog.processors.add_log_level,
                structlog.processors.format_exc_info,
                structlog.processors.LogfmtRenderer(key_order=["event"]),
            ],
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )
    else:
        structlog.configure(
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.filter_by_level,
                structlog.processors.format_exc_info,
                structlog.processors.LogfmtRenderer(key_order=["event"]),
            ],
            wrapper_class=structlog.stdlib.BoundLogger,
            logger_factory=structlog.stdlib.LoggerFactory(),
            cache_logger_on_first_use=True,
        )
    return structlog


class Logger:
    """The part of a structlog logger that we use; ``event`` is a dotted name, the rest are fields."""

    def __init__(self, name: str) -> None:
        self._name = name

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
