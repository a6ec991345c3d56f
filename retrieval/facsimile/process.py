"""Opening a PDF to show it, in a process that can reach nothing (``retrieval.confined``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.confined.process import ConfinedProcess, Limits, crashed

LIMITS = Limits(seconds=30, output=40_000_000)


@dataclass(frozen=True, slots=True)
class Picture:
    """A page. ``width`` and ``height`` in pixels; ``top`` (0 to 1) is how far down the first marked word is, None where
    nothing is marked."""

    png: bytes
    width: int
    height: int
    top: float | None


class PageProcess(ConfinedProcess):
    """Opens one PDF at a time, from any thread."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        super().__init__("retrieval.facsimile.drawing", limits)

    def words(self, path: Path) -> list[str]:
        """The words of every page, line by line. Raises ``UnreadableDocument`` as ``ConfinedProcess.ask`` does."""
        _, body = self._answer({"do": "words"}, path)
        try:
            return [str(page) for page in json.loads(body)]
        except (ValueError, TypeError, RecursionError) as error:
            raise crashed(path.name, "its answer was none") from error

    def picture(self, path: Path, number: int, wanted: tuple[str, ...] = (), nth: int = 0) -> Picture:
        """A page (1-based), the words (``words.pieces``) marked where it has them all.

        ``nth`` (0-based) says which of several places is meant. Raises ``UnreadableDocument``, also with the reason
        ``no_such_page``.
        """
        head, body = self._answer({"do": "picture", "number": number, "words": wanted, "nth": nth}, path)
        try:
            top = head["top"]
            return Picture(body, int(head["width"]), int(head["height"]), None if top is None else float(top))
        except (KeyError, TypeError, ValueError) as error:
            raise crashed(path.name, "its answer was none") from error

    def _answer(self, question: dict[str, Any], path: Path) -> tuple[dict[str, Any], bytes]:
        answers = list(self.ask(question, path.read_bytes(), path.name))
        if len(answers) != 1:
            raise crashed(path.name, "its answer was none")
        return answers[0]
