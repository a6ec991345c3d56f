"""The process that opens a PDF to show it: a broken or hostile file ends one process and nothing else.

One is started for each question, because answers are kept (``tutor.services.facsimiles``) and so rare. The file comes
as the standard input, the question as JSON in another, and the answer goes to a third: JSON on one line, then bytes.
Once its libraries are loaded the process can open no file and no socket, and its memory, its processor time and the
size of its answer are limited.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import UnreadableDocument

SECONDS = 30  # of processor time and, for a machine under load, twice as many on the clock
MEMORY = 1_500_000_000  # bytes of address space
LARGEST = 40_000_000  # bytes of an answer
_CODE = f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r}); from {__name__} import main"


def page_words(path: Path) -> list[str]:
    """The words of every page of the PDF, line by line. Raises ``UnreadableDocument``."""
    head, _ = _ask(path, {"want": "words"})
    return [str(page) for page in head["pages"]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A page. ``width`` and ``height`` in pixels; ``top`` (0 to 1) is how far down the first marked word is, None where
    nothing is marked."""

    png: bytes
    width: int
    height: int
    top: float | None


def page_picture(path: Path, number: int, wanted: tuple[str, ...] = (), nth: int = 0) -> Picture:
    """A page (1-based), the words (``words.pieces``) marked where it has them all.

    ``nth`` (0-based) says which of several places is meant. Raises ``UnreadableDocument``.
    """
    head, body = _ask(path, {"want": "picture", "number": number, "words": wanted, "nth": nth})
    return Picture(body, int(head["width"]), int(head["height"]), head["top"])


def _ask(path: Path, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Raises ``UnreadableDocument`` (``crashed``, ``too_slow``, ``broken``, ``no_such_page``)."""
    with path.open("rb") as file, tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answer:
        asked.write(json.dumps(question).encode())
        asked.seek(0)
        process = subprocess.Popen(
            # -P: a folder that happens to be the current one brings no modules.
            [sys.executable, "-P", "-c", f"{_CODE}; main()", str(asked.fileno())],
            stdin=file,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            pass_fds=(asked.fileno(),),
            env={},  # no key of a language model is any business of a file
            start_new_session=True,
        )
        try:
            status = process.wait(2 * SECONDS)
        except subprocess.TimeoutExpired:
            raise _unreadable(path, "too_slow") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
        answer.seek(0)
        data = answer.read(LARGEST + 1)
    head, _, body = data.partition(b"\n")
    try:
        told = json.loads(head) if status == 0 else None
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise _unreadable(path, "crashed")
    if error := told.get("error"):
        raise _unreadable(path, str(error))
    return told, body


def _unreadable(path: Path, reason: str) -> UnreadableDocument:
    return UnreadableDocument(f"{path.name}: its pages can't be shown ({reason}).", path=path.name, reason=reason)


def confine() -> None:
    """Take away what the process needs no more, for good."""
    import resource

    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_FSIZE: LARGEST,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 0,  # what is open stays open
    }
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most, most) if hard == resource.RLIM_INFINITY else (min(most, hard),) * 2)


def _answer(question: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from pypdfium2 import PdfiumError

    from retrieval.facsimile import pdf

    try:
        if question["want"] == "words":
            return {"pages": pdf.words(data)}, b""
        body, about = pdf.picture(data, question["number"], question["words"], question["nth"])
        return about, body
    except IndexError:
        return {"error": "no_such_page"}, b""
    except (PdfiumError, MemoryError, ValueError):
        return {"error": "broken"}, b""


def main() -> None:
    from retrieval.facsimile import pdf

    assert pdf
    with os.fdopen(int(sys.argv[1]), "rb") as asked:
        question = json.loads(asked.read())
    confine()
    head, body = _answer(question, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)
