"""Text search: every script, no syntax from users, nothing lost on the way in and out."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.errors import IndexUnavailable
from retrieval.lexical import LexicalIndex
from retrieval.values import ItemKind, ItemMaterial, Passage

Make = Callable[..., tuple[Passage, ...]]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[LexicalIndex]:
    made = LexicalIndex(tmp_path / "deep" / "text.sqlite")
    yield made
    made.close()


def first(index: LexicalIndex, course: str, question: str) -> str | None:
    matches = index.search(course, question).matches
    return index.passages(course, [matches[0].passage_id])[matches[0].passage_id].text if matches else None


def test_passages_come_back_as_they_went_in(index: LexicalIndex, passages: tuple[Passage, ...]) -> None:
    assert index.add("biology", passages) == 3
    assert index.passages("biology", [p.id for p in passages]) == {p.id: p for p in passages}
    assert (index.count("biology"), index.ids("biology")) == (3, {p.id for p in passages})
    assert index.language("biology") == "en"
    assert index.positions("biology", [passages[2].id]) == {passages[2].id: 2}


def test_words_are_found_by_their_stem_and_in_the_prefix(index: LexicalIndex, passages: tuple[Passage, ...]) -> None:
    index.add("biology", passages)
    assert "chlorophyll" in (first(index, "biology", "How is light captured?") or "")
    assert "amino acids" in (first(index, "biology", "ribosome") or "")
    assert index.search("biology", "volcano").matches == ()


def test_adding_again_and_removing(index: LexicalIndex, passages: tuple[Passage, ...]) -> None:
    index.add("biology", passages)
    index.add("biology", passages)
    assert index.count("biology") == 3
    assert index.remove("biology", [passages[0].id, "unknown"]) == 1
    assert index.search("biology", "mitochondrion").matches == ()
    assert index.remove_document("biology", "cells.md") == tuple(p.id for p in passages[1:])
    assert index.count("biology") == 0
    index.remove_course("biology")
    assert index.language("biology") is None


def test_courses_are_apart_and_unknown_ones_are_empty(index: LexicalIndex, make_passages: Make) -> None:
    index.add("biology", make_passages("Cells divide."))
    index.add("maths", make_passages("Numbers divide.", course="maths"))
    assert first(index, "maths", "divide") == "Numbers divide."
    assert index.search("history", "divide").matches == ()
    assert index.passages("history", ["x"]) == {}


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("es", "La fotosíntesis produce azúcares.", "¿Qué azúcar produce la fotosintesis?"),
        ("de", "Pflanzen erzeugen Zucker.", "Wie erzeugt die Pflanze Zucker?"),
        ("fr", "L'énergie est stockée dans l'amidon.", "Où est stockée l’énergie ?"),
        ("ar", "تصنع النباتات السُّكَّر من الضوء.", "كيف تصنع النبات السكر؟"),
        ("hi", "पौधे प्रकाश से शर्करा बनाते हैं।", "पौधों में शर्करा कैसे बनती है?"),
        ("zh", "植物通过光合作用制造糖。", "光合作用"),
        ("zh", "植物通过光合作用制造糖。", "糖"),
        ("ja", "植物は光合成で糖を作ります。", "光合成とは"),
        ("th", "พืชสร้างน้ำตาลจากแสง", "น้ำตาล"),
        ("en", "Water is H₂O.", "h2o"),
    ],
)
def test_every_script_is_searched(
    index: LexicalIndex, make_passages: Make, language: str, text: str, question: str
) -> None:
    index.add("c", make_passages(f"{text}\n\n## x\n\n其他 other ثاني"), language)
    assert first(index, "c", question) == text


def test_a_question_in_another_language_finds_what_both_write_alike(index: LexicalIndex, make_passages: Make) -> None:
    others = [f"Number {n} is a real number." for n in range(60)]
    index.add("c", make_passages("\n\n".join(f"## {n}\n\n{text}" for n, text in enumerate(others))))
    index.add("c", make_passages("Nikola Tesla was born in 1856.", path="tesla.md"))

    def shared(question: str, spoken: str) -> tuple[list[str], set[str]]:
        found = index.shared("c", question, spoken)
        texts = index.passages("c", [match.passage_id for match in found.matches])
        return [text.text for text in texts.values()], set(found.idf)

    tesla = ["Nikola Tesla was born in 1856."]
    assert shared("¿Cuándo nació Nikola Tesla?", "es") == (tesla, {"nikola", "tesla"})
    assert shared("من ولد سنة ١٨٥٦؟", "ar") == (tesla, {"1856"})
    assert shared("¿Es real el cambio?", "es") == ([], set()), "a common word may mean something else"
    assert shared("¿Quién? ¿Was?", "de") == ([], set()), "so may a small one"
    assert index.shared("history", "Tesla", "es").matches == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.one_of(
        st.text(max_size=60), st.sampled_from(['"', "a AND", "NEAR(", "*", "col:x", "-a", "a OR OR b", "'; DROP"])
    )
)
def test_no_question_breaks_the_search(index: LexicalIndex, make_passages: Make, question: str) -> None:
    if not index.count("c"):
        index.add("c", make_passages("Near or not, and col."))
    index.search("c", question)
    index.shared("c", question, "es")
    index.model_answers("c", question)
    assert index.count("c") == 1


def test_rare_words_weigh_more_and_unknown_ones_most(index: LexicalIndex, passages: tuple[Passage, ...]) -> None:
    index.add("biology", passages)
    idf = index.search("biology", "cell ribosomes volcano").idf
    assert idf["volcano"] > idf["ribosom"] > 0


def test_model_answers_are_recognised_by_their_question_and_never_searched(
    index: LexicalIndex, passages: tuple[Passage, ...]
) -> None:
    index.add("biology", passages)
    kind = ItemKind.FREE_RESPONSE
    item = ItemMaterial("biology", "cells.md", kind, "Why do cells need ATP?", (), "They spend it on work.", 0, 0)
    choice = ItemMaterial("biology", "cells.md", ItemKind.MULTIPLE_CHOICE, "Pick one.", ("a", "b"), "a", 0, 0)
    index.set_exercises("biology", [item, choice])
    assert index.model_answers("biology", "why do CELLS need atp") == (frozenset({"spend", "work"}),)
    assert index.model_answers("biology", "Pick one.") == ()
    assert index.search("biology", "spend work").matches == ()
    index.set_exercises("biology", [])
    assert index.model_answers("biology", "Why do cells need ATP?") == ()


def test_revision_and_positions_are_kept(index: LexicalIndex, passages: tuple[Passage, ...], tmp_path: Path) -> None:
    assert index.revision("biology") == 0
    index.add("biology", passages)
    index.set_revision("biology", 7)
    index.reposition("biology", {passages[0].id: 40})
    index.close()
    index = LexicalIndex(tmp_path / "deep" / "text.sqlite")
    assert index.revision("biology") == 7
    assert index.positions("biology", [passages[0].id]) == {passages[0].id: 40}
    assert first(index, "biology", "ribosomes") is not None
    index.close()


@pytest.mark.parametrize("spoil", ["garbage", "other format"])
def test_a_file_that_cannot_be_used_is_started_anew(tmp_path: Path, passages: tuple[Passage, ...], spoil: str) -> None:
    path = tmp_path / "text.sqlite"
    if spoil == "garbage":
        path.write_bytes(b"not a database at all" * 100)
    else:
        db = sqlite3.connect(path)
        db.execute("PRAGMA user_version = 99")
        db.close()
    index = LexicalIndex(path)
    assert index.add("biology", passages) == 3
    assert index.count("biology") == 3
    index.close()


def test_a_failing_write_changes_nothing_and_is_typed(
    index: LexicalIndex, passages: tuple[Passage, ...], tmp_path: Path
) -> None:
    index.add("biology", passages[:1])
    db = sqlite3.connect(tmp_path / "deep" / "text.sqlite")
    db.execute(
        "CREATE TRIGGER full BEFORE INSERT ON passages WHEN NEW.ordinal = 2 BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    db.close()
    with pytest.raises(IndexUnavailable):
        index.add("biology", passages)
    assert index.count("biology") == 1


def test_readers_and_writers_on_many_threads(index: LexicalIndex, make_passages: Make) -> None:
    failures: list[BaseException] = []

    def write(at: int) -> None:
        try:
            index.add("c", make_passages(f"Passage number {at} about osmosis.", path=f"{at}.md"))
            index.search("c", "osmosis")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(at,)) for at in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert index.count("c") == 12
    assert len(index.search("c", "osmosis").matches) == 12
