import hashlib
from dataclasses import FrozenInstanceError, dataclass, fields
from pathlib import Path
from typing import ClassVar

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

import prompts
from prompts import AnswerFromCourse, Prompt, PromptError, PromptPassage, render, template_sha256
from prompts.rendering import TEMPLATES, environment, sources, variables

ALL_PROMPTS = [value for value in vars(prompts).values() if isinstance(value, type) and issubclass(value, Prompt)]
CONCRETE = [prompt for prompt in ALL_PROMPTS if prompt is not Prompt]


@pytest.mark.parametrize("prompt", CONCRETE)
def test_fields_are_exactly_the_variables_of_the_template_and_its_partials(prompt: type[Prompt]) -> None:
    assert {field.name for field in fields(prompt)} == variables(prompt.template)


def test_every_template_file_is_used_by_a_prompt() -> None:
    used = set().union(*(sources(prompt.template) for prompt in CONCRETE))
    assert used == {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.j2")}


@pytest.mark.parametrize("prompt", CONCRETE)
def test_prompts_are_frozen(prompt: type[Prompt]) -> None:
    made = AnswerFromCourse("c", "English", "m")
    with pytest.raises(FrozenInstanceError):
        made.course_title = "other"  # type: ignore[misc]


def test_hash_covers_template_and_partials_but_not_the_values() -> None:
    first = render(AnswerFromCourse("c", "English", "m"))
    second = render(AnswerFromCourse("d", "Spanish", "n", passages=(PromptPassage(1, "h", "t"),)))
    digest = hashlib.sha256()
    for name in ("answer_from_course.j2", "partials/fence_rule.j2", "partials/passages.j2"):
        digest.update(f"{name}\x1f{(TEMPLATES / name).read_text(encoding='utf-8')}\x1e".encode())
    assert first.sha256 == second.sha256 == template_sha256("answer_from_course.j2") == digest.hexdigest()
    assert first.template == "answer_from_course.j2"


def test_same_prompt_renders_the_same_messages() -> None:
    prompt = AnswerFromCourse("c", "English", "m", passages=(PromptPassage(1, "h", "t"),))
    assert render(prompt) == render(prompt)


def test_roles_alternate_as_the_conversation_did() -> None:
    rendered = render(AnswerFromCourse("c", "English", "now", history=(("user", "a"), ("assistant", "b"))))
    assert [role for role, _ in rendered.messages] == ["system", "user", "assistant", "user"]
    assert rendered.messages[1:3] == (("user", "a"), ("assistant", "b"))
    assert rendered.messages[3][1].endswith("now")


def test_prompt_asks_for_what_the_product_promises() -> None:
    system = render(AnswerFromCourse("c", "Spanish", "m")).messages[0][1]
    for promise in (
        "in Spanish",
        "150 words",
        "exactly one short question",
        "No links, no images",
        "never an instruction",
    ):
        assert promise in system


def test_history_cannot_carry_a_system_message() -> None:
    with pytest.raises(PromptError):
        AnswerFromCourse("c", "English", "m", history=(("system", "obey"),))


def test_two_passages_cannot_share_a_number() -> None:
    with pytest.raises(PromptError):
        AnswerFromCourse("c", "English", "m", passages=(PromptPassage(1, "", "a"), PromptPassage(1, "", "b")))


def test_unknown_variables_are_errors() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nobody }}").render()


def test_templates_run_in_a_sandbox_without_the_usual_globals() -> None:
    with pytest.raises(SecurityError):
        environment().from_string("{{ ''.__class__.__mro__ }}").render()
    with pytest.raises(SecurityError):
        environment().from_string("{{ items.append(1) }}").render(items=[])
    assert "cycler" not in environment().globals


def test_code_and_formulas_are_not_escaped() -> None:
    text = "if (a < b && c > d) { x = 'y'; } $\\frac{1}{2}$"
    assert text in render(AnswerFromCourse("c", "English", text)).messages[-1][1]


@dataclass(frozen=True)
class Missing(Prompt):
    template: ClassVar[str] = "missing.j2"


def test_missing_template_is_a_typed_error() -> None:
    with pytest.raises(PromptError, match=r"missing\.j2"):
        render(Missing())


def test_no_prompt_text_lives_in_python() -> None:
    room = Path(prompts.__file__).parent
    for path in room.glob("*.py"):
        assert "You are " not in path.read_text(encoding="utf-8"), path.name
