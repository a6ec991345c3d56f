"""What a translator must not touch becomes tags: maths, code, the addresses of links, placeholders and fixed terms.

A tag is ``<x1/>``. An answer in which each tag stands exactly once, and that reads back with the same maths, code and
addresses, is taken; any other is refused, because a formula that is lost or made up is worse than no translation.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from media_gen import inline
from media_gen.inline import Run
from media_gen.lesson import Term

TAG = re.compile(r"<\s*x\s*(\d{1,3})\s*/?\s*>", re.IGNORECASE)
# {name} and {0} of templates, %s and %(name)s, addresses, and what an engine might take for one of its own tags.
_PLACEHOLDER = re.compile(
    r"\{\{?[\w .:-]{0,40}\}?\}|%\(\w+\)[sd]|%[sd](?!\w)|https?://[^\s<>]+[^\s<>.,;:!?)]|\[\d{1,3}\]|<x\d{1,3}/>"
)
_LATIN = "A-Za-zÀ-ɏ0-9_"
_FIRST = 0xE000  # a tag is one private character while the text is taken apart and put together
_MOST = 900
_NOTHING = Run("")


@dataclass(frozen=True)
class Tag:
    """``run`` is what stands for it in the translation. The tag that opens a link has its ``address`` instead, and in
    ``closed_by`` the number of the tag that closes it."""

    run: Run = _NOTHING
    address: str = ""
    closed_by: int = 0


@dataclass(frozen=True)
class Protected:
    """``text`` is what the translator gets: inline Markdown in which ``<xN/>`` stands for ``tags[N - 1]``."""

    source: str
    text: str
    tags: tuple[Tag, ...] = ()


def tag(number: int) -> str:
    return f"<x{number}/>"


def protect(text: str, terms: Sequence[Term] = (), language: str = "") -> Protected:
    """``terms`` are those to be kept, and those with a fixed translation into ``language``."""
    tags: list[Tag] = []

    def add(made: Tag) -> str:
        tags.append(made)
        return chr(_FIRST + len(tags) - 1)

    def add_text(content: str) -> str:
        return add(Tag(Run(content)))

    fixed = _term_pattern(terms, language)
    runs: list[Run] = []
    address, opener = "", 0
    for run in (*inline.parse(text), Run("")):
        if run.address != address:
            if address:
                runs.append(Run(add(Tag())))
                tags[opener] = replace(tags[opener], closed_by=len(tags))
            if run.address:
                opener = len(tags)
                runs.append(Run(add(Tag(address=run.address))))
            address = run.address
        if run.kind == "text":
            content = _PLACEHOLDER.sub(lambda found: add_text(found[0]), _without_private(run.text))
            if fixed:
                content = fixed.sub(lambda found: add_text(_fixed(found[0], terms, language)), content)
        else:
            content = add(Tag(Run(run.text, run.kind)))
        runs.append(Run(content, strong=run.strong, emphasis=run.emphasis))
    if len(tags) > _MOST:
        return Protected(text, _without_private(text))
    written = inline.render(runs)
    for at in range(len(tags)):
        written = written.replace(chr(_FIRST + at), tag(at + 1))
    return Protected(text, written, tuple(tags))


def restore(answer: str, protected: Protected) -> str:
    """The answer as inline Markdown, with what its tags stand for. Raises ``ValueError`` saying what is wrong."""
    found = [int(number) for number in TAG.findall(answer)]
    counts = Counter(found)
    wanted = range(1, len(protected.tags) + 1)
    if lost := [tag(number) for number in wanted if not counts[number]]:
        raise ValueError(f"{', '.join(lost)} is lost")
    if odd := sorted({tag(number) for number in found if counts[number] > 1 or number not in wanted}):
        raise ValueError(f"{', '.join(odd)} stands there more often than in the source")
    if any(t.closed_by and found.index(t.closed_by) < found.index(at) for at, t in enumerate(protected.tags, 1)):
        raise ValueError("a link is closed before it is opened")
    marked = TAG.sub(lambda match: chr(_FIRST + int(match[1]) - 1), _without_private(answer))
    runs = _without_stray_marks(inline.parse(marked), inline.plain(protected.source).count("*"))
    restored = inline.render(_filled(runs, protected.tags))
    if spans(restored) != spans(protected.source) or restored != _without_private(restored):
        raise ValueError("maths, code or links do not read back as in the source")
    return restored


def _filled(runs: Sequence[Run], tags: Sequence[Tag]) -> list[Run]:
    """What the tags stand for, in the form (strong, inside a link) of the text around them."""
    made: list[Run] = []
    address = ""
    for run in runs:
        for part in re.split("([\ue000-\uf8ff])", run.text) if run.kind == "text" else [run.text]:
            at = ord(part) - _FIRST if len(part) == 1 else -1
            if run.kind == "text" and 0 <= at < len(tags):
                address = tags[at].address if not tags[at].run.text else address
                made.append(replace(tags[at].run, strong=run.strong, emphasis=run.emphasis, address=address))
            else:
                made.append(replace(run, text=part, address=run.address or address))
    return made


def spans(text: str) -> Counter[tuple[str, str]]:
    """The maths, the code, the addresses and the placeholders of a text, with how often each occurs."""
    found: Counter[tuple[str, str]] = Counter()
    before = ""
    for run in inline.parse(text):
        if run.kind != "text":
            found[run.kind, run.text] += 1
        else:
            found.update(("placeholder", match) for match in _PLACEHOLDER.findall(run.text))
        if run.address and run.address != before:
            found["link", run.address] += 1
        before = run.address
    return found


def pieces(text: str) -> tuple[str, ...]:
    """Protected text cut at its tags; every second piece is a tag. For engines that lose them."""
    return tuple(re.split(f"({TAG.pattern.replace('(', '(?:', 1)})", text, flags=re.IGNORECASE))


def _term_pattern(terms: Sequence[Term], language: str) -> re.Pattern[str] | None:
    words = {form for t in terms if t.keep or t.translations.get(language) for form in (t.term, _capital(t.term))}
    longest_first = "|".join(_bounded(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(longest_first) if words else None


def _bounded(word: str) -> str:
    """A whole word; but a Latin name may touch Arabic or Chinese letters, and Chinese has no visible words."""
    if any("\u3040" <= char <= "\u9fff" for char in word):
        return re.escape(word)
    letter = f"[{_LATIN}]" if word.isascii() else r"\w"
    return f"(?<!{letter}){re.escape(word)}(?!{letter})"


def _fixed(found: str, terms: Sequence[Term], language: str) -> str:
    """What stands for a term: itself, or its translation; with a capital where the text has one and the term not."""
    term = next((t for t in terms if t.term == found), None) or next(t for t in terms if _capital(t.term) == found)
    if term.keep or not term.translations.get(language):
        return found
    fixed = term.translations[language]
    return fixed if term.term == found else _capital(fixed)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _without_private(text: str) -> str:
    return "".join(char for char in text if not _FIRST <= ord(char) < _FIRST + _MOST)


def _without_stray_marks(runs: Sequence[Run], allowed: int) -> Sequence[Run]:
    """Emphasis that an engine broke is dropped: an asterisk for the reader is worse than none."""
    if sum(run.text.count("*") for run in runs if run.kind == "text") <= allowed:
        return runs
    return [replace(r, text=r.text.replace("*", "")) if r.kind == "text" else r for r in runs]
