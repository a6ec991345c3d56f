"""Every reader of ours, given damaged files and answers of models: a value comes back, or the typed error it promises.

One table, so that a reader that is missing is seen. Readers with a test of their own in this sense: decks
(``media_gen/script``), formulas, captions, protocol of model servers (``llm``), Markdown, loaders (``retrieval``),
numbers, quantities and mathematics (``domain``).
"""

import contextlib
import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_gen.contact_sheet import moments
from media_gen.errors import MediaError
from media_gen.script.pptx import read_pptx
from media_gen.slides import theme
from media_gen.slides.shelf import Shelf
from media_gen.translation import artefact, own
from media_gen.translation import model as translating
from retrieval.errors import RetrievalError
from retrieval.loaders import Source, front_matter
from retrieval.loaders.exchange import BadAnswer, loaded_of
from retrieval.values import Passage
from tests.conformance.mutants import damaged_bytes, mutants, twisted, twisted_json, twisted_toml
from tutor import models, seat
from tutor.domain import events as e
from tutor.domain.curriculum import Course
from tutor.domain.errors import DiotimaError
from tutor.domain.films import FilmRequest
from tutor.domain.items import TYPES, read_item
from tutor.services import drafting, film_scripts, items, oatutor, uploads
from tutor.services.course_file import read_course_file, slug
from tutor.services.explain import compose
from tutor.services.film_files import CONTENTS, _sealed
from tutor.services.film_text import places
from tutor.services.item_text import from_text
from tutor.services.notes import Notes
from tutor.store.codec import default_codec
from tutor.store.sql.relay import decoded
from web import chat_sse, media_files, messages, security, views

OURS = (DiotimaError, MediaError, RetrievalError)
DEMO = Path(__file__).parents[2] / "tutor" / "demo" / "energy-for-life"


@dataclass(frozen=True)
class Reader:
    """``read`` may raise ``errors`` and nothing else."""

    name: str
    given: st.SearchStrategy[Any]
    read: Callable[[Any], object]
    errors: tuple[type[Exception], ...] = OURS
    times: int = 60


def in_file(name: str, read: Callable[[Path], object], encode: bool = True) -> Callable[[Any], object]:
    """A reader of files, given what is in one."""

    def reading(content: Any) -> object:
        with tempfile.TemporaryDirectory() as folder:
            data = content.encode("utf-8", "surrogatepass") if encode else content
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            return read(Path(folder))

    return reading


# -- what a good one looks like ------------------------------------------------------------------------------------

