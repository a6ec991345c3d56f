"""Pages of the course's files as pictures with a quote's words marked, and who may see them.

Exercises and their answers are taken out of a document's text, and its file still holds them. So a learner sees a page
only where its words are those of the text (``retrieval.facsimile.showing``), and the file itself only where that is so
of every page; those who look after the courses see everything. With ``share`` off, learners see no page and no file.
"""

import contextlib
import hashlib
import json
import os
import queue
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from retrieval.errors import UnreadableDocument
from retrieval.facsimile.process import PageProcess
from retrieval.values import Document
from tutor.domain.accounts import Account, Role
from tutor.domain.errors import NotFound
from tutor.observe import Logger
from tutor.ports import Library
from tutor.services import film_cache
from tutor.services.originals import PDF, Originals

log = Logger(__name__)

# Makes the files named by the path with the process; what is told of them.
Make = Callable[[PageProcess, Path], dict[str, Any]]

VERSION = 1  # of the pictures and of the rule for pages: another number makes them anew
CACHE_BYTES = 300_000_000
AT_ONCE = 2  # processes
PATIENCE = 20.0  # seconds to wait for one of them
MOST_SURVEYED = 500  # files whose pages are known without looking again
SWEPT_EVERY = 50  # pictures


@dataclass(frozen=True)
class Facsimile:
    """A page as a PNG of ``width`` times ``height`` pixels. ``top`` (0 to 1) is how far down the quote's first marked
    word is; None: nothing is marked."""

    page: int
    path: Path
    width: int
    height: int
    top: float | None = None


