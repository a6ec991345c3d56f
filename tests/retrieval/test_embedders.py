"""What is particular to one embedder."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from retrieval.centring import LanguageCentres, languages
from retrieval.embedders.e5 import E5Embedder
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.embedders.litellm import LiteLlmEmbedder
from retrieval.embedders.minilm import MiniLmEmbedder
from retrieval.errors import EmbedderFailed, EmbedderUnavailable


@pytest.fixture(scope="module")
def e5(models_dir: Path) -> E5Embedder:
    return E5Embedder(models_dir / "e5")


def test_e5_brings_a_question_to_its_passage_across_languages(e5: E5Embedder) -> None:
    passages = e5.embed_passages(
        [
            "Plants make sugar from carbon dioxide and water in the light.",
            "The heart pumps blood through the body.",
            "Rivers carry silt to the sea.",
        ]
    )
    asked = ["¿Cómo producen azúcar las plantas?", "ماذا يفعل القلب؟", "河流把什么带到海里?"]
    assert np.argmax(e5.embed_queries(asked) @ passages.T, axis=1).tolist() == [0, 1, 2]


def test_e5_answers_questions_from_several_threads_alike(e5: E5Embedder) -> None:
    texts = [f"What is the boiling point of substance number {number}?" for number in range(24)]
    expected = e5.embed_queries(texts)
    got: dict[int, Any] = {}

    def work(at: int) -> None:
        got[at] = e5.embed_queries([texts[at]])[0] if at % 2 else e5.embed_passages([texts[at]])[0]

    threads = [threading.Thread(target=work, args=(at,)) for at in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for at in range(1, 24, 2):
        np.testing.assert_allclose(got[at], expected[at], atol=1e-5)


@pytest.mark.parametrize("embedder", [E5Embedder, MiniLmEmbedder])
def test_missing_files_are_named_with_the_remedy(embedder: type[E5Embedder], tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match="diotima models fetch") as missing:
        embedder(tmp_path).embed_queries(["x"])
    assert str(tmp_path) in str(missing.value.data["path"])
    assert not missing.value.retryable


def test_files_that_are_no_model_are_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(EmbedderUnavailable):
        MiniLmEmbedder(tmp_path).embed_queries(["x"])


class RateLimitError(Exception):
    pass


class AuthenticationError(Exception):
    pass


@pytest.mark.parametrize(
    ("raised", "kind"), [(RateLimitError, EmbedderFailed), (AuthenticationError, EmbedderUnavailable)]
)
def test_litellm_failures_say_whether_trying_again_helps(
    raised: type[Exception], kind: type[EmbedderUnavailable]
) -> None:
    def fails(**_: Any) -> Any:
        raise raised("secret detail")

    with pytest.raises(EmbedderUnavailable) as failed:
        LiteLlmEmbedder("m", 3, call=fails).embed_queries(["x"])
    assert type(failed.value) is kind
    assert failed.value.retryable is (kind is EmbedderFailed)
    assert "secret" not in str(failed.value)


def test_litellm_passes_prefixes_key_and_address_and_checks_the_size() -> None:
    calls: list[dict[str, Any]] = []

    def answer(**given: Any) -> SimpleNamespace:
        calls.append(given)
        return SimpleNamespace(data=[{"index": 0, "embedding": [0.0, 4.0, 0.0]}])

    embedder = LiteLlmEmbedder("m", 3, api_key="k", api_base="http://b", query_prefix="q: ", call=answer)
    assert embedder.embed_queries(["x"]).tolist() == [[0.0, 1.0, 0.0]]
    assert calls[0]["input"] == ["q: x"]
    assert (calls[0]["api_key"], calls[0]["api_base"]) == ("k", "http://b")
    with pytest.raises(EmbedderUnavailable, match="3 dimensions"):
        LiteLlmEmbedder("m", 4, call=answer).embed_queries(["x"])
    with pytest.raises(EmbedderFailed, match="Asked for 2"):
        embedder.embed_queries(["x", "y"])


def test_centring_keeps_unit_length_and_knows_every_language() -> None:
    centres = LanguageCentres(HashingEmbedder(64))
    vector = HashingEmbedder(64).embed_queries(["Was ist Osmose?"])[0]
    for language in (*languages(), "sw", "pt-BR"):
        moved = centres.moved(vector, language, "en")
        assert moved.shape == (64,)
        assert float(np.linalg.norm(moved)) == pytest.approx(1.0, abs=1e-5)
