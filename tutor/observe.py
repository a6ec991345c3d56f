"""Where our own words to the operator go: structlog, loaded when there is something to say.

Importing structlog brings its coloured tracebacks with it (rich, Pygments): an eighth of a cold start's CPU.
"""

from typing import Any


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
        import structlog

        return structlog.get_logger(self._name)
