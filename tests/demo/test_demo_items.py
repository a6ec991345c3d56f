"""The questions of the demo course: sound, complete, and fair to whoever answers them."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

import pytest

from tutor.domain.items import TYPES, answers, card, grade, grade_hint, hint_card, read_item, write_item
from tutor.domain.items.cloze import Cloze
from tutor.domain.items.item import Answer, Item
from tutor.domain.items.matching import Matching
from tutor.domain.items.multiple_choice import MultipleChoice
from tutor.domain.items.numeric import Numeric
from tutor.domain.items.ordering import Ordering
from tutor.domain.items.poll import Poll
from tutor.domain.items.short_answer import ShortAnswer
from tutor.domain.items.symbolic import Symbolic
from tutor.grading.words import WordJudge

COURSE = Path(__file__).resolve().parents[2] / "tutor/demo/energy-for-life"
FILES = sorted((COURSE / "items").glob("*.toml"))
JUDGE = WordJudge()


@lru_cache(maxsize=1)
def items() -> tuple[Item, ...]:
    return tuple(
        read_item(data, "energy-for-life", path.name)
        for path in FILES
        for data in tomllib.loads(path.read_text(encoding="utf-8")).get("item", ())
    )


def of(*types: str) -> list[Item]:
    return [item for item in items() if item.type in types]


def every(*types: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("item", of(*types) if types else items(), ids=lambda item: item.id)


def test_there_is_a_file_for_each_unit_and_enough_of_everything() -> None:
    course = tomllib.loads((COURSE / "course.toml").read_text(encoding="utf-8"))
    assert [path.stem for path in FILES] == [unit["folder"] for unit in course["unit"]]
    assert len(items()) >= 75
    assert {item.type for item in items()} == set(TYPES)
    assert len({item.id for item in items()}) == len(items())
    assert len(of("short_answer")) >= 24
    assert len(of("poll")) >= 2
    assert sum(hint.is_scaffold for item in items() for hint in item.hints) >= 12
    assert sum(item.transfer for item in items()) >= 5
    assert sum(isinstance(item.body, MultipleChoice) and item.body.several for item in items()) >= 2


def test_every_knowledge_component_has_a_fresh_item_to_spare() -> None:
    course = tomllib.loads((COURSE / "course.toml").read_text(encoding="utf-8"))
    known = [kc["id"] for kc in course["kc"]]
    assert {kc for item in items() for kc in item.kcs} <= set(known)
    assert [item.id for item in items() if not item.kcs and item.type != "poll"] == []
    assert {kc: n for kc in known if (n := sum(kc in item.kcs for item in items())) < 3} == {}


def test_a_group_of_variants_has_more_than_one() -> None:
    groups = [item.variant_of for item in items() if item.variant_of]
    assert groups
    assert [name for name in set(groups) if groups.count(name) < 2] == []


@every()
def test_an_item_is_written_as_it_was_read(item: Item) -> None:
    assert read_item(write_item(item), item.course) == item


@every()
def test_an_item_helps(item: Item) -> None:
    if item.type == "poll":
        return
    assert item.explanation
    assert -2 <= item.difficulty <= 2
    # The ladder of a short answer has a hint and a question for each idea besides.
    own = sum(1 for one in getattr(item.body, "expectations", ()) if one.hint and one.ask)
    assert 1 <= len(item.hints) + own <= 9
    assert own == len(getattr(item.body, "expectations", ()))
    for misconception in item.misconceptions:
        assert misconception.title
        assert misconception.says
        assert misconception.repair
        assert misconception.ask.endswith("?")


@every("multiple_choice")
def test_a_wrong_option_says_why(item: Item) -> None:
    assert isinstance(item.body, MultipleChoice)
    for option in item.body.options:
        assert option.correct or option.misconception or option.why, option.id


def right(item: Item) -> list[Answer]:
    """Answers that are right by the item's own key, selected and typed."""
    match item.body:
        case ShortAnswer(model_answer=text):
            return [Answer(text)]
        case MultipleChoice(options=options):
            return [Answer(selected=tuple(one.id for one in options if one.correct))]
        case Numeric(answer=answer, unit=unit):
            return [Answer(answer if unit and "%" in unit else f"{answer} {unit}".strip())]
        case Symbolic(answer=answer):
            return [Answer(answer)]
        case Cloze(blanks=blanks):
            return [Answer(selected=tuple(accepted[0] for accepted in blanks))]
        case Ordering(steps=steps):
            return [Answer(selected=tuple(step.id for step in steps))]
        case Matching(pairs=pairs):
            return [Answer(", ".join(f"{pair.left} = {pair.right}" for pair in pairs))]
    return []


