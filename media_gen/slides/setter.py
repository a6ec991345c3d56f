"""Slides: a lesson becomes screens, each a PNG for every step in which it is revealed.

Layouts (how a slide is fitted and divided) and pictures are kept apart, each by the hash of all its inputs: another
picture size needs no new layout, and a changed slide costs that slide.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from media_gen import language as languages
from media_gen.checks import slides as checks
from media_gen.checks.finding import Finding
from media_gen.errors import AssetMissing, SlideFailed
from media_gen.exports.handout import write_handout
from media_gen.language import Language
from media_gen.lesson import Lesson, Question, Slide
from media_gen.slides import clips, fonts, pictures, runs, splitting, theme
from media_gen.slides.pictures import Asset
from media_gen.slides.port import Screen, Size
from media_gen.slides.shelf import Shelf
from media_gen.slides.spec import Builder, Spec, files, plain, walk
from media_gen.slides.typesetter import Fit, Typesetter, template

VERSION = 2  # of the code that fits and divides; the template's own text counts by itself
READING_SPEED = 3.0  # words a second, for screens on which nothing is said
SHORTEST = 3.0  # seconds
LONGEST = 20.0


@dataclass(frozen=True)
class _Laid:
    """A slide ready to be drawn: its screens' specs, each with its fit, and the pictures they show."""

    slide: Slide
    number: int
    screens: tuple[Spec, ...]
    fits: tuple[Fit, ...]
    assets: dict[str, Asset]


class SlideSetter:
    """``cache`` keeps what was set; ``fonts`` is the folder of the pinned fonts (None: Typst's embedded ones)."""

    def __init__(self, cache: Path, fonts: Path | None) -> None:
        self._shelf = Shelf(cache)
        self._fonts = fonts if fonts is not None and fonts.is_dir() else None

    def screens(
        self, lesson: Lesson, size: Size, assets: Path, only: frozenset[str] | None = None
    ) -> tuple[Screen, ...]:
        """The screens of a lesson in order, of the slides in ``only`` where it is given.

        A picture that is not there gives a card with its description. Raises ``SlideFailed``, ``AssetMissing`` (for a
        file that may not or can't be read) and ``ScriptInvalid``, each naming the slide in ``data``.
        """
        work = _Work(self._shelf, self._fonts, lesson, assets)
        return tuple(screen for laid in work.laid(size, only) for screen in work.drawn(laid, size))

    def findings(self, lesson: Lesson, size: Size, assets: Path) -> tuple[Finding, ...]:
        """What is wrong with the slides: overflow, contrast, text too small, pictures that are not there, characters
        that no font has."""
        work = _Work(self._shelf, self._fonts, lesson, assets)
        found = list(checks.contrast(lesson, work.theme))
        for laid in work.laid(size, None):
            for spec, fit in zip(laid.screens, laid.fits, strict=True):
                found += checks.fit(lesson, laid.slide, laid.number, spec, fit)
            found += checks.absent(lesson, laid.slide, laid.number, laid.screens)
            found += checks.glyphs(lesson, laid.slide, laid.number, laid.screens, work.fonts)
        return tuple(found)

    def handout(self, lesson: Lesson, screens: Sequence[Screen], out: Path) -> None:
        """Write the lesson's handout (``media_gen.exports.handout``) in the same fonts."""
        write_handout(lesson, screens, out, languages.load(lesson.language), self._fonts)


