"""The wire protocol: every frame of ``/ws/chat`` and its SSE twin, as types.

``docs/protocol.md`` explains them; ``python -m web.messages`` prints the JSON Schema kept beside it.
"""

import json
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from web.film_frames import FilmFrame
from web.frames import Durable as Durable
from web.frames import Frame as Frame
from web.frames import Id, Seq
from web.question_frames import Closed, Contested, Graded, ItemFrame, Reviewed, Understood

PROTOCOL = 1


# -- from the client -----------------------------------------------------------------------------------------------


class ClientFrame(Frame):
    # What the server reads it reads strictly: a number is not a string.
    model_config = ConfigDict(strict=True)


class Hello(ClientFrame):
    """The first frame; again on the same connection to change to another conversation."""

    type: Literal["hello"]
    conversation: Id
    last_seq: Seq = 0


Action = Literal[
    "",
    "hint",
    "skip",
    "tell_me",
    "contest",
    "practise",
    "placement",
    "next",
    "explain",
    "video",
    "confirm",
    "deny",
    "guessing",
    "fairly_sure",
    "certain",
]


class Reply(ClientFrame):
    """What a question card or a button adds to a message.

    ``item`` (and ``hint``, for a sub-question of it) is the question that is answered, ``selected`` what was chosen:
    ids of options, ids of steps in the chosen order, ``left=right`` pairs of ids, or one text a blank. ``confidence``
    is 0 to 1, ``seconds`` the time spent on the question. ``action`` names the button: then the text is its label.
    """

    item: Annotated[str, Field(max_length=128)] = ""
    hint: Annotated[str, Field(max_length=128)] = ""
    selected: Annotated[tuple[Annotated[str, Field(max_length=500)], ...], Field(max_length=64)] = ()
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    seconds: Annotated[float, Field(ge=0, le=86_400)] | None = None
    action: Action = ""


class SendMessage(ClientFrame):
    """``client_id`` is unique to the message. ``parent`` left out: continue the branch last spoken on."""

    type: Literal["send"]
    client_id: Id
    text: str
    parent: Id | None = None
    reply: Reply | None = None


class EditMessage(ClientFrame):
    """A new branch beside ``turn``."""

    type: Literal["edit"]
    client_id: Id
    turn: Id
    text: str


class RetryMessage(ClientFrame):
    """The same message again, as a new branch."""

    type: Literal["retry"]
    client_id: Id
    turn: Id


class Stop(ClientFrame):
    """End the running turn (or ``turn``, if it is the one running)."""

    type: Literal["stop"]
    turn: Id | None = None


class Feedback(ClientFrame):
    type: Literal["feedback"]
    turn: Id
    rating: Annotated[int, Field(ge=-1, le=1)]
    comment: Annotated[str, Field(max_length=2000)] | None = None


class Ping(ClientFrame):
    type: Literal["ping"]
    nonce: Annotated[str, Field(max_length=64)] | int | None = None


Command = SendMessage | EditMessage | RetryMessage | Stop | Feedback
FromClient = Annotated[Hello | Command | Ping, Field(discriminator="type")]


# -- to the client, not durable ------------------------------------------------------------------------------------


class Welcome(Frame):
    """The answer to ``hello``, before the replay. ``last_seq`` is the server's."""

    type: Literal["welcome"] = "welcome"
    protocol: int = PROTOCOL
    conversation: str
    last_seq: int
    title: str
    language: str
    open_turn: str | None


class Ready(Frame):
    """The replay is done."""

    type: Literal["ready"] = "ready"
    last_seq: int


class Ack(Frame):
    type: Literal["ack"] = "ack"
    client_id: str
    turn: str
    seq: int
    duplicate: bool


class DeltaFrame(Frame):
    """A piece of the reply: the reply is now ``reply[:offset] + text`` (offsets count code points)."""

    type: Literal["delta"] = "delta"
    turn: str
    offset: int
    text: str


class Preview(Frame):
    """Sanitised HTML of ``reply[:upto]``: blocks that more text can't change."""

    type: Literal["preview"] = "preview"
    turn: str
    upto: int
    html: str


class ErrorFrame(Frame):
    OPTIONAL = frozenset({"client_id", "retry_after"})
    type: Literal["error"] = "error"
    code: str
    message: str
    retryable: bool
    client_id: str | None = None
    retry_after: int | None = None


