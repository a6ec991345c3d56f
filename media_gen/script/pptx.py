"""A presentation with notes (PPTX) becomes a Lesson: titles, text with its levels, tables, pictures, charts and notes.

Hidden slides are left out. Animations, SmartArt, formulas, sound and film are not read. The pictures are written into
a folder, named by their content. The file comes from somebody else: it is checked before it is opened, nothing outside
it is followed, and entities are never expanded (python-pptx turns that off).
"""

import re
import zipfile
from pathlib import Path

from media_gen import inline
from media_gen.errors import MediaError, ScriptInvalid
from media_gen.lesson import Lesson, Slide
from media_gen.script.assemble import MOST_SLIDES, assemble, with_ids
from media_gen.script.front import nearest
from media_gen.script.notes import Narration, narration_of
from media_gen.script.place import Place
from media_gen.script.pptx_shapes import Shapes

LARGEST_FILE = 200_000_000  # bytes
LARGEST_UNPACKED = 600_000_000  # of all its parts
LARGEST_XML = 20_000_000  # of one part
MOST_PARTS = 5_000
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")


def read_pptx(path: Path, pictures: Path, *, language: str = "") -> Lesson:
    """The lesson. ``pictures`` is the folder for its pictures; it lies beside the script and is made where needed.
    ``language`` is taken from the file where it isn't given, else English.

    Raises ``ScriptInvalid`` with ``slide`` in ``data``."""
    _check(path)
    try:
        return _read(path, pictures, language)
    except MediaError:
        raise
    except OSError as error:
        raise ScriptInvalid(f"{path.name}: {error.strerror or error}.", line=0, slide=0) from error
    except Exception as error:  # python-pptx and lxml raise of many kinds on a damaged file
        raise ScriptInvalid(f"{path.name} is damaged and can't be read.", line=0, slide=0) from error


def _check(path: Path) -> None:
    def refused(why: str) -> ScriptInvalid:
        return ScriptInvalid(f"{path.name} {why}.", line=0, slide=0)

    try:
        if path.stat().st_size > LARGEST_FILE:
            raise refused(f"is larger than {LARGEST_FILE // 1_000_000} MB")
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise refused("is not a presentation (.pptx)") from error
    except OSError as error:
        raise refused(f"can't be read: {error.strerror}") from error
    if len(parts) > MOST_PARTS:
        raise refused(f"has more than {MOST_PARTS:,} parts")
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise refused(f"unpacks to more than {LARGEST_UNPACKED // 1_000_000} MB")
    if any(part.file_size > LARGEST_XML for part in parts if part.filename.endswith((".xml", ".rels"))):
        raise refused(f"has a slide of more than {LARGEST_XML // 1_000_000} MB")


def _read(path: Path, pictures: Path, language: str) -> Lesson:
    import pptx

    presentation = pptx.Presentation(str(path))
    about = presentation.core_properties
    tag = language or nearest(about.language if _TAG.match(about.language or "") else "en")
    shown = [slide for slide in presentation.slides if slide._element.get("show") not in ("0", "false")]
    if not shown:
        raise ScriptInvalid(f"{path.name} has no slides to show.", line=0, slide=0)
    if len(shown) > MOST_SLIDES:
        raise ScriptInvalid(f"A script has at most {MOST_SLIDES} slides; this has {len(shown)}.", line=0, slide=0)
    made: list[tuple[Slide, bool]] = []
    places = [Place(0, number) for number in range(1, len(shown) + 1)]
    for slide, place in zip(shown, places, strict=True):
        with place.told():
            content = Shapes(pictures, presentation.slide_width, place).read(slide)
            notes = _notes(slide, place, tag)
            made.append((assemble(content, notes, {}, place, tag, is_first=place.slide == 1), False))
    slides = with_ids(made, places)
    named = inline.escape((about.title or "").strip())
    # PowerPoint's own template is called so; that is no title.
    title = "" if named.lower() in ("powerpoint presentation", "powerpoint-präsentation") else named
    return Lesson(
        title=title or next((slide.title for slide in slides if slide.title), "") or inline.escape(path.stem),
        language=tag,
        author=(about.author or "").strip(),
        slides=slides,
    )


def _notes(slide: "pptx.slide.Slide", place: Place, language: str) -> Narration:  # type: ignore[name-defined]  # noqa: F821
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    texts = [paragraph.text.replace("\v", "\n") for paragraph in frame.paragraphs] if frame is not None else []
    return narration_of([line for text in texts for line in text.split("\n")], place, language)
