"""The answer-key firewall: exercises and their solutions, found and taken apart. Pure.

Indexed whole, a textbook's own answers come back as the best passages for its own questions. So exercises leave the
text, and are kept as material for items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from retrieval.values import ItemKind

OPTION = re.compile(r"^ {0,3}(?:\d{1,2}[.)]|\(?[A-Za-z][.)]|[-*+](?:\s+\(?[A-Za-z]\))?)\s+(.*)$")
_LETTER = re.compile(r"^\W*([A-Ha-h])\W*$")
_LETTER_LEAD = re.compile(r"^\(?([A-Ha-h])(?:[.):]\s+|\)\s*)(\S.*)$", re.S)
# A model answer in running text: "Answer: ...", "**Solution.** ...".
ANSWER_LINE = re.compile(
    r"^\W{0,4}(?:model answer|answer|solution|respuesta|solución|réponse|antwort|lösung|resposta|solução|risposta|"
    r"soluzione|الإجابة|الجواب|उत्तर|答案|解答)\b\W{0,4}[:：.]\W{0,3}\s*(.*)$",
    re.I | re.S,
)
# A key: numbers, each with its letter, and nothing else but what separates them and a word or two before.
_KEY_PAIR = re.compile(
    r"(?:\b(?:q(?:uestion)?|item|no)\.?\s{0,3}|(?<![\w.,]))\(?(\d{1,3})\s{0,3}[.):=–—|-]{0,2}\s{0,3}\(?([A-Ha-h])(?![\w'’])[).]?",
    re.I,
)
# What may stand before a key or before several answers; whether it names answers is for ``is_answers_title``.
_LEAD = re.compile(r"^\W{0,4}([^\W\d][^\d:：|*_]{0,40})[*_]{0,3}\s?[:：]\W{0,4}")
_BARE_LEAD = re.compile(r"^\W{0,4}(?:answers|answer key|key|solutions)\b\W{0,4}", re.I)
_KEY_REST = re.compile(r"[\s,;，；、/|.·•*_-]*")
_TABLE_HEAD = re.compile(r"\A\|[^\n]*\|\n\|[-:| ]+\|\n")
_KEY_LEAST = 3  # pairs that make a key of a line that no word calls one
# Headings whose whole section is exercises. Matched against the full heading, so "Exercise and the heart" stays.
_EXERCISE_TITLE = re.compile(
    r"^(?:\d+[.\d]*\s+)?(?:(?:review|practice|practise|homework|discussion|critical thinking|test|quiz|exam|reading|"
    r"end[- ]of[- ](?:chapter|section|unit))\s+(?:questions?|exercises?|problems?)|exercises?|problems?|questions|quiz|"
    r"self[- ]?(?:check|test)|multiple[- ]choice(?: questions)?|free[- ]response(?: questions)?|"
    r"short[- ]answer(?: questions)?|critical thinking|art connections?|check your understanding|test yourself|"
    r"problem set.*|answers?(?: to .*)?|answer key|model answers?|answers and solutions|solutions to .*|"
    r"ejercicios|preguntas(?: de repaso)?|respuestas|exercices|questions de révision|réponses|übungen|aufgaben|"
    r"übungsaufgaben|antworten|exercícios|perguntas|respostas|esercizi|domande|risposte|تمارين|أسئلة|أسئلة المراجعة|"
    r"الإجابات|अभ्यास|प्रश्न|प्रश्नावली|उत्तर|练习|练习题|习题|复习题|答案|練習問題|問題|解答)[.:：]?$",
    re.I,
)
_ANSWERS_TITLE = re.compile(
    r"^(?:\d+[.\d]*\s+)?(?:answers?(?: to .*)?|answer key|model answers?|answers and solutions|solutions?(?: to .*)?|"
    r"respuestas|soluciones|réponses|corrigés?|gabarito|lösungsschlüssel|antworten|lösungen|respostas|soluções|risposte|soluzioni|الإجابات|الحلول|उत्तर|हल|"
    r"答案|参考答案|解答|مفتاح الإجابة|الأجوبة|उत्तरमाला)[.:：]?$",
    re.I,
)
_EXAMPLE_TITLE = re.compile(
    r"\b(?:examples?|ejemplos?|exemples?|beispiele?|esempi[oi]?|exemplos?)\b|مثال|उदाहरण|例", re.I
)
# These name answers only after exercises: "Solutions" may as well be a chapter of chemistry.
_SOLUTION_TITLE = re.compile(r"^(?:solutions?|soluciones|lösungen|soluções|soluzioni|الحلول|हल)[.:：]?$", re.I)
# "Section 3.4 Exercises", "Subsection EXC: Exercises"; "Chapter 13 Solutions" may be about salt in water.
_NUMBERING = re.compile(r"^(?:(?:sub)?section|chapter|unit|lesson|module)\s+\w[\w.-]{0,11}?\s*[:.–—-]?\s+", re.I)
_SUBSECTION = re.compile(r"^subsection\s+\w[\w.-]{0,11}?\s*[:.–—-]?\s+", re.I)


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question as it stands in the material; ``answer`` is ``None`` where none is given."""

    question: str
    options: tuple[str, ...]
    answer: str | None
    group: str = ""

    @property
    def kind(self) -> ItemKind:
        return ItemKind.MULTIPLE_CHOICE if self.options else ItemKind.FREE_RESPONSE


