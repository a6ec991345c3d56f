"""The embedder and the language model."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tutor.cli.checks.finding import Finding, tried

if TYPE_CHECKING:
    from retrieval.embedders.port import Embedder
    from tutor.config import Settings
    from tutor.ports import ChatModel

SENTENCE = "What do leaves do with light?"


def embedder(settings: "Settings", online: bool) -> Iterator[Finding]:
    """Search by meaning: the files, and a sentence's vector."""
    from tutor import adapters, model_list, models

    if settings.embedder == "none":
        yield Finding("ok", "embedder", "search by words only (DIOTIMA_EMBEDDER=none)")
        return
    model = model_list.MODELS.get(settings.embedder)
    if model is not None and not models.present(model, settings.models_dir):
        do = f"diotima models fetch {model.name}"
        yield Finding("failed", "embedder", f"model files for {model.name} are missing", do)
        return
    if settings.embedder.startswith("litellm:") and not online:
        yield Finding(
            "ok", "embedder", f"embedder {settings.embedder}, not tried", "`diotima doctor --online` tries it."
        )
        return
    chosen = adapters.embedder_of(settings)
    assert chosen is not None
    do = f"diotima models fetch {model.name}" if model else "Check DIOTIMA_EMBEDDER."
    yield tried("embedder", lambda: _embedded(chosen), do)


def _embedded(chosen: "Embedder") -> str:
    vectors = chosen.embed_queries([SENTENCE])
    if vectors.shape != (1, chosen.dimensions):
        raise ValueError(f"a vector of {vectors.shape[-1]} numbers, not {chosen.dimensions}")
    return f"model files for {chosen.name} embed a sentence ({chosen.dimensions} numbers)"


def chat(settings: "Settings", online: bool) -> Iterator[Finding]:
    """The language model; it is asked only with ``online``, as that may cost money."""
    from tutor import adapters

    found: list[ChatModel | None] = []

    def build() -> str:
        found.append(adapters.chat_model_of(settings))
        return f"chat model {settings.chat_model or 'none: the tutor answers by quoting the course'}"

    made = tried("chat_model", build, "docs/settings.md describes DIOTIMA_CHAT_MODEL, _ADAPTER and _API_BASE.")
    model = found[0] if found else None
    if model is None or made.state != "ok":
        yield made
        return
    if not online:
        yield Finding("ok", "chat_model", f"{made.about}, not asked", "`diotima doctor --online` asks it.")
        return
    do = "Check DIOTIMA_CHAT_MODEL, the key, and whether this machine reaches the model's server."
    yield tried("chat_model", lambda: f"{made.about} answers {asyncio.run(_asked(model))!r}", do)


async def _asked(model: "ChatModel") -> str:
    from tutor.domain.events import Usage
    from tutor.ports import ModelRequest

    # Not a prompt of the tutor's: whether anything at all comes back.
    request = ModelRequest((("user", "OK?"),), max_tokens=20)
    return "".join([piece async for piece in model.stream(request) if not isinstance(piece, Usage)])[:60]
