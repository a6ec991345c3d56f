"""A lesson becomes screens: one PNG for every step, kept by the hash of all that makes it."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media_gen.errors import AssetMissing
from media_gen.lesson import (
    Bullet,
    Bullets,
    Clip,
    Diagram,
    Layout,
    Lesson,
    Paragraph,
    Picture,
    Question,
    Sentence,
    Slide,
)
from media_gen.slides.port import FULL_HD, HD, Screen, Size
from media_gen.slides.setter import SlideSetter
from tests.media_gen.slides.decks import QUESTION, SMALL, assets, bullets, every_layout, lesson, one, pixels


@pytest.fixture
def setter(tmp_path: Path) -> SlideSetter:
    return SlideSetter(tmp_path / "cache", None)


def changed_rows(before: Path, after: Path) -> tuple[int, int]:
    rows = np.flatnonzero(np.abs(pixels(before) - pixels(after)).sum(axis=(1, 2)))
    return int(rows[0]), int(rows[-1])


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("contrast", "ar")])
def test_every_layout_is_set_and_none_has_a_finding(
    setter: SlideSetter, tmp_path: Path, theme: str, language: str
) -> None:
    folder = assets(tmp_path)
    deck = every_layout().model_copy(update={"theme": theme, "language": language})
    screens = setter.screens(deck, SMALL, folder)
    assert {screen.slide for screen in screens} == {slide.id for slide in deck.slides}
    assert all(pixels(path).shape == (360, 640, 3) for screen in screens for path in screen.pictures)
    assert [f for f in setter.findings(deck, SMALL, folder) if f.code != "glyph"] == []


@pytest.mark.parametrize("size", [HD, FULL_HD])
def test_pictures_have_the_size_asked_for(setter: SlideSetter, tmp_path: Path, size: Size) -> None:
    (screen,) = setter.screens(one(Layout.BULLETS, bullets("a")), size, tmp_path)
    assert pixels(screen.pictures[0]).shape == (size.height, size.width, 3)


def test_there_is_a_picture_for_each_step_and_one_before(setter: SlideSetter, tmp_path: Path) -> None:
    items = (Bullet(text="one"), Bullet(text="below", level=1), Bullet(text="two"))
    deck = one(Layout.BULLETS, Bullets(items=items), Diagram(steps=("a", "b", "c")))
    (screen,) = setter.screens(deck, SMALL, tmp_path)
    assert screen.steps == deck.slides[0].steps == 5
    assert len({path.read_bytes() for path in screen.pictures}) == 6


def test_a_step_changes_the_picture_only_where_it_stands(setter: SlideSetter, tmp_path: Path) -> None:
    (screen,) = setter.screens(one(Layout.BULLETS, bullets("first", "second", "third")), SMALL, tmp_path)
    spans = [changed_rows(a, b) for a, b in pairwise(screen.pictures)]
    assert spans == sorted(spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_a_question_has_a_screen_to_think_and_one_with_the_answer(setter: SlideSetter, tmp_path: Path) -> None:
    slide = Slide(id="ask", layout=Layout.QUESTION, interaction=QUESTION, narration=(Sentence(text="Think."),))
    asked, told = setter.screens(lesson(slide), SMALL, tmp_path)
    assert (asked.name, told.name, asked.slide, told.slide) == ("ask", "ask.answer", "ask", "ask")
    assert (asked.sentences, told.sentences) == ((0, 1), (1, 1))
    assert asked.hold_seconds == 7
    assert told.hold_seconds >= 3
    assert "stomata" in told.text
    assert "stomata" not in asked.text


def test_the_right_option_is_marked_without_colour(setter: SlideSetter, tmp_path: Path) -> None:
    """In grey, the answer's screen still shows which option is right: its badge holds a tick and no letter."""
    pair = [
        Slide(
            id=name,
            layout=Layout.QUESTION,
            interaction=QUESTION.model_copy(
                update={
                    "options": tuple(
                        option.model_copy(update={"text": "same", "correct": (n == 0) == (name == "first")})
                        for n, option in enumerate(QUESTION.options)
                    )
                }
            ),
        )
        for name in ("first", "second")
    ]
    answers = [s for s in setter.screens(lesson(*pair), SMALL, tmp_path) if s.name.endswith(".answer")]
    one_grey, other_grey = (pixels(s.pictures[0]).sum(axis=2) // 3 for s in answers)
    assert np.abs(one_grey - other_grey).max() > 100


def test_an_open_question_shows_its_answer_later(setter: SlideSetter, tmp_path: Path) -> None:
    slide = Slide(id="ask", layout=Layout.QUESTION, interaction=Question(prompt="Why?", answer="Because."))
    asked, told = setter.screens(lesson(slide), SMALL, tmp_path)
    assert "Because." in told.text
    assert "Because." not in asked.text


def test_the_answer_speaks_from_the_sentence_that_reveals_it(setter: SlideSetter, tmp_path: Path) -> None:
    says = (Sentence(text="Think."), Sentence(text="Carbon dioxide.", reveal=1), Sentence(text="By the stomata."))
    slide = Slide(id="ask", layout=Layout.QUESTION, interaction=QUESTION, narration=says)
    asked, told = setter.screens(lesson(slide), SMALL, tmp_path)
    assert (asked.sentences, told.sentences) == ((0, 1), (1, 3))
    assert (asked.steps, told.steps) == (0, 0)
    assert (asked.hold_seconds, told.hold_seconds) == (7, 0)  # what is spoken needs no time of its own to be read


def test_the_answer_is_a_step_after_those_of_the_slide(setter: SlideSetter, tmp_path: Path) -> None:
    says = tuple(Sentence(text=f"{n}.", reveal=n) for n in (1, 2, 3))
    slide = Slide(id="a", layout=Layout.QUESTION, interaction=QUESTION, narration=says, blocks=(bullets("x", "y"),))
    assert slide.steps == 3
    asked, told = setter.screens(lesson(slide), SMALL, tmp_path)
    assert (asked.sentences, asked.steps, told.sentences, told.steps) == ((0, 2), 2, (2, 3), 0)


def test_a_long_answer_is_spoken_over_all_its_screens(setter: SlideSetter, tmp_path: Path) -> None:
    long = QUESTION.model_copy(update={"explanation": "It enters through many small holes in the leaf. " * 60})
    says = (
        Sentence(text="Think."),
        *(Sentence(text="It enters there.", reveal=1 if n == 0 else None) for n in range(8)),
    )
    slide = Slide(id="ask", layout=Layout.QUESTION, interaction=long, narration=says)
    _asked, *told = setter.screens(lesson(slide), SMALL, tmp_path)
    assert len(told) > 1
    assert told[0].sentences[0] == 1
    assert told[-1].sentences[1] == 9
    assert all(a.sentences[1] == b.sentences[0] for a, b in pairwise(told))
    assert sum(a.sentences[0] < a.sentences[1] for a in told) > 1


def test_only_the_slides_asked_for_are_set_with_their_own_numbers(setter: SlideSetter, tmp_path: Path) -> None:
    deck = lesson(*(Slide(id=f"s{n}", layout=Layout.BULLETS, blocks=(bullets(f"{n}"),)) for n in range(3)))
    (alone,) = setter.screens(deck, SMALL, tmp_path, frozenset({"s1"}))
    assert alone == setter.screens(deck, SMALL, tmp_path)[1]


def test_the_same_lesson_gives_the_same_files_and_makes_nothing_anew(tmp_path: Path) -> None:
    deck = one(Layout.BULLETS, bullets("a", "b"))
    first = SlideSetter(tmp_path / "cache", None).screens(deck, SMALL, tmp_path)
    times = [path.stat().st_mtime_ns for path in first[0].pictures]
    again = SlideSetter(tmp_path / "cache", None).screens(deck, SMALL, tmp_path)
    assert again == first
    assert [path.stat().st_mtime_ns for path in again[0].pictures] == times


def test_two_machines_make_the_same_bytes(tmp_path: Path) -> None:
    folder = assets(tmp_path)
    deck = every_layout()
    deck = deck.model_copy(update={"slides": deck.slides[4:8]})
    made = [SlideSetter(tmp_path / name, None).screens(deck, SMALL, folder) for name in ("one", "other")]
    assert _bytes(made[0]) == _bytes(made[1])


def _bytes(screens: tuple[Screen, ...]) -> list[bytes]:
    return [path.read_bytes() for screen in screens for path in screen.pictures]


@pytest.mark.parametrize("harm", ["cut", "gone", "index"])
def test_a_damaged_picture_is_made_anew(setter: SlideSetter, tmp_path: Path, harm: str) -> None:
    deck = one(Layout.BULLETS, bullets("a", "b"))
    (screen,) = setter.screens(deck, SMALL, tmp_path)
    whole = _bytes((screen,))
    if harm == "cut":
        screen.pictures[1].write_bytes(whole[1][:100])
    elif harm == "gone":
        screen.pictures[1].unlink()
    else:
        (screen.pictures[0].parent / "index.json").write_text("[")
    assert _bytes(setter.screens(deck, SMALL, tmp_path)) == whole


def test_a_changed_picture_file_changes_its_slide(setter: SlideSetter, tmp_path: Path) -> None:
    deck = one(Layout.PICTURE, Picture(asset="hill.png"))
    before = _bytes(setter.screens(deck, SMALL, assets(tmp_path)))
    Image.new("RGB", (320, 200), "#c33").save(tmp_path / "hill.png")
    assert _bytes(setter.screens(deck, SMALL, tmp_path)) != before


def test_another_slide_changed_leaves_a_slide_as_it_was(setter: SlideSetter, tmp_path: Path) -> None:
    def deck(text: str) -> Lesson:
        return lesson(
            Slide(id="a", layout=Layout.BULLETS, blocks=(Paragraph(text=text),)),
            Slide(id="b", layout=Layout.BULLETS, blocks=(Paragraph(text="same"),)),
        )

    first, second = (setter.screens(deck(text), SMALL, tmp_path) for text in ("one", "two"))
    assert first[1].pictures == second[1].pictures
    assert first[0].pictures != second[0].pictures


def test_a_machine_s_translation_says_so_on_its_slide(setter: SlideSetter, tmp_path: Path) -> None:
    deck = one(Layout.BULLETS, bullets("a"))
    drafted = deck.model_copy(update={"drafts": {"leaf/title": "apertium"}})
    other = deck.model_copy(update={"drafts": {"another/title": "apertium"}})
    plain, marked, unmarked = (_bytes(setter.screens(d, SMALL, tmp_path)) for d in (deck, drafted, other))
    assert plain != marked
    assert plain == unmarked


def test_arabic_begins_at_the_right(setter: SlideSetter, tmp_path: Path) -> None:
    def ink(language: str) -> float:
        deck = one(Layout.BULLETS, bullets("x"), title="A").model_copy(update={"language": language})
        (screen,) = setter.screens(deck, SMALL, tmp_path)
        body = pixels(screen.pictures[-1])[20:320, 20:-20]
        return float(np.argwhere(np.abs(body - body[0, 0]).sum(axis=2) > 60)[:, 1].mean()) / body.shape[1]

    assert ink("en") < 0.2
    assert ink("ar") > 0.8


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_card_stands_for_a_picture_that_is_not_there(setter: SlideSetter, tmp_path: Path, language: str) -> None:
    deck = one(Layout.PICTURE, Picture(asset="plants/none.png", alt="A leaf from below")).model_copy(
        update={"language": language}
    )
    (screen,) = setter.screens(deck, SMALL, tmp_path)
    assert "A leaf from below" in screen.text
    (found,) = [f for f in setter.findings(deck, SMALL, tmp_path) if f.code != "glyph"]
    assert (found.code, found.severity, found.slide, found.number) == ("asset", "warning", "leaf", 1)
    assert "Slide 1 (A leaf): there is no file plants/none.png" in found.message
    (tmp_path / "plants").mkdir()
    Image.new("RGB", (320, 200), "#c33").save(tmp_path / "plants/none.png")
    (there,) = setter.screens(deck, SMALL, tmp_path)
    assert _bytes((there,)) != _bytes((screen,))
    assert [f.code for f in setter.findings(deck, SMALL, tmp_path) if f.code != "glyph"] == []


@pytest.mark.parametrize(
    "missing",
    [
        Picture(asset="a/none.png"),
        Picture(asset="none.png", caption="A hill", alt="A hill"),
        Picture(asset="sha256:" + "0" * 64),
        Picture(asset="none.png", alt="word " * 90),
        Picture(asset="none.png", alt="x" * 300),
        Clip(asset="none.mp4", alt="A leaf turns", start=2),
    ],
)
def test_a_card_fits_beside_text(setter: SlideSetter, tmp_path: Path, missing: Picture | Clip) -> None:
    deck = one(Layout.PICTURE_TEXT, bullets("a", "b"), missing)
    (screen,) = setter.screens(deck, SMALL, tmp_path)
    assert screen.clip is None
    assert [f.code for f in setter.findings(deck, SMALL, tmp_path)] == ["asset"]


def test_a_file_that_may_not_be_read_is_named(setter: SlideSetter, tmp_path: Path) -> None:
    with pytest.raises(AssetMissing) as error:
        setter.screens(one(Layout.PICTURE, Picture(asset="../none.png")), SMALL, tmp_path)
    assert error.value.data == {"asset": "../none.png", "slide": "leaf"}
