"""The pictures of a lesson, made safe and small enough to be set: nothing outside the script's folder is ever read."""

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from media_gen.errors import AssetMissing

LARGEST_FILE = 30_000_000  # bytes
LARGEST_SVG = 3_000_000
LARGEST_PICTURE = 60_000_000  # pixels
LONGEST_SIDE = 2560  # a larger one is made smaller before it is set
FORMATS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
_UNSAFE_SVG = re.compile(
    r"""<!ENTITY|<!DOCTYPE|<\?xml-stylesheet|<script|<foreignObject|@import
    |href\s*=\s*["'](?!\#|data:image/)|url\(\s*["']?(?!\s*["']?\#)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Asset:
    """A picture as it is handed to Typst. ``name`` is its file name there; ``ratio`` is width by height."""

    name: str
    data: bytes
    sha256: str
    ratio: float


def inside(name: str, assets: Path, *, slide: str) -> Path:
    """The file of that name below ``assets``; links that lead out of it are refused. Raises ``AssetMissing``."""
    root = assets.resolve()
    try:
        path = (root / name).resolve()
        found = path.is_relative_to(root) and path.is_file()
    except (OSError, ValueError):
        found = False
    if not found:
        raise AssetMissing(f"There is no file {name} beside the script.", asset=name, slide=slide)
    return path


def find(name: str, assets: Path, *, slide: str) -> Path:
    """As ``inside``, and ``sha256:<hex>`` is the file of that name (with any ending) in ``assets``."""
    digest = name.removeprefix("sha256:")
    if digest == name:
        return inside(name, assets, slide=slide)
    if re.fullmatch(r"[0-9a-f]{64}", digest):
        for path in sorted(assets.glob(f"{digest}*")):
            return inside(path.name, assets, slide=slide)
    raise AssetMissing(f"There is no file {name} among the assets.", asset=name, slide=slide)


def absent(name: str, assets: Path) -> bool:
    """Whether a file of that name could be below ``assets`` and isn't there; False for a name that is not allowed."""
    digest = name.removeprefix("sha256:")
    if digest != name:
        return bool(re.fullmatch(r"[0-9a-f]{64}", digest)) and not any(assets.glob(f"{digest}*"))
    root = assets.resolve()
    try:
        path = (root / name).resolve()
        return path != root and path.is_relative_to(root) and not path.exists()
    except (OSError, ValueError):
        return False


def load(name: str, assets: Path, *, slide: str) -> Asset:
    """The picture, checked and if need be made smaller. Raises ``AssetMissing``."""
    path = find(name, assets, slide=slide)

    def refused(why: str) -> AssetMissing:
        return AssetMissing(f"The picture {name} {why}.", asset=name, slide=slide)

    if path.stat().st_size > LARGEST_FILE:
        raise refused(f"is larger than {LARGEST_FILE // 1_000_000} MB")
    data = path.read_bytes()
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<") and b"<svg" in head.lower():
        if len(data) > LARGEST_SVG:
            raise refused(f"is an SVG larger than {LARGEST_SVG // 1_000_000} MB")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise refused("is an SVG that is not in UTF-8") from error
        if found := _UNSAFE_SVG.search(text):
            raise refused(f"is an SVG with {found[0]}, which is not allowed in pictures")
        return _asset(data, "svg", _svg_ratio(data))
    return _raster(data, refused)


def plain(data: bytes) -> Asset:
    """A PNG that we made ourselves."""
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    return _asset(data, "png", width / height)


def _raster(data: bytes, refused: Callable[[str], AssetMissing]) -> Asset:
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data), formats=tuple(FORMATS)) as image:
            if image.width * image.height > LARGEST_PICTURE:
                raise refused(f"has more than {LARGEST_PICTURE // 1_000_000} million pixels")
            image.load()
            turned = image.getexif().get(0x0112, 1) != 1
            plain = image.mode in ("RGB", "RGBA", "L", "LA", "P", "1")
            if plain and not turned and max(image.size) <= LONGEST_SIDE and not getattr(image, "is_animated", False):
                return _asset(data, FORMATS[str(image.format)], image.width / image.height)
            upright = ImageOps.exif_transpose(image)
            alike = upright.convert("RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB")
            alike.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            buffer = io.BytesIO()
            if alike.mode == "RGB":
                alike.save(buffer, "JPEG", quality=92)
            else:
                alike.save(buffer, "PNG")
            ending = "jpg" if alike.mode == "RGB" else "png"
            return _asset(buffer.getvalue(), ending, alike.width / alike.height)
    except AssetMissing:
        raise
    except Exception as error:  # Pillow raises of many kinds on a damaged file
        raise refused("is no PNG, JPEG, WebP or SVG that can be read") from error


def _svg_ratio(data: bytes) -> float:
    if found := re.search(rb"viewBox\s*=\s*[\"']\s*[-\d.eE+]+[\s,]+[-\d.eE+]+[\s,]+([\d.]+)[\s,]+([\d.]+)", data):
        width, height = float(found[1]), float(found[2])
        if width > 0 and height > 0:
            return width / height
    return 4 / 3


def _asset(data: bytes, ending: str, ratio: float) -> Asset:
    digest = hashlib.sha256(data).hexdigest()
    return Asset(f"picture-{digest[:24]}.{ending}", data, digest, ratio)
