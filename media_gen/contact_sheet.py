"""A contact sheet: the frames of a film that show something new, in one picture, each with its name and time.

For people who look a film over. Frames are decoded from the film itself, so the sheet shows what a viewer sees.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw, ImageFont

from media_gen.errors import AssetMissing

SETTLE = 0.3  # s after a step begins: its fade is over
EVERY = 5.0  # s between frames where no timeline lies beside the film
LABEL = 22  # pixels below each frame
MARGIN = 8
MOST = 400  # frames


@dataclass(frozen=True)
class Moment:
    seconds: float
    label: str


def write_contact_sheet(film: Path, out: Path, *, columns: int = 4, width: int = 320) -> int:
    """Write a PNG; gives how many frames it shows. ``film`` is an MP4, or the folder of a render.

    With ``timeline.json`` beside the film there is one frame for each step of each slide. Raises ``AssetMissing`` where
    the film can't be read.
    """
    path = film / "film.mp4" if film.is_dir() else film
    try:
        with av.open(str(path)) as container:
            length = float((container.duration or 0) / av.time_base)
            frames = [(m, _frame(container, m.seconds)) for m in moments(path.with_name("timeline.json"), length)]
    except (av.FFmpegError, IndexError) as error:
        raise AssetMissing(f"The film {path} can't be read.", asset=str(path)) from error
    _sheet(frames, columns, width).save(out)
    return len(frames)


def moments(timeline: Path, length: float) -> Sequence[Moment]:
    """What to show of a film of ``length`` seconds. Raises ``AssetMissing`` where its timeline is no timeline."""
    if not timeline.is_file():
        count = min(MOST, max(1, int(length / EVERY)))
        return [Moment(length * n / count, "") for n in range(count)]
    found = []
    try:
        for screen in json.loads(timeline.read_text("utf-8"))["screens"]:
            for step, seconds in screen["steps"]:
                label = f"{screen['screen']} step {step}" if len(screen["steps"]) > 1 else str(screen["screen"])
                found.append(Moment(min(seconds + SETTLE, length - 0.1), label))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise AssetMissing(f"{timeline.name} beside the film is damaged.", asset=str(timeline)) from error
    return found[:MOST]


def _frame(container: Any, seconds: float) -> Image.Image:
    """The film's frame at that time: from the key frame before it, on to the time."""
    video = container.streams.video[0]
    container.seek(max(0, int(seconds / video.time_base)), stream=video, backward=True)
    shown = None
    for frame in container.decode(video):
        if shown is not None and frame.time > seconds:
            break
        shown = frame
    if shown is None:
        raise IndexError(seconds)
    picture: Image.Image = shown.to_image()
    return picture


def _sheet(frames: Sequence[tuple[Moment, Image.Image]], columns: int, width: int) -> Image.Image:
    first = frames[0][1]
    height = round(first.height * width / first.width)
    rows = -(-len(frames) // columns)
    across, down = width + MARGIN, height + LABEL + MARGIN
    sheet = Image.new("RGB", (columns * across + MARGIN, rows * down + MARGIN), "#202020")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=14)
    for number, (moment, picture) in enumerate(frames):
        left, top = MARGIN + number % columns * across, MARGIN + number // columns * down
        sheet.paste(picture.resize((width, height), Image.Resampling.LANCZOS), (left, top))
        minutes, rest = divmod(moment.seconds, 60)
        draw.text((left, top + height + 3), f"{int(minutes)}:{rest:04.1f}  {moment.label}", "#e0e0e0", font=font)
    return sheet
