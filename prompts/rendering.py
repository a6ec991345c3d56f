"""The template environment: strict, sandboxed, and closed to anything but the files in ``templates/``.

A template says who speaks with ``{% call message("system") %}...{% endcall %}``; text outside such a block is an
error. Every value it prints passes through ``fencing.inert``, so no template can forget to.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, meta, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from prompts.fencing import all_texts, fence_mark, inert, one_line

TEMPLATES = Path(__file__).parent / "templates"
ROLES = ("system", "user", "assistant")
_SINK = "__messages__"


class PromptError(ValueError):
    """A template or its data is at fault: an unknown variable or role, or text outside a message."""


@dataclass(frozen=True)
class Prompt:
    """Base of all prompts: a frozen dataclass whose fields are exactly the variables of ``template``."""

    template: ClassVar[str]


@dataclass(frozen=True)
class RenderedPrompt:
    """``messages`` are (role, content) pairs, ready for a chat model. ``sha256`` names the wording: it covers the
    template and every partial, and not the values."""

    template: str
    sha256: str
    messages: tuple[tuple[str, str], ...]


def render(prompt: Prompt) -> RenderedPrompt:
    """Fill the template. The same prompt always gives the same messages.

    Raises ``PromptError``.
    """
    messages: list[tuple[str, str]] = []
    values = {field.name: getattr(prompt, field.name) for field in fields(prompt)}
    try:
        outside = environment().get_template(prompt.template).render({**values, _SINK: messages})
    except TemplateError as error:
        raise PromptError(f"{prompt.template}: {error}") from error
    if outside.strip():
        raise PromptError(f"{prompt.template}: text outside a message")
    return RenderedPrompt(prompt.template, template_sha256(prompt.template), tuple(messages))


@cache
def environment() -> ImmutableSandboxedEnvironment:
    env = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        # A prompt is text for a model, not HTML: escaping would corrupt code and formulas.
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        finalize=_finalize,
    )
    env.globals = {"message": _message, "fence_mark": fence_mark, "range": range}
    env.filters["line"] = one_line
    env.filters["texts"] = all_texts
    return env


@cache
def template_sha256(template: str) -> str:
    """SHA-256 (hex) over the template and its partials, by name."""
    digest = hashlib.sha256()
    for name in sorted(sources(template)):
        digest.update(f"{name}\x1f{sources(template)[name]}\x1e".encode())
    return digest.hexdigest()


@cache
def sources(template: str) -> dict[str, str]:
    """Name and source text of the template and of everything it includes."""
    env, found, waiting = environment(), dict[str, str](), [template]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if env.loader is None:
            raise PromptError("no loader")
        found[name] = env.loader.get_source(env, name)[0]
        for reference in meta.find_referenced_templates(env.parse(found[name])):
            if reference is None:
                raise PromptError(f"{name}: a partial must be named by a constant")
            waiting.append(reference)
    return found


def variables(template: str) -> frozenset[str]:
    """The variables that the template and its partials take from the dataclass."""
    env = environment()
    return frozenset().union(*(meta.find_undeclared_variables(env.parse(text)) for text in sources(template).values()))


def _finalize(value: Any) -> Any:
    return inert(value) if isinstance(value, str) else value


@pass_context
def _message(context: Context, role: str, caller: Callable[[], str]) -> str:
    if role not in ROLES:
        raise PromptError(f"unknown role {role!r}")
    sink: list[tuple[str, str]] = context[_SINK]
    sink.append((role, caller().strip()))
    return ""
