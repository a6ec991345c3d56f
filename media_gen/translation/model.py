"""A language model as a translator. It is handed in as a plain function: this room knows no provider and no prompt."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from media_gen import language as languages
from media_gen.errors import LanguageUnknown, TranslationFailed
from media_gen.translation.port import Batch

Messages = Sequence[tuple[str, str]]  # (role, content)
Complete = Callable[[Messages], str]


@dataclass(frozen=True)
class Request:
    """What the prompt ``translate_segments`` needs: languages by their English names, segments as (number, kind, text),
    and for those asked again why the answer before was refused, as (number, problem)."""

    source_language: str
    target_language: str
    lesson_title: str
    segments: tuple[tuple[str, str, str], ...]
    glossary: tuple[tuple[str, str], ...]
    problems: tuple[tuple[str, str], ...]


class ModelTranslator:
    """``word`` makes the messages of a request, ``complete`` sends them and gives the model's whole reply. ``model`` is
    its name, kept as the engine of its drafts. ``weak``: a model whose drafts are to be marked so (a small local one).
    """

    person = False
    inflects = True

    def __init__(
        self,
        word: Callable[[Request], Messages],
        complete: Complete,
        *,
        model: str,
        weak: bool = False,
        largest: int = 25,
    ) -> None:
        self.name = model
        self.weak = weak
        self.largest = largest
        self._word = word
        self._complete = complete

    def refuses(self, source: str, target: str) -> str:
        """It does every language that has a file, as well as the model can."""
        try:
            languages.load(source)
            languages.load(target)
        except LanguageUnknown as unknown:
            return str(unknown)
        return ""

    def translate(self, batch: Batch) -> Mapping[str, str]:
        numbers = {str(at): item for at, item in enumerate(batch.items, 1)}
        request = Request(
            source_language=languages.load(batch.source).english,
            target_language=languages.load(batch.target).english,
            lesson_title=batch.title,
            segments=tuple((number, item.kind, item.text) for number, item in numbers.items()),
            glossary=batch.glossary,
            problems=tuple((number, item.problem) for number, item in numbers.items() if item.problem),
        )
        messages = self._word(request)
        answers = read_reply(self._complete(messages))
        if answers is None:  # once more: a model that runs on or stops short seldom does so twice
            answers = read_reply(self._complete(messages))
        if answers is None:
            raise TranslationFailed(
                "The language model did not answer with the translations it was asked for.",
                engine=self.name,
                source=batch.source,
                target=batch.target,
            )
        return {item.key: answers[number] for number, item in numbers.items() if answers.get(number)}


def read_reply(reply: str) -> dict[str, str] | None:
    """The texts by number from a model's reply: a JSON object of strings, maybe in a code fence or between words.

    None where there is none; a value that is no text is left out."""
    found = re.search(r"\{.*\}", reply, re.DOTALL)
    try:
        table = json.loads(found[0]) if found else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(table, dict):
        return None
    inner = table.get("translations")
    if isinstance(inner, dict):
        table = inner
    return {str(number): text for number, text in table.items() if isinstance(text, str)}
