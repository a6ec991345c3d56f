"""Captions that can't be read are found."""

from media_gen.captions import Cue
from media_gen.checks.captions import caption_findings
from media_gen.checks.finding import Finding
from media_gen.language import load
from media_gen.speech.port import RATE


def found(seconds: float, *lines: str, language: str = "en") -> list[tuple[str, str]]:
    return [(f.code, f.severity) for f in findings(seconds, *lines, language=language)]


def findings(seconds: float, *lines: str, language: str = "en") -> tuple[Finding, ...]:
    return caption_findings([Cue(0, round(seconds * RATE), lines, "a", 0)], {"a": 7}, load(language))


def test_a_good_caption_is_none() -> None:
    assert found(4, "x" * 42, "y" * 30) == []


def test_a_line_too_long() -> None:
    assert found(6, "x" * 43, "y") == [("caption_length", "error")]
    assert found(6, "字" * 21, "字", language="zh") == [("caption_length", "error")]


def test_one_piece_that_cannot_be_cut_is_a_warning() -> None:
    assert found(6, "x" * 43) == [("caption_length", "warning")]


def test_marks_that_are_not_seen_do_not_count() -> None:
    assert found(6, "\u200f" + "مَ" * 42, "س", language="ar") == []


def test_a_third_line() -> None:
    assert found(6, "a", "b", "c") == [("caption_length", "error")]


def test_too_fast_to_read_by_the_language_s_own_measure() -> None:
    assert found(2, "x" * 41) == []
    assert found(2, "x" * 42, "y" * 3) == [("caption_speed", "warning")]
    assert found(2, "x" * 42, "y" * 20) == [("caption_speed", "error")]
    assert found(2, "字" * 20, "字" * 5, language="zh") == [("caption_speed", "error")]


def test_too_short_or_too_long_on_the_screen() -> None:
    assert found(0.5, "No.") == [("caption_speed", "warning")]
    assert found(7.5, "A caption.") == [("caption_speed", "warning")]


def test_the_message_names_the_slide_and_the_line() -> None:
    (finding,) = findings(6, "x" * 43, "y")
    assert (finding.slide, finding.number, finding.language) == ("a", 7, "en")
    assert "slide 7" in finding.message
    assert "x" * 43 in finding.message
    assert finding.facts["length"] == "43"
