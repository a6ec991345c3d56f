"""What both servers of the chat bench stream: the same text, cut into the same tokens, at the same pace.

Every reply has sentences of its own, as learners' replies do: a server that remembers what it made of a sentence gains
nothing. The words in them stand in the place of others of the same length, so that all replies have equal lengths.
"""

import random
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate

# Ordinary teaching prose: sentences of ten to twenty words, a new paragraph now and then, and a list.
_PROSE = (
    "Think of a leaf as a small workshop with windows. Light comes in through the windows, and most of the red and the"
    " blue is kept inside. What is not kept comes back out to your eye. So the colour you see is the part that the leaf"
    " could not use. Say that once more to yourself, since it may sound odd at first.\n\n"
    "Now follow the energy from there. It loads two small carriers, and the next stage empties them."
    " Three things are worth keeping in mind here:\n\n"
    "- the light is only needed for the first stage;\n- the carriers go back and forth between the stages;\n"
    "- the second stage runs for a while in the dark.\n\n"
    "Now look again at the drawing in the unit and follow one carrier round with your finger. You will notice that it"
    " comes back empty. A leaf in the dark runs out of charged carriers within a few minutes. Write down what you"
    " expect to happen to the second stage then, before you read on.\n\n"
)
_QUESTION = "Why does chlorophyll make leaves green"
_MARKED = re.compile(rb"make leaves green([?!]{20})")
_TOKEN = re.compile(r"\s?\w{1,5}|\s?[^\w\s]+|\s+")
_WORD = re.compile(r"\b[a-z]{4,}\b")
_ALIKE = {
    length: [word for word in sorted(set(_WORD.findall(_PROSE))) if len(word) == length]
    for length in range(4, 1 + max(map(len, _WORD.findall(_PROSE))))
}


def question(mark: int) -> str:
    """A question that the course answers; it carries its mark in the punctuation, which no search reads."""
    return _QUESTION + f"{mark:019b}".replace("0", "?").replace("1", "!") + "?"


def mark_of(request: bytes) -> int | None:
    """The mark of the last such question in ``request``; None where there is none."""
    marks = _MARKED.findall(request)
    if not marks:
        return None
    return int(marks[-1][:-1].replace(b"?", b"0").replace(b"!", b"1"), 2)


def tokens(count: int, mark: int = 0) -> list[str]:
    """``count`` pieces such as models send, about four characters each, of the reply to the question of this mark."""
    chance = random.Random(mark)
    found: list[str] = []
    while len(found) < count:
        found += _TOKEN.findall(_WORD.sub(lambda word: chance.choice(_ALIKE[len(word[0])]), _PROSE))
    # A reply is stripped at its end: let it end in a word.
    return [*found[: count - 1], "."]


@dataclass
class Spoken:
    """The tokens of a reply with the offset at which each ends, which is the same for all, and when each token of each
    reply left (monotonic seconds)."""

    pieces: list[str]
    left: dict[int, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ends = list(accumulate(len(piece) for piece in self.pieces))

    def whole(self, offset: int) -> int:
        """How many tokens are there when the reply is ``offset`` characters long."""
        return bisect_right(self.ends, offset)

    @property
    def sent(self) -> int:
        return sum(map(len, self.left.values()))
