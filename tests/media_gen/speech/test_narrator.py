"""The narrator: through the chain of voices, each sentence once, the same loudness from all."""

import json
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from media_gen import language as languages
from media_gen.errors import SpeechFailed, VoiceBusy, VoiceMissing
from media_gen.language import Language
from media_gen.speech import audio
from media_gen.speech.narrator import ChainNarrator
from media_gen.speech.port import RATE
from media_gen.speech.recording import read_samples
from media_gen.speech.silent import SilentEngine
from tests.media_gen.speech.voices import Scripted, endless, not_a_number, nothing, raising

TEXT = "Plants make **sugar** from light, at 20 °C."


def load(tag: str) -> Language:
    """English whose voices are ``first`` and then ``second``."""
    return replace(languages.load(tag), voices=(("first", "tone"), ("second", "tone")))


@pytest.fixture
def first() -> Scripted:
    return Scripted("first")


@pytest.fixture
def second() -> Scripted:
    return Scripted("second")


@pytest.fixture
def narrator(tmp_path: Path, first: Scripted, second: Scripted) -> Iterator[ChainNarrator]:
    made = ChainNarrator(tmp_path, [first, second], load)
    yield made
    made.close()


def scripted(tmp_path: Path, *engines: Scripted) -> ChainNarrator:
    return ChainNarrator(tmp_path, engines, load)


def test_a_sentence_is_spoken_once(narrator: ChainNarrator, first: Scripted) -> None:
    assert narrator.cached(TEXT, "en") is None
    speech = narrator.narrate(TEXT, "en")
    assert (speech.engine, speech.voice) == ("first", "tone")
    assert speech.spoken == "Plants make sugar from light, at twenty degrees Celsius."
    assert narrator.narrate(TEXT, "en") == speech
    assert narrator.cached(TEXT, "en") == speech
    assert len(first.asked) == 1


