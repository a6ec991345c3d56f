"""Exercises of the material as questions. The material here is ours; the shapes are those of real textbooks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.values import Document, ItemKind, ItemMaterial, Passage, passage_id
from tutor.domain.items import grade
from tutor.domain.items.item import Answer, Item
from tutor.domain.items.multiple_choice import MultipleChoice
from tutor.domain.items.numeric import Numeric
from tutor.domain.items.short_answer import ShortAnswer
from tutor.grading.words import WordJudge
from tutor.services import worked_quantities
from tutor.services.harvest import harvested
from tutor.services.ideas import MOST, asks_for, ideas, speaks_to_teacher, sub_questions
from tutor.services.sections import Sections, nearest_passage

DOCUMENT = Document("c", "unit 1/leaves.md", "Leaves", "sha", "text/markdown", 0, (), "en", "text")


def material(question: str, answer: str | None, *options: str) -> ItemMaterial:
    kind = ItemKind.MULTIPLE_CHOICE if options else ItemKind.FREE_RESPONSE
    return ItemMaterial("c", DOCUMENT.path, kind, question, options, answer, 7, 7, "Exercises")


def one(question: str, answer: str | None, *options: str) -> Item:
    found = list(harvested([material(question, answer, *options)], DOCUMENT))
    assert len(found) == 1
    return found[0]


def expected(question: str, answer: str) -> list[str]:
    body = one(question, answer).body
    assert isinstance(body, ShortAnswer)
    return [idea.text for idea in body.expectations]


def passage(ordinal: int, heading: str, text: str) -> Passage:
    name = passage_id("c", DOCUMENT.path, ordinal, ("Leaves", heading), text)
    return Passage(name, "c", DOCUMENT.path, ordinal, ("Leaves", heading), 0, len(text), text, ordinal)


# -- choices -----------------------------------------------------------------------------------------------------------


def test_a_choice_keeps_its_options_and_its_key() -> None:
    item = one("The ___ drinks.", "root;", "root;", "leaf;", "all of the above")
    assert isinstance(item.body, MultipleChoice)
    assert [(option.text, option.correct) for option in item.body.options] == [
        ("root", True),
        ("leaf", False),
        ("all of the above", False),
    ]
    assert (item.origin, item.state, item.place, item.kcs) == ("harvested", "approved", "unit 1/leaves.md", ())
    assert item.extra == {"offset": 7}


@pytest.mark.parametrize(
    ("question", "answer", "options"),
    [
        ("Which?", None, ("a leaf", "a root")),
        ("Which?", "a stem", ("a leaf", "a root")),
        ("Which?", "a leaf", ("a leaf", "a leaf", "a root")),
        ("Why?", None, ()),
        ("Why?", "  ", ()),
        ("Which is it?", "B", ()),
        ("", "Because.", ()),
    ],
)
def test_what_has_no_answer_makes_no_item(question: str, answer: str | None, options: tuple[str, ...]) -> None:
    assert list(harvested([material(question, answer, *options)], DOCUMENT)) == []


def test_true_or_false_is_a_choice() -> None:
    item = one("True or false: Leaves reflect green light.", "False. They are painted.")
    assert isinstance(item.body, MultipleChoice)
    assert (item.prompt, [option.text for option in item.body.correct]) == ("Leaves reflect green light.", ["False"])
    assert item.explanation == "False. They are painted."


def test_options_that_a_picture_hid_are_found() -> None:
    question = "Figure 2 Which is false?\n\n1.  Roots drink.\n2.  Leaves are blue.\n3.  Stems stand."
    item = one(question, "Figure 2 B")
    assert isinstance(item.body, MultipleChoice)
    assert [option.text for option in item.body.correct] == ["Leaves are blue."]
    assert (item.prompt, item.state, item.extra["needs"]) == ("Which is false?", "draft", ["figure"])


# -- what a trainer should see first -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Figure What is shown here?",
        "What does the graph below show?",
        "Look at the diagram to the right. What is it?",
        "What is shown in stage 4? ![a picture](x.png)",
    ],
)
def test_a_question_about_a_picture_is_a_draft(question: str) -> None:
    assert one(question, "A leaf with its veins.").state == "draft"


def test_a_picture_told_in_words_is_none() -> None:
    assert one("A diagram shows an arrow from heat to grass. What is wrong?", "Heat is lost.").state == "approved"


def test_a_question_of_many_answers_is_a_draft() -> None:
    item = one("Which plant do you like?", "Answers will vary. Layers of moss are soft.")
    assert (item.state, item.extra["needs"]) == ("draft", ["judgement"])
    assert speaks_to_teacher("Student answers may differ.")
    assert not speaks_to_teacher("Rates vary with light.")


def test_the_same_question_has_the_same_id_and_another_has_another() -> None:
    first, again = one("Why are leaves green?", "They reflect green."), one("Why are leaves green?", "Another answer.")
    assert first.id == again.id
    assert first.id.startswith("unit-1-leaves-")
    assert one("Why are roots white?", "They reflect all.").id != first.id


# -- ideas -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("Roots drink. Leaves make sugar.", ["Roots drink.", "Leaves make sugar."]),
        (
            "Blood flows to the organs. It then returns to the heart.",
            ["Blood flows to the organs. It then returns to the heart."],
        ),
        (
            "NADPH is still made for a time, but without ATP the cycle stops.",
            ["NADPH is still made for a time, but without ATP the cycle stops."],
        ),
        (
            "The sugar is on the outside of the helix, and the bases are in the middle of it.",
            ["The sugar is on the outside of the helix.", "The bases are in the middle of it."],
        ),
        (
            "Pure cultures were used to study species, but did not represent the environment.",
            ["Pure cultures were used to study species, but did not represent the environment."],
        ),
        ("Heat is lost. For example, a candle warms the room.", ["Heat is lost."]),
        ("However, the rate falls. Therefore, growth stops.", ["The rate falls.", "Growth stops."]),
        ("In addition to sugar, leaves make oxygen.", ["In addition to sugar, leaves make oxygen."]),
        ("They are economical. Sugars are used up.", ["They are economical.", "Sugars are used up."]),
        ("Fat stores 9 kcal a gram, e.g. in butter.", ["Fat stores 9 kcal a gram, e.g. in butter."]),
    ],
)
def test_a_model_answer_is_taken_apart_into_ideas(answer: str, found: list[str]) -> None:
    assert expected("What happens there?", answer) == found


def test_the_decisive_word_of_the_question_is_kept() -> None:
    assert ideas("Would it end up inside or outside?", "Outside.", "en") == ("Outside.",)


def test_of_a_long_answer_what_takes_up_the_question_counts() -> None:
    answer = (
        "The front lobe makes milk hormone. Milk flows after birth. Its level is watched by the brain. Peaks are rare. "
        "Muscles wait for months. The back lobe makes the labour hormone."
    )
    found = ideas("Name one hormone of the front lobe and one of the back lobe.", answer, "en")
    assert len(found) == MOST
    assert found[0] == "The front lobe makes milk hormone."
    assert found[-1] == "The back lobe makes the labour hormone."


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_answer_gives_ideas_and_no_more_than_a_learner_can_say(question: str, answer: str) -> None:
    found = ideas(question, answer, "en")
    assert 1 <= len(found) <= MOST


def test_each_idea_is_asked_for_by_the_question_it_answers() -> None:
    item = one("Where is heat lost? Who eats grass?", "Heat is lost at every level. Grass is eaten by rabbits.")
    assert isinstance(item.body, ShortAnswer)
    assert [idea.ask for idea in item.body.expectations] == ["Where is heat lost?", "Who eats grass?"]
    assert sub_questions("Only one?") == ()
    assert asks_for("nothing shared", ("Where is heat lost?", "Who eats grass?"), "en") == ""


def test_the_whole_model_answer_is_right_and_another_is_not() -> None:
    answer = "Chlorophyll absorbs red light. Green light is reflected."
    item = one("Why are leaves green?", answer)
    assert grade(item, Answer(answer), WordJudge()).kind == "correct"
    assert grade(item, Answer("Because of the soil."), WordJudge()).kind != "correct"


# -- numbers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "answer", "number", "unit"),
    [
        ("2.1 mL at 3.0 min, 5.7 mL at 9.0 min. Find the rate.", "Rate: $3.6 / 6.0 = 0.60$ mL/min.", "0.60", "mL/min"),
        ("Find the rate per gram per hour.", "$7.2 / 12 = 0.60$ mL per gram per hour.", "0.60", "mL/(g*h)"),
        ("Find the percent change.", "$0.44 / 0.80 = 0.55$, an increase of 55%.", "55", "%"),
        ("It fell by 20%. What was it before?", "So it was $56 / 0.80 = 70$ g per square metre.", "70", "g/m^2"),
        ("How many molecules are there?", "$0.25 \\times 6.0 \\times 10^{23} = 1.5 \\times 10^{23}$.", "1.5*10^23", ""),
        ("How much energy is it?", "$21 \\times 100 = 2{,}100$ kJ".replace("{,}", ","), "2100", "kJ"),
        ("How many legs has a fly?", "6", "6", ""),
        ("How many chromosomes are there?", "About 46.", "46", ""),
    ],
)
def test_one_quantity_asked_for_is_a_number(question: str, answer: str, number: str, unit: str) -> None:
    body = one(question, answer).body
    assert isinstance(body, Numeric)
    assert (body.answer, body.unit, body.tolerance) == (number, unit, worked_quantities.TOLERANCE)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How much is it, in kWh and in kJ?", "$0.045 \\times 8 = 0.36$ kWh. In kJ: $0.36 \\times 3600 = 1296$ kJ."),
        ("What share is it? Where is the rest?", "Share: $61 / 2870 = 0.021$, or 2.1%. The rest is in ethanol."),
        ("How many are there, and why?", "There are 3 = 2 + 1 because the cell divides once more before that."),
        ("Can it run?", "The sum is $20 - 30.5 = -10.5$ kJ, which is negative, so the coupled reaction can run."),
        ("Why do 2 and 3 differ?", "Because they are not the same."),
    ],
)
def test_more_than_a_number_is_a_short_answer(question: str, answer: str) -> None:
    assert isinstance(one(question, answer).body, ShortAnswer)


def test_results_along_the_way_may_be_given_alone() -> None:
    answer = "$0.045 \\times 8 = 0.36$ kWh. In kJ: $0.36 \\times 3600 = 1296$ kJ."
    item = one("How much is it, in kWh and in kJ?", answer)
    assert isinstance(item.body, ShortAnswer)
    assert [idea.also for idea in item.body.expectations] == [("0.36 kWh",), ("1296 kJ",)]


@pytest.mark.parametrize(
    ("given", "short"),
    [("mL per gram per hour", "mL/(g*h)"), ("g per square metre", "g/m^2"), ("kWh", "kWh"), ("mole per L", "mol/L")],
)
def test_units_are_written_in_short(given: str, short: str) -> None:
    assert worked_quantities.short(given) == short


# -- hints -------------------------------------------------------------------------------------------------------------


def test_a_hint_names_the_heading_to_look_under() -> None:
    passages = [
        passage(0, "Colour", "Chlorophyll absorbs red light and reflects green light."),
        passage(1, "Water", "Roots take up water and minerals."),
        passage(2, "Section Summary", "Chlorophyll reflects green light. Roots take up water."),
    ]
    materials = [material("Why are leaves green?", "Chlorophyll reflects green light.")]
    item = next(harvested(materials, DOCUMENT, passages, lambda heading: f"See {heading}."))
    assert isinstance(item.body, ShortAnswer)
    assert [idea.hint for idea in item.body.expectations] == ["See Colour."]
    found = nearest_passage(passages, "minerals that roots take", "en")
    assert found is passages[1]
    assert nearest_passage(passages, "xyz", "en") is None
    assert nearest_passage([], "roots", "en") is None


def test_a_heading_that_gives_the_answer_away_is_no_hint() -> None:
    sections = Sections([passage(0, "Roots drink water", "Roots drink water.")], "en")
    assert sections.about("Roots drink water.") == ""
    assert Sections([], "en").about("Roots drink water.") == ""
