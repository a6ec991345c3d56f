"""Text as it is written becomes text as it is spoken, in its language."""

from collections.abc import Sequence

from media_gen.language import Language


def read_aloud(text: str, language: Language, pronunciations: Sequence[tuple[str, str]] = ()) -> str:
    for written, said in pronunciations:
        text = text.replace(written, said)
    return text.strip()
