"""The poster and a thumbnail of every slide, as JPEG."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from media_gen.errors import SlideFailed
from media_gen.slides.port import Screen
from media_gen.timeline import Timeline

WIDTH = 320
QUALITY = 85


def write_stills(timeline: Timeline, screens: Sequence[Screen], folder: Path) -> None:
    """``poster.jpg`` is the first screen, complete; ``thumbnails/NNN.jpg`` are all screens, complete, from 001 on."""
    (folder / "thumbnails").mkdir(exist_ok=True)
    for number, (span, screen) in enumerate(zip(timeline.spans, screens, strict=True), 1):
        path = screen.pictures[span.shown[-1].step]
        try:
            with Image.open(path) as opened:
                picture = opened.convert("RGB")
        except OSError as error:
            raise SlideFailed(f"The picture {path.name} of a slide can't be read.", slide=screen.slide) from error
        if number == 1:
            picture.save(folder / "poster.jpg", quality=QUALITY)
        small = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
        small.save(folder / "thumbnails" / f"{number:03}.jpg", quality=QUALITY)
