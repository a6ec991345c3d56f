"""Where in a script something stands, and errors that say so."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import ValidationError

from media_gen.errors import MediaError, ScriptInvalid


@dataclass(frozen=True)
class Place:
    """``line`` and ``slide`` count from 1; 0 where there is none (a PPTX has no lines)."""

    line: int = 0
    slide: int = 0

    def invalid(self, message: str) -> ScriptInvalid:
        return ScriptInvalid(f"{self.name()}{message}", line=self.line, slide=self.slide)

    def name(self) -> str:
        slide = f"Slide {self.slide}" if self.slide else ""
        line = f"line {self.line}" if self.line else ""
        named = ", ".join(part for part in (slide, line) if part)
        return f"{named[:1].upper()}{named[1:]}: " if named else ""

    @contextmanager
    def told(self) -> Iterator[None]:
        """What a value of the lesson refuses is said with this place; so is an error that has no slide yet."""
        try:
            yield
        except ValidationError as error:
            raise self.invalid(sentence(error)) from error
        except MediaError as error:
            error.data.setdefault("line", self.line)
            if self.slide:
                error.data["slide"] = error.data.get("slide") or self.slide
            raise


def sentence(error: ValidationError) -> str:
    """The first thing that pydantic refuses, as a sentence for the person who wrote the script."""
    first = error.errors(include_url=False, include_input=False)[0]
    message = first["msg"].removeprefix("Value error, ").rstrip(".")
    where = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
    return f"{where + ': ' if where else ''}{message[:1].lower()}{message[1:]}."
