"""What a client's frame asks for, done; shared by the socket and by the POST that stands in for it."""

from starlette.requests import HTTPConnection

from tutor.domain.accounts import Account
from tutor.domain.events import ItemReply
from tutor.services.chat import UNSET, Accepted, ChatService
from tutor.services.rate_limit import RateLimit
from web import messages as m


class Commands:
    """Carries out frames for one connection or request, within the account's limits."""

    def __init__(self, chat: ChatService, messages: RateLimit, others: RateLimit) -> None:
        self._chat = chat
        self._messages = messages
        self._others = others

    @classmethod
    def of(cls, connection: HTTPConnection) -> "Commands":
        state = connection.app.state
        return cls(state.system.chat, state.message_limit, state.command_limit)

    def admit(self, account: Account) -> None:
        """Count a ``hello``, which costs a reading of the log. Raises ``RateLimited``."""
        self._others.hit(account.id)

    async def run(self, account: Account, conversation: str, frame: m.Command) -> m.Ack | None:
        """An ``Ack`` for a frame that opens a turn. Raises the errors of ``ChatService``, and ``RateLimited``."""
        limit = self._others if isinstance(frame, m.Stop | m.Feedback) else self._messages
        limit.hit(account.id)
        accepted: Accepted
        match frame:
            case m.SendMessage():
                parent = frame.parent if "parent" in frame.model_fields_set else UNSET
                reply = _item_reply(frame.reply) if frame.reply is not None else None
                accepted = await self._chat.send(
                    account, conversation, frame.client_id, frame.text, parent=parent, reply=reply
                )
            case m.EditMessage():
                accepted = await self._chat.edit(account, conversation, frame.client_id, frame.turn, frame.text)
            case m.RetryMessage():
                accepted = await self._chat.retry(account, conversation, frame.client_id, frame.turn)
            case m.Stop():
                await self._chat.stop(account, conversation, frame.turn)
                return None
            case m.Feedback():
                await self._chat.feedback(account, conversation, frame.turn, frame.rating, frame.comment or "")
                return None
        return m.Ack(client_id=frame.client_id, turn=accepted.turn, seq=accepted.seq, duplicate=accepted.duplicate)


def _item_reply(reply: m.Reply) -> ItemReply:
    return ItemReply(
        item=reply.item,
        hint=reply.hint,
        selected=reply.selected,
        confidence=reply.confidence,
        seconds=reply.seconds,
        action=reply.action,
    )
