"""The protocol's types, its document and its schema say the same."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from web import messages as m

DOCS = Path(__file__).parents[3] / "docs"
_EXAMPLE = re.compile(r"^(→|←)\n```json\n(.*?)```", re.DOTALL | re.MULTILINE)
EXAMPLES = [(arrow, json.loads(text)) for arrow, text in _EXAMPLE.findall((DOCS / "protocol.md").read_text("utf-8"))]
CLIENT = [data for arrow, data in EXAMPLES if arrow == "→"]
SERVER = [data for arrow, data in EXAMPLES if arrow == "←"]


def kinds(name: str) -> set[str]:
    union = m.schema()["$defs"][name]
    return set(union["discriminator"]["mapping"])


def test_the_document_shows_every_frame() -> None:
    assert {data["type"] for data in CLIENT} == kinds("client")
    assert {data["type"] for data in SERVER} == kinds("server")


@pytest.mark.parametrize("data", CLIENT, ids=lambda d: d["type"])
def test_client_examples_are_read_as_they_stand(data: dict[str, Any]) -> None:
    frame = m.decode(json.dumps(data))
    assert json.loads(frame.model_dump_json(exclude_unset=True)) == data


@pytest.mark.parametrize("data", SERVER, ids=lambda d: d["type"])
def test_server_examples_are_written_as_they_stand(data: dict[str, Any]) -> None:
    frame = m.server_frames().validate_json(json.dumps(data))
    assert json.loads(frame.wire()) == data


@pytest.mark.parametrize(("side", "data"), [("client", d) for d in CLIENT] + [("server", d) for d in SERVER])
def test_examples_fit_the_schema(side: str, data: dict[str, Any]) -> None:
    schema = m.schema()
    jsonschema.Draft202012Validator({"$ref": f"#/$defs/{side}", "$defs": schema["$defs"]}).validate(data)


def test_the_schema_file_is_what_the_types_say() -> None:
    jsonschema.Draft202012Validator.check_schema(m.schema())
    stored = json.loads((DOCS / "protocol.schema.json").read_text("utf-8"))
    assert stored == m.schema(), "print it again: python -m web.messages > docs/protocol.schema.json"


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "null",
        "[]",
        '"hello"',
        "{}",
        '{"type": "unheard"}',
        '{"type": "hello"}',
        '{"type": "hello", "conversation": ""}',
        '{"type": "hello", "conversation": "c", "last_seq": -1}',
        '{"type": "hello", "conversation": "c", "last_seq": "1"}',
        '{"type": "hello", "conversation": 7}',
        '{"type": "send", "text": "no id"}',
        '{"type": "send", "client_id": "x", "text": null}',
        '{"type": "send", "client_id": "x", "text": "\\ud800"}',
        '{"type": "feedback", "turn": "t", "rating": 2}',
        '{"type": "feedback", "turn": "t", "rating": true}',
        '{"type": "ping", "nonce": ["x"]}',
        "[" * 5000,
    ],
)
def test_what_is_no_frame_is_refused(data: str) -> None:
    with pytest.raises(ValidationError):
        m.decode(data)


def test_a_parent_left_out_is_not_a_parent_of_null() -> None:
    plain = m.decode('{"type": "send", "client_id": "x", "text": "y"}')
    fresh = m.decode('{"type": "send", "client_id": "x", "text": "y", "parent": null}')
    assert "parent" not in plain.model_fields_set
    assert "parent" in fresh.model_fields_set


def test_fields_of_a_newer_client_are_ignored() -> None:
    assert m.decode('{"type": "stop", "mood": "calm"}') == m.Stop(type="stop")
