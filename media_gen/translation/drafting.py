"""Asking a translator, and refusing what it should not have said.

Tags must survive. An answer that fails goes back once with the reason; after that the text is translated piece by piece
between its tags, which loses none of them; and if that fails too, the segment stays without a translation and says why.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from media_gen import inline
from media_gen.errors import CannotTranslate
from media_gen.language import primary
from media_gen.lesson import Term
from media_gen.translation.port import Batch, Item, Translator
from media_gen.translation.protect import TAG, Protected, pieces, protect, restore, spans
from media_gen.translation.segments import Segment

Progress = Callable[[int, int], None]  # segments done, segments in all

# Languages in a script of their own: an answer of some length without it is not in that language.
_SCRIPTS = {
    "ar": r"[\u0600-\u06ff]",
    "hi": r"[\u0900-\u097f]",
    "zh": r"[\u4e00-\u9fff]",
    "ja": r"[\u3040-\u30ff\u4e00-\u9fff]",
}
_WORDS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Draft:
    """``text`` is empty where every answer was refused; then ``problem`` says why. ``pieced``: put together from
    pieces that were translated on their own, which reads worse."""

    text: str
    problem: str = ""
    pieced: bool = False


def draft(
    translator: Translator,
    wanted: Sequence[Segment],
    *,
    source: str,
    target: str,
    terms: Sequence[Term] = (),
    title: str = "",
    progress: Progress = lambda done, total: None,
) -> dict[str, Draft]:
    """A draft for every segment, by key. ``terms`` are the glossary, the more important first.

    Raises ``CannotTranslate`` or ``TranslationFailed``.
    """
    if refusal := translator.refuses(source, target):
        raise CannotTranslate(refusal, engine=translator.name, source=source, target=target)
    fixed = tuple(t for t in terms if t.keep or not translator.inflects)
    glossary = tuple((t.term, t.translations[target]) for t in terms if not t.keep and target in t.translations)
    made: dict[str, Draft] = {}
    if translator.person:
        plain = tuple(Item(segment.key, segment.kind, segment.text) for segment in wanted)
        texts = translator.translate(Batch(source, target, plain, title, glossary))
        return {segment.key: _own(segment, texts.get(segment.key, "")) for segment in wanted}
    for part in _parts(wanted, max(1, translator.largest)):
        guarded = {segment.key: protect(segment.text, fixed, target) for segment in part}

        def ask(items: Sequence[Item]) -> Mapping[str, str]:
            return translator.translate(Batch(source, target, tuple(items), title, glossary)) if items else {}

        items = [Item(segment.key, segment.kind, guarded[segment.key].text) for segment in part]
        first = _judged(items, ask(items), guarded, target)
        again = [_why(item, first[item.key]) for item in items if not first[item.key].text]
        second = _judged(again, ask(again), guarded, target) if translator.inflects else {}
        for item in items:
            best = first[item.key] if first[item.key].text else second.get(item.key, first[item.key])
            made[item.key] = best if best.text else _pieced(item, guarded[item.key], best, ask, target)
        progress(len(made), len(wanted))
    return made


def _own(segment: Segment, text: str) -> Draft:
    """A person's text is taken as it is; where its formulas are others than the source's, it says so."""
    own = inline.canonical(text)
    differs = bool(own) and spans(own) != spans(segment.text)
    return Draft(own, "maths, code or links are not those of the source" if differs else "")


def _parts(wanted: Sequence[Segment], largest: int) -> Iterator[Sequence[Segment]]:
    return (wanted[at : at + largest] for at in range(0, len(wanted), largest))


def _why(item: Item, refused: Draft) -> Item:
    return Item(item.key, item.kind, item.text, refused.problem)


def _judged(
    items: Sequence[Item], answers: Mapping[str, str], guarded: Mapping[str, Protected], target: str
) -> dict[str, Draft]:
    judged: dict[str, Draft] = {}
    for item in items:
        answer = answers.get(item.key, "").strip()
        try:
            if problem := doubt(guarded[item.key].text, answer, target):
                raise ValueError(problem)
            judged[item.key] = Draft(restore(answer, guarded[item.key]))
        except ValueError as error:
            judged[item.key] = Draft("", str(error))
    return judged


def doubt(source: str, answer: str, target: str) -> str:
    """Why ``answer`` can't be a translation of ``source``; empty: it may well be one."""
    if not answer:
        return "there is no answer"
    if len(answer) > 5 * len(source) + 60 or ("\n" in answer and "\n" not in source):
        return "the answer is far longer than the source"
    words, got = _WORDS.findall(_untagged(source)), _WORDS.findall(_untagged(answer))
    if len(words) > 5 and words == got:
        return "it came back in the source language"
    script = _SCRIPTS.get(primary(target))
    if script and len(words) > 3 and not re.search(script, answer):
        return f"the answer is not written in the script of {target}"
    return ""


def _untagged(text: str) -> str:
    return "".join(pieces(text)[::2])


def _pieced(
    item: Item, guarded: Protected, refused: Draft, ask: Callable[[Sequence[Item]], Mapping[str, str]], target: str
) -> Draft:
    parts = pieces(item.text)
    if not guarded.tags:
        return refused
    texts = {str(at): part for at, part in enumerate(parts) if at % 2 == 0 and _WORDS.search(part)}
    answers = ask([Item(at, item.kind, _bare(text)) for at, text in texts.items()])
    written: list[str] = []
    for at, part in enumerate(parts):
        answer = answers.get(str(at), "").strip()
        if str(at) not in texts:
            written.append(part)
        elif doubt(_bare(part), answer, target) or TAG.search(answer):
            return Draft("", refused.problem)
        else:
            written.append(_space(part, True) + answer + _space(part, False))
    try:
        return Draft(restore("".join(written), guarded), pieced=True)
    except ValueError:
        return Draft("", refused.problem)


def _bare(text: str) -> str:
    return text.replace("*", "").strip()


def _space(text: str, front: bool) -> str:
    bare = text.replace("*", "")
    kept = bare[: len(bare) - len(bare.lstrip())] if front else bare[len(bare.rstrip()) :]
    return kept and " "
