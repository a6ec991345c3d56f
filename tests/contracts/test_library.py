"""The contract of ``Library``."""

from dataclasses import replace

import pytest

from retrieval.values import Anchor, Document, ItemKind, ItemMaterial, Passage, passage_id
from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.errors import InvalidInput, NotFound
from tutor.ports import DocumentState, Store

COURSE = Course(
    "biology",
    "Biology",
    "en",
    "Cells and light",
    "CC BY 4.0",
    (Unit("u1", "Energy"),),
    (
        KnowledgeComponent("atp", "ATP", "u1", "Say what ATP is for", ("energy",)),
        KnowledgeComponent("energy", "Energy", "u1"),
    ),
)


def document(path: str, text: str = "# Energy\n\nATP is a coin.", order: int = 0, course: str = "biology") -> Document:
    return Document(
        course, path, path.title(), f"sha-{text}", "text/markdown", order, ("Part", "Ünit"), None, text, ("atp",)
    )


def passages(source: Document, pieces: int, first: int = 0) -> list[Passage]:
    step = max(1, len(source.text) // pieces)
    found = []
    for ordinal in range(pieces):
        start, end = ordinal * step, (ordinal + 1) * step
        text, headings = source.text[start:end], ("Biology", source.title)
        name = passage_id(source.course, source.path, start, headings, text)
        found.append(
            Passage(
                name, source.course, source.path, ordinal, headings, start, end, text, first + ordinal, ordinal + 1, 1.5
            )
        )
    return found


def item(source: Document, question: str) -> ItemMaterial:
    return ItemMaterial(
        source.course, source.path, ItemKind.MULTIPLE_CHOICE, question, ("yes", "no"), "yes", 3, 3, "Chapter 1"
    )


def put(store: Store, source: Document, pieces: int = 3, first: int = 0) -> list[Passage]:
    found = passages(source, pieces, first)
    store.library.put_document(source, "folder", found, [item(source, "Is it?")])
    return found


def test_a_course_comes_back_as_it_went(store: Store) -> None:
    store.library.put_course(COURSE)
    assert store.library.course("biology") == COURSE
    changed = replace(COURSE, title="Life", units=(), components=())
    store.library.put_course(changed)
    store.library.put_course(Course("art", "Art"))
    assert store.library.courses() == (Course("art", "Art"), changed)
    assert store.library.course("music") is None


def test_a_document_comes_back_as_it_went(store: Store) -> None:
    store.library.put_course(COURSE)
    source = document("atp.md")
    found = put(store, source)
    assert store.library.document("biology", "atp.md") == source
    assert store.library.document("biology", "other.md") is None
    assert list(store.library.passages("biology")) == found
    assert store.library.passage("biology", found[1].id) == found[1]
    assert store.library.passage("art", found[1].id) is None
    assert store.library.items("biology") == (item(source, "Is it?"),)
    assert store.library.documents("biology") == (
        DocumentState("atp.md", source.sha256, "folder", "Atp.Md", 0, passages=3, embedded=0),
    )


def test_a_document_knows_the_places_of_its_text(store: Store) -> None:
    store.library.put_course(COURSE)
    places = (Anchor(0, page=1), Anchor(7, page=3), Anchor(9, second=12.5), Anchor(11, 4, 0.0))
    source = replace(document("atp.pdf"), anchors=places)
    put(store, source)
    put(store, document("atp.md", order=1), first=3)
    assert store.library.document("biology", "atp.pdf") == source
    assert store.library.anchors("biology", "atp.pdf") == places
    for course, path in (("biology", "atp.md"), ("biology", "none.pdf"), ("art", "atp.pdf")):
        assert store.library.anchors(course, path) == ()
    put(store, replace(source, anchors=places[:1]))
    assert store.library.anchors("biology", "atp.pdf") == places[:1]
    put(store, replace(source, anchors=()))
    assert store.library.document("biology", "atp.pdf") == replace(source, anchors=())
    put(store, source)
    store.library.remove_document("biology", "atp.pdf")
    assert store.library.anchors("biology", "atp.pdf") == ()


def test_a_document_needs_its_course(store: Store) -> None:
    with pytest.raises(NotFound):
        put(store, document("atp.md"))
    assert store.library.documents("biology") == ()


def test_changing_a_course_keeps_its_documents(store: Store) -> None:
    store.library.put_course(COURSE)
    put(store, document("atp.md"))
    store.library.put_course(replace(COURSE, title="Life"))
    assert len(store.library.documents("biology")) == 1


@pytest.mark.parametrize("text", ["a \x00 b", "half \ud83c"])
def test_text_that_no_database_can_hold_is_refused(store: Store, text: str) -> None:
    store.library.put_course(COURSE)
    with pytest.raises(InvalidInput):
        store.library.put_document(document("atp.md", text), "folder", [], [])
    with pytest.raises(InvalidInput):
        store.library.put_document(document("atp.md"), "folder", [], [item(document("atp.md"), text)])
    assert store.library.documents("biology") == ()


def test_everything_is_in_course_order(store: Store) -> None:
    store.library.put_course(COURSE)
    last, first = document("a.md", order=2), document("z.md", order=1)
    in_last = put(store, last, first=3)
    in_first = put(store, first)
    assert [state.path for state in store.library.documents("biology")] == ["z.md", "a.md"]
    assert list(store.library.titles("biology").items()) == [("z.md", "Z.Md"), ("a.md", "A.Md")]
    assert store.library.titles("art") == {}
    assert list(store.library.passages("biology")) == [*in_first, *in_last]
    assert list(store.library.passages("biology", "a.md")) == in_last
    assert [found.document for found in store.library.items("biology")] == ["z.md", "a.md"]


def test_many_passages_are_streamed_whole(store: Store) -> None:
    store.library.put_course(COURSE)
    one = put(store, document("a.md", "word " * 1200), pieces=1200)
    # Two documents that claim the same places: the order is still total, and nothing is skipped at a page's edge.
    two = put(store, document("b.md", "term " * 1200, order=1), pieces=1200)
    streamed = list(store.library.passages("biology"))
    assert len(streamed) == len({passage.id for passage in streamed}) == 2400
    assert [p.position for p in streamed] == sorted(p.position for p in [*one, *two])
    assert list(store.library.passages("biology", "b.md")) == two
    assert len(store.library.not_embedded("biology", "e5", 5000)) == 2400
    store.library.mark_embedded("biology", "e5", [passage.id for passage in streamed])
    assert store.library.not_embedded("biology", "e5", 10) == ()


def test_a_changed_document_keeps_the_marks_of_unchanged_passages(store: Store) -> None:
    store.library.put_course(COURSE)
    source = document("atp.md", "one.two.six.", order=0)
    old = put(store, source)
    store.library.mark_embedded("biology", "e5", [passage.id for passage in old] + ["unknown"])
    changed = document("atp.md", "one.two.ten.")
    new = put(store, changed, first=5)
    assert [passage.id for passage in new[:2]] == [passage.id for passage in old[:2]]
    assert store.library.not_embedded("biology", "e5", 10) == (new[2],)
    assert store.library.documents("biology")[0].embedded == 2
    assert list(store.library.passages("biology")) == new
    assert store.library.passage("biology", old[2].id) is None
    assert len(store.library.items("biology")) == 1


def test_marks_are_of_one_embedder_and_can_be_forgotten(store: Store) -> None:
    store.library.put_course(COURSE)
    found = put(store, document("atp.md"))
    store.library.mark_embedded("biology", "e5", [found[0].id, found[2].id])
    store.library.mark_embedded("biology", "e5", [])
    assert store.library.not_embedded("biology", "e5", 10) == (found[1],)
    assert store.library.not_embedded("biology", "minilm", 2) == (found[0], found[1])
    store.library.forget_embedded("biology")
    assert store.library.not_embedded("biology", "e5", 10) == tuple(found)
    assert store.library.documents("biology")[0].embedded == 0


def test_the_revision_rises_with_every_change_of_passages_and_never_falls(store: Store) -> None:
    library, seen = store.library, [store.library.revision("biology")]

    def changed() -> bool:
        seen.append(library.revision("biology"))
        return seen[-1] > seen[-2]

    library.put_course(COURSE)
    put(store, document("atp.md"))
    assert changed()
    put(store, document("atp.md"))
    library.mark_embedded("biology", "e5", [p.id for p in library.passages("biology")])
    library.remove_document("biology", "other.md")
    library.put_course(replace(COURSE, title="Life"))
    assert not changed()
    put(store, document("atp.md", "Another text."))
    assert changed()
    put(store, document("b.md", order=1))
    assert changed()
    library.remove_document("biology", "b.md")
    assert changed()
    library.erase_course("biology")
    assert changed()
    library.put_course(COURSE)
    put(store, document("atp.md"))
    assert changed()
    assert seen == sorted(seen)
    assert library.revision("art") == 0


def test_removing_takes_passages_and_items_along(store: Store) -> None:
    store.library.put_course(COURSE)
    store.library.put_course(Course("art", "Art"))
    put(store, document("a.md"))
    kept = put(store, document("b.md", order=1), first=3)
    elsewhere = put(store, document("a.md", course="art"))
    store.library.remove_document("biology", "a.md")
    assert store.library.document("biology", "a.md") is None
    assert list(store.library.passages("biology")) == kept
    assert [found.document for found in store.library.items("biology")] == ["b.md"]
    store.library.erase_course("biology")
    store.library.erase_course("biology")
    assert store.library.course("biology") is None
    assert store.library.documents("biology") == ()
    assert list(store.library.passages("biology")) == []
    assert store.library.items("biology") == ()
    assert list(store.library.passages("art")) == elsewhere