def is_exercise_title(heading: str, *, after_exercises: bool = False) -> bool:
    """Whether a heading opens a section that is nothing but exercises or answers."""
    name = heading.strip()
    if _EXERCISE_TITLE.match(name) or _EXERCISE_TITLE.match(_NUMBERING.sub("", name)):
        return True
    return after_exercises and bool(_SOLUTION_TITLE.match(_SUBSECTION.sub("", name)))


def is_answers_title(heading: str) -> bool:
    """Whether a heading opens a section of answers to the exercises that stand before it."""
    return bool(_ANSWERS_TITLE.match(_NUMBERING.sub("", heading.strip())))


def is_answer(paragraph: str, heading: str) -> bool:
    """Whether a paragraph of running text gives an exercise away ("Answer: ..."). Worked examples are teaching."""
    gives_away = ANSWER_LINE.match(paragraph) or _answers_lead(paragraph) or answer_key(paragraph)
    return bool(gives_away) and not _EXAMPLE_TITLE.search(heading)


def _answers_lead(paragraph: str) -> str:
    """The words at the beginning that announce several answers ("**Respuestas:** "), or nothing."""
    lead = _LEAD.match(paragraph)
    return lead[0] if lead and is_answers_title(lead[1]) else ""


def answer_key(paragraph: str) -> dict[int, str]:
    """The letters by number, where a paragraph (or a table's rows) is a key and nothing else: "Answers: 1 b, 2 c".

    Their numbers must rise, and without a word that calls them answers there must be several: "1 B, 2 C, 3 A".
    """
    paragraph = _TABLE_HEAD.sub("", paragraph)
    bare = _BARE_LEAD.match(paragraph)
    lead = _answers_lead(paragraph) or (bare[0] if bare else "")
    body = paragraph[len(lead) :]
    pairs = [(int(found[1]), found[2]) for found in _KEY_PAIR.finditer(body)]
    numbers = [number for number, _ in pairs]
    if not pairs or not _KEY_REST.fullmatch(_KEY_PAIR.sub("", body)) or numbers != sorted(set(numbers)):
        return {}
    return dict(pairs) if (lead and len(pairs) >= _KEY_LEAST - 1) or len(pairs) >= _KEY_LEAST else {}


def with_answers(exercises: Sequence[Exercise], body: str) -> tuple[Exercise, ...]:
    """``exercises`` (numbered from 1) with the answers of ``body`` that carry their numbers; own answers stay."""
    answers = {number: text for number, text in _numbered(body) if text}
    for paragraph in body.split("\n\n"):
        answers |= answer_key(paragraph)
    return tuple(
        replace(found, answer=_key(answers[number], found.options) or (None if found.options else answers[number]))
        if found.answer is None and number in answers
        else found
        for number, found in enumerate(exercises, 1)
    )


