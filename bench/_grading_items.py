"""How a course's own short-answer items grade what their authors wrote, and what has nothing to do with them."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tutor.domain import items
from tutor.domain.items.item import Answer, Expectation, Item, TextJudge
from tutor.domain.items.short_answer import ShortAnswer

#: Said of nothing in particular, or of something else.
UNRELATED = (
    "Plants are green.",
    "Biology is my favourite subject.",
    "Energy is needed by all living things.",
    "I had bread for breakfast.",
    "It has to do with cells and molecules.",
)
COUNTED = ("correct", "partial", "unsure", "misconception", "incorrect")


@dataclass(frozen=True)
class Case:
    """An answer of a ``kind`` to an item, perhaps without the wording it repeats; ``says`` are the ideas in it."""

    kind: str
    item: Item
    text: str
    says: tuple[str, ...] = ()


def short_answers(folder: Path) -> list[Item]:
    """The short-answer items in a folder of TOML files."""
    found = [
        items.read_item(data, "course", path.name)
        for path in sorted(folder.glob("*.toml"))
        for data in tomllib.loads(path.read_text(encoding="utf-8")).get("item", ())
    ]
    return [item for item in found if isinstance(item.body, ShortAnswer)]


def cases(item: Item) -> Iterator[Case]:
    """Its model answer, one idea, a misconception, unrelated sentences; ``*_held_out`` are graded without the wording
    that they repeat."""
    body = item.body
    assert isinstance(body, ShortAnswer)
    everything = tuple(one.id for one in body.expectations)
    yield Case("model_answer", item, body.model_answer, everything)
    for one in body.expectations:
        for at, wording in enumerate((one.text, *one.also)):
            yield Case("one_idea" if len(everything) > 1 else "the_idea", item, wording, (one.id,))
            if one.also and len(everything) > 1:
                yield Case("one_idea_held_out", _without(item, {one.id: at}), wording, (one.id,))
    for at in range(min(1 + len(one.also) for one in body.expectations)):
        if len(everything) > 1 and all(one.also for one in body.expectations):
            said = " ".join((one.text, *one.also)[at] for one in body.expectations)
            yield Case("all_held_out", _without(item, dict.fromkeys(everything, at)), said, everything)
    for misconception in item.misconceptions:
        for says in misconception.says:
            yield Case("misconception", item, says)
            left = [
                replace(one, says=tuple(other for other in one.says if one is not misconception or other != says))
                for one in item.misconceptions
            ]
            yield Case("misconception_held_out", replace(item, misconceptions=tuple(left)), says)
    for text in UNRELATED:
        yield Case("unrelated", item, text)


def measure(judge: TextJudge, folder: Path) -> dict[str, float]:
    """Prints a table of verdicts by kind of answer; gives the share of each verdict, and of the ideas in the answers
    that were covered."""
    figures: dict[str, float] = {}
    chosen = short_answers(folder)
    given = [case for item in chosen for case in cases(item)]
    print(f"\n  {len(chosen)} {'items':20} {'answers':>8}" + "".join(f"{one:>15}" for one in COUNTED) + "   covered")
    for kind in dict.fromkeys(case.kind for case in given):
        same = [case for case in given if case.kind == kind]
        verdicts = [items.grade(case.item, Answer(case.text, language="en"), judge) for case in same]
        counts = Counter[str](verdict.kind for verdict in verdicts)
        ideas = [said in verdict.covered for case, verdict in zip(same, verdicts, strict=True) for said in case.says]
        covered = f"{sum(ideas) / len(ideas):10.3f}" if ideas else ""
        print(f"  {kind:23} {len(verdicts):8}" + "".join(f"{counts[one]:15}" for one in COUNTED) + covered)
        figures |= {f"items_{kind}_{one}": round(counts[one] / len(verdicts), 4) for one in COUNTED}
        if ideas:
            figures[f"items_{kind}_covered"] = round(sum(ideas) / len(ideas), 4)
    return figures


def _without(item: Item, left_out: dict[str, int]) -> Item:
    """An item without one wording, by its place, of each named idea."""
    body = item.body
    assert isinstance(body, ShortAnswer)

    def kept(one: Expectation) -> Expectation:
        if one.id not in left_out:
            return one
        wordings = [text for at, text in enumerate((one.text, *one.also)) if at != left_out[one.id]]
        return replace(one, text=wordings[0], also=tuple(wordings[1:]))

    return replace(item, body=replace(body, expectations=tuple(map(kept, body.expectations))))
