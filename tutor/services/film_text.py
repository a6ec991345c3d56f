"""What a course's film says, as a document of the course: so it is found and cited like any other.

Questions and their answers stay out, as all exercises do.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from retrieval.values import Anchor

if TYPE_CHECKING:
    from media_gen.lesson import Lesson

_NAME = re.compile(r"(?:^|/)film-([\w-]{1,128})\.md$")


def document_name(script: str) -> str:
    """The document's file name, for a script's id."""
    return f"film-{script}.md"


def script_of(path: str) -> str | None:
    """The id of the script whose film the document is; None for any other document."""
    found = _NAME.search(path)
    return found[1] if found else None


def document_text(lesson: "Lesson") -> str:
    """Markdown: a heading for each slide, below it what is said."""
    parts = [f"# {_line(lesson.title)}"]
    for slide in lesson.slides:
        said = " ".join(_line(sentence.text) for sentence in slide.narration)
        if not said or slide.interaction is not None:
            continue
        heading = _line(slide.title)
        parts.append(f"## {heading}\n\n{said}" if heading and heading != _line(lesson.title) else said)
    return "\n\n".join(parts) + "\n"


def places(text: str, lesson: Mapping[str, Any], timeline: Mapping[str, Any]) -> tuple[Anchor, ...]:
    """Where in the film each sentence of the document's ``text`` is spoken.

    ``lesson`` is the lesson that the text was written from (``lesson.json``), ``timeline`` that of its film
    (``timeline.json``), in whatever language: slides and sentences have the same numbers in all. Sentences that the
    text doesn't have, or the film doesn't speak, are passed over.
    """
    spoken = {
        (screen["slide"], sentence["index"]): float(sentence["start"])
        for screen in timeline["screens"]
        for sentence in screen["sentences"]
    }
    found: list[Anchor] = []
    done = 0
    for slide in lesson["slides"]:
        for index, sentence in enumerate(slide["narration"]):
            words, second = _line(sentence["text"]), spoken.get((slide["id"], index))
            at = text.find(words, done) if words and second is not None and not slide.get("interaction") else -1
            if at >= 0:
                found.append(Anchor(at, second=second))
                done = at + len(words)
    return tuple(found)


def _line(text: str) -> str:
    return " ".join(text.split())
