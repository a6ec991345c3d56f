"""Narration that can't be listened to is found."""

from dataclasses import replace
from pathlib import Path

import pytest

from media_gen.checks.finding import Finding
from media_gen.checks.narration import narration_findings
from media_gen.language import load
from media_gen.lesson import Layout, Sentence, Slide
from media_gen.speech.port import RATE, Speech

WORDS = "Plants take light and water and air and they make sugar of it for all of the others here"  # 19 of them
SPOKEN = Speech(Path("x.wav"), 7 * RATE, "engine", "voice", WORDS, -16.0, -1.6)


def findings(*said: Speech, language: str = "en") -> tuple[Finding, ...]:
    slide = Slide(id="a", layout=Layout.BULLETS, narration=tuple(Sentence(text=s.spoken) for s in said))
    return narration_findings([slide], {("a", n): s for n, s in enumerate(said)}, {"a": 3}, load(language))


def found(*said: Speech, language: str = "en") -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in findings(*said, language=language)]


def test_good_narration_is_none() -> None:
    assert found(SPOKEN, SPOKEN) == []


@pytest.mark.parametrize(("seconds", "severity"), [(4.6, "error"), (5.3, "warning")])
def test_too_fast(seconds: float, severity: str) -> None:
    fast = replace(SPOKEN, samples=round(seconds * RATE))
    assert found(fast, fast) == [("rate", severity)]
    assert found(fast) == [], "one short sentence says nothing about the rate"


def test_chinese_is_measured_in_characters() -> None:
    said = replace(SPOKEN, spoken="植物利用光和水制造糖，" * 5, samples=8 * RATE)
    assert found(said, language="zh") == [("rate", "error")]
    assert found(replace(said, samples=14 * RATE), language="zh") == []


def test_too_quiet_too_loud_or_clipped() -> None:
    assert found(replace(SPOKEN, loudness=-20.0)) == [("loudness", "error")]
    assert found(replace(SPOKEN, loudness=-12.0)) == [("loudness", "error")]
    assert found(replace(SPOKEN, peak=-0.2)) == [("loudness", "error")]
    assert found(replace(SPOKEN, loudness=-17.5, peak=-1.2)) == []


def test_silence_and_runaway_speech() -> None:
    assert found(replace(SPOKEN, loudness=float("-inf"))) == [("silent", "error")]
    assert found(replace(SPOKEN, samples=RATE // 2)) == [("silent", "error")]
    assert found(replace(SPOKEN, samples=40 * RATE)) == [("runaway", "error")]


def test_the_message_names_the_slide_and_the_sentence() -> None:
    (finding,) = findings(replace(SPOKEN, loudness=-20.0))
    assert finding.number == 3
    assert "slide 3" in finding.message
    assert "Plants take light" in finding.message
    assert finding.facts["voice"] == "voice"