class _Work:
    """One lesson being set."""

    def __init__(self, shelf: Shelf, folder: Path | None, lesson: Lesson, assets: Path) -> None:
        self._shelf, self._lesson, self._assets = shelf, lesson, assets
        self._language: Language = languages.load(lesson.language)
        self.theme = theme.load(lesson.theme, assets)
        brand = shelf.folder_of(self.theme.files) if self.theme.files else None
        self.fonts = fonts.load(folder, brand)
        logo = (
            pictures.load(str(self.theme.logo.relative_to(assets.resolve())), assets, slide="")
            if self.theme.logo
            else None
        )
        self._setter = Typesetter(self.fonts, self.theme, self._language, logo)
        self._look = _digest(
            VERSION, self._setter.document, self.fonts.digest, logo.sha256 if logo else "",
            {name: hashlib.sha256(data).hexdigest() for name, data in template().items()},
        )  # fmt: skip

    # -- layout

    def laid(self, size: Size, only: frozenset[str] | None) -> list[_Laid]:
        chapter = ""
        made: list[_Laid] = []
        for number, slide in enumerate(self._lesson.slides, 1):
            chapter = slide.chapter or chapter
            if only is None or slide.id in only:
                with _named(slide, number):
                    made.append(self._lay(slide, number, chapter, size))
        return made

    def _lay(self, slide: Slide, number: int, chapter: str, size: Size) -> _Laid:
        found: dict[str, Asset] = {}

        def bring(name: str, clip: bool, seconds: float) -> Asset | None:
            if pictures.absent(name, self._assets):
                return None
            if clip:
                asset = clips.poster(pictures.find(name, self._assets, slide=slide.id), seconds, slide=slide.id)
            else:
                asset = pictures.load(name, self._assets, slide=slide.id)
            found[asset.name] = asset
            return asset

        specs = Builder(self._lesson, self._language, bring).screens(slide, number, chapter)
        key = _digest("layout", self._look, specs, round(size.width / size.height, 6))
        kept = self._shelf.read_json(f"layout-{key}")
        if kept is None:
            screens, fits = self._divided(specs, size)
            kept = {"screens": screens, "fits": [asdict(fit) for fit in fits]}
            self._shelf.write_json(f"layout-{key}", kept)
        return _Laid(slide, number, tuple(kept["screens"]), tuple(Fit(**fit) for fit in kept["fits"]), found)

    def _divided(self, specs: Sequence[Spec], size: Size) -> tuple[list[Spec], list[Fit]]:
        """Screens that fit, dividing those that don't, and how they fit."""
        screens: list[Spec] = []
        for spec in specs:
            parts = self._parts({**spec, "title-words": runs.words(spec["title"])}, size)
            if len(parts) > 1:
                numbered = range(1, len(parts) + 1)
                parts = [
                    self._numbered(part, spec["title"], n, len(parts)) for n, part in zip(numbered, parts, strict=True)
                ]
            screens += [{**part, "part": n, "parts": len(parts)} for n, part in enumerate(parts, 1)]
        fits = self._setter.fit(screens, size, force=True)
        for n, (spec, fit) in enumerate(zip(screens, fits, strict=True)):
            screens[n] = {**spec, "scale": fit.scale, "title_scale": fit.title_scale, "air": fit.air}
        if len(screens) == 2 and screens[1].get("answer"):  # what stands on both stays where it is
            screens[0] |= {name: min(screen[name] for screen in screens) for name in ("scale", "air")}
        return screens, fits

    def _parts(self, spec: Spec, size: Size) -> list[Spec]:
        pending: list[Spec] = [spec]
        done: list[Spec] = []
        while pending:
            fits = self._setter.fit(pending, size)
            further: list[Spec] = []
            for part, fit in zip(pending, fits, strict=True):
                if fit.fits:
                    further.append({**part, "done": True})
                    continue
                if part["layout"] in ("title", "section") and part["blocks"]:  # too much for a page of its own kind
                    subtitle = self._paragraph(part["subtitle"])
                    further.append({**part, "layout": "bullets", "subtitle": [], "blocks": subtitle + part["blocks"]})
                    continue
                cycles = [b for b in part["blocks"] if b["kind"] == "cycle"]
                if cycles:  # rows have more room than a ring
                    blocks = [{**b, "kind": "process"} if b in cycles else b for b in part["blocks"]]
                    further.append({**part, "blocks": blocks})
                    continue
                divided = splitting.divide(part, fit.ratio) if not part.get("done") else None
                if divided is None or len(further) + len(divided) + len(pending) > splitting.MOST_PARTS:
                    further.append({**part, "done": True})
                else:
                    # The longest title that numbering may give, so that a part that fits now fits then.
                    further += [self._numbered(one, spec["title"], 88, 88) for one in divided]
            pending, done = ([], further) if all(p.get("done") for p in further) else (further, [])
        return [{k: v for k, v in part.items() if k != "done"} for part in done]

    def _paragraph(self, text: runs.Runs) -> list[Spec]:
        return [{"kind": "paragraph", "id": 0, "text": text, "words": runs.words(text)}] if text else []

    def _numbered(self, spec: Spec, title: runs.Runs, part: int, parts: int) -> Spec:
        before, _, after = self._language.words["continued"].partition("{title}")
        ends = [text.format(part=part, parts=parts) for text in (before, after)]
        if not title:
            return spec
        numbered = [*runs.verbatim(ends[0]), *title, *runs.verbatim(ends[1])]
        return {**spec, "title": numbered, "title-words": runs.words(numbered)}

    # -- pictures

    def drawn(self, laid: _Laid, size: Size) -> list[Screen]:
        asked = [spec for spec in laid.screens if not spec.get("answer")]
        told = laid.screens[len(asked) :]
        said = laid.slide.narration
        answer = splitting.answer_at(said, laid.slide.parts) if told else len(said)
        shares = splitting.share(said[:answer], asked)
        # Nothing more is revealed on the answer, so its speech goes with its text.
        spoken = [sentence.model_copy(update={"reveal": None}) for sentence in said[answer:]]
        shares += [(answer + start, answer + stop) for start, stop in (splitting.share(spoken, told) if told else ())]
        screens: list[Screen] = []
        shown = 0
        for spec, sentences in zip(laid.screens, shares, strict=True):
            first = 0 if spec.get("answer") and not screens[-1].name.endswith("answer") else shown
            last = max([first, *splitting.steps_of(spec)])
            # The answer stays whole: what was revealed before the question is all there.
            steps = [last] if spec.get("answer") else list(range(first, last + 1))
            shown = last
            with _named(laid.slide, laid.number):
                screens.append(self._screen(laid, {**spec, "shown": steps}, sentences, first, size))
        return screens

    def _screen(self, laid: _Laid, spec: Spec, sentences: tuple[int, int], first: int, size: Size) -> Screen:
        used = {name: laid.assets[name] for name in files(spec)}
        key = _digest("picture", self._look, spec, size, sorted(used))
        kept = self._shelf.read_pictures(key, len(spec["shown"]))
        if kept is None:
            kept = self._shelf.write_pictures(key, self._setter.draw([spec], used, size))
        part, name = spec["part"], laid.slide.id
        name += ".answer" if spec.get("answer") else ""
        text = plain(spec)
        return Screen(
            name=name if part == 1 else f"{name}.{part}",
            slide=laid.slide.id,
            pictures=kept,
            sentences=sentences,
            first_step=first,
            part=part,
            parts=spec["parts"],
            hold_seconds=_hold(laid.slide, spec, sentences, text),
            text=text,
            clip=self._clip(spec, used, size),
        )

    def _clip(self, spec: Spec, used: dict[str, Asset], size: Size) -> tuple[int, int, int, int] | None:
        if "clip" not in {block["kind"] for block in walk(spec["blocks"])}:
            return None
        return self._setter.clip_box(spec, used, size)


@contextmanager
def _named(slide: Slide, number: int) -> Iterator[None]:
    """An error says which slide it concerns."""
    try:
        yield
    except (SlideFailed, AssetMissing) as error:
        name = runs.plain(runs.verbatim(slide.title or slide.id))[:60]
        message = f"Slide {number} ({name}): {error}"
        raise type(error)(message, **{**error.data, "slide": slide.id}) from error


def _hold(slide: Slide, spec: Spec, sentences: tuple[int, int], text: str) -> float:
    """How long a screen stays at the least: a question's time to think, and time to read what nobody reads out."""
    reading = min(LONGEST, max(SHORTEST, max(len(text.split()), len(text) / 6) / READING_SPEED))
    if spec.get("answer"):
        return reading if sentences[0] == sentences[1] else 0.0
    if isinstance(slide.interaction, Question) and spec["part"] == spec["parts"]:
        return slide.interaction.think_seconds
    if slide.interaction is not None or sentences[0] == sentences[1]:
        return reading
    return 0.0


def _digest(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=asdict)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
