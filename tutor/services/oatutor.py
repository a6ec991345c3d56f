"""Courses out of OATutor's content: problems with steps, hints and scaffolds, and lessons with their skills.

Each step becomes an item, each skill a knowledge component, each lesson a unit. Nothing is reworded; the licence and
the source stay with every item. (Pardos et al., "OATutor: an open-source adaptive tutoring system", CHI 2023.)
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.errors import InvalidInput
from tutor.domain.items import read_item
from tutor.domain.items.item import BadItem, Item
from tutor.ports import BankChange, ItemBank, Library
from tutor.services.components import name_of
from tutor.services.course_file import slug
from tutor.services.oatutor_forms import demanding
from tutor.services.oatutor_keys import NoKey, body, kind_of
from tutor.services.oatutor_text import credit, has_figure, markdown, skill_title

SOURCE = "oatutor"
FIGURE = "figure"  # in ``Item.extra["needs"]``


class BadOatutorFile(InvalidInput):
    """The file isn't of OATutor's shape; the message names the line."""

    code = "bad_oatutor_file"


@dataclass(frozen=True)
class Imported:
    """A course with its items, and what was counted on the way. ``skipped`` is (what, why)."""

    course: Course
    items: tuple[Item, ...]
    problems: int
    steps: int
    hints: int
    scaffolds: int
    figures: int
    skills: int
    types: Mapping[str, int]
    skipped: tuple[tuple[str, str], ...] = ()
    mended: tuple[tuple[str, str], ...] = ()


@dataclass
class _Tally:
    hints: int = 0
    scaffolds: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    mended: list[tuple[str, str]] = field(default_factory=list)


def problems_of(lines: Iterable[str]) -> tuple[dict[str, Any], ...]:
    """The problems of ``problems.jsonl``. Raises ``BadOatutorFile``."""
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            problem = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadOatutorFile(f"line {number} is not JSON: {error}", line=number) from error
        steps = problem.get("steps") if isinstance(problem, dict) and problem.get("id") else None
        if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
            raise BadOatutorFile(f"line {number} is no problem: it needs an id and steps", line=number)
        for step in steps:
            if odd := _no_list(step, (*_LISTS, "hints")):
                raise BadOatutorFile(f"line {number}: {odd} of a step is no list", line=number)
            if odd := next((odd for hint in step.get("hints") or () if (odd := _no_list(hint, _LISTS))), ""):
                raise BadOatutorFile(f"line {number}: {odd} of a hint is no list", line=number)
        found.append(problem)
    return tuple(found)


_LISTS = ("answer", "hintAnswer", "choices", "skills", "dependencies")


def _no_list(data: Any, names: Sequence[str]) -> str:
    """The name of what should be a list (of plain values, but for ``hints``), where it isn't one."""
    for name in names if isinstance(data, dict) else ():
        value = data.get(name)
        plain = isinstance(value, list) and (
            name == "hints" or all(isinstance(one, str | int | float) for one in value)
        )
        if not plain and value is not None:
            return name
    return ""


