"""Apertium, a rule-based translator, where the program is installed: English to Spanish, say. A weak engine.

It is a program of its own under the GPL and is only called. Tags go through as HTML elements, which Apertium keeps.
"""

import html
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cached_property

from media_gen.errors import CannotTranslate, TranslationFailed
from media_gen.language import primary
from media_gen.translation.port import Batch, pairs_sentence
from media_gen.translation.protect import TAG, tag

_LIMIT = 60.0  # seconds for one text
_SHOWN = 6  # pairs named in a refusal
_THREE = {"eng": "en", "spa": "es", "por": "pt", "fra": "fr", "ita": "it", "cat": "ca", "arb": "ar", "hin": "hi"}


class Apertium:
    name = "apertium"
    weak = True
    person = False
    inflects = False
    largest = 20

    def __init__(self, program: str = "apertium") -> None:
        self._program = program

    def refuses(self, source: str, target: str) -> str:
        if shutil.which(self._program) is None:
            return "Apertium is not installed here; with apertium and apertium-eng-spa it translates en to es."
        if self._mode(source, target):
            return ""
        shown = tuple(self._modes)[:_SHOWN]
        return pairs_sentence("Apertium, as installed here,", source, target, shown or (("nothing", "nothing"),))

    def translate(self, batch: Batch) -> Mapping[str, str]:
        if refusal := self.refuses(batch.source, batch.target):
            raise CannotTranslate(refusal, engine=self.name, source=batch.source, target=batch.target)
        mode = self._mode(batch.source, batch.target)
        try:
            return self._answers(batch, mode)
        except (OSError, subprocess.SubprocessError) as error:
            raise TranslationFailed(
                f"Apertium broke down: {error}", engine=self.name, source=batch.source, target=batch.target
            ) from error

    def _mode(self, source: str, target: str) -> str:
        return self._modes.get((primary(source), primary(target)), "")

    @cached_property
    def _modes(self) -> dict[tuple[str, str], str]:
        """Its installed pairs, as in ``apertium -l``, by two-letter tags."""
        listed = self._run(["-l"], "").split()
        modes: dict[tuple[str, str], str] = {}
        for mode in listed:
            pair = mode.split("-")
            if len(pair) == 2:
                source, target = (_THREE.get(part.partition("_")[0], part.partition("_")[0]) for part in pair)
                modes.setdefault((source, target), mode)
        return modes

    def _answers(self, batch: Batch, mode: str) -> dict[str, str]:
        """All texts in one run, each a paragraph of a page: starting the program takes longer than a text."""
        texts = (TAG.sub(r'<x id="\1"/>', html.escape(item.text, quote=False)) for item in batch.items)
        page = "\n".join(f'<p id="{at}">{text}</p>' for at, text in enumerate(texts))
        answer = self._run(["-u", "-f", "html", mode], page)
        found = re.findall(r'<p id="(\d+)">(.*?)</p>', answer, re.DOTALL)
        return {batch.items[int(at)].key: _text(text) for at, text in found if int(at) < len(batch.items)}

    def _run(self, arguments: list[str], text: str) -> str:
        return subprocess.run(
            [self._program, *arguments], input=text, capture_output=True, text=True, encoding="utf-8", check=True,
            timeout=_LIMIT,
        ).stdout  # fmt: skip


def _text(answer: str) -> str:
    tagged = re.sub(r'<x id="(\d+)"/>', lambda found: tag(int(found[1])), answer)
    return html.unescape(" ".join(tagged.split()))
