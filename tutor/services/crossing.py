"""Conversations across servers: what another server writes is heard here, a turn that runs there can be stopped, and
who signs out there is signed out here.

A word from another server names a conversation and a place in its log (``tutor.server_ports``); whoever follows that
conversation here reads on in the log. So nothing is lost, doubled or reordered however words travel, and a server that
was cut off reads once after it is back.
"""

from collections.abc import Callable

from tutor.observe import Logger
from tutor.server_ports import Missed, Relay, SessionsEnded, StopWanted, Word, Written
from tutor.services.accounts import Revoked
from tutor.services.live import Live

log = Logger(__name__)


class Crossing:
    """``stop(conversation, turn)`` ends the turn if it runs here."""

    def __init__(self, live: Live, relay: Relay, stop: Callable[[str, str], None]) -> None:
        self._live = live
        self._relay = relay
        self._stop = stop
        self._revoked: list[Revoked] = []

    def on_revoked(self, callback: Revoked) -> None:
        """Called in the event loop with what ``accounts.on_revoked`` would be, for sessions ended elsewhere."""
        self._revoked.append(callback)

    def revoked(self, account: str, token_hash: str | None) -> None:
        """Sessions were ended here."""
        self._relay.tell(SessionsEnded(account, token_hash))

    def start(self) -> None:
        """In the running event loop."""
        self._relay.start(self._heard)

    async def close(self) -> None:
        await self._relay.close()

    def _heard(self, word: Word | Missed) -> None:
        match word:
            case Written():
                self._live.behind(word.conversation, word.last)
            case StopWanted():
                self._stop(word.conversation, word.turn)
            case SessionsEnded():
                for callback in self._revoked:
                    callback(word.account, word.token_hash)
            case Missed():
                self._live.missed()
