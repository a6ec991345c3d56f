"""How well narration is understood: every voice reads fixed sentences, Whisper (base) writes down what it hears.

    python -m bench.narration                    every language with its chain's first voice and with espeak-ng
    python -m bench.narration en es --voice piper
    python -m bench.narration de --voice kokoro:hf_alpha --voice kokoro:af_heart

Prints, by language and voice, the word error rate (for Chinese of characters), the rate, the loudness and the time it
took as a part of real time. The last line has ``wer_<language>`` of the first voice, with the figure to reach.

Fair to both sides: what was written and what was heard are read aloud by the same rules (so "100 °C" is "one hundred
degrees Celsius" in both), then lower-cased, without punctuation, and for Arabic without vowel marks. Whisper
itself errs: its rate on a person's voice is no nought either.
"""

import argparse
import json
import os
import re
import tempfile
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench._narration_sentences import SENTENCES
from media_gen.language import load
from media_gen.speech.engines import installed
from media_gen.speech.narrator import ChainNarrator
from media_gen.speech.port import Speech
from media_gen.speech.spoken import read_aloud
from tutor import models
from tutor.config import Settings
from tutor.model_list import MODELS

TARGETS = {"en": 0.05, "es": 0.08, "fr": 0.12, "pt-BR": 0.12, "it": 0.20}
# Else Whisper may write traditional characters, or Hindi in the letters of Urdu.
PROMPTS = {"zh": "以下是普通话的句子。", "hi": "यह हिन्दी का एक वाक्य है, देवनागरी में लिखा हुआ।"}


@dataclass(frozen=True)
class Heard:
    """One sentence: what was to be said, what Whisper wrote, and the recording. ``seconds`` it took to speak."""

    meant: str
    written: str
    speech: Speech
    seconds: float


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", default=[], help=", ".join(SENTENCES))
    parser.add_argument("--voice", action="append", default=[], help="engine or engine:voice; may be given repeatedly")
    parser.add_argument("--default-only", action="store_true", help="leave out espeak-ng where it isn't the default")
    parser.add_argument("--json", action="store_true", help="one flat object as the last line")
    parser.add_argument("--show", action="store_true", help="show what was heard where it differs")
    given = parser.parse_args(arguments)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    folder = Settings().models_dir
    for name in ("kokoro", "whisper-base"):
        if not models.present(MODELS[name], folder):
            parser.error(f"the model {name} is not here: run `diotima models fetch {name}`")
    listener = whisper(folder)
    rates: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as cache:
        narrator = ChainNarrator(Path(cache), installed(folder))
        print(f"{'language':9}{'voice':24}{'error':>7}{'rate':>12}{'LUFS':>14}{'dBTP':>7}{'time':>7}")
        for tag in given.languages or SENTENCES:
            default = ":".join(load(tag).voices[0])
            chain = given.voice or ([default] if given.default_only else list(dict.fromkeys([default, "espeak"])))
            for voice in chain:
                heard = [listen(text, tag, voice, narrator, listener) for text in SENTENCES[tag]]
                rate = error_rate(heard, tag)
                rates.setdefault(tag, rate)
                print(row(tag, heard, rate), flush=True)
                if given.show:
                    for one in heard:
                        if normal(one.meant, tag) != normal(one.written, tag):
                            print(f"    {normal(one.meant, tag)}\n  > {normal(one.written, tag)}")
        narrator.close()
    told = [
        f"wer_{tag} {rate:.3f}" + (f" (<= {TARGETS[tag]})" if tag in TARGETS else "") for tag, rate in rates.items()
    ]
    print("   ".join(told))
    if given.json:
        print(json.dumps({f"wer_{tag.partition('-')[0]}": round(rate, 4) for tag, rate in rates.items()}))


def whisper(folder: Path) -> Any:
    import ctranslate2
    from faster_whisper import WhisperModel

    ctranslate2.set_random_seed(0)
    return WhisperModel(str(folder / "whisper-base"), device="cpu", compute_type="int8", cpu_threads=1)


def transcribe(listener: Any, speech: Speech, tag: str) -> str:
    segments, _ = listener.transcribe(
        str(speech.path),
        language=tag.partition("-")[0],
        beam_size=5,
        temperature=(0.0, 0.2, 0.4),  # tried again where it falls into a loop, as Whisper itself does
        condition_on_previous_text=False,
        initial_prompt=PROMPTS.get(tag),
    )
    return "".join(segment.text for segment in segments)


def listen(text: str, tag: str, voice: str, narrator: ChainNarrator, listener: Any) -> Heard:
    started = time.monotonic()
    speech = narrator.narrate(text, tag, voice=voice)
    seconds = time.monotonic() - started
    if not f"{speech.engine}:{speech.voice}".startswith(voice):
        raise SystemExit(f"{voice} could not say {text!r}; {speech.engine}:{speech.voice} did.")
    return Heard(text, transcribe(listener, speech, tag), speech, seconds)


def normal(text: str, tag: str) -> str:
    """Words as they are said, in small letters, with nothing between them but a space."""
    said = read_aloud(text, load(tag)).lower().replace("œ", "oe").replace("’", "'")
    if tag == "ar":
        said = "".join(s for s in said if unicodedata.category(s) != "Mn").translate(
            str.maketrans("أإآىة", "اااي" + "ه")
        )
    # Combining marks are part of Hindi's letters.
    kept = "".join(s if s.isalnum() or unicodedata.category(s) in ("Mn", "Mc") else " " for s in said)
    return re.sub(r"\s+", "" if tag == "zh" else " ", kept).strip()


def error_rate(heard: Sequence[Heard], tag: str) -> float:
    wrong = total = 0
    for one in heard:
        meant, written = (
            list(said) if tag == "zh" else said.split() for said in (normal(one.meant, tag), normal(one.written, tag))
        )
        wrong += distance(meant, written)
        total += len(meant)
    return wrong / total


def distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Levenshtein's: how many insertions, deletions and replacements lead from one to the other."""
    row = list(range(len(second) + 1))
    for at, left in enumerate(first, 1):
        diagonal, row[0] = row[0], at
        for column, right in enumerate(second, 1):
            diagonal, row[column] = row[column], min(diagonal + (left != right), row[column] + 1, row[column - 1] + 1)
    return row[-1]


def row(tag: str, heard: Sequence[Heard], rate: float) -> str:
    language, spoken = load(tag), [one.speech for one in heard]
    seconds = sum(speech.seconds for speech in spoken)
    said = [speech.spoken for speech in spoken]
    units = sum(len(text.split()) if language.unit == "words" else len(normal(text, tag)) for text in said)
    loudest, quietest = max(s.loudness for s in spoken), min(s.loudness for s in spoken)
    unit = "w/min" if language.unit == "words" else "ch/min"
    return (
        f"{tag:9}{spoken[0].engine + ':' + spoken[0].voice:24}{rate:7.3f}{units / seconds * 60:6.0f} {unit:6}"
        f"{quietest:7.1f}{loudest:7.1f}{max(s.peak for s in spoken):7.1f}{sum(o.seconds for o in heard) / seconds:7.2f}"
    )


if __name__ == "__main__":
    main()
