"""A film in the course's own words: verified sentences on slides, each with where it stands. Pure, but for embedding.

Nothing is written here. A sentence that is not found word for word in its passage is left out, so whatever the film
says can be looked up.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from media_gen import inline
from media_gen.lesson import Block, Bullet, Bullets, Layout, Lesson, Question, Quote, Sentence, Slide, Source
from retrieval.excerpts import excerpts
from retrieval.quotes import best_sentences
from retrieval.sentences import sentences
from retrieval.terms import query_terms
from retrieval.values import Citation, Hit, Passage
from retrieval.words import count_words
from tutor.domain.curriculum import Course
from tutor.domain.errors import NotFound

if TYPE_CHECKING:
    from retrieval.embedders.port import Embedder

MOST_SENTENCES = 8  # about a minute and a half of speech
MOST_WORDS = 200
BULLET_WORDS = 26  # a longer sentence stands alone, as a quotation
BULLETS = 3  # on a slide
TITLE_WORDS = 5
SPOKEN_AROUND = 45  # words: a chosen sentence with what it needs around it

Harmless = Callable[[Sequence[str]], tuple[bool, ...]]


class NothingToFilm(NotFound):
    """No sentence of the passages can be shown."""

    code = "nothing_to_film"


def from_passages(
    topic: str,
    course: Course,
    hits: Sequence[Hit],
    titles: dict[str, str],
    *,
    embedder: "Embedder | None" = None,
    harmless: Harmless | None = None,
    question: Question | None = None,
) -> Lesson:
    """A lesson of a title, a slide for each stretch of the course, and ``question`` at its end where there is one.

    ``titles`` are the documents' by path; ``harmless`` says of each text whether it may be shown while a question is
    open. Raises ``NothingToFilm``.
    """
    chosen = [c for c in _chosen(topic, course, hits, embedder) if _is_prose(c.quote)]
    if harmless is not None and chosen:
        chosen = [c for c, fine in zip(chosen, harmless([c.quote for c in chosen]), strict=True) if fine]
    if not chosen:
        raise NothingToFilm("No sentence of the course can be shown on this.", topic=topic)
    passages = {hit.passage.id: hit.passage for hit in hits}
    ordered = sorted(chosen, key=lambda c: (passages[c.passage_id].position, c.start))
    slides: list[Slide] = []
    sources: dict[str, Source] = {}
    for passage_id, group in groupby(ordered, key=lambda c: c.passage_id):
        found = list(group)
        passage = passages[passage_id]
        name = f"s{len(sources) + 1}"
        sources[name] = source_of(name, passage, titles, " ".join(c.quote for c in found))
        for part in _parts(found):
            slides.append(_slide(f"slide-{len(slides) + 2}", part, passage, name, harmless))
    title = _title(topic, chosen, passages, course)
    opening = title_slide(title, course.title)
    return Lesson(
        title=title,
        language=course.language,
        slides=(opening, *slides, *question_slide(question)),
        sources=tuple(sources.values()),
    )


def title_slide(title: str, course: str) -> Slide:
    """The first slide: what it is about, and of which course. It is spoken first, so that it plays soon."""
    spoken = [f"{title.rstrip('.')}."] + ([f"{course.rstrip('.')}."] if course != title else [])
    return Slide(
        id="title",
        layout=Layout.TITLE,
        title=title,
        subtitle=course if course != title else "",
        narration=tuple(Sentence(text=text) for text in spoken),
    )


def source_of(name: str, passage: Passage, titles: dict[str, str], quote: str) -> Source:
    """Where a slide's words stand, as it is shown."""
    above = [part for part in passage.heading_path if part]
    title = titles.get(passage.document, passage.document)
    detail = above[-1] if above and above[-1] != title else ""
    return Source(id=name, title=title, detail=detail, passage=passage.id, quote=quote)


def question_slide(question: Question | None) -> tuple[Slide, ...]:
    """The slide of a question at the end; none for None. What is right, and why, is said over its answer."""
    if question is None:
        return ()
    right = [option.text for option in question.options if option.correct] or [question.answer]
    why = question.explanation
    answer = [*right, *(tidy(why[one.start : one.end]) for one in sentences(why))]
    spoken = [
        Sentence(text=question.prompt),
        *(Sentence(text=text, reveal=1 if n == 0 else None) for n, text in enumerate(answer)),
    ]
    return (Slide(id="question", layout=Layout.QUESTION, narration=tuple(spoken), interaction=question),)


