"""WebVTT and SubRip: sentences put together again, each with its second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.chunking import chunk
from retrieval.errors import UnreadableDocument
from retrieval.loaders import LoadedDocument, Source
from retrieval.loaders.subtitles import LOADER

VTT = """WEBVTT - a lecture
Kind: captions
Language: es-MX

STYLE
::cue { color: red }

NOTE made by hand

intro
00:00:01.000 --> 00:00:03.500 align:start position:0%
<v Ms Rivera>Light is caught by <i>chlorophyll</i>
in the leaf.</v>

00:00:03.500 --> 00:00:06.000
<v Ms Rivera>Its energy splits <00:00:04.000><c>water</c> &amp; frees oxygen.

00:00:07.000 --> 00:00:08.000
[Music]

01:00:09.250 --> 01:00:12.000
<v Tom>Why is that * not a waste?
"""


def read(text: str | bytes, name: str = "lecture.vtt") -> LoadedDocument:
    return LOADER.load(text.encode() if isinstance(text, str) else text, Source("biology", name, 0))


def seconds(found: LoadedDocument) -> list[tuple[str, float | None]]:
    """What begins at each anchor, two words of it."""
    text, anchors = found.document.text, found.document.anchors
    return [(" ".join(text[one.start :].split()[:2]), one.second) for one in anchors]


def test_a_lecture_reads_as_paragraphs_of_its_speakers() -> None:
    found = read(VTT)
    assert found.document.text == (
        "**Ms Rivera**: Light is caught by chlorophyll in the leaf. Its energy splits water & frees oxygen."
        "\n\n**Tom**: Why is that * not a waste?"
    )
    assert found.document.language == "es-MX"
    assert found.document.title == "Lecture"
    assert seconds(found) == [("**Ms Rivera**:", 1.0), ("Its energy", 3.5), ("**Tom**: Why", 3609.25)]


def test_passages_and_quotes_know_their_second() -> None:
    found = read(VTT).document
    assert [passage.second for passage in chunk(found)] == [1.0]
    anchor = found.anchor(found.text.index("splits"))
    assert anchor is not None
    assert anchor.second == 3.5


def test_subrip_with_commas_numbers_and_two_who_talk() -> None:
    srt = "1\n00:00:01,5 --> 00:00:02,000\n{\\an8}<font color='red'>- Is it\nalive?</font>\n\n2\n0:03 --> 0:04\n- Yes."
    found = read(srt, "talk.srt")
    assert found.document.text == "Is it alive? Yes."
    assert seconds(found) == [("Is it", 1.5), ("Yes.", 3.0)]


def test_rolling_captions_say_everything_once() -> None:
    lines = ["plants catch light", "and they store it", "as sugar for later"]
    cues, shown = [], " "
    for n, line in enumerate(lines):
        cues.append(f"00:0{n}.000 --> 00:0{n + 1}.000\n{shown}\n{line}")
        cues.append(f"00:0{n + 1}.000 --> 00:0{n + 1}.010\n{line}")
        shown = line
    found = read("WEBVTT\n\n" + "\n\n".join(cues))
    assert found.document.text == "plants catch light and they store it as sugar for later"
    assert [second for _, second in seconds(found)] == [0.0, 1.0, 2.0]


def test_files_whose_empty_lines_are_blank_or_missing_are_read() -> None:
    found = read(
        "1\n00:01,000 --> 00:02,000\nOne\n \n2\n00:02,000 --> 00:03,000\ntwo\n3\n00:03,000 --> 00:04,000\nthree."
    )
    assert found.document.text == "One two three."


def test_a_word_said_twice_stays_said_twice() -> None:
    found = read("WEBVTT\n\n00:01.000 --> 00:02.000\nIt was very\n\n00:02.000 --> 00:03.000\nvery cold, so cold")
    assert found.document.text == "It was very very cold, so cold"


def test_a_long_talk_has_paragraphs_that_end_with_a_sentence_or_a_pause() -> None:
    cues = [
        f"{n // 60:02}:{n % 60:02}.000 --> {n // 60:02}:{n % 60:02}.900\nThis is sentence number {n}."
        for n in range(100)
    ]
    cues.append("05:00.000 --> 05:01.000\nAfter the break.")
    paragraphs = read("WEBVTT\n\n" + "\n\n".join(cues)).document.text.split("\n\n")
    assert paragraphs[-1] == "After the break."
    assert all(60 <= len(one.split()) <= 100 for one in paragraphs[:-2])
    assert all(one.endswith(".") for one in paragraphs)


def test_cues_with_broken_times_are_left_out() -> None:
    text = "WEBVTT\n\n00:01.000 -> 00:02.000\nlost\n\nxx --> 00:02\nlost too\n\n00:05.000 --> 00:06.000\nkept"
    assert read(text).document.text == "kept"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("just words", "broken"), ("", "broken"), ("WEBVTT\n\n00:01.000 --> 00:02.000\n[Applause]", "no_text")],
)
def test_files_that_say_nothing_are_refused_by_name(text: str, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=r"lecture\.vtt") as refused:
        read(text)
    assert refused.value.data["reason"] == reason


LINE = st.one_of(
    st.sampled_from(
        ["", "WEBVTT", "00:01.000 --> 00:02.000", "1:2:3,4 --> 9:9:9", "<v A>b", "NOTE x", "# a", "- b", "a b"]
    ),
    st.text(max_size=12),
)


@given(
    st.one_of(st.lists(LINE, max_size=30).map("\n".join), st.text(max_size=200)).map(str.encode)
    | st.binary(max_size=200)
)
def test_any_bytes_give_a_document_or_a_refusal(data: bytes) -> None:
    try:
        found = read(data)
    except UnreadableDocument:
        return
    starts = [anchor.start for anchor in found.document.anchors]
    assert starts == sorted(starts)
    assert starts[0] == 0
    assert starts[-1] < len(found.document.text)