def lessons_of(text: str) -> tuple[dict[str, Any], ...]:
    """The lessons of ``lessons.json``. Raises ``BadOatutorFile``."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadOatutorFile(f"the lessons are not JSON: {error}") from error
    if not isinstance(found, list) or not all(
        isinstance(one, dict) and one.get("id") and isinstance(one.get("skills") or {}, dict | list) for one in found
    ):
        raise BadOatutorFile("the lessons are a list of objects with an id and skills")
    return tuple(found)


def imported(
    problems: Sequence[Mapping[str, Any]],
    lessons: Sequence[Mapping[str, Any]] = (),
    *,
    course: str = "elementary-algebra",
    title: str = "",
    language: str = "en",
) -> Imported:
    """A course in the order of its lessons. A step that can't be graded is skipped, and the reason told.

    Raises ``InvalidInput`` where nothing is left.
    """
    units, unit_of = _units(problems, lessons)
    names, components = _components(problems, lessons, unit_of)
    order = {unit.id: place for place, unit in enumerate(units)}
    tally = _Tally()
    items: dict[str, Item] = {}
    ordered = sorted(problems, key=lambda one: (order.get(unit_of[_lesson(one)], len(order)), _natural(str(one["id"]))))
    for problem in ordered:
        for number, step in enumerate(problem["steps"], 1):
            name = str(step.get("id") or f"{problem['id']}-{number}")
            try:
                item = _item(problem, step, number, name, course, names, tally)
            except (NoKey, BadItem) as error:
                tally.skipped.append((name, str(error)))
                continue
            if item.id in items:
                tally.skipped.append((name, "another step has the same id"))
            else:
                items[item.id] = item
    if not items:
        raise InvalidInput("No step of these problems can be taught.")
    taught = {name for item in items.values() for name in item.kcs}
    used = tuple(component for component in components if component.id in taught)
    source = next((credit(str(one["oer"])) for one in problems if one.get("oer")), ("", ""))
    licence = next((credit(str(one["license"])) for one in problems if one.get("license")), ("", ""))
    return Imported(
        course=Course(
            course,
            title or source[0].rpartition(": ")[2] or course.replace("-", " ").capitalize(),
            language,
            description=" ".join(part for part in source if part),
            licence=" ".join(part for part in licence if part),
            units=tuple(unit for unit in units if unit.id in {component.unit for component in used}),
            components=used,
        ),
        items=tuple(items.values()),
        problems=len(problems),
        steps=sum(len(problem["steps"]) for problem in problems),
        hints=tally.hints,
        scaffolds=tally.scaffolds,
        figures=sum(FIGURE in item.extra.get("needs", ()) for item in items.values()),
        skills=len(names),
        types=Counter(item.type for item in items.values()),
        skipped=tuple(tally.skipped),
        mended=tuple(tally.mended),
    )


def bring(library: Library, bank: ItemBank, made: Imported) -> BankChange:
    """Put the course and its items where learners find them. What the course has besides stays; doing it again changes
    only what changed, and keeps what trainers decided."""
    old, new = library.course(made.course.id), made.course
    if old is not None:
        ids, units = {one.id for one in new.components}, {one.id for one in new.units}
        kept = tuple(one for one in old.components if one.id not in ids and not one.derived)
        new = replace(
            old,
            units=(*(one for one in old.units if one.id not in units and kept), *new.units),
            components=(*kept, *new.components),
            licence=old.licence or new.licence,
        )
    if new != old:
        library.put_course(new)
    return bank.put(new.id, SOURCE, made.items)


# -- units and components ----------------------------------------------------------------------------------------------


def _units(
    problems: Sequence[Mapping[str, Any]], lessons: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Unit, ...], dict[str, str]]:
    """The units in order, and the unit of each lesson by the lesson's id."""
    titles: dict[str, str] = {}
    for lesson in lessons:
        number = str(lesson.get("name", "")).removeprefix("Lesson").strip()
        titles[str(lesson["id"])] = " ".join(part for part in (number, str(lesson.get("topics", ""))) if part)
    for problem in problems:
        titles.setdefault(_lesson(problem), str(problem.get("lesson") or "Problems"))
    in_order = sorted(titles.items(), key=lambda pair: _natural(pair[1])) if not lessons else list(titles.items())
    units: dict[str, Unit] = {}
    unit_of: dict[str, str] = {}
    for name, title in in_order:
        unit = name_of(title.replace(".", "-") + ".")
        unit_of[name] = unit
        units.setdefault(unit, Unit(unit, title))
    return tuple(units.values()), unit_of


def _components(
    problems: Sequence[Mapping[str, Any]], lessons: Sequence[Mapping[str, Any]], unit_of: Mapping[str, str]
) -> tuple[dict[str, str], tuple[KnowledgeComponent, ...]]:
    """The component of each skill, and the components in the order of the lessons; prerequisites are not known.

    A skill with commas in its name was torn apart in the data ("fractions", "and_percents"): what only ever follows
    another skill belongs to that one's name.
    """
    lists = {tuple(map(str, step.get("skills") or ())) for problem in problems for step in problem["steps"]}
    leading = {skills[0] for skills in lists if skills}
    whole: dict[str, tuple[str, ...]] = {}
    part_of: dict[str, str] = {}
    for skills in sorted(lists, key=lambda one: (-len(one), one)):
        if len(skills) > 1 and not set(skills[1:]) & leading:
            whole.setdefault(skills[0], skills)
            part_of.update(dict.fromkeys(skills[1:], skills[0]))
    places = [(str(skill), unit_of[str(lesson["id"])]) for lesson in lessons for skill in lesson.get("skills") or ()]
    places += [
        (str(skill), unit_of[_lesson(problem)])
        for problem in sorted(problems, key=lambda one: _natural(str(one.get("lesson", ""))))
        for step in problem["steps"]
        for skill in step.get("skills") or ()
    ]
    names: dict[str, str] = {}
    found: dict[str, KnowledgeComponent] = {}
    for skill, unit in places:
        first = part_of.get(skill, skill)
        if first not in names:
            name = _unused(first, found)
            names[first] = name
            found[name] = KnowledgeComponent(name, skill_title(*whole.get(first, (first,))), unit)
        names[skill] = names[first]
    return names, tuple(found.values())


def _unused(skill: str, taken: Mapping[str, object]) -> str:
    base = slug(skill.replace("**", "^")) if re.search(r"[a-z0-9]", skill.casefold()) else "skill"
    name, number = base, 2
    while name in taken:
        name, number = f"{base[:60]}-{number}", number + 1
    return name


def _lesson(problem: Mapping[str, Any]) -> str:
    return str(problem.get("lesson_id") or problem.get("lesson") or "")


# -- items -------------------------------------------------------------------------------------------------------------


