"""The judge, the intents and the guard as the services use them: built when first needed, since they load numpy, and
falling back to words alone while the embedder's model can't be used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from retrieval.errors import EmbedderUnavailable
from tutor.domain.assessment import IntentGuess
from tutor.domain.items.item import Bands, TextJudge
from tutor.observe import Logger

if TYPE_CHECKING:
    from retrieval.embedders.port import Embedder
    from tutor.grading.decided import Graded
    from tutor.grading.guard import Guard, Leak, Secret
    from tutor.grading.intent import IntentClassifier

log = Logger(__name__)


class Judging:
    """A ``TextJudge``, the ``Intents`` of a teacher and the guard, on one embedder (None: words alone).

    ``decided`` are the answers to an item of a course that people have judged: ``within`` follows them."""

    def __init__(
        self, embedder: "Embedder | None", decided: "Callable[[str, str], Graded | None] | None" = None
    ) -> None:
        self._embedder = embedder
        self._decided = decided
        self._by_words = False

    # -- TextJudge -------------------------------------------------------------------------------------------------

    @property
    def bands(self) -> Bands:
        return self._judge(None).bands

    def coverage(
        self, question: str, statements: Sequence[Sequence[str]], answer: str, language: str
    ) -> tuple[float, ...]:
        return self.covers(None, question, statements, answer, language)

    def within(self, course: str, item: str) -> TextJudge:
        """The judge for answers to one item: what people decided about others' answers to it counts."""
        graded = self._decided(course, item) if self._decided is not None else None
        return _Within(self, graded) if graded is not None else self

    def covers(
        self,
        graded: "Graded | None",
        question: str,
        statements: Sequence[Sequence[str]],
        answer: str,
        language: str,
    ) -> tuple[float, ...]:
        """``coverage`` beside the answers in ``graded``."""
        try:
            return self._judge(graded).coverage(question, statements, answer, language)
        except EmbedderUnavailable as error:
            # Grading by words is wide in doubt and asks back; it never marks wrong what it can't read.
            log.warning("grading.by_words", code=error.code)
            self._by_words = True
            return self._judge(graded).coverage(question, statements, answer, language)

    def _judge(self, graded: "Graded | None") -> TextJudge:
        judge = self._words if self._by_words else self._fitted
        if graded is None:
            return judge
        from tutor.grading.text import taught

        return taught(judge, graded)

    @cached_property
    def _fitted(self) -> TextJudge:
        from tutor.grading.text import judge_for

        return judge_for(self._embedder)

    @cached_property
    def _words(self) -> TextJudge:
        from tutor.grading.words import WordJudge

        return WordJudge()

    # -- Intents ---------------------------------------------------------------------------------------------------

    def classify(self, message: str, question: str, kind: str, language: str) -> IntentGuess:
        return self._intents.classify(message, question, kind, language)

    def is_doubtful(self, guess: IntentGuess) -> bool:
        return self._intents.is_doubtful(guess)

    @cached_property
    def _intents(self) -> "IntentClassifier":
        from tutor.grading.intent import IntentClassifier

        return IntentClassifier()

    # -- the guard -------------------------------------------------------------------------------------------------

    @property
    def embeds(self) -> bool:
        return self._embedder is not None

    def check(self, sentence: str, secret: "Secret", before: tuple[str, ...] = ()) -> "Leak | None":
        return self._guard.check(sentence, secret, before)

    def gives_away(self, passages: Sequence[str], secret: "Secret") -> tuple[bool, ...]:
        return self._guard.gives_away(passages, secret)

    @cached_property
    def _guard(self) -> "Guard":
        from tutor.grading.guard import Guard

        return Guard(self, self._embedder)


@dataclass(frozen=True)
class _Within:
    """See ``Judging.within``."""

    judging: Judging
    graded: "Graded"

    @property
    def bands(self) -> Bands:
        return self.judging.bands

    def coverage(
        self, question: str, statements: Sequence[Sequence[str]], answer: str, language: str
    ) -> tuple[float, ...]:
        return self.judging.covers(self.graded, question, statements, answer, language)