def _numbered(body: str) -> Iterator[tuple[int, str]]:
    number, lines = 0, list[str]()
    for line in [*body.strip().split("\n"), None]:
        match = _NUMBERED.match(line) if line is not None else None
        if match or line is None:
            if number:
                yield number, "\n".join(lines).strip()
            digits = re.search(r"\d+", match[0]) if match else None
            number, lines = int(digits[0]) if digits else 0, []
        if line is not None:
            lines.append(_NUMBERED.sub("", line).strip())


def exercise(problem: str, solution: str | None, group: str = "") -> Exercise | None:
    """An exercise out of the canonical Markdown of its problem and solution; ``None`` where there is no question.

    A closing list is taken as options where the solution is a letter or one of them, or where there is no
    solution and the list is of short lines.
    """
    stem, options, after = _closing_list(problem)
    answer = (solution or "").strip() or None
    key = _key(answer, options)
    if options and (key is not None or (answer is None and all(len(option) < 200 for option in options))):
        question = " ".join(part for part in (stem, after) if part)
        return Exercise(question, options, key, group) if question else None
    question = problem.strip()
    return Exercise(question, (), answer, group) if question else None


def _key(answer: str | None, options: tuple[str, ...]) -> str | None:
    if answer is None or not options:
        return None
    by_letter = _LETTER.match(answer) or _LETTER_LEAD.match(answer)
    if by_letter:
        place = ord(by_letter.group(1).lower()) - ord("a")
        return options[place] if place < len(options) else None
    folded = " ".join(answer.casefold().split()).rstrip(".")
    return next((option for option in options if " ".join(option.casefold().split()).rstrip(".") == folded), None)


def _closing_list(problem: str) -> tuple[str, tuple[str, ...], str]:
    """The question before its last list, the list's items, and what follows it."""
    lines = problem.strip().split("\n")
    starts = [index for index, line in enumerate(lines) if OPTION.match(line)]
    if len(starts) < 2:
        return problem.strip(), (), ""
    first = starts[-1]
    for earlier in reversed(starts[:-1]):  # walk back over neighbouring items; two blank-free lines may belong to one
        between = lines[earlier + 1 : first]
        if any(line.strip() and not line.startswith((" ", "\t")) for line in between):
            break
        first = earlier
    options: list[str] = []
    after: list[str] = []
    for line in lines[first:]:
        match = OPTION.match(line)
        if match and not after:
            options.append(match.group(1).strip())
        elif line.startswith((" ", "\t")) and line.strip() and not after:
            options[-1] = f"{options[-1]} {line.strip()}"
        elif line.strip():
            after.append(line.strip())
    if len(options) < 2:
        return problem.strip(), (), ""
    return "\n".join(lines[:first]).strip(), tuple(options), " ".join(after)


_NUMBERED = re.compile(r"^(?:\*\*)?(?:Q(?:uestion)?\s*)?\d{1,3}[.):](?:\*\*)?\s+", re.I)


def from_section(body: str, group: str) -> tuple[Exercise, ...]:
    """The exercises of a section known to hold nothing else, in ordinary Markdown.

    Every numbered paragraph opens a question; lettered lines are its options; "Answer: ..." gives the answer.
    """
    found: list[Exercise] = []
    paragraphs = body.split("\n\n")
    keys = [paragraph for paragraph in paragraphs if answer_key(paragraph)]
    for part in _questions("\n\n".join(paragraph for paragraph in paragraphs if paragraph not in keys)):
        problem: list[str] = []
        solution: list[str] | None = None
        for line in part:
            if answer := ANSWER_LINE.match(line.strip()):
                solution = [answer.group(1)]
            elif solution is not None:
                solution.append(line.strip())
            else:
                problem.append(line)
        first = exercise("\n".join(problem), " ".join(solution or ()).strip() or None, group)
        if first is not None:
            found.append(first)
    return with_answers(found, "\n\n".join(keys))


def _questions(body: str) -> list[list[str]]:
    lines = body.strip().split("\n")
    numbered = any(_NUMBERED.match(line) for line in lines)
    parts: list[list[str]] = []
    for index, line in enumerate(lines):
        opens = (
            _NUMBERED.match(line) if numbered else index == 0 or (not lines[index - 1].strip() and line.endswith("?"))
        )
        if opens:
            parts.append([_NUMBERED.sub("", line)])
        elif parts:
            parts[-1].append(line.strip() if OPTION.match(line.strip()) else line)
    return parts