def test_what_comes_out_is_a_wav_file_as_narration_is_to_be(narrator: ChainNarrator) -> None:
    speech = narrator.narrate(TEXT, "en")
    with wave.open(str(speech.path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        assert file.getnframes() == speech.samples
    samples = read_samples(speech.path)
    assert audio.loudness(samples) == pytest.approx(speech.loudness, abs=0.1)
    assert speech.loudness == pytest.approx(-16, abs=0.5)
    assert audio.true_peak(samples) <= -1.5 + 0.05
    assert speech.seconds == pytest.approx(speech.samples / RATE)


def test_every_input_makes_a_recording_of_its_own(tmp_path: Path) -> None:
    first, second = Scripted("first", speaks=("tone", "other")), Scripted("second")
    narrator = scripted(tmp_path, first, second)
    paths = {
        narrator.narrate(text, tag, say=say, voice=voice).path
        for text, tag, say, voice in (
            *((TEXT, "en", "", ""), (TEXT + "!", "en", "", ""), (TEXT, "es", "", ""), (TEXT, "en", "Plants.", "")),
            *((TEXT, "en", "", "second"), (TEXT, "en", "", "first:other")),
        )
    }
    first.version = "2"
    paths.add(narrator.narrate(TEXT, "en").path)
    assert len(paths) == 7
    assert narrator.narrate("Plants.", "en").path == narrator.narrate(TEXT, "en", say="Plants.").path


def test_a_wanted_voice_comes_first(narrator: ChainNarrator) -> None:
    assert narrator.narrate(TEXT, "en", voice="second:tone").engine == "second"
    assert narrator.narrate(TEXT, "en", voice="second").engine == "second"
    assert narrator.narrate(TEXT, "en", voice="third:tone").engine == "first"
    assert narrator.narrate(TEXT, "en", voice="second:whistle").engine == "first"


@pytest.mark.parametrize("doing", [nothing, endless, not_a_number, raising(SpeechFailed("was ended by signal 11"))])
def test_a_voice_that_goes_wrong_is_tried_again_and_then_left(tmp_path: Path, doing: object) -> None:
    twice = Scripted("first", doing, doing)  # type: ignore[arg-type]
    assert scripted(tmp_path / "twice", twice, Scripted("second")).narrate(TEXT, "en").engine == "second"
    assert len(twice.asked) == 2
    once = Scripted("first", doing)  # type: ignore[arg-type]
    assert scripted(tmp_path / "once", once, Scripted("second")).narrate(TEXT, "en").engine == "first"


def test_a_sentence_that_a_voice_cannot_say_is_not_tried_again(tmp_path: Path) -> None:
    first, second = Scripted("first", endless, endless), Scripted("second")
    narrator = scripted(tmp_path, first, second)
    speech = narrator.narrate(TEXT, "en")
    assert narrator.cached(TEXT, "en") == speech
    assert narrator.narrate(TEXT, "en") == speech
    assert len(first.asked) == 2
    assert first.asked[1].speed < first.asked[0].speed  # the same again would go wrong again


def test_a_crash_is_no_reason_to_leave_a_voice_for_good(tmp_path: Path) -> None:
    crash = raising(SpeechFailed("was ended by signal 11"))
    first, second = Scripted("first", crash, crash), Scripted("second")
    narrator = scripted(tmp_path, first, second)
    assert narrator.narrate(TEXT, "en").engine == "second"
    assert narrator.cached(TEXT, "en") is None
    assert narrator.narrate(TEXT, "en").engine == "first"


def test_a_missing_or_busy_voice_is_passed_over_at_once(tmp_path: Path) -> None:
    for at, error in enumerate((VoiceMissing("no such voice"), VoiceBusy("429"))):
        first, second = Scripted("first", raising(error)), Scripted("second")
        assert scripted(tmp_path / str(at), first, second).narrate(TEXT, "en").engine == "second"
        assert len(first.asked) == 1


def test_an_engine_that_is_not_installed_is_not_asked(tmp_path: Path) -> None:
    first, second = Scripted("first"), Scripted("second")
    first.lacking = "First needs its model."
    assert scripted(tmp_path, first, second).narrate(TEXT, "en").engine == "second"
    assert first.asked == []


def test_when_no_voice_could_every_reason_is_told(tmp_path: Path) -> None:
    first, second = Scripted("first"), Scripted("second", nothing, nothing)
    first.lacking = "First needs its model."
    with pytest.raises(SpeechFailed, match=r"English: First needs its model. second:tone fell silent\.") as caught:
        scripted(tmp_path, first, second).narrate(TEXT, "en")
    assert caught.value.data["language"] == "en"


@pytest.mark.parametrize("text", ["", "**", "—"])
def test_there_is_nothing_to_say_in_an_empty_sentence(narrator: ChainNarrator, text: str) -> None:
    with pytest.raises(SpeechFailed, match="nothing to say"):
        narrator.narrate(text, "en")


def test_other_engines_help_out_but_none_that_sends_text_away(tmp_path: Path) -> None:
    online, offline = Scripted("online"), Scripted("offline")
    online.online = True
    narrator = scripted(tmp_path, online, offline)
    assert narrator.narrate(TEXT, "en").engine == "offline"
    assert online.asked == []
    assert narrator.narrate(TEXT, "en", voice="online").engine == "online"


def test_the_fake_speaks_every_language(tmp_path: Path) -> None:
    narrator = ChainNarrator(tmp_path, [SilentEngine()])
    for tag in languages.available():
        assert narrator.narrate("1, 2, 3", tag).engine == "silent"


@pytest.mark.parametrize("damage", ["sound", "about", "lost", "empty"])
def test_a_damaged_recording_is_made_anew(narrator: ChainNarrator, first: Scripted, damage: str) -> None:
    speech = narrator.narrate(TEXT, "en")
    whole = speech.path.read_bytes()
    match damage:
        case "sound":
            speech.path.write_bytes(whole[:-100] + bytes(100))
        case "about":
            speech.path.with_suffix(".json").write_text("{")
        case "lost":
            speech.path.unlink()
        case "empty":
            speech.path.with_suffix(".json").write_text(json.dumps({"samples": 3}))
    assert narrator.cached(TEXT, "en") is None
    assert narrator.narrate(TEXT, "en") == speech
    assert speech.path.read_bytes() == whole
    assert len(first.asked) == 2


def test_nothing_half_written_stays(narrator: ChainNarrator, tmp_path: Path) -> None:
    narrator.narrate(TEXT, "en")
    assert sorted(path.suffix for path in tmp_path.rglob("*") if path.is_file()) == [".json", ".wav"]


def test_closing_closes_the_engines(tmp_path: Path) -> None:
    first, second = Scripted("first"), Scripted("second")
    scripted(tmp_path, first, second).close()
    assert first.closed
    assert second.closed


def test_the_fake_is_as_long_as_its_text_and_the_same_each_time(tmp_path: Path) -> None:
    samples = [ChainNarrator(tmp_path / str(n), [SilentEngine()]).narrate("x " * n, "en").samples for n in (20, 40)]
    assert samples[1] == pytest.approx(2 * samples[0], rel=0.1)
    again = ChainNarrator(tmp_path / "again", [SilentEngine()]).narrate("x " * 20, "en")
    assert again.samples == samples[0]
    assert np.max(np.abs(read_samples(again.path))) > 0.05