class Facsimiles:
    """See the module. Everything blocks: a picture takes some 0.06 s when it is made, and nothing when it is kept."""

    def __init__(self, library: Library, originals: Originals, cache: Path, *, share: bool) -> None:
        self._library = library
        self._originals = originals
        self._cache = cache
        self._share = share
        # The last one used is taken first: it is warm, and the other ends when nobody needs it.
        self._idle: queue.LifoQueue[PageProcess] = queue.LifoQueue()
        for _ in range(AT_ONCE):
            self._idle.put(PageProcess())
        self._refused: set[str] = set()  # files and pages that can't be opened; tried again after a restart
        self._surveyed: dict[tuple[str, str, str, int], tuple[tuple[int, ...], bool]] = {}
        self._made = 0

    def kept(self, document: Document) -> bool:
        """Whether the document's file is here, and of a kind whose pages can be shown."""
        return self._file(document) is not None

    def may_show(self, account: Account, document: Document, page: int) -> bool:
        """Whether this account may see this page as a picture."""
        return page in self.pages(account, document)

    def pages(self, account: Account, document: Document) -> tuple[int, ...]:
        """The pages that this account may see as pictures; none of a file that isn't kept."""
        if self._file(document) is None:
            return ()
        paged = tuple(sorted({one.page for one in document.anchors if one.page is not None}))
        if _looks_after_courses(account):
            return paged
        return tuple(page for page in self._survey(document)[0] if page in paged) if self._share else ()

    def page(
        self, account: Account, document: Document, page: int, span: tuple[int, int] | None = None
    ) -> Facsimile | None:
        """The page, the words of ``span`` (characters of the document's text) marked on it where they are found there.

        None where the account may not see it, or where the file can't be shown.
        """
        file = self._file(document)
        if file is None or not self.may_show(account, document, page):
            return None
        words, nth = _wanted(document, page, span)
        key = _key(VERSION, document.sha256, page, words, nth)
        path = self._cache / f"{key}.png"

        def made(process: PageProcess, part: Path) -> dict[str, Any]:
            picture = process.picture(file, page, words, nth)
            part.write_bytes(picture.png)
            part.replace(path)
            return {"width": picture.width, "height": picture.height, "top": picture.top}

        told = self._kept(key, f"{document.sha256} {page}", made, path)
        return Facsimile(page, path, told["width"], told["height"], told["top"]) if told else None

    def may_open(self, account: Account, document: Document) -> bool:
        """Whether this account may open the file itself."""
        if self._file(document) is None:
            return False
        return _looks_after_courses(account) or (self._share and self._survey(document)[1])

    def original(self, account: Account, document: Document) -> Path:
        """The file itself. Raises ``NotFound`` for one that isn't kept or that this account may not open."""
        file = self._file(document)
        if file is None or not self.may_open(account, document):
            raise NotFound("There is no such file.")
        return file

    def _file(self, document: Document) -> Path | None:
        return self._originals.path(document.sha256) if document.media_type == PDF else None

    def _survey(self, document: Document) -> tuple[tuple[int, ...], bool]:
        """The pages that learners may see, and whether these are all pages of the file."""
        # The same file read to the same text has the same exercises, for as long as this program runs.
        known = (document.course, document.path, document.sha256, hash(document.text))
        if (found := self._surveyed.get(known)) is not None:
            return found
        file = self._file(document)
        taken = [item.start for item in self._library.items(document.course) if item.document == document.path]
        key = _key(VERSION, document.sha256, document.text, [(a.start, a.page) for a in document.anchors], taken)

        def made(process: PageProcess, part: Path) -> dict[str, Any]:
            from retrieval.facsimile.showing import shown_pages

            words = process.words(file) if file else []
            shown = shown_pages(words, document.text, document.anchors, taken)
            return {"shown": shown, "all": bool(words) and len(shown) == len(words)}

        told = self._kept(key, document.sha256, made)
        if told is None:
            return (), False
        if len(self._surveyed) >= MOST_SURVEYED:
            self._surveyed.clear()
        self._surveyed[known] = tuple(told["shown"]), bool(told["all"])
        return self._surveyed[known]

    def _kept(self, key: str, of: str, make: Make, beside: Path | None = None) -> dict[str, Any] | None:
        """What was made under this key, now or before, with the file ``beside``; None where ``of`` can't be opened."""
        notes = self._cache / f"{key}.json"
        if (told := _read(notes, beside)) is not None:
            return told
        try:
            process = self._idle.get(timeout=PATIENCE)
        except queue.Empty:
            return None  # everybody wants pictures: the text does without one
        try:
            if of in self._refused or (told := _read(notes, beside)) is not None:
                return told
            return self._made_anew(notes, of, partial(make, process))
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End the processes that wait. One at work ends by itself when nobody listens to it any more."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()

    def _made_anew(self, notes: Path, of: str, make: Callable[[Path], dict[str, Any]]) -> dict[str, Any] | None:
        part = self._cache / f".{os.urandom(8).hex()}.part"
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
            told = make(part)
            part.write_text(json.dumps(told))
            part.replace(notes)
        except UnreadableDocument as error:
            log.warning("facsimile.failed", reason=str(error.data.get("reason")))
            if error.data.get("reason") != "not_started":
                self._refused.add(of)
            return None
        except OSError as error:  # the disk is full, say: another time
            log.warning("facsimile.failed", reason=type(error).__name__)
            return None
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        self._made += 1
        if self._made % SWEPT_EVERY == 0:
            film_cache.sweep(self._cache, CACHE_BYTES)
        return told


def _looks_after_courses(account: Account) -> bool:
    return account.may(Role.TRAINER, Role.REVIEWER)


def _wanted(document: Document, page: int, span: tuple[int, int] | None) -> tuple[tuple[str, ...], int]:
    """The words of the quote that stand on this page, and which of several places is meant."""
    from retrieval.facsimile.showing import page_spans
    from retrieval.facsimile.words import occurrence, pieces

    begin, end = page_spans(document.anchors, len(document.text)).get(page, (0, 0))
    start, stop = (max(span[0], begin), min(span[1], end)) if span else (0, 0)
    if start >= stop:
        return (), 0
    words = pieces(document.text[start:stop])
    return words, occurrence(document.text[begin:start], words)


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _read(notes: Path, beside: Path | None) -> dict[str, Any] | None:
    if beside is not None and not beside.is_file():
        return None
    try:
        told = json.loads(notes.read_text())
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None
