"""The fake of the translator port: quick, the same every time, and honest about being none."""

from collections.abc import Callable, Mapping

from media_gen.errors import CannotTranslate
from media_gen.language import primary
from media_gen.translation.port import Batch, pairs_sentence

_SCRIPTS = {"ar": "نص تجريبي", "hi": "नमूना", "zh": "样文"}


class FakeTranslator:
    """Puts the target's tag, and a word of its script, before every text, and keeps the text's own tags.

    ``pairs``: what it does; None: every pair. ``answer`` replaces its answer to a text. ``asked`` are the batches it
    was given, for tests.
    """

    name = "fake"
    weak = True
    person = False

    def __init__(
        self,
        *,
        pairs: tuple[tuple[str, str], ...] | None = None,
        answer: Callable[[str], str] | None = None,
        inflects: bool = False,
        largest: int = 50,
    ) -> None:
        self.asked: list[Batch] = []
        self.inflects = inflects
        self.largest = largest
        self._pairs = pairs
        self._answer = answer

    def refuses(self, source: str, target: str) -> str:
        if self._pairs is None or (source, target) in self._pairs:
            return ""
        return pairs_sentence("The fake translator", source, target, self._pairs)

    def translate(self, batch: Batch) -> Mapping[str, str]:
        if refusal := self.refuses(batch.source, batch.target):
            raise CannotTranslate(refusal, engine=self.name, source=batch.source, target=batch.target)
        self.asked.append(batch)
        mark = _SCRIPTS.get(primary(batch.target), batch.target)
        return {item.key: self._answer(item.text) if self._answer else f"({mark}) {item.text}" for item in batch.items}
