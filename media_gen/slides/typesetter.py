"""The edge to Typst: fits screens, and draws them. Everything is handed over as data; nothing is read from disk.

Typst sees a virtual folder with our template and the data as JSON, over a private folder that holds just the pictures
that were checked; not even a template's mistake could read another file. A text is always a JSON string that becomes
text content, so no text is ever Typst source.
"""

import json
import plistlib
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import typst

from media_gen.errors import SlideFailed
from media_gen.language import Language
from media_gen.slides.fonts import MATHS, FontSet
from media_gen.slides.pictures import Asset
from media_gen.slides.port import Size
from media_gen.slides.spec import Spec
from media_gen.slides.theme import Theme, luminance

HEIGHT = 720  # of a slide in points, whatever the picture's size
SCRIPTS = {"ar": "arabic", "fa": "arabic", "ur": "arabic", "he": "arabic", "hi": "devanagari", "mr": "devanagari",
           "ne": "devanagari", "zh": "cjk", "ja": "cjk", "ko": "cjk"}  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """How a screen fits: at what scale, whether that is large enough to read, how much too high it is at the smallest
    scale, and how much wider than usual its spaces may be."""

    scale: float
    title_scale: float
    fits: bool
    title_fits: bool
    ratio: float
    air: float


@lru_cache(maxsize=1)
def template() -> dict[str, bytes]:
    """Our Typst files by name."""
    folder = files("media_gen") / "slides" / "typst"
    return {f.name: f.read_bytes() for f in sorted(folder.iterdir(), key=lambda f: f.name) if f.name[-4:] == ".typ"}


class Typesetter:
    """Sets the screens of one language and theme."""

    def __init__(self, fonts: FontSet, theme: Theme, language: Language, logo: Asset | None) -> None:
        self._fonts = fonts
        self._logo = logo
        self._root = tempfile.mkdtemp(prefix="diotima-slides-")
        weakref.finalize(self, shutil.rmtree, self._root, ignore_errors=True)
        self._compiler = typst.Compiler(root=self._root, font_paths=fonts.fonts)
        colours = asdict(theme.colours)
        self._code_theme = _code_theme(colours)
        self.document: dict[str, Any] = {
            "colours": colours,
            "decorated": theme.decorated,
            "light": luminance(theme.colours.background) > 0.3,
            "logo": {"file": logo.name, "ratio": logo.ratio} if logo else None,
            "rtl": language.direction == "rtl",
            "lang": language.tag.partition("-")[0],
            "script": SCRIPTS.get(language.tag.partition("-")[0], "latin"),
            "fonts": {
                "text": fonts.chain((*theme.fonts, *language.fonts)),
                "heading": fonts.chain((*theme.heading, *theme.fonts, *language.fonts)),
                "mono": fonts.chain((*theme.mono, *language.mono, "Noto Sans Mono", "DejaVu Sans Mono")),
                "maths": tuple(dict.fromkeys((MATHS, *fonts.chain(language.fonts)))),
            },
        }

    def fit(self, screens: Sequence[Spec], size: Size, *, force: bool = False) -> list[Fit]:
        """How each screen fits; with ``force`` a scale is found below what can be read, rather than none."""
        world = self._world("fit", [{**s, "force": force} for s in screens], {}, size)
        compiler = self._compiler_of(world)
        answers = _checked(lambda: compiler.query("<fit>", field="value", one=True))
        return [Fit(**answer) for answer in json.loads(answers)]

    def draw(self, screens: Sequence[Spec], pictures: Mapping[str, Asset], size: Size) -> list[bytes]:
        """A PNG for each step wanted (``shown``) of each screen."""
        world = self._world("draw", screens, pictures, size)
        drawn = _checked(lambda: self._compiler.compile(input=world, format="png", ppi=72 * size.height / HEIGHT))
        return [drawn] if isinstance(drawn, bytes) else list(drawn)

    def clip_box(self, screen: Spec, pictures: Mapping[str, Asset], size: Size) -> tuple[int, int, int, int] | None:
        """Where a clip stands, in pixels of the picture: left, top, width, height."""
        world = self._world("draw", [{**screen, "shown": screen["shown"][:1]}], pictures, size)
        compiler = self._compiler_of(world)
        found = json.loads(_checked(lambda: compiler.query("<clip>", field="value")))
        if not found:
            return None
        pixel = size.height / HEIGHT
        return (
            round(found[0]["x"] * pixel), round(found[0]["y"] * pixel),
            round(found[0]["width"] * pixel), round(found[0]["height"] * pixel),
        )  # fmt: skip

    def document_pdf(self, main: str, data: Mapping[str, Any], pictures: Mapping[str, Asset], size: Size) -> bytes:
        """A PDF of another of our templates; the same bytes for the same input."""
        world = self._world("document", [], pictures, size, data)
        world["main.typ"] = world[main]
        made = _checked(lambda: self._compiler.compile(input=world, format="pdf", timestamp=0))
        return bytes(made)

    def _compiler_of(self, world: Any) -> typst.Compiler:
        return typst.Compiler(input=world, root=self._root, font_paths=self._fonts.fonts)

    def _world(
        self,
        mode: str,
        screens: Sequence[Spec],
        pictures: Mapping[str, Asset],
        size: Size,
        more: Mapping[str, Any] = MappingProxyType({}),
    ) -> Any:  # names and bytes, which typst's annotations don't know yet
        document = {**self.document, "title": "", "width": HEIGHT * size.width / size.height}
        data = {"mode": mode, "screens": screens, **more}
        for asset in (*pictures.values(), *((self._logo,) if self._logo else ())):
            path = Path(self._root) / asset.name  # named by its content
            if not path.exists():
                path.write_bytes(asset.data)
        texts = {"doc.json": json.dumps(document).encode(), "data.json": json.dumps(data).encode()}
        return {**template(), "code.tmTheme": self._code_theme, **texts}


def _checked(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except typst.TypstError as error:
        raise SlideFailed(f"A slide could not be set: {error}") from error


def _code_theme(colours: Mapping[str, Any]) -> bytes:
    """The colours of highlighted code, as Typst wants them (a TextMate theme)."""
    scopes = {
        "comment": "comment",
        "string": "string",
        "number": "constant",
        "keyword": "keyword, storage, entity.name.tag, support.type, markup.heading",
    }
    rules: list[dict[str, Any]] = [{"settings": {"foreground": colours["ink"], "background": colours["surface"]}}]
    rules += [{"scope": scope, "settings": {"foreground": colours[name]}} for name, scope in scopes.items()]
    rules.append({"scope": "entity.name.function, support.function", "settings": {"foreground": colours["accent"]}})
    return plistlib.dumps({"name": "slides", "settings": rules})
