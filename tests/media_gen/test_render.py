"""A render: everything is there or nothing is, twice gives the same, and it can be watched and stopped."""

import hashlib
import json
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from media_gen.checks.finding import Finding
from media_gen.errors import ChecksFailed, RenderCancelled, SlideFailed, SpeechFailed
from media_gen.lesson import Layout, Lesson, Picture, Pronunciation, Question, Sentence, Slide, Source
from media_gen.render import FIRST, GROWTH, Artefacts, render
from media_gen.speech.narrator import ChainNarrator
from media_gen.speech.port import Speech
from tests.media_gen.film.material import SMALL, Painter, bullets, lesson_of, silent_narrator

FILES = {
    *("film.mp4", "captions.vtt", "chapters.vtt", "poster.jpg", "handout.pdf", "transcript.md", "timeline.json"),
    *("lesson.json", "manifest.json", "thumbnails/001.jpg", "thumbnails/002.jpg", "thumbnails/003.jpg"),
    "thumbnails/004.jpg",
}
QUESTION = Slide(
    id="ask",
    layout=Layout.QUESTION,
    title="Why green?",
    narration=(Sentence(text="Why are leaves green?"),),
    interaction=Question(prompt="Why are leaves green?", answer="Chlorophyll", think_seconds=2),
)
LESSON = lesson_of(
    bullets("one", "Plants make sugar from light.", "They take water from the soil.", "And they take air.", steps=2),
    bullets("two", "The sugar feeds the whole plant, and everything that eats it."),
    QUESTION,
).model_copy(update={"sources": (Source(id="s", title="A book", detail="page 3", licence="CC BY 4.0"),)})


@dataclass
class Studio:
    """A place to render in: painted slides, the silent voice, and caches that stay from render to render."""

    folder: Path
    narrator: ChainNarrator
    painter: Painter

    def render(self, lesson: Lesson = LESSON, out: str = "out", **more: Any) -> Artefacts:
        given: dict[str, Any] = {"narrator": self.narrator, "setter": self.painter, **more}
        cache = self.folder / "cache"
        return render(lesson, self.folder / out, assets=self.folder, cache=cache, size=SMALL, **given)

    def read(self, name: str, out: str = "out") -> str:
        return (self.folder / out / name).read_text("utf-8")

    def beside(self) -> set[str]:
        """What lies beside the films, other than what the studio itself keeps."""
        return {path.name for path in self.folder.iterdir()} - {"cache", "speech", "slides"}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path, silent_narrator(tmp_path / "speech"), Painter(tmp_path / "slides"))


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_lesson_becomes_a_folder_of_artefacts(studio: Studio) -> None:
    made = studio.render()
    assert set(contents(made.folder)) == FILES
    assert studio.beside() == {"out"}
    with av.open(str(made.folder / "film.mp4")) as film:
        assert float(film.duration / av.time_base) == pytest.approx(made.seconds, abs=1 / 30)
    assert Lesson.model_validate_json(studio.read("lesson.json")) == LESSON


def test_a_question_has_its_answer_after_a_time_to_think(studio: Studio) -> None:
    studio.render()
    screens = json.loads(studio.read("timeline.json"))["screens"]
    assert [screen["screen"] for screen in screens] == ["one", "two", "ask", "ask.answer"]
    asked = screens[2]
    assert asked["interaction"] == "question"
    assert asked["end"] - asked["sentences"][-1]["end"] >= 2


def test_the_manifest_accounts_for_everything(studio: Studio) -> None:
    picture = Picture(asset="leaf.png", alt="A leaf", credit="A. Person", licence="CC0")
    slide = LESSON.slides[0].model_copy(update={"blocks": (*LESSON.slides[0].blocks, picture)})
    made = studio.render(LESSON.model_copy(update={"slides": (slide, *LESSON.slides[1:])}))
    manifest = json.loads(studio.read("manifest.json"))
    assert manifest["sources"][0]["licence"] == "CC BY 4.0"
    assert manifest["pictures"] == [{"slide": "one", "asset": "leaf.png", "credit": "A. Person", "licence": "CC0"}]
    assert [voice["engine"] for voice in manifest["voices"]] == ["silent"] * 5
    hashes = contents(made.folder)
    assert manifest["files"] == {name: hashes[name] for name in FILES - {"manifest.json"}}


def test_the_transcript_has_what_is_said(studio: Studio) -> None:
    studio.render()
    text = studio.read("transcript.md")
    assert "Plants make sugar from light. They take water from the soil. And they take air." in text
    assert "A book, page 3, CC BY 4.0" in text


def test_a_second_render_gives_the_same_bytes(studio: Studio) -> None:
    first = contents(studio.render().folder)
    assert contents(studio.render().folder) == first
    assert contents(studio.render(out="other").folder) == first


def test_progress_goes_through_the_stages_in_order(studio: Studio) -> None:
    told: list[tuple[str, int, int]] = []
    studio.render(progress=lambda *step: told.append(step))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["slides", "speech", "film", "exports", "checks"]
    for stage in stages:
        steps = [(done, total) for told_stage, done, total in told if told_stage == stage]
        assert [done for done, _ in steps] == list(range(steps[-1][1] + 1))


@pytest.mark.parametrize("at", ["slides", "speech", "film", "exports", "checks"])
def test_it_can_be_stopped_at_any_stage_and_leaves_what_was_there(studio: Studio, at: str) -> None:
    before = contents(studio.render().folder)

    def stop(stage: str, done: int, total: int) -> None:
        if stage == at:
            raise RenderCancelled

    edited = lesson_of(bullets("one", "Something else."))
    with pytest.raises(RenderCancelled):
        studio.render(edited, progress=stop)
    assert contents(studio.folder / "out") == before
    assert studio.beside() == {"out"}


