"""A chat model that says what it is told: the shipped fake of the ``ChatModel`` port.

With a script it plays that script, faults included. Without one it answers from the passages fenced in the prompt,
quoting their first sentences with their numbers, and says a teaching move as the prompt words it; so the whole product
runs with ``DIOTIMA_CHAT_ADAPTER=scripted`` and no model at all. The same request always gives the same reply.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from prompts import read_passages, read_wording
from tutor.domain.errors import ModelError
from tutor.domain.events import Usage
from tutor.ports import ModelRequest

NOTHING_FOUND = "The course does not hold an answer to this. Which part of the course is it closest to?"
CLOSING_QUESTION = "How would you say this in your own words?"
QUOTED_PASSAGES = 2

# The first stretch up to a sentence end; Latin ends need white space after them, so that 30.5 stays whole.
_FIRST_SENTENCE = re.compile(r"^.+?(?:[.!?…؟](?=\s|$)|[。！？।])", re.DOTALL)
_NOT_PROSE = re.compile(r"^\s*(?:#|\||>|[-*+]\s|\d+[.)]\s|```|~~~|\$\$|!?\[[^\]]*\]:?\(?|:::)")
_WORD = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True)
class Say:
    """Yield ``text`` as one piece."""

    text: str


@dataclass(frozen=True)
class Pause:
    """Wait ``seconds`` through the injected sleep."""

    seconds: float


@dataclass(frozen=True)
class Fail:
    """Raise ``error``; the stream ends there, without a ``Usage``."""

    error: ModelError


@dataclass(frozen=True)
class Hang:
    """Say nothing more until cancelled."""


Step = Say | Pause | Fail | Hang


class ScriptedChatModel:
    """The n-th call plays the n-th script; calls beyond the last script answer from the prompt's passages.

    ``requests`` lists every request received, and ``closed`` counts streams that ended early: closed or cancelled.
    ``seconds_per_word`` slows the answer from passages down to a reading pace.
    """

    def __init__(
        self,
        *scripts: Sequence[Step],
        name: str = "scripted",
        seconds_per_word: float = 0.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self.requests: list[ModelRequest] = []
        self.closed = 0
        self._scripts = scripts
        self._seconds_per_word = seconds_per_word
        self._sleep = sleep

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | Usage, None]:
        call = len(self.requests)
        self.requests.append(request)
        script = self._scripts[call] if call < len(self._scripts) else self._reply(request)
        said = ""
        finished = False
        try:
            for step in script:
                match step:
                    case Say(text):
                        said += text
                        yield text
                    case Pause(seconds):
                        await self._sleep(seconds)
                    case Fail(error):
                        finished = True
                        raise error
                    case Hang():
                        await asyncio.Event().wait()
            finished = True
            yield Usage(
                gen_ai_provider_name="scripted",
                gen_ai_request_model=self.name,
                gen_ai_response_model=self.name,
                gen_ai_usage_input_tokens=sum(len(content.split()) for _, content in request.messages),
                gen_ai_usage_output_tokens=len(said.split()),
                gen_ai_response_finish_reason="stop",
                cost_usd=0.0,
            )
        finally:
            if not finished:
                self.closed += 1

    def _reply(self, request: ModelRequest) -> tuple[Step, ...]:
        steps: list[Step] = []
        for word in _WORD.findall(worded_move(request) or answer_from_passages(request)):
            if self._seconds_per_word:
                steps.append(Pause(self._seconds_per_word))
            steps.append(Say(word))
        return tuple(steps)


def worded_move(request: ModelRequest) -> str | None:
    """The wording of the move that the prompt asks to be said; None where it asks for something else."""
    return read_wording(request.messages[0][1]) if request.messages else None


def answer_from_passages(request: ModelRequest) -> str:
    """The first sentences of the first passages in the last message, each with its ``[number]``, and a question."""
    content = request.messages[-1][1] if request.messages else ""
    quotes = [(passage.number, first_sentence(passage.text)) for passage in read_passages(content)]
    found = [f"{quote} [{number}]" for number, quote in quotes if quote][:QUOTED_PASSAGES]
    return " ".join((*found, CLOSING_QUESTION)) if found else NOTHING_FOUND


def first_sentence(text: str) -> str:
    """The first sentence of the first prose paragraph, word for word; empty where there is only a table or a list."""
    for paragraph in re.split(r"\n\s*\n", text):
        if paragraph.strip() and not _NOT_PROSE.match(paragraph):
            found = _FIRST_SENTENCE.match(paragraph.strip())
            return found[0] if found else paragraph.strip()
    return ""
