"""A conversation as a client knows it: the page's own fold over the server's frames (``web/static/chat/state.js``).

What only the eye needs (previews, branches shown) is left out; what must never happen is counted.
"""

from dataclasses import dataclass, field
from typing import Any

_OF_TURN = {
    "retrieved": ("count", "covered"),
    "understood": ("intent",),
    "graded": ("item", "hint", "verdict", "note", "reading", "covered", "total", "shifts"),
    "item": ("item", "hint", "prompt_html", "card", "reason", "purpose"),
    "film": ("film", "title", "language", "form", "draft"),
    "reviewed": ("verdict",),
    "feedback": ("rating",),
    "closed": (),
}
_ENDS = ("outcome", "source", "html", "citations", "error", "retryable", "message", "actions")


@dataclass
class Fold:
    """``turns`` by id, in the order of their messages. ``last_seq`` is what a client says when it comes back.

    ``holes`` are deltas that begin behind the end of what there is, ``again`` durable frames that were there already,
    and ``torn`` replies whose stream, followed to its end, was not what the end then said.
    """

    last_seq: int = 0
    ready: bool = False
    title: str = ""
    turns: dict[str, dict[str, Any]] = field(default_factory=dict)
    holes: int = 0
    again: int = 0
    torn: int = 0
    doubled: int = 0

    def take(self, frame: dict[str, Any]) -> None:
        """One frame of the server."""
        match frame["type"]:
            case "welcome":
                self.ready = False
                self.title = frame["title"] or self.title
            case "ready":
                self.ready = True
            case "delta":
                self._say(frame)
            case _ if "seq" in frame and "at" in frame:
                self._durable(frame)

    def turn_of(self, client_id: str) -> dict[str, Any] | None:
        """The turn of a message; None while it is not known."""
        return next((turn for turn in self.turns.values() if turn["client_id"] == client_id), None)

    def known(self) -> dict[str, Any]:
        """What the client knows for good: to be compared with what another one has loaded."""
        # As on the page, a conversation without a name of its own goes by its first message.
        title = self.title or next((turn["text"] for turn in self.turns.values()), "")
        return {"last_seq": self.last_seq, "title": title, "turns": self.turns, "order": list(self.turns)}

    def _say(self, frame: dict[str, Any]) -> None:
        turn = self.turns.get(frame["turn"])
        if turn is None:
            self.holes += self.ready
        elif turn["status"] == "open":
            if frame["offset"] > len(turn["reply"]):
                self.holes += 1
            if frame["type"] == "sentence" and turn["reply"].startswith(frame["text"], frame["offset"]):
                return
            turn["reply"] = turn["reply"][: frame["offset"]] + frame["text"]

    def _durable(self, frame: dict[str, Any]) -> None:
        if frame["seq"] <= self.last_seq:
            self.again += 1
            return
        self.last_seq = frame["seq"]
        kind = frame["type"]
        if kind == "message":
            self.doubled += any(turn["client_id"] == frame["client_id"] for turn in self.turns.values())
            named = ("parent", "client_id", "text", "edit_of", "retry_of", "seq", "at")
            given = {"reply_given": frame.get("reply")}
            self.turns[frame["turn"]] = {name: frame[name] for name in named} | given | {"status": "open", "reply": ""}
        elif kind == "renamed":
            self.title = frame["title"]
        elif (turn := self.turns.get(frame["graded"] if kind == "contested" else frame["turn"])) is not None:
            self._of_turn(turn, kind, frame)

    def _of_turn(self, turn: dict[str, Any], kind: str, frame: dict[str, Any]) -> None:
        if kind == "sentence":
            self._say(frame)
        elif kind == "finished":
            # A client that was there all the time has the text already.
            self.torn += self.ready and frame["outcome"] == "complete" and turn["reply"].strip() != frame["text"]
            turn |= {name: frame.get(name) for name in _ENDS} | {"status": frame["outcome"], "reply": frame["text"]}
        elif kind == "interrupted":
            turn |= {"status": "interrupted", "reply": "", "error": frame["reason"]}
        else:
            turn[kind] = {name: frame.get(name) for name in _OF_TURN.get(kind, ())}
