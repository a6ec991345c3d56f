"""How fairly closed answers are graded: ``python -m bench.answers --problems FILE``.

    --problems FILE   problems in OATutor's form, one JSON object a line; default: the shared algebra course
    --imported        grade the items that ``diotima import oatutor`` makes, with the units and forms it finds; of an
                      item that asks for a form, only rewritings that keep the form are counted
    --json            the same figures as JSON
    --show N          the first N cases that came out wrong

Every accepted answer of every step and scaffold becomes an item, symbolic or multiple choice, and is graded by the
product's own ``grade``. Around each gold answer the bench makes answers whose label is known:

``sign_flips_accepted``    the answer with one sign flipped (a term, a factor, a bound, the value after "="); flips that
                           are equal to an accepted answer by a judge of its own are left out
``equivalents_accepted``   share of rewritings accepted: spacing, brackets, LaTeX and plain notation, commuted terms and
                           factors, decimals and fractions, "x =" in front, unfinished sums, other languages' numbers
``distractors_accepted``   wrong options; answers of other items of the same shape; one more or less; a dropped term
                           (those equal to the answer by the same judge are left out)
``without_item``           answers that no item could be made of: choices that do not list their own answer
``unreadable``             gold answers that the grader does not accept as an answer to their own question
``ms_per_answer``          mean processor time to grade one answer; ``ms_slowest``: the longest

Beside it run two graders as simple ones are: exact text, and text or float comparison after stripping. Each is given
the same answers. What the labels rest on never uses the product's parser (see ``_answer_judge``).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench._answer_variants import Case, distractors, equivalents, sign_flips
from tutor.domain.items import grade, read_item
from tutor.domain.items.form import as_item
from tutor.domain.items.item import Answer, Bands, Item
from tutor.services.oatutor import imported, problems_of

DEFAULT = Path("../shared/data/courses/elementary-algebra/problems.jsonl")
KINDS = ("sign_flips_accepted", "equivalents_accepted", "distractors_accepted")


class NoJudge:
    """Closed answers never ask for one."""

    bands = Bands(0.3, 0.7)

    def coverage(
        self, question: str, statements: Sequence[Sequence[str]], answer: str, language: str
    ) -> tuple[float, ...]:
        raise AssertionError("a closed answer was judged as text")


@dataclass(frozen=True)
class Gold:
    """One accepted answer: ``kind`` is OATutor's answer type and problem type."""

    id: str
    kind: str
    prompt: str
    answer: str
    choices: tuple[str, ...]


@dataclass
class Tally:
    """Answers given and accepted, by what they are."""

    given: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)

    def add(self, what: str, accepted: bool) -> None:
        self.given[what] += 1
        self.accepted[what] += accepted

    def row(self) -> dict[str, float]:
        flips, same, other = KINDS
        return {
            flips: self.accepted[flips],
            f"{flips}_of": self.given[flips],
            same: round(100 * self.accepted[same] / max(self.given[same], 1), 2),
            f"{same}_of": self.given[same],
            other: self.accepted[other],
            f"{other}_of": self.given[other],
        }


def read_golds(path: Path) -> list[Gold]:
    """Every accepted answer of steps and of scaffolds, nested ones too."""
    found: list[Gold] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        problem = json.loads(line)
        for step in problem["steps"]:
            prompt = " ".join(part for part in (problem["title"], problem["body"], step["title"], step["body"]) if part)
            kinds = step["problem_type"], step["answer_type"]
            found += _golds(step["id"], *kinds, prompt, step["answer"], step["choices"])
            for hint in _nested(step["hints"]):
                if hint["type"] != "hint":
                    text = hint.get("text") or hint.get("title") or ""
                    kinds = hint["problemType"], hint["answerType"]
                    found += _golds(hint["id"], *kinds, text, hint["hintAnswer"], hint.get("choices"))
    return found


def _nested(hints: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for hint in hints for one in (hint, *_nested(hint.get("subHints") or ()))]


def _golds(name: str, problem: str, answer: str, prompt: str, golds: Sequence[str], choices: Any) -> list[Gold]:
    kind = "choice" if problem == "MultipleChoice" else answer
    return [Gold(name, kind, prompt, gold, tuple(choices or ()) if kind == "choice" else ()) for gold in golds]


def item_of(gold: Gold) -> Item | None:
    """A plain item of it; None where a choice item does not list its own answer."""
    data: dict[str, Any] = {"id": gold.id, "prompt": gold.prompt.replace("$$", "$") or "?"}
    if gold.kind == "choice":
        options = list(dict.fromkeys(gold.choices))
        if gold.answer not in options:
            return None
        data |= {"type": "multiple_choice", "option": [{"text": o, "correct": o == gold.answer} for o in options]}
    else:
        data |= {"type": "symbolic", "answer": gold.answer, "notation": "latex"}
    return read_item(data, "bench")


def imported_items(path: Path) -> dict[str, Item]:
    """The items and scaffolds of the importer, by OATutor's ids."""
    problems = problems_of(path.read_text(encoding="utf-8").splitlines())
    found: dict[str, Item] = {}
    for item in imported(problems).items:
        found[item.id] = item
        for hint in item.hints:
            if hint.is_scaffold:
                found[hint.id if hint.id.startswith(item.id) else f"{item.id}-{hint.id}"] = as_item(item, hint)
    return found


