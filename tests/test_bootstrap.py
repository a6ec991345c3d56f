"""The composition root: which settings give which adapters, and which are refused."""

from pathlib import Path

import pytest

from tutor.bootstrap import System, build
from tutor.config import Settings
from tutor.domain.errors import InvalidInput
from tutor.store.memory import MemoryStore


def built(folder: Path, **settings: object) -> System:
    system = build(Settings(data_dir=folder, _env_file=None, **settings), store=MemoryStore())  # type: ignore[arg-type]
    system.close()
    return system


@pytest.mark.parametrize(
    ("settings", "model"),
    [
        ({}, None),
        ({"chat_model": "openai/gpt-x"}, "LiteLLMChatModel"),
        ({"chat_adapter": "scripted"}, "ScriptedChatModel"),
        (
            {"chat_adapter": "openai", "chat_model": "m", "chat_api_base": "http://127.0.0.1:1/v1"},
            "OpenAICompatibleChatModel",
        ),
    ],
)
def test_the_settings_pick_the_model(tmp_path: Path, settings: dict[str, object], model: str | None) -> None:
    found = built(tmp_path, **settings).model
    assert (type(found).__name__ if found is not None else None) == model


@pytest.mark.parametrize("embedder", ["none", "e5", "minilm", "hashing"])
def test_every_embedder_starts_without_its_files(tmp_path: Path, embedder: str) -> None:
    assert built(tmp_path, embedder=embedder).retriever is not None


def test_a_hosted_embedder_needs_its_dimensions(tmp_path: Path) -> None:
    assert built(tmp_path, embedder="litellm:openai/text-embedding-3-small", embedder_dimensions=1536) is not None
    with pytest.raises(InvalidInput, match="dimensions"):
        built(tmp_path, embedder="litellm:openai/text-embedding-3-small")


@pytest.mark.parametrize("settings", [{"embedder": "word2vec"}, {"chat_adapter": "openai", "chat_model": "m"}])
def test_a_setting_that_cannot_work_is_refused_at_the_start(tmp_path: Path, settings: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        built(tmp_path, **settings)
