"""Captions: readable at their speed, cut where a reader pauses, and true to the text in every script."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen.captions import LONGEST, Cue, clock, cues, webvtt
from media_gen.language import load
from media_gen.lesson import Layout, Lesson, Sentence, Slide
from media_gen.line_breaks import ISOLATE, POP, visible
from media_gen.slides.port import Screen
from media_gen.speech.port import RATE
from media_gen.timeline import SHORTEST, layout


def captions(language: str, *said: tuple[str, float]) -> tuple[Cue, ...]:
    """The captions of one slide: each sentence with the seconds that it takes to say."""
    made = Slide(id="a", layout=Layout.BULLETS, narration=tuple(Sentence(text=text) for text, _ in said))
    lesson = Lesson(title="T", language=language, slides=(made,))
    screens = [Screen("a", "a", (Path("a.png"),), (0, len(said)))]
    timeline = layout(lesson, screens, {("a", n): round(seconds * RATE) for n, (_, seconds) in enumerate(said)})
    return cues(lesson, timeline, load(language))


def shown(language: str, text: str, seconds: float = 6.0) -> list[list[str]]:
    return [list(cue.lines) for cue in captions(language, (text, seconds))]


WORDS = st.lists(st.text("abcdefgh,.", min_size=1, max_size=14), min_size=1, max_size=60).map(" ".join)
HANZI = st.text("光合作用是植物把能变成糖的过程，。", min_size=1, max_size=120)


@given(WORDS, st.floats(0.2, 25.0))
def test_lines_are_short_and_no_word_is_cut(text: str, seconds: float) -> None:
    made = captions("en", (text, seconds))
    for cue in made:
        assert len(cue.lines) <= 2
        assert all(visible(line) <= 42 for line in cue.lines)
    assert " ".join(line for cue in made for line in cue.lines).split() == text.split()


@given(HANZI, st.floats(0.5, 25.0))
def test_chinese_breaks_between_characters_and_never_before_a_full_stop(text: str, seconds: float) -> None:
    made = captions("zh", (text, seconds))
    lines = [line for cue in made for line in cue.lines]
    assert "".join(lines) == text
    marks = re.match(r"[，。]*", text)
    for line in lines[1:] if marks and not marks[0] else []:
        assert line[0] not in "，。"
    if not re.search(r"[，。]{4}", text):
        assert all(visible(line) <= 20 for line in lines)


@given(st.lists(st.tuples(WORDS, st.floats(0.1, 20.0)), min_size=1, max_size=5))
def test_captions_follow_each_other_and_none_stays_too_long(said: list[tuple[str, float]]) -> None:
    made = captions("en", *said)
    for before, after in pairwise(made):
        assert before.end <= after.start
    assert all(0 < cue.end - cue.start <= LONGEST for cue in made)


@given(st.lists(st.floats(0.05, 6.0), min_size=1, max_size=6))
def test_a_short_sentence_has_a_caption_long_enough_to_be_read(lengths: list[float]) -> None:
    made = captions("en", *[("Yes, it is so.", seconds) for seconds in lengths])
    assert len(made) == len(lengths)
    assert all(cue.end - cue.start >= SHORTEST for cue in made)


def test_a_caption_begins_with_its_sentence() -> None:
    made = captions("en", ("One.", 2.0), ("Two.", 3.0))
    assert [cue.start for cue in made] == [round(0.4 * RATE), made[1].start]
    assert made[0].end <= made[1].start
    assert [(cue.slide, cue.index, cue.part) for cue in made] == [("a", 0, 1), ("a", 1, 1)]


def test_a_long_sentence_is_cut_at_its_phrases() -> None:
    text = (
        "Plants make their own food from light, water and carbon dioxide, and they give off the oxygen that we breathe."
    )
    assert shown("en", text, 8.0) == [
        ["Plants make their own food from light,", "water and carbon dioxide,"],
        ["and they give off the oxygen", "that we breathe."],
    ]


def test_the_parts_of_a_sentence_share_its_time_by_their_text() -> None:
    made = captions("en", ("a" * 30 + ", " + "b" * 30 + ", " + "c" * 30, 9.0))
    assert len(made) > 1
    lengths = [visible("".join(cue.lines)) / (cue.end - cue.start) for cue in made]
    assert max(lengths) < 1.1 * min(lengths)


def test_a_line_ends_with_no_article_where_it_can() -> None:
    (first, _), *_ = shown("en", "Every plant in the garden takes its food from the light of the sun")
    assert first.split()[-1] not in ("the", "of", "in")


def test_a_formula_is_one_piece_of_plain_text() -> None:
    ((first, second),) = shown("en", r"We now know that the area of it is $A = \frac{1}{2} b h + c^2$ in all cases")
    assert "A = ½bh + c²" in (first + second).replace("½b h", "½bh")
    assert r"\frac" not in first + second


@pytest.mark.parametrize("text", ["It is **very** *warm* in `code` [here](https://example.org)."])
def test_markup_is_not_shown(text: str) -> None:
    assert shown("en", text) == [["It is very warm in code here."]]


def test_arabic_keeps_its_formulas_left_to_right() -> None:
    made = shown("ar", "المجموع هو $3 + 4 = 7$ كما ترى")
    assert made == [[f"\u200fالمجموع هو {ISOLATE}3 + 4 = 7{POP} كما ترى"]]


def test_left_to_right_text_has_no_invisible_marks() -> None:
    assert shown("en", "So $3 + 4 = 7$.") == [["So 3 + 4 = 7."]]


def test_a_sentence_without_text_has_no_caption() -> None:
    assert captions("en", ("", 2.0)) == ()


def test_the_file_is_webvtt_with_its_signs_escaped() -> None:
    made = [Cue(9600, 48_000, ("If a < b & b > c,", "then --> stop"), "a", 0)]
    assert webvtt(made) == (
        "WEBVTT\n\na.1.1\n00:00:00.400 --> 00:00:02.000\nIf a &lt; b &amp; b &gt; c,\nthen --&gt; stop\n"
    )


def test_times_go_on_after_an_hour() -> None:
    assert clock(3_661 * RATE + RATE // 2) == "01:01:01.500"
