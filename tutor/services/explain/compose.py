"""The script of a film written by a language model, and nothing taken on trust.

The reply is checked against a schema, every slide has to name the passages it rests on, and a number that stands in
none of them is refused. What can't be used is sent back once with what is wrong; then the caller falls back to the
course's own words (``extract``).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from media_gen.lesson import Block, Bullet, Bullets, Diagram, Layout, Lesson, Maths, Question, Sentence, Slide, Source
from prompts import PromptPassage, WriteScript, render
from retrieval.quotes import best_sentences
from retrieval.values import Hit
from tutor.domain.curriculum import Course
from tutor.domain.errors import ModelGarbled
from tutor.domain.events import Usage
from tutor.ports import ChatModel, ModelRequest
from tutor.services.explain.extract import Harmless, question_slide, source_of, tidy, title_slide

MOST_TOKENS = 2200
MOST_PASSAGES = 6
_FENCE = re.compile(r"^\s*```(?:json)?\s*|\s*```\s*$")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class _Draft(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Said(_Draft):
    text: str = Field(min_length=1, max_length=400)
    reveal: int | None = Field(default=None, ge=0, le=8)


class _DraftSlide(_Draft):
    title: str = Field(min_length=1, max_length=120)
    form: Literal["bullets", "process", "cycle", "formula"] = "bullets"
    points: tuple[str, ...] = Field(min_length=1, max_length=6)
    narration: tuple[_Said, ...] = Field(min_length=1, max_length=8)
    sources: tuple[int, ...] = Field(min_length=1, max_length=6)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.form == "formula" and len(self.points) != 1:
            raise ValueError("a formula slide has one point")
        if self.form in ("process", "cycle") and len(self.points) < 2:
            raise ValueError(f"a {self.form} has at least two points")
        shown = [said.reveal for said in self.narration if said.reveal is not None]
        if shown != sorted(shown) or any(n > len(self.points) for n in shown):
            raise ValueError("reveal never goes down and is at most the number of points")
        return self


class _DraftScript(_Draft):
    title: str = Field(min_length=1, max_length=120)
    slides: tuple[_DraftSlide, ...] = Field(min_length=1, max_length=8)


class ScriptRefused(ModelGarbled):
    """Neither reply could be used; ``data["problems"]`` says why."""

    code = "script_refused"


async def from_model(
    model: ChatModel,
    topic: str,
    course: Course,
    hits: Sequence[Hit],
    titles: Mapping[str, str],
    *,
    language: str,
    misconception: str = "",
    harmless: Harmless | None = None,
    question: Question | None = None,
) -> Lesson:
    """A lesson in ``language`` that rests on ``hits``. Raises a ``ModelError``; ``ScriptRefused`` after one repair."""
    used = tuple(hits[:MOST_PASSAGES])
    prompt = WriteScript(
        course_title=course.title,
        language=language,
        topic=topic,
        passages=tuple(PromptPassage(n, hit.passage.prefix, hit.passage.text) for n, hit in enumerate(used, start=1)),
        misconception=misconception,
    )
    reply = await _ask(model, prompt)
    draft, problems = read_reply(reply, used, harmless)
    if problems:
        again = replace(prompt, rejected_reply=reply, problems=problems)
        draft, problems = read_reply(await _ask(model, again), used, harmless)
    if draft is None or problems:
        raise ScriptRefused("The model's script can't be used.", problems=problems)
    return _lesson(draft, course, used, titles, language, question)


async def _ask(model: ChatModel, prompt: WriteScript) -> str:
    request = ModelRequest(render(prompt).messages, max_tokens=MOST_TOKENS, temperature=0.4)
    return "".join([part async for part in model.stream(request) if not isinstance(part, Usage)])


def read_reply(
    reply: str, hits: Sequence[Hit], harmless: Harmless | None = None
) -> tuple[_DraftScript | None, tuple[str, ...]]:
    """The script in a model's reply, or None, and what is wrong with it."""
    try:
        draft = _DraftScript.model_validate(_trimmed(json.loads(_FENCE.sub("", reply))))
    except ValidationError as error:
        return None, tuple(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:8])
    except (ValueError, RecursionError):
        return None, ("the reply is not JSON",)
    problems: list[str] = []
    for number, slide in enumerate(draft.slides, start=1):
        if strange := [n for n in slide.sources if not 1 <= n <= len(hits)]:
            problems.append(f"slide {number}: there is no passage {strange[0]}")
            continue
        ground = " ".join(hits[n - 1].passage.text + " " + hits[n - 1].passage.prefix for n in slide.sources)
        texts = (slide.title, *slide.points, *(said.text for said in slide.narration))
        known = set(_NUMBER.findall(ground)) | {"1", "2", "3"}
        made_up = [n for n in _NUMBER.findall(" ".join(texts)) if n not in known and n.replace(",", ".") not in known]
        if made_up:
            problems.append(f"slide {number}: {made_up[0]} does not stand in its passages")
        if harmless is not None and not all(harmless(texts)):
            problems.append(f"slide {number}: it gives away the answer to a question that is open")
    return draft, tuple(problems)


def _trimmed(data: Any) -> Any:
    """JSON as models write it: strings without blanks around them."""
    if isinstance(data, str):
        return data.strip()
    if isinstance(data, list):
        return [_trimmed(one) for one in data]
    return {key: _trimmed(value) for key, value in data.items()} if isinstance(data, dict) else data


def _lesson(
    draft: _DraftScript,
    course: Course,
    hits: Sequence[Hit],
    titles: Mapping[str, str],
    language: str,
    question: Question | None,
) -> Lesson:
    slides = [title_slide(tidy(draft.title), course.title)]
    sources: dict[int, Source] = {}
    for number, slide in enumerate(draft.slides, start=1):
        claim = " ".join(said.text for said in slide.narration)
        for n in slide.sources:
            if n not in sources:
                quotes = best_sentences(claim, [hits[n - 1]], None, language=course.language, most=1)
                quote = quotes[0].quote if quotes else ""
                sources[n] = source_of(f"s{n}", hits[n - 1].passage, dict(titles), quote)
        slides.append(_slide(number, slide))
    return Lesson(
        title=tidy(draft.title),
        language=language,
        slides=(*slides, *question_slide(question)),
        sources=tuple(sources[n] for n in sorted(sources)),
    )


def _slide(number: int, slide: _DraftSlide) -> Slide:
    points = tuple(tidy(point) for point in slide.points)
    block: Block
    match slide.form:
        case "formula":
            block, layout, steps = Maths(latex=points[0].strip("$")), Layout.MATHS, 0
        case "process" | "cycle" as form:
            block, layout, steps = Diagram(form=form, steps=points), Layout.DIAGRAM, len(points)
        case _:
            block = Bullets(items=tuple(Bullet(text=point) for point in points))
            layout, steps = Layout.BULLETS, len(points)
    said = [Sentence(text=tidy(one.text), reveal=one.reveal if steps else None) for one in slide.narration]
    if steps and any(one.reveal is not None for one in said):
        said[-1] = said[-1].model_copy(update={"reveal": steps})
    return Slide(
        id=f"slide-{number + 1}",
        layout=layout,
        title=tidy(slide.title),
        blocks=(block,),
        narration=tuple(said),
        sources=tuple(f"s{n}" for n in dict.fromkeys(slide.sources)),
    )