COURSE = (DEMO / "course.toml").read_text("utf-8")
COURSE = COURSE[: COURSE.index("[[", 1500)]
ITEMS = (DEMO / "items" / "1-energy.toml").read_text("utf-8")
ITEMS = ITEMS[: ITEMS.index("[[item]]", 2500)]
TRANSLATION = (DEMO / "decks" / "photosynthesis.es.toml").read_text("utf-8")
TRANSLATION = TRANSLATION[: TRANSLATION.index("[[segment]]", 1500)]
BRAND = """base = "dark"
logo = "logo.png"
[colours]
accent = "#0b6b70"
series = ["#0b6b70", "#aa3300"]
[fonts]
text = "Noto Sans"
"""
FRONT = "---\ntitle: Leaves\nlang: en\ntags: [a, b]\ndate: 2024-01-02\n---\n# Leaves\n"
PASSAGE = Passage(
    "p1", "light", "leaves.md", 0, ("Leaves",), 0, 40, "Chlorophyll reflects green light, so 3 leaves.", 0
)
HELD = Course("light", "Light", "en")
DRAFTED = {
    "items": [
        {
            "type": "multiple_choice",
            "prompt": "What does chlorophyll reflect?",
            "quote": "Chlorophyll reflects green light",
        }
        | {
            "options": [{"text": "green light", "correct": True}, {"text": "red light"}],
            "kcs": ["x"],
            "hints": ["Look."],
        }
    ]
}
SCRIPT = {
    "title": "Leaves",
    "slides": [
        {
            "title": "Green",
            "points": ["one", "two"],
            "sources": [1],
            "narration": [{"text": "Leaves are green.", "point": 1}],
        }
    ],
}
LESSON = {
    "title": "Leaves",
    "language": "en",
    "slides": [{"id": "a", "layout": "text", "title": "Green", "blocks": []}],
}
PROBLEM = {
    "id": "p1",
    "title": "Adding",
    "body": "Add the terms.",
    "lesson": "1.2 Sums",
    "lesson_id": "L1",
    "oer": "https://example.org/book <Example: Sums>",
    "license": "https://example.org/by <CC BY 4.0>",
    "steps": [
        {
            "id": "p1a",
            "title": "Add $$2x$$ and $$3x$$",
            "body": "",
            "answer": ["$$5x$$"],
            "answer_type": "arithmetic",
            "problem_type": "TextBox",
            "choices": None,
            "skills": ["add_terms"],
            "hints": [
                {"id": "h1", "type": "hint", "title": "Look", "text": "What is alike?", "dependencies": []},
                {"id": "h2", "type": "scaffold", "text": "$$2+3$$?", "hintAnswer": ["5"], "dependencies": ["h1"]},
            ],
        },
        {"id": "p1b", "title": "Which?", "answer": ["a"], "problem_type": "MultipleChoice", "choices": ["a", "b"]}
        | {"answer_type": "string", "skills": ["name_as"], "hints": []},
    ],
}
LESSONS = [{"id": "L1", "name": "Lesson 1.2", "topics": "Sums", "skills": {"add_terms": 0.85, "name_as": 0.9}}]
SENT = {"type": "send", "client_id": "m1", "text": "hello", "parent": None, "reply": {"item": "i1", "values": ["a"]}}
ROWS = [{"name": "film.mp4", "size": 3, "sha256": "ab"}]
FILM = {"only": "[1]", "lesson": "l", "language": "en", "size": "720p", "title": "T"}
EVENTS = (
    e.MessageSent("t", "m", "text", None),
    e.MoveChosen("t", "answer", "rule", "reason"),
    e.SentenceSpoken("t", 0, "x", "model"),
)
ITEM = [
    {"id": "x", "kcs": ["k"], "prompt": "Which?", "hints": ["h", {"text": "n"}], "type": name} | body
    for name, kind in TYPES.items()
    for body, _, _ in kind.EXAMPLES[:1]
]
RANGE = "bytes=0-99"
SOURCE = Source("c", "a.pdf", order=1)
READ = {
    "title": "A",
    "media_type": "application/pdf",
    "language": None,
    "text": "Leaves are green.",
    "kcs": ["k"],
    "anchors": [[0, 1, None]],
    "items": [],
    "unread": ["page 2"],
}
SHOWN = {"slides": [{"id": "a", "narration": [{"text": "A leaf has pores."}], "title": "A", "layout": "text"}]}
TIMELINE = {"screens": [{"screen": "a", "slide": "a", "steps": [[0, 0.5]], "sentences": [{"index": 0, "start": 0.4}]}]}


def presentation() -> bytes:
    import pptx

    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Leaves"
    slide.placeholders[1].text = "green"
    slide.notes_slide.notes_text_frame.text = "They are green."
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def read_event(text: str) -> object:
    codec = default_codec()
    return [codec.decode(type(event).__name__, event.VERSION, text) for event in EVENTS]


def read_notes(folder: Path) -> object:
    notes = Notes(folder / "notes.json")
    notes.put("files", {"a": "1"})
    assert notes.get("files", "a") == "1"
    return notes.get("vectors", "b")


def read_headers(text: str) -> object:
    span = media_files.span_of(text, 1000)
    assert span is None or 0 <= span.first <= span.last < 1000
    target = security.safe_next(text)
    assert target.startswith("/")
    assert not target.startswith("//")
    return (
        views.negotiate(text, ["en", "pt-BR"], "en"),
        chat_sse.seq_of(text),
        security.origin_allowed(text, "host", (text,)),
        media_files._names(text, '"x"'),
    )


def imported(pair: tuple[str, str]) -> object:
    problems = oatutor.problems_of(pair[0].splitlines())
    return oatutor.imported(problems, oatutor.lessons_of(pair[1]))


def in_film(pair: tuple[Any, Any]) -> object:
    """As ``FilmPlaces.in_film`` asks, which takes these errors for "nothing known"."""
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return places("# A\n\nA leaf has pores.\n", *pair)
    return ()


def shelved(text: str) -> object:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.write_json("key", [1])
        assert shelf.read_json("key") == [1]
        (file,) = [path for path in Path(folder).rglob("*") if path.is_file()]
        file.write_text(text, "utf-8", errors="surrogatepass")
        return shelf.read_json("key")


