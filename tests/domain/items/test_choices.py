"""Choices, orders, pairs and blanks, as clicked and as typed."""

from itertools import permutations

import pytest

from tests.domain.items.judge import WordsJudge
from tutor.domain.assessment import Verdict
from tutor.domain.items import card, grade, read_item
from tutor.domain.items.choosing import places_of
from tutor.domain.items.item import Answer, Item
from tutor.domain.items.spelling import is_slip

OPTIONS = ["The nucleus", "The ribosome", "The cell wall", "Both the nucleus and the ribosome"]


@pytest.mark.parametrize(
    ("text", "language", "places"),
    [
        ("b", "en", (1,)),
        ("B)", "en", (1,)),
        ("(b)", "en", (1,)),
        ("Option B.", "en", (1,)),
        ("I think it's b", "en", (1,)),
        ("the second one", "en", (1,)),
        ("2", "en", (1,)),
        ("2nd", "en", (1,)),
        ("the last", "en", (3,)),
        ("la b", "es", (1,)),
        ("la segunda opción", "es", (1,)),
        ("la primera y la tercera", "es", (0, 2)),
        ("die zweite Antwort", "de", (1,)),
        ("Antwort C", "de", (2,)),
        ("die erste und die dritte", "de", (0, 2)),
        ("الخيار ب", "ar", (1,)),
        ("الثاني", "ar", (1,)),
        ("٢", "ar", (1,)),
        ("a, c", "en", (0, 2)),
        ("A and C", "en", (0, 2)),
        ("bacd", "en", (1, 0, 2, 3)),
        ("3, 1, 2, 4", "en", (2, 0, 1, 3)),
        ("the ribosome", "en", (1,)),
        ("RIBOSOME", "en", (1,)),
        ("cell wall", "en", (2,)),
        ("the cel wall", "en", (2,)),
        ("both the nucleus and the ribosome", "en", (3,)),
        ("not b", "en", None),
        ("nicht B", "de", None),
        ("7", "en", None),
        ("water", "en", None),
        ("", "en", None),
    ],
)
def test_what_is_typed_names_an_option(text: str, language: str, places: tuple[int, ...] | None) -> None:
    assert places_of(text, OPTIONS, language) == places


@pytest.mark.parametrize(
    ("text", "options", "places"),
    [
        ("3", ["1", "3", "2"], (1,)),  # an option's text wins over its number
        ("3*23", ["$3\\times 23$", "$3\\times 13$", "$69$ is prime"], (0,)),
        ("x>=3", ["$x>3$", r"$x\geq 3$", "$x<3$"], (1,)),
        ("-x", ["$x$", "$-x$"], (1,)),
        ("sí", ["Yes", "No"], (0,)),
        ("falsch", ["TRUE", "FALSE"], (1,)),
        ("a", ["b", "a"], (1,)),
        ("No", ["No", "Yes", "no"], (0,)),
        ("$x=-1$", ["$x=1$", "$x=-1$"], (1,)),
    ],
)
def test_an_option_s_own_text_and_meaning_come_first(
    text: str, options: list[str], places: tuple[int, ...] | None
) -> None:
    assert places_of(text, options) == places


def make(**data: object) -> Item:
    return read_item({"id": "it", "prompt": "?", **data}, "course")


def verdict(item: Item, *selected: str, text: str = "", language: str = "en") -> Verdict:
    return grade(item, Answer(text, selected, language), WordsJudge())


def test_several_right_options_count_as_far_as_they_are_found() -> None:
    options = [{"text": str(n), "correct": n in (2, 3, 5)} for n in (1, 2, 3, 4, 5)]
    item = make(type="multiple_choice", several=True, option=options)
    assert verdict(item, "b", "c", "e").kind == "correct"
    some = verdict(item, "b", "c")
    assert (some.kind, some.covered, some.missing, some.note) == ("partial", ("b", "c"), ("e",), "not_all")
    assert some.credit == pytest.approx(2 / 3)
    assert verdict(item, "b", "c", "e", "d").note == "too_many"
    assert verdict(item, "a", "d").kind == "incorrect"
    assert verdict(item, *"abcde").kind == "incorrect"
    assert verdict(item, text="2, 3 and 5").kind == "correct"


def test_an_unknown_id_is_no_answer() -> None:
    item = make(type="multiple_choice", option=[{"text": "a", "correct": True}, {"text": "b"}])
    assert verdict(item, "zzz").kind == "unparsed"


STEPS = ["wake up", "wash", "dress", "eat", "leave"]


