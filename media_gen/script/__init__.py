"""Scripts: a Markdown deck or a PPTX with notes becomes a Lesson."""

from pathlib import Path

from media_gen.errors import ScriptInvalid
from media_gen.lesson import Lesson
from media_gen.script.deck import MOST_BYTES, read_deck

__all__ = ["read", "read_deck"]


def read(path: Path) -> Lesson:
    """The lesson of a script: ``.md`` or ``.pptx``. Its assets lie below the script's folder; the pictures of a PPTX
    are put there, in ``<name>.pictures``, named by their content.

    Raises ``ScriptInvalid`` and ``AssetMissing``.
    """
    if path.suffix.lower() == ".pptx":
        from media_gen.script.pptx import read_pptx  # python-pptx is heavy, and most scripts are text

        return read_pptx(path, path.parent / f"{path.stem}.pictures")
    if path.suffix.lower() not in (".md", ".markdown", ".qmd", ".txt"):
        raise ScriptInvalid(
            f"{path.name}: a script is a Markdown file (.md) or a presentation (.pptx).", line=0, slide=0
        )
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise ScriptInvalid(f"{path.name} can't be read: {error.strerror}.", line=0, slide=0) from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ScriptInvalid(f"{path.name} is not text in UTF-8 (line {line}).", line=line, slide=0) from error
    return read_deck(text, name=path.stem)
