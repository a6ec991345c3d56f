"""Films about one question: a problem worked on a sibling of it, and the repair of a wrong idea. Pure.

The learner's own question stays theirs: the steps are those of another item, and a text that would give the open one
away is left out by ``harmless``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from media_gen.lesson import (
    Block,
    Bullet,
    Bullets,
    Layout,
    Lesson,
    Option,
    Paragraph,
    Question,
    Sentence,
    Slide,
    Source,
)
from tutor.domain import items
from tutor.domain.curriculum import Course
from tutor.domain.items.item import Hint, Item, Misconception
from tutor.domain.items.multiple_choice import MultipleChoice
from tutor.services.explain.extract import Harmless, question_slide, tidy

FEWEST_STEPS = 2
MOST_STEPS = 8
_PARAGRAPHS = re.compile(r"\n\s*\n")


def sibling(item: Item, candidates: Sequence[Item]) -> Item | None:
    """The item whose worked solution helps most with ``item`` without being its own: the same knowledge component,
    steps to show, another answer; of those the one of the same group, then of the same type, then nearest in
    difficulty."""
    own = frozenset(items.answers(item))
    fit = [
        one
        for one in candidates
        if one.id != item.id
        and one.state == "approved"
        and set(one.kcs) & set(item.kcs)
        and len(_steps(one)) >= FEWEST_STEPS
        and not own & frozenset(items.answers(one))
        and "needs" not in one.extra
    ]
    return min(
        fit,
        key=lambda one: (
            not (one.variant_of and one.variant_of == item.variant_of),
            one.type != item.type,
            abs(one.difficulty - item.difficulty),
            one.id,
        ),
        default=None,
    )


def worked_example(
    item: Item, other: Item, course: Course, words: Mapping[str, str], *, harmless: Harmless | None = None
) -> Lesson:
    """``other`` solved step by step, and then ``item``, put again. ``words`` are the film language's."""
    problem = Slide(
        id="problem",
        layout=Layout.BULLETS,
        title=words["example"],
        blocks=(Paragraph(text=tidy(other.prompt)),),
        narration=(Sentence(text=f"{words['example']}."), *_said(other.prompt)),
        sources=("s1",),
    )
    steps = _steps(other)
    if harmless is not None:
        steps = [one for one, fine in zip(steps, harmless([text for _, text in steps]), strict=True) if fine]
    slides = [problem]
    for number, (title, text) in enumerate(steps[:MOST_STEPS], start=1):
        name = words["step"].format(number=number)
        blocks: tuple[Block, ...] = tuple(
            Paragraph(text=tidy(part)) for part in _PARAGRAPHS.split(text) if part.strip()
        )
        slides.append(
            Slide(
                id=f"step-{number}",
                layout=Layout.BULLETS,
                title=f"{name}: {title}" if title else name,
                blocks=blocks,
                narration=_said(text),
            )
        )
    answer = tidy(items.TYPES[other.type].solution(other.body, other))
    slides.append(
        Slide(
            id="answer",
            layout=Layout.BULLETS,
            title=words["answer"],
            blocks=(Paragraph(text=answer),),
            narration=_said(f"{words['answer']}: {answer}"),
        )
    )
    slides.append(
        Slide(
            id="yours",
            layout=Layout.SECTION,
            title=tidy(item.prompt),
            subtitle=words["think"],
            narration=(*_said(item.prompt), Sentence(text=words["think"])),
        )
    )
    source = Source(id="s1", title=course.title, detail=other.attribution or other.place)
    return Lesson(title=words["example"], language=course.language, slides=tuple(slides), sources=(source,))


def about_misconception(item: Item, wrong: Misconception, course: Course, lesson: Lesson) -> Lesson:
    """``lesson`` (what the course says) with the wrong idea named before it and its repair after it."""
    named = Slide(
        id="idea",
        layout=Layout.QUOTE,
        title=lesson.title,
        blocks=(Paragraph(text=tidy(wrong.title)),),
        narration=_said(wrong.title),
    )
    named = named.model_copy(update={"layout": Layout.SECTION, "title": tidy(wrong.title), "blocks": ()})
    repair = Slide(
        id="repair",
        layout=Layout.BULLETS,
        title=tidy(wrong.title),
        blocks=(Bullets(items=tuple(Bullet(text=tidy(text)) for text in _sentences(wrong.repair))),),
        narration=tuple(Sentence(text=tidy(text), reveal=n) for n, text in enumerate(_sentences(wrong.repair), 1)),
    )
    opening, *rest = lesson.slides
    return lesson.model_copy(update={"slides": (opening, named, *([repair] if wrong.repair else []), *rest)})


def check_question(candidates: Sequence[Item], kcs: frozenset[str], without: str = "") -> Question | None:
    """A question of the course to end a film with: multiple choice on these components, the easiest; never ``without``,
    the one that is open."""
    fit = [
        one
        for one in candidates
        if isinstance(one.body, MultipleChoice)
        and not one.body.several
        and one.id != without
        and one.state == "approved"
        and one.origin == "authored"
        and set(one.kcs) & kcs
    ]
    if not fit:
        return None
    chosen = min(fit, key=lambda one: (one.difficulty, one.id))
    body = chosen.body
    assert isinstance(body, MultipleChoice)
    return Question(
        prompt=tidy(chosen.prompt),
        options=tuple(Option(text=tidy(o.text), correct=o.correct, feedback=tidy(o.why)) for o in body.options),
        explanation=tidy(_PARAGRAPHS.split(chosen.explanation)[0]) if chosen.explanation else "",
    )


def _steps(item: Item) -> list[tuple[str, str]]:
    """(title, text) of each step: the hints in their order, a sub-question with its answer; else the solution's
    paragraphs."""
    found = [_step(item, hint) for hint in item.hints]
    if len(found) >= FEWEST_STEPS and (any(h.is_scaffold for h in item.hints) or not item.explanation):
        return found
    parts = [part for part in _PARAGRAPHS.split(item.explanation) if part.strip()]
    if len(parts) < FEWEST_STEPS:
        parts = _sentences(item.explanation)
    return [("", part) for part in parts]


def _step(item: Item, hint: Hint) -> tuple[str, str]:
    if hint.body is None:
        return hint.title, hint.text
    answer = items.TYPES[hint.body.type].solution(hint.body, replace(item, body=hint.body))
    return hint.title, f"{hint.text}\n\n**{answer}**" if "$" not in answer else f"{hint.text}\n\n{answer}"


def _sentences(text: str) -> list[str]:
    from retrieval.sentences import sentences

    return [text[one.start : one.end] for one in sentences(text)]


def _said(text: str) -> tuple[Sentence, ...]:
    return tuple(Sentence(text=tidy(one)) for one in _sentences(text)) or (Sentence(text=tidy(text)),)


__all__ = ["about_misconception", "check_question", "question_slide", "sibling", "worked_example"]
