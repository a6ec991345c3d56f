"""A render in a process of its own: a crash or a runaway ends one render, and its memory is free afterwards.

``Rendering`` starts the process and speaks with it; run as a module this is the process. The order goes in as one line
of JSON on standard input, which then stays open: when it closes, whoever asked is gone, and the process ends with
everything it started. What comes out, line by line of JSON, is progress and then the result or the error.
"""

import contextlib
import importlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tutor.domain.films import FilmRequest
from tutor.services.film_files import seal

Report = Callable[[str, int, int], None]  # stage, steps done, steps in all


_PLACES = ("lesson", "assets", "cache", "models", "out", "first")


@dataclass(frozen=True)
class Order:
    """What a render needs. ``lesson`` and ``translation`` are files, the others folders; ``out`` is not there yet, and
    ``first`` is where a film of the first slides may be put early (``film_files.publish_first``). ``options`` are the
    composition root's, for the render function alone."""

    request: FilmRequest
    lesson: Path
    translation: Path | None
    assets: Path
    cache: Path
    models: Path
    out: Path
    first: Path
    options: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        places = {name: str(getattr(self, name)) for name in _PLACES}
        translation = str(self.translation) if self.translation else ""
        values = {**places, "translation": translation, "request": self.request.arguments(), "options": self.options}
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str) -> "Order":
        values = json.loads(text)
        places = {name: Path(values[name]) for name in _PLACES}
        translation = Path(values["translation"]) if values["translation"] else None
        request = FilmRequest.of(values["request"])
        return cls(request=request, translation=translation, options=values["options"], **places)


#: Makes the film of an order into its ``out``. Raises a ``MediaError``.
Render = Callable[[Order, Report], None]


@dataclass(frozen=True)
class Progressed:
    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class Succeeded:
    """The film is in the order's folder, sealed."""


@dataclass(frozen=True)
class Failed:
    """``code`` and ``message`` of the error; ``findings`` of the checks, as rows."""

    code: str
    message: str
    retryable: bool = False
    findings: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Crashed:
    """The process ended without a word; ``status`` as of ``subprocess``: negative is a signal."""

    status: int

    @property
    def message(self) -> str:
        if self.status < 0:
            with contextlib.suppress(ValueError):
                return f"The render was ended by {signal.Signals(-self.status).name}."
        return f"The render ended with status {self.status}."


Told = Progressed | Succeeded | Failed | Crashed


Process = subprocess.Popen[bytes]


def launch(render: str, models: str = "") -> Process:
    """A process that waits for its order. With ``models``, a folder, it loads what a render needs while it waits."""
    return subprocess.Popen(
        [sys.executable, "-m", __name__, render, models],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # a group of its own, that can be ended with all it started
    )


class Standby:
    """A process kept ready, so that somebody who waits for a film doesn't wait for Python and its libraries too."""

    def __init__(self, render: str, models: Path) -> None:
        self._render = render
        self._models = str(models)
        self._process: Process | None = None

    def prepare(self) -> None:
        """Have one ready. It ends by itself when this process does."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = launch(self._render, self._models)

    def take(self) -> Process:
        """The one that is ready, or a new one."""
        process, self._process = self._process, None
        return process if process is not None and process.poll() is None else launch(self._render)

    def close(self) -> None:
        if self._process is not None:
            _kill(self._process)
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None


def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Rendering:
    """A render under way in a process of its own. ``render`` names its function as ``module:function``; ``process`` is
    one that waits for the order, if there is one."""

    def __init__(self, order: Order, render: str, process: Process | None = None) -> None:
        self._told: queue.Queue[Told] = queue.Queue()
        self._process = process or launch(render)
        self._reader = threading.Thread(target=self._read, name="render", daemon=True)
        self._reader.start()
        with contextlib.suppress(OSError):  # ended already: the reader tells
            stdin = self._pipe(self._process.stdin)
            stdin.write(order.to_json().encode() + b"\n")
            stdin.flush()

    @property
    def pid(self) -> int:
        return self._process.pid

    def told(self, seconds: float) -> Told | None:
        """The next thing it tells; None when it has told nothing for so long."""
        try:
            return self._told.get(timeout=seconds)
        except queue.Empty:
            return None

    def end(self) -> None:
        """End it now, whatever it does, and everything that it started."""
        _kill(self._process)
        self._reader.join()
        with contextlib.suppress(OSError):
            self._pipe(self._process.stdin).close()
        self._pipe(self._process.stdout).close()

    def _read(self) -> None:
        over = False
        for line in self._pipe(self._process.stdout):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                told = _told(json.loads(line))
                over = over or not isinstance(told, Progressed)
                self._told.put(told)
        status = self._process.wait()
        if not over:
            self._told.put(Crashed(status))

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def _told(line: dict[str, Any]) -> Told:
    if "stage" in line:
        return Progressed(str(line["stage"]), int(line["done"]), int(line["total"]))
    if "code" in line:
        return Failed(line["code"], line["message"], bool(line["retryable"]), tuple(line["findings"]))
    return Succeeded()


# -- inside the process ------------------------------------------------------------------------------------------------


def main(render: str, models: str = "") -> int:
    """Do the order on standard input, once it comes."""
    with contextlib.suppress(OSError):
        os.nice(5)  # a chat beside it stays quick
    # Libraries may print what they like: our line is another one.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    module, _, name = render.partition(":")
    if models:
        with contextlib.suppress(Exception):  # what fails here fails again, and is told, with an order
            importlib.import_module(module).prepare(Path(models))
    line = sys.stdin.buffer.readline().decode()
    if not line:
        return 0  # nobody asked, and now nobody will
    order = Order.from_json(line)
    threading.Thread(target=_end_with_the_asker, daemon=True).start()

    def tell(**line: Any) -> None:
        channel.write(json.dumps(line) + "\n")
        channel.flush()

    try:
        make: Render = getattr(importlib.import_module(module), name)
        make(order, lambda stage, done, total: tell(stage=stage, done=done, total=total))
        seal(order.out)
    except Exception as error:
        tell(**failure(error))
        return 1
    tell(done=True)
    return 0


def failure(error: Exception) -> dict[str, Any]:
    """What is told of an error. One that is none of ours is told by its name; its trace goes to the log."""
    code = getattr(error, "code", None)
    if isinstance(code, str):
        data = getattr(error, "data", {})
        found = [plain(finding) for finding in data.get("findings", ())]
        retryable = bool(getattr(error, "retryable", False))
        return {"code": code, "message": str(error), "retryable": retryable, "findings": found}
    import traceback

    traceback.print_exception(error)
    message = f"{type(error).__name__}: {error}"
    return {"code": "render_broke", "message": message[:500], "retryable": isinstance(error, OSError), "findings": []}


def plain(finding: Any) -> dict[str, Any]:
    """A finding of the checks as JSON."""
    names = ("code", "language", "slide", "number", "message", "severity", "facts")
    return {name: getattr(finding, name) for name in names if hasattr(finding, name)}


def _end_with_the_asker() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
