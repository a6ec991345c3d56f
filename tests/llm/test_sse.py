import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.model_server import ENDING, USAGE, Raw, delta, event, texts
from tutor.domain.errors import ModelError, ModelGarbled, ModelRateLimited, ModelRejected, ModelUnavailable
from tutor.llm.sse import LONGEST_LINE, CompletionReader, stream_error

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


def body(*pieces: str) -> bytes:
    return b"".join(step.data for step in (*texts(*pieces), *ENDING) if isinstance(step, Raw))


def read(*chunks: bytes) -> tuple[str, CompletionReader]:
    reader = CompletionReader()
    return "".join(reader.feed(chunk) for chunk in chunks) + reader.end(), reader


@given(st.lists(TEXT, max_size=8), st.integers(1, 40))
def test_text_survives_any_cut_of_the_bytes(pieces: list[str], size: int) -> None:
    whole = body(*pieces)
    text, reader = read(*(whole[at : at + size] for at in range(0, len(whole), size)))
    assert text == "".join(pieces)
    assert reader.done
    assert (reader.model, reader.finish_reason) == ("test-model-2026", "stop")
    assert reader.usage == USAGE["usage"]


def outcome(*chunks: bytes) -> str:
    """The text, or the code of the error."""
    try:
        return read(*chunks)[0]
    except ModelError as error:
        return error.code


@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_give_nothing_or_a_typed_error(data: bytes, size: int) -> None:
    found = outcome(*(data[at : at + size] for at in range(0, len(data), size)))
    assert found == "" or found.startswith("model_")


NAMES = st.sampled_from(["choices", "delta", "content", "usage", "error", "model", "finish_reason", "code"])
VALUES = st.none() | st.booleans() | st.integers() | st.just("said")
ANY_JSON = st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=12)


@given(ANY_JSON)
def test_any_json_gives_text_or_a_typed_error(payload: object) -> None:
    found = outcome(b"data: " + json.dumps(payload).encode() + b"\n\n")
    assert found in ("", "said") or found.startswith("model_")


def test_crlf_comments_other_fields_and_a_byte_order_mark() -> None:
    stream = b"\xef\xbb\xbf: hello\r\n\r\nevent: x\r\nid: 1\r\nretry: 5\r\n" + body("a", "b").replace(b"\n", b"\r\n")
    assert read(stream)[0] == "ab"


def test_missing_usage_and_missing_done_are_no_errors() -> None:
    text, reader = read(event(delta("a")), event(delta(None, "length")))
    assert (text, reader.usage, reader.finish_reason, reader.done) == ("a", {}, "length", False)


def test_last_line_may_lack_its_newline() -> None:
    assert read(event(delta("a")), event(delta("b", "stop"), end=""))[0] == "ab"


def test_nothing_counts_after_done() -> None:
    assert read(body("a"), event(delta("b")))[0] == "a"


def test_emoji_split_over_two_events_as_json_escapes() -> None:
    high = b'data: {"choices":[{"delta":{"content":"x\\ud83c"}}]}\n'
    low = b'data: {"choices":[{"delta":{"content":"\\udf6cy"}}]}\n'
    assert read(high, low, event("[DONE]"))[0] == "x🍬y"
    assert read(high, event("[DONE]"))[0] == "x\ufffd"


def test_thought_is_a_sign_of_life_but_no_text() -> None:
    reader = CompletionReader()
    assert reader.feed(event(delta(None, reasoning_content="hmm"))) == ""
    assert reader.active
    assert reader.feed(b": keep-alive\n\n") == ""
    assert not reader.active


def test_cut_short() -> None:
    reader = CompletionReader()
    assert reader.feed(event(delta("a"))) == "a"
    with pytest.raises(ModelGarbled) as caught:
        reader.end()
    assert caught.value.data["reason"] == "truncated"


@pytest.mark.parametrize(
    "data",
    [
        b"<html>\n",
        b"data: {oops\n",
        b'data: "text"\n',
        b"data: \xff\n",
        b"\x00\x01\n",
        b'data: {"choices": 5}\n',
        b'{"id": 1, "choices": [{"message": {"content": "not streamed"}}]}\n',
        b"x" * (LONGEST_LINE + 1),
    ],
)
def test_what_cannot_be_read_is_garbled(data: bytes) -> None:
    with pytest.raises(ModelGarbled):
        CompletionReader().feed(data)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 429, "message": "m"}, ModelRateLimited),
        ({"code": "rate_limit_exceeded"}, ModelRateLimited),
        ({"type": "insufficient_quota"}, ModelRateLimited),
        ({"code": "500"}, ModelUnavailable),
        ({"type": "server_error"}, ModelUnavailable),
        ({"code": "context_length_exceeded"}, ModelRejected),
        ({"type": "invalid_request_error"}, ModelRejected),
        ("something", ModelUnavailable),
    ],
)
def test_errors_reported_inside_the_stream(error: object, kind: type[ModelError]) -> None:
    assert type(stream_error(error)) is kind
    with pytest.raises(kind):
        CompletionReader().feed(event({"error": error}))
    # Also as plain JSON under a status of 200.
    with pytest.raises(kind):
        CompletionReader().feed(json.dumps({"error": error}).encode() + b"\n")


def test_a_key_posing_as_a_code_stays_out() -> None:
    assert "reason" not in stream_error({"code": "sk_1234", "type": "no spaces allowed here"}).data
