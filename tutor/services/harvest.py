"""Questions of the tutor made from the exercises of the material, with the answers that the material gives.

A multiple choice with its key is used as it stands; a free response is used with its model answer taken apart into
ideas (``ideas``), or as a number where one number is asked. What has no answer makes no item. What can't be taught as
it stands (it needs a picture that isn't shown, or the book says that answers differ) is a draft, for a trainer to look
at.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from retrieval.loaders.exercises import exercise
from retrieval.values import Document, ItemMaterial, Passage
from tutor.domain.items import read_item
from tutor.domain.items.item import BadItem, Item
from tutor.services import worked_quantities
from tutor.services.components import name_of
from tutor.services.ideas import asks_for, ideas, speaks_to_teacher, sub_questions
from tutor.services.sections import Sections

#: Rises when the same material makes other items; a start with an older bank makes them anew.
VERSION = "1"

_FIGURE_LEAD = re.compile(r"^(?:(?:Figure|Table|Figura|Tabla)\b\s*\d*\s*)+", re.I)
_FIGURE = re.compile(
    r"(?<!\ba )(?<!\ban )(?<!\bun )\b(?:figures?|diagrams?|graphs?|table|image|illustration|photo(?:graph)?|micrograph|"
    r"picture|map|chart)\s+"
    r"(?:\d+|above|below|shown|shows?|to the (?:left|right))\b|!\[|\[link\]|\b(?:shown|depicted|illustrated) (?:here|"
    r"above|below|in (?:the )?(?:figure|diagram|graph|stages?))\b",
    re.I,
)
_TRUE_FALSE = re.compile(r"^(?P<lead>true or false\s*[:?.]\s*)", re.I)
_LETTER_ONLY = re.compile(r"^[A-Ha-h][.)]?$")


def harvested(
    materials: Sequence[ItemMaterial],
    document: Document,
    passages: Sequence[Passage] = (),
    hint: Callable[[str], str] | None = None,
) -> Iterator[Item]:
    """The items of one document's exercises; without components of knowledge, which are matched afterwards.

    ``hint`` words a hint that names the heading to look under again.
    """
    sections = Sections(passages, document.language) if hint is not None else None
    for material in materials:
        data = _data(material, document)
        if data is None:
            continue
        if sections is not None and hint is not None:
            for expectation in data.get("expectation", ()):
                if heading := sections.about(expectation["text"]):
                    expectation["hint"] = hint(heading)
        try:
            yield read_item(data, document.course, document.path)
        except BadItem:
            continue  # two options of the same words, say: the book's own slip, and nothing to ask


def _data(material: ItemMaterial, document: Document) -> dict[str, Any] | None:
    """The item in the data form; None where there is nothing to grade by."""
    question, figure = _without_figure(material.question)
    options, answer = material.options, _without_figure(material.answer or "")[0]
    if not options and answer:  # a list of options that a figure's caption hid from the loader
        again = exercise(question, answer)
        if again is not None and again.options and again.answer:
            question, options, answer = again.question, again.options, again.answer
    if not question or not answer:
        return None
    body = _choice(options, answer) if options else _free(question, answer, document.language)
    if body is None:
        return None
    needs = [
        *(["figure"] if figure or _FIGURE.search(question) else []),
        *(["judgement"] if not options and speaks_to_teacher(answer) else []),
    ]
    if not options and (found := _TRUE_FALSE.match(question)):
        body = _true_false(answer) or body
        question = question[found.end() :] if body["type"] == "multiple_choice" else question
    digest = hashlib.sha256("\x1f".join((question, *options)).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return {
        "id": f"{name_of(document.path)[-40:].strip('-')}-{digest}",
        "prompt": question,
        **body,
        "origin": "harvested",
        "state": "draft" if needs else "approved",
        "place": document.path,
        "extra": {"offset": material.start, **({"needs": needs} if needs else {})},
    }


def _without_figure(text: str) -> tuple[str, bool]:
    """``text`` without the name of a figure that stood in it as a picture, and whether there was one."""
    plain = _FIGURE_LEAD.sub("", text.strip())
    if plain[:1].islower():  # "Figure 2 shows ...": a sentence about it
        return text.strip(), True
    return plain.strip(), plain.strip() != text.strip()


def _choice(options: Sequence[str], answer: str) -> dict[str, Any] | None:
    texts = [option.strip().rstrip(";").strip() for option in options]
    key = answer.strip().rstrip(";").strip()
    if key not in texts or len(set(texts)) < len(texts) or not all(texts):
        return None
    return {"type": "multiple_choice", "option": [{"text": text, "correct": text == key} for text in texts]}


def _true_false(answer: str) -> dict[str, Any] | None:
    word = re.match(r"(true|false)\b", answer, re.I)
    if word is None:
        return None
    right = word[1].capitalize()
    options = [{"text": text, "correct": text == right} for text in ("True", "False")]
    return {"type": "multiple_choice", "option": options, "explanation": answer}


def _free(question: str, answer: str, language: str | None) -> dict[str, Any] | None:
    if _LETTER_ONLY.match(answer):
        return None  # the letter of an option that isn't there
    if found := worked_quantities.asked(question, answer):
        return {
            "type": "numeric",
            "answer": found.number,
            "also": list(found.also),
            "unit": found.unit,
            "tolerance": worked_quantities.TOLERANCE,
            "percent": found.unit == "%",
            "explanation": answer,
        }
    asked = sub_questions(question)
    expectations = [
        {
            "id": f"e{number}",
            "text": idea,
            "also": list(worked_quantities.stated(idea)),
            "ask": asks_for(idea, asked, language),
        }
        for number, idea in enumerate(ideas(question, answer, language), 1)
    ]
    return {"type": "short_answer", "model_answer": answer, "expectation": expectations}
