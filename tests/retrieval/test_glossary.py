"""Glossaries in CSV: each entry a paragraph that a question about the term finds."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import UnreadableDocument
from retrieval.loaders import LoadedDocument, Source
from retrieval.loaders.glossary import LOADER


def read(text: str | bytes, name: str = "words.csv") -> LoadedDocument:
    return LOADER.load(text.encode() if isinstance(text, str) else text, Source("biology", name, 0))


@pytest.mark.parametrize(
    "text",
    [
        'Term,Definition\nStoma,A pore of a leaf.\nATP,"Adenosine triphosphate, a carrier of energy."',
        "Stoma;A pore of a leaf.\nATP;Adenosine triphosphate, a carrier of energy.",
        "Begriff\tBedeutung\nStoma\tA pore of a leaf.\nATP\tAdenosine triphosphate, a carrier of energy.",
        "\ufeffDefinición;Término\r\nA pore of a leaf.;Stoma\r\nAdenosine triphosphate, a carrier of energy.;ATP\r\n",
        'المصطلح,التعريف\nStoma,A pore of a leaf.\nATP,"Adenosine triphosphate, a carrier of energy."',
        "术语|定义\nStoma|A pore of a leaf.\nATP|Adenosine triphosphate, a carrier of energy.",
    ],
)
def test_terms_and_meanings_are_found_by_name_or_place(text: str) -> None:
    assert read(text).document.text == (
        "**Stoma**: A pore of a leaf.\n\n**ATP**: Adenosine triphosphate, a carrier of energy."
    )


def test_other_columns_are_kept_with_their_names() -> None:
    text = "id,word,meaning,Plural,Spanish\n1,stoma,pore,stomata,estoma\n2,cell,unit of life,,\n3,,nothing,x,y"
    assert read(text).document.text == (
        "**stoma**: pore (id: 1; Plural: stomata; Spanish: estoma)\n\n**cell**: unit of life (id: 2)"
    )


def test_another_table_stays_a_table_and_its_head_is_repeated() -> None:
    rows = "\n".join(f"sample {n},{n * 2},{n * 3}" for n in range(30))
    tables = read(f"Sample,Mass,Time\n{rows}").document.text.split("\n\n")
    assert len(tables) == 2
    assert all(table.startswith("| Sample | Mass | Time |\n| --- | --- | --- |\n") for table in tables)
    assert tables[1].endswith("| sample 29 | 58 | 87 |")


def test_signs_of_markup_are_words() -> None:
    assert read("term,meaning\n<b>,a *tag* $x$").document.text == "**\\<b>**: a \\*tag\\* \\$x\\$"


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "no_text"), (b"\n , \n", "no_text"), (b'term,meaning\n"' + b"x" * 200_000, "broken")]
)
def test_what_holds_nothing_is_refused_by_name(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=r"words\.csv") as refused:
        read(data)
    assert refused.value.data["reason"] == reason


@given(st.text(max_size=200).map(str.encode) | st.binary(max_size=200))
def test_any_bytes_give_a_document_or_a_refusal(data: bytes) -> None:
    with contextlib.suppress(UnreadableDocument):
        assert read(data).document.path == "words.csv"