#: Rewritings that leave an expression's form as it is.
_LOOKS = frozenset(
    (
        *("same", "spaces", "dollars", "wide", "keyboard", "stars", "times", "named", "letter", "ordinal", "case"),
        *(
            "minus sign",
            "no spaces",
            "decimal comma",
            "Arabic digits",
            "Devanagari digits",
            "without its name",
            "dfrac",
        ),
    )
)


# -- the simple graders --------------------------------------------------------------------------------------------


def exact(gold: Gold, text: str) -> bool:
    return text == gold.answer


def stripped(gold: Gold, text: str) -> bool:
    """Text in lower case without spaces and dollars, or the same float; a part that holds the answer passes too, as
    it does in short-answer checkers that look for the key in the reply."""
    one, other = (part.replace("$", "").replace(" ", "").lower() for part in (gold.answer, text))
    if one == other or (len(one) > 1 and one in other):
        return True
    try:
        return abs(float(one) - float(other)) < 1e-6
    except ValueError:
        return False


# -- the run -------------------------------------------------------------------------------------------------------


@dataclass
class Result:
    tallies: dict[str, dict[str, Tally]]
    unreadable: list[Gold]
    unlisted: int
    wrong: list[tuple[str, Gold, str]]
    seconds: float
    graded: int
    slowest: float
    golds: int


def run(golds: Sequence[Gold], items: dict[str, Item] | None = None) -> Result:
    judge = NoJudge()
    tallies: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    result = Result(tallies, [], 0, [], 0.0, 0, 0.0, len(golds))
    done: set[tuple[str, str, tuple[str, ...], str]] = set()
    for gold in golds:
        item = item_of(gold) if items is None else items.get(gold.id)
        if item is None:
            result.unlisted += 1
            continue

        def accepts(text: str, language: str = "en", item: Item = item) -> bool:
            started = time.process_time()
            verdict = grade(item, Answer(text, language=language), judge)
            took = time.process_time() - started
            result.seconds += took
            result.graded += 1
            result.slowest = max(result.slowest, took)
            return verdict.kind == "correct"

        if not accepts(gold.answer):
            result.unreadable.append(gold)
        # The same answer to the same kind of question is made variants of once.
        key = (gold.kind, gold.answer, gold.choices, gold.prompt if gold.kind != "arithmetic" else "")
        if key in done:
            continue
        done.add(key)
        form = getattr(item.body, "form", "any")
        for what, case in _cases(gold, golds):
            if what == KINDS[1] and form != "any" and case.how not in _LOOKS:
                continue
            accepted = {
                "diotima": accepts(case.text, case.language),
                "exact": exact(gold, case.text),
                "stripped": stripped(gold, case.text),
            }
            for grader, is_accepted in accepted.items():
                tallies[grader][gold.kind].add(what, is_accepted)
                tallies[grader]["total"].add(what, is_accepted)
            if accepted["diotima"] != (what == KINDS[1]):
                result.wrong.append((f"{what} {case.how}", gold, case.text))
    return result


def _cases(gold: Gold, golds: Sequence[Gold]) -> list[tuple[str, Case]]:
    makers: tuple[Callable[[], list[Case]], ...] = (
        lambda: sign_flips(gold.answer, gold.choices, gold.prompt),
        lambda: equivalents(gold.answer, gold.choices, gold.prompt),
        lambda: distractors(gold.answer, gold.choices, [one.answer for one in golds if one.kind == gold.kind]),
    )
    return [(what, case) for what, make in zip(KINDS, makers, strict=True) for case in make()]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--problems", type=Path, default=DEFAULT)
    parser.add_argument("--imported", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", type=int, default=0, metavar="N")
    options = parser.parse_args(arguments)
    if not options.problems.is_file():
        print(f"There is no {options.problems}; give problems in OATutor's form with --problems FILE.", file=sys.stderr)
        return 2
    items = imported_items(options.problems) if options.imported else None
    result = run(read_golds(options.problems), items)
    figures = {
        "golds": result.golds,
        "unreadable": len(result.unreadable),
        "without_item": result.unlisted,
        "ms_per_answer": round(1000 * result.seconds / max(result.graded, 1), 3),
        "ms_slowest": round(1000 * result.slowest, 1),
    }
    rows = {g: {kind: tally.row() for kind, tally in kinds.items()} for g, kinds in result.tallies.items()}
    if options.json:
        print(json.dumps({**figures, "graders": rows}, indent=1))
        return 0
    print("  ".join(f"{name} {figure}" for name, figure in figures.items()))
    print(f"{'grader':10} {'answers':12} {KINDS[0]:>22} {KINDS[1]:>24} {KINDS[2]:>24}")
    for grader, kinds in rows.items():
        for kind, row in sorted(kinds.items(), key=lambda pair: pair[0] == "total"):
            cells = [f"{row[what]:g}{' %' if what == KINDS[1] else ''} of {row[what + '_of']:g}" for what in KINDS]
            print(f"{grader:10} {kind:12} {cells[0]:>22} {cells[1]:>24} {cells[2]:>24}")
    for what, gold, text in result.wrong[: options.show]:
        print(f"{what}: {gold.id} gold {gold.answer!r} answer {text!r}")
    for gold in result.unreadable[: options.show]:
        print(f"unreadable: {gold.id} {gold.answer!r} {gold.prompt[:80]!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
