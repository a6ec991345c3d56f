"""Citations: every number a learner can press leads to words that really stand there."""

import re
from collections.abc import Sequence

from retrieval.quotes import Sentences, best_sentences, supporting_sentence
from retrieval.values import Citation, Hit
from tutor.domain.events import CitedSpan
from tutor.ports import Library

_MARKER = re.compile(r"[ \t]*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
# Square brackets inside code and formulas are not citations.
_VERBATIM = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$)", re.DOTALL)


def markers(text: str) -> list[int]:
    """The numbers cited in ``text``, in order of first appearance; ``[1, 3]`` counts as two."""
    prose = "".join(_VERBATIM.split(text)[::2])
    found = [int(number) for match in _MARKER.finditer(prose) for number in match[1].split(",")]
    return list(dict.fromkeys(found))


def drop_unknown_markers(text: str, passages: int) -> str:
    """Remove citation markers that name none of the ``passages``, and write ``[1, 3]`` as ``[1] [3]``."""

    def mend(match: re.Match[str]) -> str:
        known = [n for n in (int(part) for part in match[1].split(",")) if 1 <= n <= passages]
        space = match[0][: match[0].index("[")]
        return space + " ".join(f"[{n}]" for n in known) if known else ""

    parts = _VERBATIM.split(text)
    # Odd places hold the code and formulas.
    return "".join(part if place % 2 else _MARKER.sub(mend, part) for place, part in enumerate(parts))
