"""Speech processes: what goes wrong in one costs one sentence, and nothing of it reaches the server."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from media_gen.errors import SpeechFailed, VoiceBusy, VoiceMissing
from media_gen.speech.pool import Patience, Pool
from media_gen.speech.port import RATE, Samples, Utterance

SOURCE = "tests.media_gen.speech.voices:obedient"


def said(text: str) -> Utterance:
    return Utterance(text, "en", "any")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "processes"


@pytest.fixture
def pool(log: Path) -> Iterator[Pool]:
    made = Pool("test", SOURCE, {"log": str(log)})
    yield made
    made.close()


def started(log: Path) -> int:
    return len(log.read_text().split()) if log.exists() else 0


def test_sentences_are_spoken_by_one_process(pool: Pool, log: Path) -> None:
    assert started(log) == 0
    assert len(pool.speak(said("one"))) == 240
    assert pool.speak(said("two")).dtype == np.float32
    assert started(log) == 1


@pytest.mark.parametrize(("text", "why"), [("die", "ended with 3"), ("crash", "signal 6")])
def test_a_process_that_dies_costs_its_sentence_and_is_replaced(pool: Pool, log: Path, text: str, why: str) -> None:
    pool.speak(said("one"))
    with pytest.raises(SpeechFailed, match=why) as caught:
        pool.speak(said(text))
    assert caught.value.data == {"engine": "test", "language": "en"}
    assert len(pool.speak(said("three"))) == 240
    assert started(log) == 2


def test_a_process_that_hangs_is_ended(log: Path) -> None:
    pool = Pool("test", SOURCE, {"log": str(log)}, patience=Patience(start=30.0, sentence=0.2, character=0.0))
    pool.speak(said("one"))
    with pytest.raises(SpeechFailed, match="did not answer within"):
        pool.speak(said("hang"))
    assert len(pool.speak(said("three"))) == 240
    pool.close()


def test_longer_sentences_may_take_longer_and_the_first_one_longest() -> None:
    patience = Patience(start=60.0, sentence=10.0, character=0.5)
    assert patience.limit("x" * 100, first=False) == 60.0
    assert patience.limit("x" * 100, first=True) == 120.0


def test_a_process_that_ended_for_want_of_work_is_replaced_unnoticed(pool: Pool, log: Path) -> None:
    with pytest.raises(SpeechFailed):  # a fresh process that ends at once has no such excuse
        pool.speak(said("leave"))
    pool.speak(said("one"))
    with pytest.raises(SpeechFailed):
        pool.speak(said("leave"))
    assert started(log) == 3  # the second "leave" was tried in a new process too
    assert len(pool.speak(said("two"))) == 240


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("raise", SpeechFailed, "ValueError: no such vowel"),
        ("missing", VoiceMissing, "no voice like this"),
        ("busy", VoiceBusy, "429"),
        ("babble", SpeechFailed, "spoke for 3600 seconds"),
    ],
)
def test_errors_come_through_with_their_kind(
    pool: Pool, log: Path, text: str, kind: type[SpeechFailed], why: str
) -> None:
    with pytest.raises(SpeechFailed, match=why) as caught:
        pool.speak(said(text))
    assert type(caught.value) is kind
    assert len(pool.speak(said("next"))) == 240
    assert started(log) == 1


def test_what_libraries_print_disturbs_nothing(pool: Pool) -> None:
    assert len(pool.speak(said("print"))) == 240


def test_another_rate_becomes_ours(pool: Pool) -> None:
    samples = pool.speak(said("slow rate"))
    assert len(samples) == RATE
    crossings = np.count_nonzero(np.diff(np.signbit(samples)))
    assert crossings == pytest.approx(2 * 440, abs=4)


def test_there_are_never_more_processes_than_allowed(log: Path) -> None:
    pool = Pool("test", SOURCE, {"log": str(log)}, size=2)
    with ThreadPoolExecutor(6) as threads:
        spoken = list(threads.map(lambda n: len(pool.speak(said(f"sentence {n}"))), range(12)))
    pool.close()
    assert spoken == [240] * 12
    assert 1 <= started(log) <= 2


def test_a_closed_pool_speaks_no_more_and_leaves_no_process(pool: Pool, log: Path) -> None:
    pool.speak(said("one"))
    pool.close()
    pool.close()
    with pytest.raises(SpeechFailed, match="closed"):
        pool.speak(said("two"))
    with pytest.raises(ProcessLookupError):
        os.kill(int(log.read_text()), 0)


def test_a_process_gets_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    pool = Pool("test", "tests.media_gen.speech.test_pool:reporting", {})
    assert pool.speak(said("OPENAI_API_KEY"))[0] == 0
    assert pool.speak(said("PATH"))[0] == 1
    pool.close()


def reporting() -> Callable[[Utterance], tuple[Samples, int]]:
    """In a speech process: whether it has the variable of that name."""
    return lambda utterance: (np.array([float(utterance.text in os.environ)], np.float32), RATE)


def test_a_voice_that_cannot_be_loaded_says_why() -> None:
    pool = Pool("test", "tests.media_gen.speech.voices:broken", {})
    with pytest.raises(SpeechFailed, match="a library is missing"):
        pool.speak(said("one"))
    pool.close()
