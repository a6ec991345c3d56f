"""What a check found, and how checks are run."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from media_gen.errors import MediaError
from retrieval.errors import RetrievalError
from tutor.domain.errors import DiotimaError

#: Fine; it works, but could be better; it doesn't work.
State = Literal["ok", "note", "failed"]


@dataclass(frozen=True)
class Finding:
    """``about`` is a sentence's worth of what is or isn't; ``do`` what helps; ``seconds`` how long it took to try."""

    state: State
    name: str
    about: str
    do: str = ""
    seconds: float = 0.0


def tried(name: str, attempt: Callable[[], str], do: str, *, otherwise: State = "failed") -> Finding:
    """Do something small that has to work; ``attempt`` returns what to say of it, and raises where it doesn't.

    Whatever is wrong becomes a finding: a doctor that crashes helps nobody.
    """
    began = time.monotonic()
    try:
        found = Finding("ok", name, attempt())
    except (DiotimaError, MediaError, RetrievalError, OSError) as error:
        found = Finding(otherwise, name, f"{name}: {error or type(error).__name__}", do)
    except Exception as error:  # a broken package raises of any kind
        found = Finding(otherwise, name, f"{name}: {type(error).__name__}: {error}", do)
    return replace(found, seconds=time.monotonic() - began)


def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """As they are printed."""
    marks = {"ok": "ok ", "note": "-- ", "failed": "!! "}
    for one in findings:
        took = f" ({one.seconds:.1f} s)" if one.seconds >= 0.1 else ""
        yield " - ".join(part for part in (f"{marks[one.state]} {one.about}{took}", one.do) if part)
