"""MathDial (Macina et al., 2023): tutoring dialogues of human teachers, as questions to put and as a measure.

The data are CC BY-SA 4.0 and are read where they lie; nothing of them is kept here.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from tutor.domain.items import read_item
from tutor.domain.items.item import BadItem, Item

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_STEP = re.compile(r"((?:\$?\d[\d,.]*%?\s*[-+*/x×]\s*)+\$?\d[\d,.]*%?)\s*=\s*\$?(-?\d[\d,]*(?:\.\d+)?)")


@dataclass(frozen=True)
class Dialogue:
    """``turns`` are (is_teacher, move, text); ``answer`` is the final number of the reference solution."""

    question: str
    solution: str
    answer: str
    turns: tuple[tuple[bool, str, str], ...]


def numbers(text: str) -> list[str]:
    """The numbers in ``text`` without grouping, and without noughts that say nothing."""
    return [_plain(found) for found in _NUMBER.findall(text)]


def _plain(number: str) -> str:
    bare = number.replace(",", "")
    return bare.rstrip("0").rstrip(".") if "." in bare else bare


def read(file: Path) -> tuple[Dialogue, ...]:
    """Every dialogue whose solution ends in a number."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        values = numbers(data["ground_truth"])
        if values:
            turns = tuple(_turn(part.strip()) for part in data["conversation"].split("|EOM|") if part.strip())
            found.append(Dialogue(data["question"], data["ground_truth"], values[-1], turns))
    return tuple(found)


def _turn(text: str) -> tuple[bool, str, str]:
    speaker, _, said = text.partition(":")
    move = re.match(r"\s*\((\w+)\)", said)
    return speaker == "Teacher", move[1] if move else "", said


def human(dialogues: tuple[Dialogue, ...], turns: int) -> tuple[float, float]:
    """success@k and telling@k of the teachers: the share of dialogues in which the student says the final number within
    k teacher turns, and in which a telling move says it before that."""
    success = telling = 0
    for dialogue in dialogues:
        said, right, told = 0, False, False
        for is_teacher, move, text in dialogue.turns:
            said += is_teacher
            if said > turns:
                break
            holds = dialogue.answer in numbers(text)
            told = told or (is_teacher and move == "telling" and holds and not right)
            right = right or (not is_teacher and said > 0 and holds)
        success += right
        telling += told
    return success / len(dialogues), telling / len(dialogues)


def items(dialogues: tuple[Dialogue, ...], course: str) -> tuple[Item, ...]:
    """The problems as items: each worked step of the reference solution but the last is a sub-question."""
    found: dict[str, Item] = {}
    for dialogue in dialogues:
        steps = [(left, right) for left, right in _STEP.findall(dialogue.solution)][:-1]
        hints = [{"text": "Write down what is given, and what is asked."}]
        hints += [
            {"text": f"What is {left.strip()}?", "type": "numeric", "answer": _plain(right)} for left, right in steps
        ]
        name = f"md-{len(found)}"
        data = {
            "id": name,
            "type": "numeric",
            "kcs": ["word-problems"],
            "prompt": dialogue.question,
            "answer": dialogue.answer,
            "hint": hints,
        }
        try:
            found.setdefault(dialogue.question, read_item(data, course))
        except BadItem:
            continue
    return tuple(found.values())
