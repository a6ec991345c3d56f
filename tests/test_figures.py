"""The page of figures says what was measured, and leaves no benchmark out."""

import json
from pathlib import Path

import pytest

from bench import figures

BENCHES = figures.listed()
TRAINING = {"grading_train", "intent_train"}


def test_the_page_is_what_was_measured() -> None:
    kept = json.loads(figures.KEPT.read_text("utf-8"))
    assert figures.PAGE.read_text("utf-8") == figures.page(BENCHES, kept)
    assert set(kept) <= {bench["name"] for bench in BENCHES}


def test_every_benchmark_is_listed() -> None:
    files = {path.stem for path in Path(figures.__file__).parent.glob("[a-z]*.py")} - TRAINING - {"figures"}
    listed = {bench["command"].split()[0].removeprefix("bench.") for bench in BENCHES}
    assert listed == files


@pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: bench["name"])
def test_what_was_asked_can_be_judged(bench: dict[str, object]) -> None:
    assert isinstance(bench["figures"], list)
    for figure in bench["figures"]:
        assert figures.met(figure, {"values": {figure["key"]: 0.5}}) in (None, True, False)
    assert figures.at({"a": {"b c": 1}}, "a.b c") == 1
    assert figures.at({"a": {"b c": 1}}, "a.b c.d") is figures.MISSING


@pytest.mark.parametrize(
    ("asked", "value", "met"),
    [("<= 0.05", 0.05, True), ("<= 0.05", 0.051, False), (">= 0.77", 0.8, True), ("== 0", 0, True), ("== 0", 1, False)],
)
def test_a_figure_that_misses_what_was_asked_is_called_so(asked: str, value: float, met: bool) -> None:
    figure = {"key": "x", "says": "a figure", "asked": asked}
    assert figures.met(figure, {"values": {"x": value}}) is met
    bench = {"name": "one", "title": "One", "command": "bench.one", "figures": [figure]}
    page = figures.page([bench], {"one": {"on": "today", "machine": "this", "values": {"x": value}}})
    assert ("(missed)" in page) is not met


def test_the_last_object_printed_is_read_on_one_line_or_several() -> None:
    assert figures.last_object('a table\n{"x": 1}\n') == {"x": 1}
    assert figures.last_object('{"x": 1}\n{\n "x": {\n  "y": 2\n }\n}\n') == {"x": {"y": 2}}
    with pytest.raises(ValueError, match="no JSON object"):
        figures.last_object("nothing\n")


@pytest.mark.parametrize(
    ("value", "read"),
    [(0, "0"), (1.0, "1"), (0.05321, "0.053"), (6.708, "6.71"), (127.44, "127.4"), (37901, "37,901"), (None, "-")],
)
def test_figures_are_read_as_people_read_them(value: float | None, read: str) -> None:
    assert figures.shown(value) == read
