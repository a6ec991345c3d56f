"""The guard's promises, kind by kind, and that no text can upset it. Vectors are left out: words and values suffice."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.embedders.hashing import HashingEmbedder
from tutor.domain.items import read_item
from tutor.grading.guard import Guard, Secret, secret_of
from tutor.grading.guard_ideas import Fitted, fitted, looks
from tutor.grading.guard_tricks import disguised
from tutor.grading.words import WordJudge

GUARD = Guard(WordJudge(), None)
FROGS = Secret(
    "Grass stores 24,000 kJ. Grasshoppers eat it, and frogs eat the grasshoppers. With the ten per cent rule, how much "
    "energy do the frogs store?",
    ("240 kJ",),
    (),
    "en",
    "numeric",
)
LINEAR = Secret("Solve $3x + 5 = 20$.", ("x = 5",), (), "en", "symbolic")
EXPAND = Secret("Expand $(x + 2)(x + 3)$.", ("x^2 + 5x + 6",), (), "en", "symbolic")
GAS = Secret(
    "Which gas does a plant take in from the air?", (), (("Plants take in carbon dioxide.",),), "en", "short_answer"
)
CHOICE = Secret(
    "Where does the Calvin cycle take place?",
    ("stroma",),
    (),
    "en",
    "multiple_choice",
    (("A", "membrane"), ("B", "stroma"), ("C", "lumen")),
)
ORDER = Secret("Put in order: frog, grass, snake.", ("grass; frog; snake",), (), "en", "ordering")

GAP = Secret("The gas that makes up most of the air is ____.", ("nitrogen", "N2"), (), "en", "cloze")
GUESTS = Secret(
    "A loaf serves 4 people. There are 20 guests and 3 tables. How many slices?", ("20",), (), "en", "numeric"
)
RIDE = Secret("A cyclist rides 54 km in 3 hours. What is the mean speed?", ("18 km/h",), (), "en", "numeric")


@pytest.mark.parametrize(
    ("secret", "sentence", "why"),
    [
        (FROGS, "The frogs store 240 kJ.", "value"),
        (FROGS, "That makes two hundred and forty kilojoules.", "value"),
        (FROGS, "In joules it is 240,000 J.", "value"),
        (FROGS, "It is $2.4 \\times 10^2$ kJ.", "value"),
        (FROGS, "So 24,000 × 0.1 × 0.1 is what you want.", "value"),
        (FROGS, "Die Frösche speichern zweihundertvierzig Kilojoule.", "value"),
        (FROGS, "تخزن الضفادع ٢٤٠ كيلوجول.", "value"),
        (FROGS, "青蛙储存了二百四十千焦。", "value"),
        (FROGS, "Could it be 240?", "value"),
        (LINEAR, "So x = 5.", "expression"),
        (LINEAR, "The unknown is five.", "value"),
        (LINEAR, "You get $x = \\frac{15}{3}$.", "expression"),
        (LINEAR, "x is equal to 10/2", "expression"),
        (EXPAND, "You get 6 + 5x + x².", "expression"),
        (EXPAND, "It is x squared plus five x plus six.", "expression"),
        (Secret("A line passes through (0, 4).", ("y = 3x + 4",), (), "en", "symbolic"), "$y - 3x = 4$", "expression"),
        (EXPAND, "First $x^2 + 3x + 2x + 6$, then collect terms.", "expression"),
        (GAS, "Plants take in carbon dioxide.", "idea"),
        (GAS, "Could it be carbon dioxide?", "idea"),
        (GAS, "Es el dióxido de carbono.", "idea"),
        (GAS, "It is C-a-r-b-o-n d-i-o-x-i-d-e.", "verbatim"),
        (GAS, "edixoid nobrac, read from the right", "verbatim"),
        (GAS, "Decode Y2FyYm9uIGRpb3hpZGU= yourself.", "verbatim"),
        (CHOICE, "It is the stroma.", "option"),
        (CHOICE, "The answer is B.", "option"),
        (CHOICE, "It's not A or C.", "option"),
        (CHOICE, "I would pick the second one.", "option"),
        (GAP, "The answer is nitrogen.", "verbatim"),
        (GAP, "الجواب هو nitrogen.", "verbatim"),
        (GAP, "It is N₂.", "verbatim"),
        (GUESTS, "Remember that it is 20, and go on.", "value"),
        (GUESTS, "You should get 20.00 in the end.", "value"),
        (GUESTS, "La respuesta es 20.", "value"),
        (GUESTS, "It comes to exactly twenty.", "value"),
        (RIDE, "That makes 5 m/s.", "value"),
        (RIDE, "It is five metres per second.", "value"),
        (RIDE, "18 km in every hour", "value"),
        (Secret("How many are left?", ("50 apples",), (), "en", "numeric"), "There are 50.", "value"),
        (ORDER, "Grass, then the frog, and the snake last.", "order"),
    ],
)
def test_gives_away(secret: Secret, sentence: str, why: str) -> None:
    leak = GUARD.check(sentence, secret)
    assert leak is not None
    assert leak.why == why


@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        (FROGS, "The grass stores 24,000 kJ to begin with."),
        (FROGS, "2,400 kJ is what the grasshoppers store, so you are one step short."),
        (FROGS, "Do it in two steps."),
        (LINEAR, "The equation is $3x + 5 = 20$."),
        (LINEAR, "Subtract 5 from both sides."),
        (LINEAR, "First get rid of the 5 on the left."),
        (EXPAND, "You start from $(x + 2)(x + 3)$."),
        (EXPAND, "For $(x + 1)(x + 4)$ one gets $x^2 + 5x + 4$."),
        (GAS, "What does the plant take in from the air?"),
        (GAS, "Take your time, and look at the leaf again."),
        (GAS, "Think about what passes through the stomata."),
        (CHOICE, "There are three options, from A to C."),
        (CHOICE, "The lumen is where protons collect, so look elsewhere."),
        (GAP, "It has 2 atoms in a molecule."),
        (GUESTS, "There are 20 guests, as the question says."),
        (RIDE, "The ride took 3 hours."),
        (ORDER, "The three are frog, grass and snake."),
    ],
)
def test_lets_pass(secret: Secret, sentence: str) -> None:
    assert GUARD.check(sentence, secret) is None


def test_finishing_what_was_begun_is_a_leak() -> None:
    before = "The first term is $x^2$."
    assert GUARD.check(before, EXPAND) is None
    assert GUARD.check("To it you add $5x + 6$.", EXPAND) is None
    assert GUARD.check("To it you add $5x + 6$.", EXPAND, (before,)) is not None


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (("It begins with c-a-r-b-o-n.",), "And then d-i-o-x-i-d-e."),
        (("Read: c a r b", "o n d"), "i o x i d e."),
        ((*"CARBONDIOXI", "D"), "E"),
        (("The first letters are",), "c-a."),
        (('The word has two parts: "carbon', "and the other."), "Plants take it in: the dioxide."),
    ],
)
def test_an_answer_handed_over_in_pieces_is_a_leak(before: tuple[str, ...], sentence: str) -> None:
    assert GUARD.check(sentence, GAS, before) is not None


@given(
    st.lists(
        st.sampled_from(["g l", "u. c", "O", "esoculg", "thglk", '"glu', 'cose"', "starts with", "g", "Z2x1Y29zZQ=="]),
        max_size=5,
    )
)
def test_a_disguise_may_be_spread_over_sentences(parts: list[str]) -> None:
    assert disguised(parts, ["glucose"]) == disguised([" ".join(parts)], ["glucose"])


@given(
    st.lists(
        st.sampled_from(["Plants take it in.", "Gas?", "$a = b$", "Carbon dioxide", "从空气中", "aus der Luft"]),
        min_size=1,
    )
)
def test_sentences_read_one_by_one_say_what_they_say_as_one_text(sentences: list[str]) -> None:
    ideas = GAS.ideas[0]
    one, whole = (looks(given, ideas, GAS.question, "en", "en") for given in (tuple(sentences), (" ".join(sentences),)))
    assert one == whole


def test_passages_that_hold_the_answer_are_withheld() -> None:
    passages = ("A stoma is a pore. Plants take in carbon dioxide through it.", "Roots hold the plant in the ground.")
    assert GUARD.gives_away(passages, GAS) == (True, False)


def test_the_secret_of_an_item_leaves_out_what_is_covered() -> None:
    item = read_item(
        {
            "id": "green",
            "type": "short_answer",
            "prompt": "Why do leaves look green?",
            "expectation": [
                {"id": "absorb", "text": "Chlorophyll absorbs red and blue light."},
                {"id": "reflect", "text": "Green light is reflected."},
            ],
        },
        "course",
    )
    secret = secret_of(item, frozenset({"absorb"}))
    assert secret.ideas == (("Green light is reflected.",),)
    assert secret.answers == ()


def test_an_open_scaffold_keeps_its_own_answer_and_the_items() -> None:
    item = read_item(
        {
            "id": "area",
            "type": "numeric",
            "prompt": "A field is 30 m by 40 m. How long is its diagonal?",
            "answer": "50",
            "unit": "m",
            "hint": [{"text": "What is 30 squared?", "type": "numeric", "answer": "900"}],
        },
        "course",
    )
    secret = secret_of(item, hint=item.hints[0])
    assert GUARD.check("It is 900.", secret) is not None
    assert GUARD.check("The diagonal is 50 m.", secret) is not None
    assert GUARD.check("Draw the field first.", secret) is None


ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
]
TENS = {2: "twenty", 3: "thirty", 4: "forty", 5: "fifty", 6: "sixty", 7: "seventy", 8: "eighty", 9: "ninety"}


def _in_words(number: int) -> str:
    if number < len(ONES):
        return ONES[number]
    if number < 20:
        return {17: "seventeen", 18: "eighteen", 19: "nineteen"}[number]
    if number < 100:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    rest = f" and {_in_words(number % 100)}" if number % 100 else ""
    return f"{ONES[number // 100]} hundred{rest}"


def _renderings(value: int) -> list[str]:
    return [
        str(value),
        f"{value}.0",
        _in_words(value),
        f"{value * 3}/3",
        f"$\\frac{{{value * 2}}}{{2}}$",
        f"{value - 1} + 1",
        f"{value * 100} %",
        f"{Fraction(value, 10).numerator / Fraction(value, 10).denominator} × 10^1",
        "".join(chr(0x0660 + int(digit)) for digit in str(value)),
        "".join(chr(0x0966 + int(digit)) for digit in str(value)),
    ]


@settings(max_examples=80, deadline=None)
@given(st.integers(min_value=13, max_value=999), st.data())
def test_a_number_leaks_in_every_form(value: int, data: st.DataObject) -> None:
    secret = Secret("How many cells are there after the night?", (str(value),), (), "en", "numeric")
    form = data.draw(st.sampled_from(_renderings(value)))
    frame = data.draw(st.sampled_from(["It is {}.", "There are {} cells in the end.", "Could it be {}?", "{}"]))
    assert GUARD.check(frame.format(form), secret) is not None


@settings(max_examples=80, deadline=None)
@given(st.integers(min_value=13, max_value=999), st.integers(min_value=1001, max_value=9999))
def test_what_the_question_gives_may_be_said(given_number: int, answer: int) -> None:
    secret = Secret(f"A cell divides {given_number} times. How long does it take?", (str(answer),), (), "en", "numeric")
    assert GUARD.check(f"You know that it divides {given_number} times.", secret) is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(max_size=300)
    | st.text(alphabet="0123456789+-*/^().,%=<> x\\{}$fracsqrt", max_size=200)
    | st.text(alphabet="一二三百千万点分之 零xو ١٢٣पाँच und½²⁻", max_size=100),
    st.sampled_from([FROGS, LINEAR, EXPAND, GAS, CHOICE, ORDER]),
    st.lists(st.text(max_size=60), max_size=3).map(tuple),
)
def test_never_raises(text: str, secret: Secret, before: tuple[str, ...]) -> None:
    GUARD.check(text, secret, before)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=40))
def test_never_raises_whatever_the_item_says(question: str, answer: str, sentence: str) -> None:
    for kind in ("numeric", "symbolic", "cloze", "ordering", "matching", "short_answer"):
        secret = Secret(question, (answer,), ((answer,),), "en", kind)
        GUARD.check(sentence, secret)


@pytest.mark.parametrize(
    "hostile",
    ["(" * 5000, "9" * 20000, "2^" * 3000 + "2", "a-" * 5000, "1," * 5000, "\\frac{" * 2000, "one hundred " * 2000],
)
def test_time_is_bounded(hostile: str) -> None:
    start = time.perf_counter()
    for secret in (FROGS, EXPAND, GAS, CHOICE):
        GUARD.check(hostile, secret)
    assert time.perf_counter() - start < 20


def test_an_embedder_without_weights_falls_back_to_words() -> None:
    guard = Guard(WordJudge(), HashingEmbedder())
    assert guard.check("Plants take in carbon dioxide.", GAS) is not None
    assert guard.check("What does the plant take in?", GAS) is None


def test_the_weights_come_back_from_their_file_as_they_were() -> None:
    assert Fitted.from_json(fitted().to_json()) == fitted()


def test_an_explanation_of_something_else_is_let_pass() -> None:
    """The manner of telling alone blocks nothing: a sentence must be about the idea as well."""
    known = fitted()
    values = [0.0] * len(known.same.logistic.features)
    explaining = np.array(known.same.manner, dtype=np.float32)
    explaining /= np.linalg.norm(explaining)
    assert known.same.over(values, explaining) > known.same.over(values, -explaining)
    assert known.alone(values, explaining) <= known.about.over(values, explaining)
    assert known.alone(values, explaining) <= known.same.over(values, explaining)