LINES = st.booleans().flatmap(lambda whole: twisted(PROBLEM).map(json.dumps) if whole else twisted_json(PROBLEM))
READERS = (
    Reader("course.toml", twisted_toml(COURSE), in_file("course.toml", read_course_file)),
    Reader(
        "items/*.toml", twisted_toml(ITEMS), in_file("items/a.toml", lambda folder: items.read_authored(folder, "c"))
    ),
    Reader(
        "an item's values",
        st.sampled_from(ITEM).flatmap(twisted),
        lambda data: read_item(data if isinstance(data, dict) else {}, "c"),
        times=250,
    ),
    Reader("an item as edited", twisted_toml(ITEMS), lambda text: from_text(text, read_item(ITEM[0], "c"))),
    Reader(
        "OATutor",
        st.one_of(st.tuples(LINES, st.just(json.dumps(LESSONS))), st.tuples(LINES, twisted_json(LESSONS))),
        imported,
        times=150,
    ),
    Reader("a translation", twisted_toml(TRANSLATION), artefact.parse, times=120),
    Reader(
        "texts of one's own",
        twisted_toml('"a/title" = "Hojas"\n"b/p1" = "Verdes"\n'),
        in_file("t.toml", lambda folder: own.OwnText.of_file(folder / "t.toml", source="en", target="es")),
    ),
    Reader("a brand file", twisted_toml(BRAND), in_file("b.toml", lambda root: theme.load("b.toml", root)), times=120),
    Reader("front matter of material", mutants(FRONT), lambda text: front_matter.split(text, "a.md")),
    Reader("a lesson as JSON", twisted_json(LESSON), lambda text: film_scripts._lesson("lesson", text, ())),
    Reader(
        "a presentation",
        damaged_bytes(presentation()),
        in_file("a.pptx", lambda folder: read_pptx(folder / "a.pptx", folder / "p"), False),
        times=40,
    ),
    Reader(
        "a model's items", twisted_json(DRAFTED), lambda text: drafting.read_reply(text, HELD, PASSAGE, "m"), times=150
    ),
    Reader("a model's script", twisted_json(SCRIPT), lambda text: compose.read_reply(text, ()), times=150),
    Reader("a model's translation", twisted_json({"1": "eins", "2": "zwei"}), translating.read_reply),
    Reader("a frame of the protocol", twisted_json(SENT), messages.decode, (pydantic.ValidationError,), times=150),
    Reader("a stored event", st.one_of(*(twisted_json({"turn": "t", "text": "x"}) for _ in EVENTS)), read_event),
    Reader("a film's contents", twisted_json(ROWS), in_file(CONTENTS, lambda folder: _sealed(folder, "k"))),
    Reader(
        "a film job's arguments", twisted(FILM), lambda data: FilmRequest.of(data if isinstance(data, dict) else {})
    ),
    Reader("notes of indexing", twisted_json({"files": {"a": "x"}}), in_file("notes.json", read_notes)),
    Reader(
        "request headers",
        st.one_of(mutants(RANGE), mutants("de-CH,en;q=0.8,*;q=0.1"), mutants("https://a.b/c?d#e")),
        read_headers,
        times=200,
    ),
    Reader("names of uploads", mutants("../notes v1.MD"), lambda name: uploads.safe_name(name, (".md",)), times=120),
    Reader("word from another server", twisted_json(["other", "written", "talk", 1, 2]), lambda t: decoded(t, "me")),
    Reader(
        "what the reading process answers", twisted(READ), lambda data: loaded_of(data, SOURCE, "0" * 64), (BadAnswer,)
    ),
    Reader("what a film says when", st.tuples(twisted(SHOWN), twisted(TIMELINE)), in_film, times=150),
    Reader(
        "when a film shows what", twisted_json(TIMELINE), in_file("t.json", lambda root: moments(root / "t.json", 9))
    ),
    Reader("a slide's cache", twisted_json({"value": [1], "sha256": "0"}), shelved),
    Reader("what of models was checked", twisted_json({"e5/a": "1 2 3"}), in_file(models._SEEN, models._seen)),
    Reader(
        "who has the data folder", twisted_json({"pid": 1, "address": "a"}), lambda text: seat._read(io.StringIO(text))
    ),
    Reader("names of courses", mutants("Biology 2e"), slug),
)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_whatever_comes_is_read_or_refused_in_kind(reader: Reader) -> None:
    @settings(max_examples=reader.times, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(reader.given)
    def holds(data: Any) -> None:
        try:
            reader.read(data)
        except reader.errors as refused:
            said = str(refused)
            assert said

    holds()