class Pong(Frame):
    OPTIONAL = frozenset({"nonce"})
    type: Literal["pong"] = "pong"
    nonce: str | int | None = None


# -- to the client, durable ----------------------------------------------------------------------------------------


class ReplyFrame(Frame):
    """What came with a message, as ``Reply`` says."""

    item: str
    hint: str
    selected: tuple[str, ...]
    confidence: float | None
    action: str


class MessageFrame(Durable):
    OPTIONAL = frozenset({"reply"})
    type: Literal["message"] = "message"
    turn: str
    parent: str | None
    client_id: str
    text: str
    edit_of: str | None
    retry_of: str | None
    reply: ReplyFrame | None = None


class Retrieved(Durable):
    """How many passages were looked at, and whether they cover the question."""

    type: Literal["retrieved"] = "retrieved"
    turn: str
    count: int
    covered: bool


class Sentence(Durable):
    """A finished stretch of the reply, addressed as a delta is."""

    type: Literal["sentence"] = "sentence"
    turn: str
    offset: int
    text: str


class CitationFrame(Frame):
    """A quote and its place. ``page`` (a slide counts as one) or ``second`` is where it begins in a paged or timed
    file, and ``place`` says so in the page's language: "p. 12", "slide 7", "12:31" (empty for other files)."""

    number: int
    passage: str
    document: str
    title: str
    heading_path: tuple[str, ...]
    quote: str
    href: str
    page: int | None
    second: float | None
    place: str


class Finished(Durable):
    """The reply for good; it replaces all sentences and deltas. ``message`` says why when it is not complete.

    ``actions`` are what the learner can do next at a press, as in ``Reply.action``."""

    OPTIONAL = frozenset({"error", "message"})
    type: Literal["finished"] = "finished"
    turn: str
    outcome: Literal["complete", "stopped", "failed"]
    source: Literal["model", "extractive", "authored"]
    text: str
    html: str
    citations: tuple[CitationFrame, ...]
    error: str | None = None
    retryable: bool
    message: str | None = None
    actions: tuple[str, ...] = ()


class Interrupted(Durable):
    """The server went away during the turn: its partial reply is void."""

    type: Literal["interrupted"] = "interrupted"
    turn: str
    reason: str
    retryable: bool = True
    message: str


class FeedbackFrame(Durable):
    type: Literal["feedback"] = "feedback"
    turn: str
    rating: int


class Renamed(Durable):
    type: Literal["renamed"] = "renamed"
    title: str


class Deleted(Durable):
    type: Literal["deleted"] = "deleted"


FromServer = Annotated[
    Welcome
    | Ready
    | Ack
    | DeltaFrame
    | Preview
    | ErrorFrame
    | Pong
    | MessageFrame
    | Understood
    | Graded
    | Retrieved
    | Sentence
    | Closed
    | ItemFrame
    | FilmFrame
    | Finished
    | Interrupted
    | Contested
    | Reviewed
    | FeedbackFrame
    | Renamed
    | Deleted,
    Field(discriminator="type"),
]


# -- reading and describing ----------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _client() -> TypeAdapter[Any]:
    return TypeAdapter(FromClient)


@lru_cache(maxsize=1)
def server_frames() -> TypeAdapter[Any]:
    """Reads what the server sent (for clients in Python, and for tests)."""
    return TypeAdapter(FromServer)


def decode(data: str | bytes) -> Hello | Command | Ping:
    """The frame in ``data`` (JSON). Raises ``pydantic.ValidationError``."""
    frame: Hello | Command | Ping = _client().validate_json(data)
    return frame


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12): ``$defs`` has every frame, ``client`` and ``server`` the unions."""
    client = _client().json_schema(ref_template="#/$defs/{model}", mode="validation")
    server = server_frames().json_schema(ref_template="#/$defs/{model}", mode="serialization")
    definitions = {**client.pop("$defs"), **server.pop("$defs")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Diotima chat protocol {PROTOCOL}",
        "$defs": {**dict(sorted(definitions.items())), "client": client, "server": server},
        "anyOf": [{"$ref": "#/$defs/client"}, {"$ref": "#/$defs/server"}],
    }


def main() -> None:
    import sys

    sys.stdout.write(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