def _item(
    problem: Mapping[str, Any],
    step: Mapping[str, Any],
    number: int,
    name: str,
    course: str,
    names: Mapping[str, str],
    tally: _Tally,
) -> Item:
    texts = [str(one.get(part) or "") for one in (problem, step) for part in ("title", "body")]
    kind = kind_of(step, "answer_type")
    key = body(step.get("answer") or (), step.get("choices"), kind, " ".join(texts))
    if len(set(step.get("choices") or ())) < len(step.get("choices") or ()):
        tally.mended.append((name, "a choice stood there twice"))
    if key["type"] == "symbolic" and "+" in key["answer"] and "+" not in "".join(step["answer"]):
        tally.mended.append((name, "the answer had lost its plus sign"))
    hints, scaffolds = _hints(step, name, tally)
    if not step.get("skills"):
        raise NoKey("no skill")
    data = {
        "id": name,
        "prompt": _prompt(texts),
        "kcs": list(dict.fromkeys(names[str(skill)] for skill in step["skills"])),
        "hint": hints,
        "explanation": _explanation(hint for hint in step.get("hints") or () if isinstance(hint, Mapping)),
        "variant_of": f"{re.sub(r'[0-9]+$', '', str(problem['id']))}-{step['skills'][0]}",
        "origin": "imported",
        "attribution": _attribution(problem),
        "extra": {
            "problem": str(problem["id"]),
            "step": number,
            "steps": len(problem["steps"]),
            **({"needs": [FIGURE]} if has_figure(*texts) else {}),
        },
        **key,
    }
    item = demanding(read_item(data, course))
    tally.hints += len(hints) - scaffolds
    tally.scaffolds += scaffolds
    return item


def _prompt(texts: Sequence[str]) -> str:
    """Title and text of the problem, then those of the step; what is said twice is said once."""
    title, *rest = [markdown(text) for text in texts]
    folded = [re.sub(r"\W+", " ", text).casefold().strip() for text in rest]
    plain = re.sub(r"\W+", " ", title).casefold().strip()
    parts = [f"**{title}**"] if title and not any(plain in text for text in folded) else []
    for place, text in enumerate(rest):
        if text and not any(folded[place] in other for other in folded[place + 1 :]):
            parts.append(text)
    return "\n\n".join(parts)


def _hints(step: Mapping[str, Any], name: str, tally: _Tally) -> tuple[list[dict[str, Any]], int]:
    """The step's hints in the data form, and how many of them are scaffolds."""
    given = [hint for hint in step.get("hints") or () if isinstance(hint, Mapping)]
    ids = _ids(given)
    made: list[dict[str, Any]] = []
    scaffolds = 0
    for hint, own in zip(given, ids, strict=True):
        title, text = markdown(str(hint.get("title") or "")), markdown(str(hint.get("text") or ""))
        before = [str(other) for other in hint.get("dependencies") or ()]
        known = [other for other in before if other in ids[: len(made)]]
        if len(known) < len(before):
            tally.mended.append((own, "it waited for a hint that isn't there before it"))
        entry: dict[str, Any] = {"id": own, "text": text or title or "…", "depends_on": known}
        if text and title and title != text:
            entry["title"] = title
        if hint.get("type") == "scaffold":
            try:
                kind = kind_of(hint, "answerType", "answer_type")
                key = body(hint.get("hintAnswer") or hint.get("answer") or (), hint.get("choices"), kind, text)
            except NoKey as error:
                tally.mended.append((own, f"a sub-question without a key is shown as a hint: {error}"))
            else:
                entry |= {"cloze" if key["type"] == "cloze" and part == "text" else part: key[part] for part in key}
                scaffolds += 1
        made.append(entry)
    return made, scaffolds


def _ids(hints: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each hint's own id; one that stands there twice gets a number."""
    seen: dict[str, int] = defaultdict(int)
    found = []
    for place, hint in enumerate(hints, 1):
        name = str(hint.get("id") or f"h{place}")
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return found


def _explanation(hints: Iterable[Mapping[str, Any]]) -> str:
    """The hints one after the other, with the answers of the sub-questions: a worked solution."""
    lines: list[str] = []
    for hint in hints:
        text = markdown(str(hint.get("text") or hint.get("title") or ""))
        answers = hint.get("hintAnswer") or hint.get("answer") or ()
        told = f"{text} **{markdown(str(answers[0]))}**" if hint.get("type") == "scaffold" and answers else text
        if told:
            lines.append(f"{len(lines) + 1}. " + told.replace("\n", " "))
    return "\n".join(lines)


def _attribution(problem: Mapping[str, Any]) -> str:
    source, address = credit(str(problem.get("oer") or ""))
    licence, terms = credit(str(problem.get("license") or ""))
    parts = (
        f"{source} ({address})" if source and address else source or address,
        f"problem {problem['id']} of OATutor",
        f"{licence} ({terms})" if licence and terms else licence or terms,
    )
    return "; ".join(part for part in parts if part)


def _natural(text: str) -> list[tuple[int, int | str]]:
    return [
        (0, int(part)) if part.isdecimal() and len(part) < 20 else (1, part.casefold())
        for part in re.split(r"(\d+)", text)
        if part
    ]