def _chosen(topic: str, course: Course, hits: Sequence[Hit], embedder: "Embedder | None") -> tuple[Citation, ...]:
    from retrieval.errors import EmbedderUnavailable

    for judge in (embedder, None):
        try:
            return best_sentences(
                topic, hits, judge, language=course.language, most=MOST_SENTENCES, max_words=MOST_WORDS
            )
        except EmbedderUnavailable:
            continue
    return ()


def _is_prose(quote: str) -> bool:
    """Tables, displayed formulas and list marks are not read out."""
    return not re.search(r"^\s*\||^\s*\$\$|^\s*[-*+] |\n\s*\n", quote, re.MULTILINE)


def _parts(found: Sequence[Citation]) -> list[list[Citation]]:
    """What goes on a slide together: up to three short sentences, or a long one alone."""
    parts: list[list[Citation]] = []
    for one in found:
        long = count_words(one.quote) > BULLET_WORDS
        if not parts or long or len(parts[-1]) == BULLETS or count_words(parts[-1][0].quote) > BULLET_WORDS:
            parts.append([])
        parts[-1].append(one)
    return parts


def _slide(name: str, part: Sequence[Citation], passage: Passage, source: str, harmless: Harmless | None) -> Slide:
    above = [heading for heading in passage.heading_path if heading]
    title = above[-1] if above else ""
    shown = [tidy(one.quote) for one in part]
    if len(part) == 1 and count_words(shown[0]) > BULLET_WORDS:
        block: Block = Quote(text=shown[0], attribution=title)
        layout = Layout.QUOTE
    else:
        block = Bullets(items=tuple(Bullet(text=text) for text in shown))
        layout = Layout.BULLETS
    spoken: list[Sentence] = []
    for number, one in enumerate(part, start=1):
        for text in _around(one, passage, harmless):
            is_it = text == tidy(one.quote)
            if text not in (said.text for said in spoken):
                spoken.append(Sentence(text=text, reveal=number if is_it and layout is Layout.BULLETS else None))
    return Slide(
        id=name, layout=layout, title=title, blocks=(block,), narration=_monotone(spoken, part), sources=(source,)
    )


def _around(one: Citation, passage: Passage, harmless: Harmless | None) -> list[str]:
    """The sentence with those it needs around it, as they are spoken."""
    excerpt = excerpts([one], {passage.id: passage}, SPOKEN_AROUND)[0].quote
    if not _is_prose(excerpt):
        return [tidy(one.quote)]
    found = [tidy(excerpt[s.start : s.end]) for s in sentences(excerpt)]
    if harmless is not None:
        found = [text for text, fine in zip(found, harmless(found), strict=True) if fine]
    wanted = tidy(one.quote)
    return found if wanted in found else [wanted]


def _monotone(spoken: Sequence[Sentence], part: Sequence[Citation]) -> tuple[Sentence, ...]:
    """What is revealed never goes back, and everything is revealed in the end."""
    shown, found = 0, list(spoken)
    for at, one in enumerate(found):
        if one.reveal is not None:
            shown = max(shown, one.reveal)
            found[at] = one.model_copy(update={"reveal": shown})
    if shown and shown < len(part):
        found[-1] = found[-1].model_copy(update={"reveal": len(part)})
    return tuple(found)


def tidy(quote: str) -> str:
    """Course text as inline Markdown of a lesson: one line, with emphasis, code and formulas, without links, pictures
    and HTML."""
    return inline.render([replace(run, address="") for run in inline.parse(quote)])


def _title(topic: str, chosen: Sequence[Citation], passages: dict[str, Passage], course: Course) -> str:
    """The topic as it was asked about, where it is a name and the course uses it; else the best passage's heading."""
    asked = topic.strip().rstrip("?？؟.!")
    held = set(query_terms(" ".join(one.quote for one in chosen), course.language))
    named = set(query_terms(asked, course.language))
    if named and len(asked.split()) <= TITLE_WORDS and named <= held and asked == topic.strip():
        return asked[:1].upper() + asked[1:]
    above = [heading for heading in passages[chosen[0].passage_id].heading_path if heading]
    return above[-1] if above else asked or course.title