@every()
def test_the_right_answer_is_right(item: Item) -> None:
    for answer in right(item):
        verdict = grade(item, answer, JUDGE)
        # The judge of words may doubt a paraphrase; it must not miss an idea that the model answer holds.
        assert verdict.kind == "correct" or (item.type == "short_answer" and not verdict.missing), verdict
        assert verdict.kind != "misconception"
    if item.type == "poll":
        assert isinstance(item.body, Poll)
        assert grade(item, Answer(selected=(item.body.options[0].id,)), JUDGE).kind == "noted"


@every("short_answer")
def test_every_wording_of_an_idea_counts_for_it(item: Item) -> None:
    """The judge of words is careful with paraphrases, so it may be unsure; it must not say no."""
    assert isinstance(item.body, ShortAnswer)
    for one in item.body.expectations:
        for wording in (one.text, *one.also):
            verdict = grade(item, Answer(wording), JUDGE)
            assert one.id not in verdict.missing, wording
            assert verdict.kind != "incorrect", wording


@every()
def test_a_misconception_is_never_taken_for_right(item: Item) -> None:
    for misconception in item.misconceptions:
        verdicts = [grade(item, Answer(said), JUDGE) for said in misconception.says]
        assert "correct" not in [verdict.kind for verdict in verdicts]
        if item.type in ("numeric", "short_answer"):
            assert misconception.id in [verdict.misconception for verdict in verdicts]
            assert {verdict.misconception for verdict in verdicts} <= {misconception.id, None}
    if isinstance(item.body, MultipleChoice):
        for option in item.body.options:
            if not option.correct and not item.body.several:
                verdict = grade(item, Answer(selected=(option.id,)), JUDGE)
                assert verdict.kind in ("incorrect", "misconception")
                assert (verdict.misconception or "") == option.misconception


@every()
def test_scaffolds_can_be_answered(item: Item) -> None:
    for hint in item.hints:
        if hint.is_scaffold:
            assert hint_card(item, hint, "seed")["type"]
            stand_in = Item("scaffold", item.course, hint.text, hint.body)  # type: ignore[arg-type]
            for answer in right(stand_in):
                assert grade_hint(item, hint, answer, JUDGE).kind == "correct"


def plain(text: str) -> str:
    return " ".join(re.findall(r"[\w.,/%-]*\w", text.lower()))


@every()
def test_help_does_not_give_the_answer_away(item: Item) -> None:
    """No hint, repair or question on the way holds an accepted answer word for word; nor does the card."""
    if item.type == "poll":
        return
    help_ = [hint.text for hint in item.hints]
    help_ += [text for one in item.misconceptions for text in (one.repair, one.ask)]
    help_ += [text for one in getattr(item.body, "expectations", ()) for text in (one.hint, one.ask)]
    secrets = {plain(secret) for secret in answers(item)}
    if isinstance(item.body, Ordering | Matching | Cloze | Symbolic):
        secrets = {secret for secret in secrets if len(secret) > 3}
    for text in help_:
        said = f" {plain(text)} "
        found = [secret for secret in secrets if len(secret) > 1 and f" {secret} " in said]
        assert found == [], text
    if isinstance(item.body, ShortAnswer):
        assert item.body.model_answer not in repr(card(item, "seed"))
