"""A film whose pictures leave its sound, or that can't be seeked, is found."""

from dataclasses import replace
from pathlib import Path

import pytest

from media_gen.checks.film import drifts, film_findings, key_gap
from media_gen.film.probe import FilmPackets, probe
from media_gen.film.write import Material, write_film
from media_gen.speech.port import RATE
from media_gen.timeline import FRAME, TICK, Timeline, layout
from tests.media_gen.film.material import SMALL, Painter, bullets, lengths, lesson_of, tone

LESSON = lesson_of(bullets("one", "First.", "Second.", "Third.", steps=2), bullets("two", "Last."))
NUMBERS = {"one": 1, "two": 2}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Timeline, FilmPackets]:
    folder: Path = tmp_path_factory.mktemp("film")
    screens = Painter(folder).screens(LESSON, SMALL, folder)
    speech = {(s.id, n): tone(folder / f"{s.id}{n}.wav", 2.2) for s in LESSON.slides for n in range(len(s.narration))}
    timeline = layout(LESSON, screens, lengths(speech))
    write_film(timeline, Material(screens, speech), folder / "film.mp4", cache=folder, size=SMALL)
    return timeline, probe(folder / "film.mp4")


def codes(timeline: Timeline, packets: FilmPackets) -> set[str]:
    return {finding.code for finding in film_findings(timeline, packets, NUMBERS, "en")}


def test_a_good_film_is_none(film: tuple[Timeline, FilmPackets]) -> None:
    timeline, packets = film
    assert codes(timeline, packets) == set()
    late = list(drifts(timeline, packets))
    assert len(late) == 4, "two screens and two steps"
    assert all(0 <= samples <= 0.033 * RATE for _, samples in late)
    assert key_gap(packets) <= 2.5 * RATE


@pytest.mark.parametrize("by", [-2 * TICK, 2 * TICK])
def test_pictures_that_are_early_or_late(film: tuple[Timeline, FilmPackets], by: int) -> None:
    timeline, packets = film
    keys = tuple(at + by for at in packets.keys)
    assert "drift" in codes(timeline, replace(packets, keys=keys))


def test_one_step_that_is_late(film: tuple[Timeline, FilmPackets]) -> None:
    timeline, packets = film
    change = timeline.spans[0].shown[1].start - timeline.spans[0].start - TICK
    keys = tuple(sorted(at + 3 * TICK * (abs(at - change) < TICK) for at in packets.keys))
    (finding,) = film_findings(timeline, replace(packets, keys=keys), NUMBERS, "en")
    assert (finding.code, finding.number, finding.severity) == ("drift", 1, "error")


def test_sound_with_a_hole(film: tuple[Timeline, FilmPackets]) -> None:
    timeline, packets = film
    sounds = tuple(at + FRAME * (at > 3 * RATE) for at in packets.sounds)
    assert "drift" in codes(timeline, replace(packets, sounds=sounds))


def test_streams_that_do_not_end_together(film: tuple[Timeline, FilmPackets]) -> None:
    timeline, packets = film
    assert codes(timeline, replace(packets, sound_end=packets.sound_end - 2 * FRAME)) == {"drift"}


def test_too_few_key_frames(film: tuple[Timeline, FilmPackets]) -> None:
    timeline, packets = film
    needed = {span.start for span in timeline.spans}
    keys = tuple(at for at in packets.keys if any(0 <= at - start < TICK for start in needed))
    assert "keyframes" in codes(timeline, replace(packets, keys=keys))
