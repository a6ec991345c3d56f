"""Whether this process can serve, part by part: asked by load balancers and by ``diotima doctor``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from retrieval.errors import RetrievalError
from tutor.domain.errors import DiotimaError
from tutor.observe import Logger

log = Logger(__name__)

State = Literal["ok", "degraded", "failed"]
#: Asks a part of the system something small; raises where it can't answer.
Check = Callable[[], object]


@dataclass(frozen=True)
class Part:
    """``reason`` is an error's code; empty where all is well."""

    name: str
    state: State
    reason: str = ""


class Health:
    """``vital`` parts are those without which nothing can be served; without one of the ``others`` the service is
    poorer. Checks may take as long as a part's own timeouts: call them off the event loop."""

    def __init__(self, vital: Mapping[str, Check], others: Mapping[str, Check]) -> None:
        self._checks = {**vital, **others}
        self._vital = frozenset(vital)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._checks)

    def without(self, name: str) -> State:
        """What the service is while this part can't answer."""
        return "failed" if name in self._vital else "degraded"

    def part(self, name: str) -> Part:
        """A part as it is now."""
        return _looked_at(name, self._checks[name], self.without(name))

    def parts(self) -> tuple[Part, ...]:
        """Every part as it is now."""
        return tuple(self.part(name) for name in self.names)


def _looked_at(name: str, check: Check, otherwise: State) -> Part:
    try:
        check()
    except (DiotimaError, RetrievalError) as error:
        return Part(name, otherwise, error.code)
    except Exception:
        log.exception("health.check_crashed", part=name)
        return Part(name, otherwise, "internal")
    return Part(name, "ok")


def worst(parts: tuple[Part, ...]) -> State:
    """The state of the whole."""
    states = {part.state for part in parts}
    return "failed" if "failed" in states else "degraded" if "degraded" in states else "ok"