def test_only_the_slides_that_are_wanted(studio: Studio) -> None:
    studio.render(only=frozenset({"two"}))
    timeline = json.loads(studio.read("timeline.json"))
    assert [(screen["slide"], screen["number"]) for screen in timeline["screens"]] == [("two", 2)]
    assert studio.painter.set_slides == ["two"]


def test_slides_that_are_not_there_are_named(studio: Studio) -> None:
    with pytest.raises(SlideFailed, match="no slide nine in this lesson"):
        studio.render(only=frozenset({"nine"}))


def test_the_first_slides_can_be_watched_while_the_rest_is_spoken(studio: Studio) -> None:
    kept = studio.folder / "kept"
    kept.mkdir(parents=True)
    beginnings: list[tuple[Path, str, int]] = []

    def first(film: Path) -> None:
        copy = kept / f"{len(beginnings)}.mp4"
        copy.write_bytes(film.read_bytes())
        beginnings.append((copy, film.with_name("captions.vtt").read_text("utf-8"), len(listening.asked)))

    listening = Listening(studio.narrator, [])
    whole = studio.render(on_first=first, narrator=listening)
    assert beginnings[0][2] == len(LESSON.slides[0].narration), "nothing else was waited for"
    lengths = []
    for path, captions, _ in beginnings:
        with av.open(str(path)) as film:
            lengths.append(film.duration / av.time_base)
        assert studio.read("captions.vtt").startswith(captions)
    assert lengths[0] >= FIRST
    assert all(later >= GROWTH * earlier for earlier, later in pairwise(lengths))
    assert lengths[-1] < whole.seconds
    assert studio.beside() == {"out", "kept"}


def test_a_short_film_is_its_own_first_part(studio: Studio) -> None:
    calls: list[Path] = []
    studio.render(lesson_of(bullets("one", "Short.")), on_first=calls.append)
    assert len(calls) == 1


def test_a_failed_check_publishes_nothing(studio: Studio) -> None:
    fault = Finding("overflow", "en", "two", 2, "The text of slide 2 does not fit.")
    studio.painter = Painter(studio.folder / "slides", (fault,))
    with pytest.raises(ChecksFailed, match="The text of slide 2 does not fit") as caught:
        studio.render()
    assert fault in caught.value.data["findings"]
    assert studio.beside() == {"out.findings.json"}
    assert json.loads((studio.folder / "out.findings.json").read_text())[0]["slide"] == "two"


def test_a_film_can_be_had_in_spite_of_its_checks_and_says_so(studio: Studio) -> None:
    fault = Finding("overflow", "en", "two", 2, "The text of slide 2 does not fit.")
    studio.painter = Painter(studio.folder / "slides", (fault,))
    assert fault in studio.render(check=False).findings
    assert json.loads(studio.read("manifest.json"))["findings"][0]["code"] == "overflow"


def test_a_good_render_clears_the_findings_of_a_bad_one(studio: Studio) -> None:
    (studio.folder / "out.findings.json").write_text("[]")
    studio.render()
    assert studio.beside() == {"out"}


def test_findings_of_slides_that_are_not_rendered_do_not_count(studio: Studio) -> None:
    studio.painter = Painter(studio.folder / "slides", (Finding("overflow", "en", "two", 2, "It does not fit."),))
    assert studio.render(only=frozenset({"one"})).findings == ()


def test_a_machine_translation_that_says_what_its_source_said_is_refused(studio: Studio) -> None:
    source = LESSON.model_copy(update={"language": "es"})
    machine = LESSON.model_copy(update={"drafts": {"one/narration/0/text": "an engine"}})
    with pytest.raises(ChecksFailed, match="reads as in the source language"):
        studio.render(machine, source=source)


@dataclass
class Listening:
    """A narrator that notes what it is asked to say."""

    narrator: ChainNarrator
    asked: list[tuple[str, str]]
    fails: bool = False

    def narrate(self, text: str, language: str, *, say: str = "", voice: str = "") -> Speech:
        if self.fails and self.asked:
            raise SpeechFailed("no voice")
        self.asked.append((say or text, voice))
        return self.narrator.narrate(text, language, say=say, voice=voice)

    def cached(self, text: str, language: str, *, say: str = "", voice: str = "") -> Speech | None:
        return None


def test_words_are_pronounced_as_the_script_says_and_the_wanted_voice_is_asked(studio: Studio) -> None:
    lesson = lesson_of(bullets("one", "ATP is made of ADP, not of XATPX.")).model_copy(
        update={
            "pronunciations": (
                Pronunciation(text="ATP", say="A T P"),
                Pronunciation(text="ADP", say="a dé pé", language="fr"),
            ),
            "voices": {"en": "silent:tone"},
        }
    )
    listening = Listening(studio.narrator, [])
    studio.render(lesson, narrator=listening)
    assert listening.asked == [("A T P is made of ADP, not of XATPX.", "silent:tone")]
    assert "ATP is made of ADP" in studio.read("captions.vtt")


def test_a_render_that_failed_leaves_nothing_and_goes_on_next_time(studio: Studio) -> None:
    with pytest.raises(SpeechFailed):
        studio.render(narrator=Listening(studio.narrator, [], fails=True))
    assert studio.beside() == set()
    assert set(contents(studio.render().folder)) == FILES


def test_another_size_is_another_film(studio: Studio) -> None:
    large = replace(SMALL, width=640, height=360)
    out = studio.folder / "large"
    render(
        LESSON,
        out,
        assets=studio.folder,
        cache=studio.folder / "cache",
        size=large,
        setter=studio.painter,
        narrator=studio.narrator,
    )
    with av.open(str(out / "film.mp4")) as film:
        assert film.streams.video[0].width == 640
