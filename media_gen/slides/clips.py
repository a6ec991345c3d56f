"""The still picture of a clip, for its place on the slide."""

import io
from pathlib import Path

from media_gen.errors import AssetMissing
from media_gen.slides import pictures
from media_gen.slides.pictures import Asset

LARGEST = 2_000_000_000  # bytes


def poster(path: Path, seconds: float, *, slide: str) -> Asset:
    """The first picture of the clip at or after ``seconds``. Raises ``AssetMissing`` if it can't be read."""
    import av
    from PIL import Image

    def refused(why: str) -> AssetMissing:
        return AssetMissing(f"The clip {path.name} {why}.", asset=path.name, slide=slide)

    if path.stat().st_size > LARGEST:
        raise refused("is larger than 2 GB")
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            if seconds and stream.time_base:
                container.seek(int(seconds / stream.time_base), stream=stream)
            picture = None
            for frame in container.decode(stream):
                picture = frame
                if frame.time is None or frame.time >= seconds - 1e-6:
                    break
            if picture is None:
                raise refused("has no picture there")
            image: Image.Image = picture.to_image()
            image.thumbnail((1920, 1920))
            buffer = io.BytesIO()
            image.save(buffer, "PNG")
            return pictures.plain(buffer.getvalue())
    except (av.error.FFmpegError, IndexError, ValueError) as error:
        raise refused("is no film that can be read") from error
