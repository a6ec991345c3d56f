"""The guard at work on a reply: what may be said while a question is open, sentence by sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from retrieval.values import Hit, SearchResult
from tutor.domain import events as e

if TYPE_CHECKING:
    from tutor.grading.guard import Leak, Secret

QUICK = 300  # characters: about a quarter of a millisecond where the guard goes by words
_QUESTION_MARKS = ("?", "？", "؟")


class Guard(Protocol):
    """What keeps a sentence back (``tutor.grading.guard``)."""

    @property
    def embeds(self) -> bool:
        """Whether a check may embed, and so take long."""
        ...

    def check(self, sentence: str, secret: "Secret", before: tuple[str, ...] = ()) -> "Leak | None": ...
    def gives_away(self, passages: Sequence[str], secret: "Secret") -> tuple[bool, ...]: ...


@dataclass
class Watch:
    """``secrets`` belong to the questions that are open after this turn; ``questions`` says how many the reply itself
    may ask (none where a card follows). ``said`` grows with every sentence that passed."""

    guard: Guard
    secrets: "tuple[Secret, ...]"
    questions: int = 1
    said: list[str] = field(default_factory=list)

    def objection(self, sentence: str) -> e.SentenceReplaced | None:
        """Why a model's sentence must not be said; None when it may. Blocking: it may embed."""
        if _asks(sentence) and self.questions <= 0:
            return e.SentenceReplaced("", sentence.strip(), "second_question")
        leak = self.leak(sentence)
        if leak is not None:
            return leak
        if _asks(sentence):
            self.questions -= 1
        self.said.append(sentence)
        return None

    def quick(self, sentence: str) -> bool:
        """Whether ``objection`` to it costs less than a hop to another thread, and holds nobody up."""
        return not self.secrets or (len(sentence) <= QUICK and not self.guard.embeds)

    def leak(self, text: str) -> e.SentenceReplaced | None:
        """Whether ``text`` gives an open question away."""
        before = tuple(part.strip() for part in self.said[-3:])
        for secret in self.secrets:
            found = self.guard.check(text, secret, before)
            if found is not None:
                return e.SentenceReplaced("", text.strip(), found.why, found.detail)
        return None

    def harmless(self, texts: Sequence[str]) -> tuple[bool, ...]:
        """For each text of the course, whether it may be shown."""
        told = [False] * len(texts)
        for secret in self.secrets:
            told = [old or new for old, new in zip(told, self.guard.gives_away(texts, secret), strict=True)]
        return tuple(not one for one in told)

    def without_answers(self, result: SearchResult) -> SearchResult:
        """The result without the passages that give an open question away, by their text or by the heading they stand
        under, which is shown with them; they count as withheld."""
        if not self.secrets or not result.hits:
            return result
        above = {hit.passage.heading_path[-1] for hit in result.hits if hit.passage.heading_path}
        telling = {name for name, fine in zip(above, self.harmless(tuple(above)), strict=True) if not fine}
        texts = self.harmless([hit.passage.text for hit in result.hits])
        kept = [
            fine and not telling.intersection(hit.passage.heading_path[-1:])
            for hit, fine in zip(result.hits, texts, strict=True)
        ]
        hits: tuple[Hit, ...] = tuple(hit for hit, fine in zip(result.hits, kept, strict=True) if fine)
        gone = tuple(hit for hit, fine in zip(result.hits, kept, strict=True) if not fine)
        return replace(result, hits=hits, withheld=(*result.withheld, *gone)) if gone else result


def _asks(sentence: str) -> bool:
    bare = sentence.strip().rstrip("*_)»\"'” ")
    return bare.endswith(_QUESTION_MARKS)
