"""How patient and how generous a chat connection is."""

from dataclasses import dataclass
from typing import Self

from tutor.config import Settings


@dataclass(frozen=True)
class ChatLimits:
    """Times are in seconds. ``malformed`` frames close the connection; ``refused`` counts those over a rate limit.
    ``connections`` is how many an account may have open at once, in all its tabs."""

    hello: float = 10.0
    send: float = 10.0
    heartbeat: float = 20.0
    preview: float = 0.25
    malformed: int = 5
    refused: int = 20
    connections: int = 30
    max_frame_bytes: int = 64 * 1024

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(send=settings.send_timeout_seconds, heartbeat=settings.heartbeat_seconds)
