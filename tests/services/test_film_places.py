"""When a course's film says what stands in its document: found in a film that was really made."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from retrieval.values import Anchor, Document
from tests.fakes.small_film import OPTIONS, RENDER
from tests.services.film_room import FilmRoom, account, lesson
from tutor.domain.accounts import Role
from tutor.domain.curriculum import Course
from tutor.services.film_places import FilmPlaces
from tutor.services.film_text import document_name, document_text
from tutor.services.film_worker import FilmWorkers, Workshop
from tutor.services.films import Wanted
from tutor.store.memory import MemoryStore

SCRIPT = "the-script"
PATH = document_name(SCRIPT)
LESSON = lesson(slides=2)
TEXT = document_text(LESSON)
TOM, ADA = account("tom", Role.TRAINER), account("ada")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilmRoom]:
    """The lesson's film in English and in Spanish, shared with everybody in the course."""
    folder = tmp_path_factory.mktemp("film")
    room = FilmRoom(MemoryStore(), folder, (("en", "es"),))
    library = room.store.library
    library.put_course(Course("light", "Light", "en"))
    library.put_document(Document("light", PATH, "Light", "0", "text/markdown", 0, (), "en", TEXT), "upload", [], [])
    room.service.request(LESSON, ["es", "en"], owner="tom", course="light", wanted=Wanted(script=SCRIPT, shared=True))
    workers = FilmWorkers(room.store.jobs, Workshop(room.files, room.cache, folder / "models", RENDER, OPTIONS))
    workers.run_pending()
    yield room
    workers.close()


@pytest.fixture
def places(room: FilmRoom) -> FilmPlaces:
    return FilmPlaces(room.store.library, room.service)


def test_every_sentence_of_the_document_has_the_second_at_which_the_film_says_it(
    room: FilmRoom, places: FilmPlaces
) -> None:
    found = places("light", PATH)
    assert [TEXT[one.start :].partition("\n")[0] for one in found] == ["This is 1.", "This is 2."]
    job = places.film(SCRIPT, "light", "en")
    assert job is not None
    film = room.service.film(job.key)
    assert film is not None
    captions = (film.folder / "captions.vtt").read_text("utf-8")
    for one in found:
        assert one.second is not None
        assert f"00:00:{one.second:06.3f} -->" in captions
    assert found[0].second != found[1].second


def test_the_film_is_in_the_readers_language_if_there_is_one(room: FilmRoom, places: FilmPlaces) -> None:
    for language, made in (("es", "es"), ("en", "en")):
        job = places.film(SCRIPT, "light", language)
        assert job is not None
        assert job.arguments["language"] == made
        assert len(places.in_film("light", PATH, job)) == 2
    assert places.film(SCRIPT, "light", "ar") is not None
    assert places.film("another", "light", "en") is None
    for who in (TOM, ADA):
        assert places.film(SCRIPT, "light", "en", who) is not None
    assert places.film(SCRIPT, "music", "en", ADA) is None


def test_other_documents_have_their_own_places(room: FilmRoom, places: FilmPlaces) -> None:
    library = room.store.library
    source = Document("light", "leaf.pdf", "Leaf", "1", "application/pdf", 1, (), "en", "A leaf.")
    library.put_document(replace(source, anchors=(Anchor(0, page=1),)), "folder", [], [])
    assert places("light", "leaf.pdf") == (Anchor(0, page=1),)
    assert places("light", document_name("nothing")) == ()


def test_a_film_without_its_tables_has_no_seconds(room: FilmRoom, places: FilmPlaces) -> None:
    job = places.film(SCRIPT, "light", "en")
    assert job is not None
    film = room.service.film(job.key)
    assert film is not None
    table = film.folder / "timeline.json"
    kept = table.read_text("utf-8")
    try:
        for broken in ("", "[]", '{"screens": [{}]}', json.dumps({"screens": [{"slide": 1, "sentences": 2}]})):
            table.write_text(broken, "utf-8")
            assert places("light", PATH) == ()
    finally:
        table.write_text(kept, "utf-8")
