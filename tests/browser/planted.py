"""A tutor whose every turn is written by the test: questions, grades and all, recorded as the real one records them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.browser.rig import Rig
from tests.web.server.harness import Person
from tutor.bootstrap import System
from tutor.domain import events as e
from tutor.ports import Append
from tutor.services.chat import ChatService
from tutor.services.recording import Recorder
from tutor.services.turn import EndReason

COURSE = "energy-for-life"
Said = Callable[[str], Sequence[e.Event]]


@dataclass
class PlantedTutor:
    """Answers the n-th message with the n-th of ``turns``: the events for a turn's id. It keeps what it was sent."""

    turns: Sequence[Said]
    heard: list[e.MessageSent] = field(default_factory=list)
    _recorder: Recorder | None = None

    def seated(self, system: System) -> System:
        """``system`` with this tutor in place of the real one."""
        self._recorder = Recorder(system.store.log, system.live)
        chat = ChatService(
            system.store,
            system.live,
            self._recorder,
            self,  # type: ignore[arg-type]
            system.new_id,
            system.settings.max_message_chars,
        )
        system.chat = chat  # type: ignore[assignment]
        return system

    async def run(self, learner: str, conversation: str, sent: e.MessageSent) -> None:
        said = self.turns[min(len(self.heard), len(self.turns) - 1)]
        self.heard.append(sent)
        await self.record(conversation, *said(sent.turn))

    async def record(self, conversation: str, *events: e.Event) -> None:
        """What happens beside the turns, such as a reviewer's decision."""
        assert self._recorder is not None
        await self._recorder.record(conversation, Append(e.conversation_stream(conversation), events))

    def end(self, turn: str, why: EndReason) -> None:
        """Its turns end by themselves."""


def asks(
    card: dict[str, Any], prompt: str = "Which one?", text: str = "Try this.", item: str = "one", **more: Any
) -> Said:
    return lambda turn: (e.ItemPosed(turn, item, prompt, card, **more), finished(turn, text))


def grades(
    verdict: str, *then: Said, item: str = "one", text: str = "I see.", actions: tuple[str, ...] = (), **more: Any
) -> Said:
    """A grade, and then what another turn would say; without one the turn ends."""
    probability = float(verdict == "correct")

    def said(turn: str) -> Sequence[e.Event]:
        graded = e.AnswerGraded(turn, item, verdict, probability, probability, 1, **more)
        after = [event for each in then for event in each(turn)] or [finished(turn, text, actions)]
        return (e.MessageUnderstood(turn, "answer", 0.99, 0.99), graded, *after)

    return said


def says(text: str = "As you like.", intent: str = "question", *then: Said, actions: tuple[str, ...] = ()) -> Said:
    """No grade: an answer to a free question or to a request."""

    def said(turn: str) -> Sequence[e.Event]:
        after = [event for each in then for event in each(turn)] or [finished(turn, text, actions)]
        return (e.MessageUnderstood(turn, intent, 0.9, 0.1), *after)

    return said


def finished(turn: str, text: str, actions: tuple[str, ...] = ()) -> e.TurnFinished:
    return e.TurnFinished(turn, "complete", text, "authored", actions=actions)


async def asked(rig: Rig, person: Person, first: str = "Ask me a question") -> str:
    """A conversation whose first turn is over; its address."""
    conversation = await rig.house.system.chat.start(person.account, COURSE, person.account.language)
    await rig.house.system.chat.send(person.account, conversation, "first", first, reply=e.ItemReply(action="practise"))
    await rig.house.system.chat.settled(conversation)
    return f"/chat/{conversation}"
