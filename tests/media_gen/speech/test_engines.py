"""What every engine must do, on the fake and on the real ones. Real voices say one short sentence each."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media_gen.errors import VoiceMissing
from media_gen.language import available, load
from media_gen.speech import audio, guard
from media_gen.speech.engines import every, installed
from media_gen.speech.espeak import EspeakEngine
from media_gen.speech.kokoro import PHONEMES, VOICES, KokoroEngine
from media_gen.speech.piper import PiperEngine
from media_gen.speech.port import RATE, Engine, Utterance
from media_gen.speech.silent import SilentEngine
from tests.media_gen.speech.conftest import fetched

ROOT = Path(__file__).resolve().parents[3]
TEXT = "Plants need light."


def make(name: str) -> Engine:
    match name:
        case "kokoro":
            return KokoroEngine(fetched("kokoro"), threads=1)
        case "piper":
            return PiperEngine(fetched("piper-joe"))
        case "espeak":
            return EspeakEngine()
    return SilentEngine()


@pytest.fixture(scope="module", params=["silent", "espeak", "kokoro", "piper"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    made = make(request.param)
    yield made
    made.close()


def test_it_is_ready_and_says_who_it_is(engine: Engine) -> None:
    assert engine.missing() == ""
    assert engine.name
    assert engine.version
    assert engine.online is False
    assert engine.voices("en")


def test_it_says_a_sentence(engine: Engine) -> None:
    samples = engine.speak(Utterance(TEXT, "en", engine.voices("en")[0]))
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert np.isfinite(samples).all()
    assert audio.true_peak(samples) < 6
    assert guard.fault(TEXT, len(audio.trimmed(samples))) is None


def test_a_slower_pace_takes_longer(engine: Engine) -> None:
    voice = engine.voices("en")[0]
    own, slow = (len(engine.speak(Utterance("Hello there.", "en", voice, speed))) for speed in (1.0, 0.6))
    assert slow > 1.2 * own


def test_a_voice_that_is_not_there_is_missed() -> None:
    espeak = EspeakEngine()
    with pytest.raises(VoiceMissing, match="romulan"):
        espeak.speak(Utterance(TEXT, "en", "romulan"))
    assert len(espeak.speak(Utterance(TEXT, "en", "en-us"))) > RATE / 4
    espeak.close()


def test_espeak_speaks_every_language_of_films(espeak: EspeakEngine) -> None:
    for tag in available():
        text = load(tag).words["think"]
        voice = espeak.voices(tag)[0]
        assert guard.fault(text, len(audio.trimmed(espeak.speak(Utterance(text, tag, voice))))) is None, tag
    assert espeak.voices("xx") == ()


def test_arabic_is_spoken_with_the_vowels_that_are_not_written(espeak: EspeakEngine) -> None:
    written = "تصنع النباتات غذاءها من الضوء والماء والهواء."
    spoken = espeak.speak(Utterance(written, "ar", "ar"))
    as_written = espeak.speak(Utterance(written, "xx", "ar"))  # for another language the voice says what it is given
    assert len(spoken) > len(as_written)


def test_every_voice_of_a_language_file_exists(espeak: EspeakEngine) -> None:
    kokoro = KokoroEngine(fetched("kokoro"))
    speakers: dict[str, Engine] = {"espeak": espeak, "kokoro": kokoro}
    for tag in available():
        chain = load(tag).voices
        assert chain[-1][0] == "espeak", f"{tag}: the last voice of a chain is one that is always there"
        for name, voice in chain:
            assert voice in speakers[name].voices(tag), (tag, name)
    kokoro.close()


def test_every_kokoro_voice_that_is_named_was_fetched() -> None:
    kokoro = KokoroEngine(fetched("kokoro"))
    for tag, names in VOICES.items():
        assert kokoro.voices(tag) == names
        assert all(name[0] in PHONEMES for name in names)
    assert kokoro.voices("en-GB")[0] == "bf_emma"
    assert kokoro.voices("pt-BR") == VOICES["pt"]
    assert kokoro.voices("ar") == ()
    kokoro.close()


def test_what_is_not_installed_says_what_to_do(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert "diotima models fetch kokoro" in KokoroEngine(nowhere).missing()
    assert KokoroEngine(nowhere).voices("en") == ()
    assert "diotima models fetch piper-joe" in PiperEngine(nowhere).missing()
    assert [engine.name for engine in every(nowhere)] == ["kokoro", "espeak", "piper", "gtts"]
    assert [engine.name for engine in installed(nowhere)] == ["espeak", "gtts"]


def test_only_googles_voices_send_text_away() -> None:
    assert [engine.name for engine in every(fetched("kokoro")) if engine.online] == ["gtts"]
    assert not any(name == "gtts" for tag in available() for name, _ in load(tag).voices)


PROGRAM = """
import sys, tempfile
from pathlib import Path
from media_gen.speech.engines import installed
from media_gen.speech.narrator import ChainNarrator

with tempfile.TemporaryDirectory() as cache:
    narrator = ChainNarrator(Path(cache), installed(Path(sys.argv[1])))
    print("spoken by", narrator.narrate("Light.", "en", voice="espeak").engine)
    narrator.close()
print("loaded", *sorted(name for name in sys.modules if "." not in name))
"""


def test_gpl_parts_and_models_stay_in_the_speech_processes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(fetched("kokoro"))], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert "spoken by espeak" in done.stdout
    loaded = set(done.stdout.partition("loaded ")[2].split())
    assert not loaded & {"espeakng_loader", "phonemizer", "piper", "kokoro_onnx", "onnxruntime", "misaki", "jieba"}


@pytest.mark.parametrize(
    ("text", "tag"), [("酶是一种催化剂。", "zh"), ("Donaudampfschifffahrtsgesellschaft", "de"), ("2", "en")]
)
def test_the_silent_voice_takes_a_speaker_s_time_in_every_language(text: str, tag: str) -> None:
    assert guard.fault(text, len(SilentEngine().speak(Utterance(text, tag, "tone")))) is None
