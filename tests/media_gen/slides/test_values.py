"""The pure parts: axes of charts, numbers, runs of text, the sharing of narration, fonts' characters."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen.language import load
from media_gen.lesson import Chart, Sentence, Series
from media_gen.slides import charts, runs
from media_gen.slides.fonts import code_points
from media_gen.slides.fonts import load as load_fonts
from media_gen.slides.splitting import share

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 6))


# -- charts


@pytest.mark.parametrize(
    ("low", "high", "from_zero", "axis"),
    [
        (3, 17.5, True, (0, 20, 5)),
        (-3, 40, True, (-10, 40, 10)),
        (-40, -12, True, (-40, 0, 10)),
        (0, 0, True, (0, 0.2, 0.2)),
        (96, 104, False, (96, 104, 2)),
        (20, 950, False, (0, 1000, 200)),
        (0.001, 0.004, True, (0, 0.004, 0.001)),
    ],
)
def test_an_axis_has_round_steps(low: float, high: float, from_zero: bool, axis: tuple[float, ...]) -> None:
    assert charts.scale(low, high, from_zero=from_zero) == pytest.approx(axis)


@given(NUMBERS, NUMBERS, st.booleans())
def test_an_axis_holds_all_values_in_a_few_steps(one: float, other: float, from_zero: bool) -> None:
    low, high = sorted((one, other))
    lowest, highest, step = charts.scale(low, high, from_zero=from_zero)
    slack = step * 1e-6
    assert lowest - slack <= low
    assert high <= highest + slack
    assert 1 <= round((highest - lowest) / step) <= 12


@pytest.mark.parametrize(
    ("value", "language", "written"),
    [
        (12345.5, "en", "12,345.5"),
        (12345.5, "de", "12.345,5"),
        (1234, "en", "1234"),
        (0.5, "fr", "0,5"),
        (-3.0, "en", "−3"),
        (0.1 + 0.2, "en", "0.3"),
        (2e15, "en", "2e+15"),
    ],
)
def test_numbers_are_written_as_the_language_does(value: float, language: str, written: str) -> None:
    assert charts.number(value, load(language)) == written


def test_the_numbers_of_an_axis_are_written_alike() -> None:
    chart = Chart(form="bar", labels=("a", "b"), series=(Series(values=(12345.5, 900)),))
    ticks = [tick["text"] for tick in charts.data(chart, load("en"))["ticks"]]
    assert ticks == ["0", "5,000", "10,000", "15,000"]


def test_the_shares_of_a_pie() -> None:
    chart = Chart(form="pie", labels=("a", "b"), series=(Series(values=(1, 3)),), unit="g")
    assert charts.data(chart, load("en")) == {"shares": [0.25, 0.75], "texts": ["1 g · 25 %", "3 g · 75 %"]}


# -- text


def test_runs_keep_what_is_marked() -> None:
    assert [(r["k"], r["s"], r.get("strong", False)) for r in runs.of("a **b** `c` $x^2$")] == [
        ("text", "a ", False),
        ("text", "b", True),
        ("text", " ", False),
        ("code", "c", False),
        ("text", " ", False),
        ("maths", "x^2", False),
    ]


@given(st.text(max_size=200))
def test_places_to_break_change_no_letter(text: str) -> None:
    shown = runs.plain([{"k": "text", "s": runs.breakable(text)}])
    assert shown == text.replace("\0", "\ufffd").replace(runs.ZERO_SPACE, "").replace(runs.SOFT_HYPHEN, "")


def test_only_a_long_word_may_be_broken() -> None:
    assert runs.breakable("photosynthesis is a word") == "photosynthesis is a word"
    assert runs.SOFT_HYPHEN in runs.breakable("a" * 40)
    assert runs.ZERO_SPACE in runs.breakable("https://example.org/a/long/address")


@given(st.text(alphabet="ab cd. 光合，。", min_size=2, max_size=120))
def test_halves_put_together_are_the_whole(text: str) -> None:
    whole = runs.of(text)
    found = runs.halves(whole)
    if found:
        first, second = found
        assert runs.plain(first).strip()
        assert runs.plain(second).strip()
        assert "".join((runs.plain(first) + runs.plain(second)).split()) == "".join(runs.plain(whole).split())


def test_a_text_is_halved_between_sentences() -> None:
    first, second = runs.halves(runs.of("This is the first sentence. And this one, a little longer, is second.")) or (
        [],
        [],
    )
    assert runs.plain(first) == "This is the first sentence."
    assert runs.plain(second) == "And this one, a little longer, is second."


def test_chinese_is_never_halved_before_a_full_stop() -> None:
    first, second = runs.halves(runs.of("光照到叶子上。水被分解")) or ([], [])
    assert (runs.plain(first), runs.plain(second)) == ("光照到叶子上。", "水被分解")


# -- narration


def bulleted(*steps: int) -> dict[str, object]:
    items = [{"text": [{"k": "text", "s": "word " * 10}], "step": step} for step in steps]
    return {"title": [], "subtitle": [], "blocks": [{"kind": "bullets", "id": 1, "items": items}]}


@given(st.lists(st.one_of(st.none(), st.integers(0, 6)), max_size=10))
def test_every_sentence_has_its_part_and_order_is_kept(reveals: list[int | None]) -> None:
    narration = [Sentence(text="x.", reveal=reveal) for reveal in reveals]
    spans = share(narration, [bulleted(1, 2), bulleted(3, 4), bulleted(5, 6)])
    assert spans[0][0] == 0
    assert spans[-1][1] == len(narration)
    assert all(one[1] == other[0] and one[0] <= one[1] for one, other in pairwise(spans))


def test_a_sentence_that_reveals_two_steps_of_two_parts_goes_with_the_later() -> None:
    narration = [Sentence(text="a", reveal=1), Sentence(text="b", reveal=4), Sentence(text="c")]
    assert share(narration, [bulleted(1, 2), bulleted(3, 4)]) == [(0, 1), (1, 3)]


# -- fonts


def test_the_embedded_fonts_have_western_letters_and_no_chinese() -> None:
    fonts = load_fonts(None)
    assert fonts.missing("Élan, ß, Ω, Ж, → ≤ 2²\n") == ""
    assert fonts.missing("a 光 b 合 光") == "光合"


def test_the_characters_of_a_font_are_read_from_its_table() -> None:
    segments = struct.pack(">HHHHHHH2HH2H", 4, 0, 0, 4, 0, 0, 0, 0x42, 0xFFFF, 0, 0x41, 0xFFFF)
    groups = struct.pack(">HHIIIIII", 12, 0, 0, 0, 1, 0x1F600, 0x1F602, 1)
    cmap = struct.pack(">HHHHIHHI", 0, 2, 3, 1, 20, 3, 10, 20 + len(segments)) + segments + groups
    font = struct.pack(">IHHHH4sIII", 0x10000, 1, 0, 0, 0, b"cmap", 0, 28, len(cmap)) + cmap
    assert code_points(font) == {0x41, 0x42, 0x1F600, 0x1F601, 0x1F602}


@given(st.binary(max_size=200))
def test_a_broken_font_has_no_characters_and_does_no_harm(data: bytes) -> None:
    assert isinstance(code_points(data), set)
