"""Narration that can be listened to: its rate, its loudness, and that every sentence is really said. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from media_gen.checks.finding import Finding, Severity
from media_gen.language import Language
from media_gen.lesson import Slide
from media_gen.speech.guard import fault
from media_gen.speech.port import RATE, Speech
from media_gen.timeline import GAP

LOUDNESS, LOUDNESS_OFF = -16.0, 2.0  # LUFS, LU
PEAK = -1.0  # dBTP: what was set to -1.5 and measured again, with the measure's own error
FEWEST = {"words": 20, "characters": 40}  # fewer say nothing about the rate
TOO_FAST = 1.1  # of the fastest comfortable rate: that much more refuses a film


def narration_findings(
    slides: Sequence[Slide], speech: Mapping[tuple[str, int], Speech], numbers: Mapping[str, int], language: Language
) -> tuple[Finding, ...]:
    """``speech`` by (slide id, sentence index); sentences that are not there are not heard in this film."""
    made: list[Finding] = []
    for slide in slides:
        said = [speech[slide.id, index] for index in range(len(slide.narration)) if (slide.id, index) in speech]
        made += _of(slide.id, numbers[slide.id], said, language)
    return tuple(made)


def _of(slide: str, number: int, said: Sequence[Speech], language: Language) -> Iterator[Finding]:
    def found(code: str, severity: Severity, message: str, **facts: str) -> Finding:
        return Finding(code, language.tag, slide, number, message, severity, facts)

    for sentence in said:
        begin = f'"{sentence.spoken[:40]}…" on slide {number}'
        wrong = "silent" if sentence.loudness == float("-inf") else fault(sentence.spoken, sentence.samples)
        if wrong:
            heard = "is silent" if wrong == "silent" else "goes on far longer than its text"
            message = f"The speech of {begin} {heard} ({sentence.seconds:.1f} s)."
            yield found(wrong, "error", message, seconds=f"{sentence.seconds:.2f}", voice=sentence.voice)
            continue
        if abs(sentence.loudness - LOUDNESS) > LOUDNESS_OFF:
            message = f"{begin} has a loudness of {sentence.loudness:.1f} LUFS instead of {LOUDNESS:.0f}."
            yield found("loudness", "error", message, loudness=f"{sentence.loudness:.1f}", voice=sentence.voice)
        if sentence.peak > PEAK:
            message = f"{begin} has a peak of {sentence.peak:.1f} dBTP, above {PEAK:.1f}."
            yield found("loudness", "error", message, peak=f"{sentence.peak:.1f}", voice=sentence.voice)
    yield from _rate(slide, number, said, language)


def _rate(slide: str, number: int, said: Sequence[Speech], language: Language) -> Iterator[Finding]:
    """Of a slide as a whole, with its pauses: single sentences differ too much by the length of their words."""
    spoken = " ".join(sentence.spoken for sentence in said)
    units = sum(map(str.isalnum, spoken)) if language.unit == "characters" else len(spoken.split())
    seconds = sum(sentence.samples + GAP for sentence in said) / RATE
    if units < FEWEST[language.unit]:
        return
    rate, fastest = units * 60 / seconds, language.rate[1]
    if rate > fastest:
        message = (
            f"The narration of slide {number} is spoken at {rate:.0f} {language.unit} a minute; "
            f"more than {fastest:.0f} is hard to follow."
        )
        facts = {"rate": f"{rate:.0f}", "limit": f"{fastest:.0f}"}
        severity: Severity = "error" if rate > TOO_FAST * fastest else "warning"
        yield Finding("rate", language.tag, slide, number, message, severity, facts)