def test_an_order_is_judged_by_its_longest_run() -> None:
    item = make(type="ordering", steps=STEPS)
    for order in permutations("12345"):
        found = verdict(item, *order)
        assert (found.kind == "correct") == (order == tuple("12345"))
        assert found.kind in ("correct", "partial", "incorrect")
        assert set(found.covered) | set(found.missing) == set("12345")
        assert list(found.covered) == sorted(found.covered)
    assert verdict(item, *"54321").kind == "incorrect"
    assert verdict(item, *"23451").credit == pytest.approx(3 / 4)


def test_steps_are_shown_in_another_order_under_ids_that_tell_nothing() -> None:
    item = make(type="ordering", steps=STEPS)
    steps = card(item, "seed")["steps"]
    assert sorted(step["text"] for step in steps) == sorted(STEPS)
    assert [step["text"] for step in steps] != STEPS
    by_text = {step["text"]: step["id"] for step in steps}
    assert verdict(item, *(by_text[text] for text in STEPS)).kind == "correct"
    places = {step["text"]: number for number, step in enumerate(steps, start=1)}
    assert verdict(item, text=", ".join(str(places[text]) for text in STEPS)).kind == "correct"
    letters = "".join("ABCDE"[places[text] - 1] for text in STEPS)
    assert verdict(item, text=letters).kind == "correct"
    assert verdict(item, text=" > ".join(STEPS)).kind == "correct"


PAIRS = [["leaf", "makes sugar"], ["root", "takes up water"], ["flower", "makes seeds"]]


def test_pairs_are_matched_by_id_letter_number_and_text() -> None:
    item = make(type="matching", pairs=PAIRS, extra=["digests"])
    shown = card(item, "seed")
    assert {one["text"] for one in shown["right"]} == {"makes sugar", "takes up water", "makes seeds", "digests"}
    right = {one["text"]: (one["id"], number) for number, one in enumerate(shown["right"], start=1)}
    left = {one["text"]: one["id"] for one in shown["left"]}
    assert verdict(item, *(f"{left[a]}={right[b][0]}" for a, b in PAIRS)).kind == "correct"
    typed = ", ".join(f"{'abc'[at]}={right[b][1]}" for at, (_, b) in enumerate(PAIRS))
    assert verdict(item, text=typed).kind == "correct"
    assert verdict(item, text=typed.replace(",", "")).kind == "correct"
    assert verdict(item, text=typed.replace("=", "-")).kind == "correct"
    one_wrong = verdict(item, text="leaf: makes sugar; root: digests; flower: makes seeds")
    assert (one_wrong.kind, one_wrong.covered, one_wrong.missing) == ("partial", ("1", "3"), ("2",))


def test_a_blank_forgives_capitals_accents_and_a_slip() -> None:
    item = make(type="cloze", text="La {{célula}} tiene {{mitocondrias|12}}.")
    assert verdict(item, "Celula", "MITOCONDRIAS").kind == "correct"
    assert verdict(item, "célula", "mitocondria").note == "spelling"
    assert verdict(item, "célula", "12").kind == "correct"
    assert verdict(item, "célula", "12.0").kind == "correct"
    assert verdict(item, "célula", "13").kind == "partial"
    assert verdict(item, text="célula; mitocondrias").kind == "correct"
    assert verdict(item, text="La celula tiene mitocondrias").kind == "correct"
    assert verdict(item, "mitocondrias", "célula").kind == "incorrect"


@pytest.mark.parametrize(
    ("given", "meant", "slip"),
    [
        ("mitosis", "meiosis", False),
        ("clorophyll", "chlorophyll", True),
        ("chlorophlyl", "chlorophyll", True),
        ("chloropyll", "chlorophyll", True),
        ("chlorophylls", "chlorophyll", True),
        ("lactase", "lactose", False),
        ("nitrate", "nitrite", False),
        ("ethane", "ethene", False),
        ("cat", "cot", False),
        ("oxygen", "oxygen", False),
        ("osmosis", "osmossiss", False),
        ("word1", "words", False),
    ],
)
def test_a_slip_is_one_letter_in_a_long_word(given: str, meant: str, slip: bool) -> None:
    assert is_slip(given, meant) is slip


def test_a_slip_that_makes_another_word_of_the_item_is_none() -> None:
    item = make(type="cloze", text="{{anode}} and {{anodes}}", prompt="Fill in.")
    assert verdict(item, "anodes", "anodes").kind == "partial"


def test_a_poll_is_noted() -> None:
    item = make(type="poll", about="goal", option=[{"text": "Exam"}, {"text": "Fun"}])
    found = verdict(item, text="fun")
    assert (found.kind, found.covered, found.evidence) == ("noted", ("b",), "Fun")
    assert not found.is_judged
