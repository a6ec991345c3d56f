"""Narration, listened to: Whisper writes down what the default voices of English and Spanish say."""

from collections.abc import Iterator
from typing import Any

import pytest

from bench.narration import distance, normal, transcribe, whisper
from media_gen.speech.kokoro import KokoroEngine
from media_gen.speech.narrator import ChainNarrator
from tests.media_gen.speech.conftest import fetched


@pytest.fixture(scope="module")
def listener() -> Any:
    return whisper(fetched("whisper-base"))


@pytest.fixture(scope="module")
def narrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChainNarrator]:
    made = ChainNarrator(tmp_path_factory.mktemp("speech"), [KokoroEngine(fetched("kokoro"), threads=1)])
    yield made
    made.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "The boiling point of water is 100 °C at the level of the sea."),
        ("es", "Las plantas fabrican su propio alimento con luz, agua y aire."),
    ],
)
def test_a_listener_hears_what_was_written(narrator: ChainNarrator, listener: Any, tag: str, text: str) -> None:
    speech = narrator.narrate(text, tag)
    meant, heard = normal(text, tag).split(), normal(transcribe(listener, speech, tag), tag).split()
    assert distance(meant, heard) <= 1, " ".join(heard)


def test_words_are_compared_as_they_are_said() -> None:
    assert normal("At 100 °C, it's **well-known**!", "en") == "at one hundred degrees celsius it s well known"
    assert normal("一百度。", "zh") == normal("100度", "zh")
    assert distance(["a", "b", "c", "d"], ["a", "x", "c"]) == 2
    assert distance([], ["a"]) == 1
