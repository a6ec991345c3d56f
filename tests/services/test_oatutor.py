"""OATutor's shape in, a course with items out. The problems here are made up; the shape is the real one."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tutor.domain.curriculum import Course, KnowledgeComponent
from tutor.domain.errors import InvalidInput
from tutor.domain.items import grade, read_item, write_item
from tutor.domain.items.cloze import Cloze
from tutor.domain.items.item import Answer, Item
from tutor.domain.items.multiple_choice import MultipleChoice
from tutor.domain.items.numeric import Numeric
from tutor.domain.items.symbolic import Symbolic
from tutor.grading.words import WordJudge
from tutor.services.oatutor import BadOatutorFile, bring, imported, lessons_of, problems_of
from tutor.services.oatutor_keys import NoKey, body
from tutor.services.oatutor_text import credit, has_figure, markdown, skill_title
from tutor.store.memory import MemoryStore

LESSONS = [
    {"id": "L2", "name": "Lesson 1.2", "topics": "Sums", "skills": {"add_terms": 0.85}},
    {"id": "L1", "name": "Lesson 1.10", "topics": "Kinds", "skills": {"and_bs": 0.85, "name_as": 0.85, "bs": 0.85}},
]


def step(name: str, title: str, answer: str, skills: tuple[str, ...] = ("add_terms",), **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "title": title,
        "body": "",
        "answer": [answer],
        "answer_type": "arithmetic",
        "problem_type": "TextBox",
        "choices": None,
        "skills": list(skills),
        "hints": [],
        **more,
    }


def problem(name: str, *steps: dict[str, Any], lesson: str = "L2", **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "title": "Adding",
        "body": "Add the terms.",
        "lesson": "1.2 Sums",
        "lesson_id": lesson,
        "oer": "https://example.org/book <Example: Sums>",
        "license": "https://example.org/by <CC BY 4.0>",
        "steps": list(steps),
        **more,
    }


HINTS = [
    {"id": "h1", "type": "hint", "title": "Look", "text": "What is alike in $$2x$$ and $$3x$$?"},
    {
        "id": "h2",
        "type": "scaffold",
        "dependencies": ["h1"],
        "title": "Numbers",
        "text": "What is $$2+3$$?",
        "hintAnswer": ["$$5$$"],
        "answerType": "arithmetic",
        "problemType": "TextBox",
    },
    {
        "id": "h3",
        "type": "scaffold",
        "dependencies": ["h2", "gone"],
        "title": "Is that all?",
        "hintAnswer": ["Yes"],
        "answerType": "string",
        "problemType": "MultipleChoice",
        "choices": ["Yes", "No"],
    },
    {"id": "h3", "type": "hint", "title": "So it is $$5x$$."},
]


def only(*problems: dict[str, Any], **more: Any) -> Item:
    made = imported(problems, LESSONS, **more)
    assert len(made.items) == 1
    return made.items[0]


def test_a_step_becomes_an_item_with_its_hints_and_sub_questions() -> None:
    item = only(problem("sum7", step("sum7a", "$$2x+3x$$", "$$5x$$", hints=HINTS)))
    assert item.prompt == "**Adding**\n\nAdd the terms.\n\n$2x+3x$"
    assert item.body == Symbolic("5x", variables=("x",), notation="latex")
    assert (item.kcs, item.kcs_guessed, item.origin, item.state) == (("add-terms",), False, "imported", "approved")
    assert [(hint.id, hint.text, hint.title, hint.depends_on) for hint in item.hints] == [
        ("h1", "What is alike in $2x$ and $3x$?", "Look", ()),
        ("h2", "What is $2+3$?", "Numbers", ("h1",)),
        ("h3", "Is that all?", "", ("h2",)),
        ("h3-2", "So it is $5x$.", "", ()),
    ]
    assert item.hints[1].body == Numeric("5")
    assert isinstance(item.hints[2].body, MultipleChoice)
    assert item.explanation == (
        "1. What is alike in $2x$ and $3x$?\n2. What is $2+3$? **$5$**\n3. Is that all? **Yes**\n4. So it is $5x$."
    )
    assert item.attribution == (
        "Example: Sums (https://example.org/book); problem sum7 of OATutor; CC BY 4.0 (https://example.org/by)"
    )
    assert read_item(json.loads(json.dumps(write_item(item))), item.course) == item


def test_steps_keep_their_order_and_know_their_problem() -> None:
    steps = (step("p2a", "$$1+1$$", "$$2$$"), step("p2b", "$$2+2$$", "$$4$$"))
    made = imported([problem("p10", step("p10a", "$$3+3$$", "$$6$$")), problem("p2", *steps)], LESSONS)
    assert [item.id for item in made.items] == ["p2a", "p2b", "p10a"]
    assert [item.extra["step"] for item in made.items] == [1, 2, 1]
    assert {item.extra["problem"] for item in made.items[:2]} == {"p2"}
    assert len({item.variant_of for item in made.items}) == 1


def test_lessons_give_units_and_the_order_of_components() -> None:
    kinds = problem(
        "k1",
        step("k1a", "Which is it?", "A", ("name_as", "bs", "and_bs"), choices=["A", "B"]),
        step("k1b", "And this?", "B", ("name_as", "bs_and_bs"), choices=["A", "B"]),
        lesson="L1",
    )
    made = imported([kinds, problem("p1", step("p1a", "$$1+1$$", "$$2$$"))], LESSONS, course="sums")
    assert [unit.title for unit in made.course.units] == ["1.2 Sums", "1.10 Kinds"]
    assert [(one.id, one.title, one.unit) for one in made.course.components] == [
        ("add-terms", "Add terms", "1-2-sums"),
        ("name-as", "Name as, bs, and bs", "1-10-kinds"),
    ]
    assert [item.kcs for item in made.items] == [("add-terms",), ("name-as",), ("name-as",)]
    assert (made.course.id, made.course.title, made.course.licence) == (
        "sums",
        "Sums",
        "CC BY 4.0 https://example.org/by",
    )
    assert (made.problems, made.steps, made.skills) == (2, 3, 5)


def test_without_lessons_the_problems_give_the_units() -> None:
    later = {**problem("p2", step("p2a", "$$1+1$$", "$$2$$", ("later",)), lesson="x"), "lesson": "10.1 Later"}
    made = imported([later, problem("p1", step("p1a", "$$1+1$$", "$$2$$"))])
    assert [unit.title for unit in made.course.units] == ["1.2 Sums", "10.1 Later"]


@pytest.mark.parametrize(
    ("answer", "kind", "expected"),
    [
        ("$$12$$", "arithmetic", Numeric("12")),
        ("$$-\\frac{5}{2}$$", "arithmetic", Numeric("-5/2")),
        ("$$0.5$$", "arithmetic", Numeric("0.5")),
        ("$$25\\%$$", "arithmetic", Numeric("25%", percent=True)),
        ("$$x=-4$$", "arithmetic", Symbolic("x=-4", variables=("x",), notation="latex")),
        (
            "$$\\frac{a}{b}$$",
            "arithmetic",
            Symbolic("\\frac{a}{b}", variables=("a", "b"), notation="latex"),
        ),
        ("-3a-21", "arithmetic", Symbolic("-3a-21", variables=("a",), notation="latex")),
        ("42a105c", "arithmetic", Symbolic("42a+105c", ("42a105c",), variables=("a", "c"), notation="latex")),
        ("8,13", "string", Symbolic("8,13", notation="latex")),
        ("330,367", "string", Symbolic("330; 367", notation="latex")),
        ("$$1,250$$", "arithmetic", Numeric("1,250")),
        ("$1.79", "string", Numeric("1.79", unit="$")),
        ("y**4", "string", Symbolic("y**4", variables=("y",), notation="latex")),
        ("a=5, a=-3", "string", Symbolic("a=5, a=-3", variables=("a",), notation="latex")),
        ("y=2z,2z", "string", Symbolic("y=2z", ("2z",), variables=("y", "z"), notation="latex")),
        ("x+y=5 x-y=1", "string", Symbolic("x+y=5, x-y=1", variables=("x", "y"), notation="latex")),
        ("Speed up = 5, Speed down = 10", "string", Cloze("Speed up = {{1}}, Speed down = {{2}}", (("5",), ("10",)))),
        ("UND", "string", Cloze("{{1}}", (("undefined", "UND"),))),
        (
            "(0,13), DNE",
            "string",
            Cloze("{{1}}, {{2}}", (("(0,13)",), ("does not exist", "DNE", "no solution", "none"))),
        ),
    ],
)
def test_every_kind_of_key_is_understood(answer: str, kind: str, expected: object) -> None:
    found = only(problem("p1", step("p1a", "Find it.", answer, answer_type=kind)))
    assert found.body == expected


def test_choices_are_parted_and_never_doubled() -> None:
    found = body(["$$(-5,0)$$"], ["$$(-5,0)$$", "$$(0,-5)I(-5,0)I(-3,0)$$"], "string")
    assert [(one["text"], one["correct"]) for one in found["option"]] == [
        ("$(-5,0)$", True),
        ("$(0,-5)$", False),
        ("$(-3,0)$", False),
    ]
    with pytest.raises(NoKey):
        body(["C"], ["A", "B"], "string")
    with pytest.raises(NoKey):
        body(["A"], ["A", "A"], "string")
    with pytest.raises(NoKey):
        body([" "], None, "string")


def test_a_rounded_number_counts_to_its_last_decimal() -> None:
    found = only(problem("p1", step("p1a", "Round to the nearest hundredth.", "$$3.14$$")))
    assert found.body == Numeric("3.14", absolute=0.005)


@pytest.mark.parametrize(
    ("question", "answer", "echo"),
    [
        ("Simplify: $$\\frac{100}{4}$$", "$$25$$", "100/4"),
        ("Add $$5.1+18.4$$", "$$23.5$$", "5.1+18.4"),
        ("Round to the nearest tenth: $$0.49$$", "$$0.5$$", "0.49"),
        ("Multiply: $$4\\left(x+3\\right)$$", "$$4x+12$$", "4(x+3)"),
        ("Factor: $$4x+12$$", "$$4\\left(x+3\\right)$$", "4x+12"),
    ],
)
def test_the_question_is_no_answer(question: str, answer: str, echo: str) -> None:
    item = only(problem("p1", step("p1a", question, answer)))
    assert grade(item, Answer(answer), WordJudge()).kind == "correct"
    assert grade(item, Answer(echo), WordJudge()).kind != "correct"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Add $$4$$ to $$x^2$$.", "Add $4$ to $x^2$."),
        ("It costs $$\\$2, 612.50$$ or $3.", "It costs \\$2,612.50 or \\$3."),
        ("One\\nTwo", "One\nTwo"),
        ("(x**(3/4)*x**-1)", "(x^(3/4)\\*x^-1)"),
        ("$$8$$ $$___$$ 9", "$8$ \\_\\_\\_\\_ 9"),
        ("0.64_0.6", "0.64 \\_\\_\\_\\_ 0.6"),
        ("a_b [c](d) `e` # f", "a\\_b \\[c\\](d) \\`e\\` \\# f"),
        ("See ##figure2.gif## now", "See *(figure 2)* now"),
        ("$$  $$", ""),
    ],
)
def test_texts_become_our_markdown(text: str, expected: str) -> None:
    assert markdown(text) == expected


def test_names_are_readable() -> None:
    assert skill_title("solve_a(x___h)**2_=_k") == "Solve a(x − h)^2 = k"
    assert skill_title("simplify:_expressions") == "Simplify expressions"
    assert skill_title("the_x__and_y__intercepts") == "The x- and y- intercepts"
    assert credit("https://example.org <A Book>") == ("A Book", "https://example.org")
    assert credit("nothing known") == ("nothing known", "")
    assert credit("") == ("", "")


def test_what_shows_a_picture_says_so() -> None:
    assert has_figure("", "##figure1.gif## ")
    item = only(problem("p1", step("p1a", "What is its slope?", "$$2$$", body="##figure1.gif## ")))
    assert item.extra["needs"] == ["figure"]


def test_what_cannot_be_graded_is_skipped_and_told() -> None:
    good = step("p1a", "$$1+1$$", "$$2$$")
    lost = {**step("p1b", "Which?", "C", choices=["A", "B"])}
    made = imported([problem("p1", good, lost, good, step("p1d", "$$1$$", "", ()))], LESSONS)
    assert [item.id for item in made.items] == ["p1a"]
    assert [name for name, _ in made.skipped] == ["p1b", "p1a", "p1d"]
    with pytest.raises(InvalidInput):
        imported([problem("p1", lost)], LESSONS)


def test_a_scaffold_without_a_key_is_a_hint() -> None:
    bad = {"id": "h1", "type": "scaffold", "title": "T", "text": "What now?", "hintAnswer": []}
    made = imported([problem("p1", step("p1a", "$$1+1$$", "$$2$$", hints=[bad]))], LESSONS)
    assert not made.items[0].hints[0].is_scaffold
    assert [name for name, _ in made.mended] == ["h1"]
    assert (made.hints, made.scaffolds) == (1, 0)


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "a"}', '{"steps": []}'])
def test_a_line_that_is_no_problem_is_named(line: str) -> None:
    with pytest.raises(BadOatutorFile, match="line 2"):
        problems_of(["", line])


@pytest.mark.parametrize("text", ["{", "{}", "[1]", '[{"name": "x"}]'])
def test_lessons_of_another_shape_are_refused(text: str) -> None:
    with pytest.raises(BadOatutorFile):
        lessons_of(text)


def test_bringing_it_again_keeps_what_trainers_decided_and_what_was_there() -> None:
    store = MemoryStore()
    made = imported([problem("p1", step("p1a", "$$1+1$$", "$$2$$"))], LESSONS)
    own = KnowledgeComponent("own", "Our own", "")
    store.library.put_course(Course(made.course.id, "Our algebra", components=(own,)))
    assert bring(store.library, store.bank, made).added == ("p1a",)
    store.bank.set_state(made.course.id, "p1a", "rejected")
    assert bring(store.library, store.bank, made).changed == ()
    found = store.library.course(made.course.id)
    assert found is not None
    assert (found.title, [one.id for one in found.components]) == ("Our algebra", ["own", "add-terms"])
    assert store.bank.summaries(made.course.id)[0].state == "rejected"
    other = replace(made, items=tuple(replace(item, prompt="Anew") for item in made.items))
    assert bring(store.library, store.bank, other).changed == ("p1a",)
