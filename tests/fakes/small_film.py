"""A real render that is quick: small pictures, a tone in place of voices, and a translator that needs nothing."""

from typing import Any

from media_gen.slides.port import Size
from media_gen.speech.silent import SilentEngine
from media_gen.translation import FakeTranslator
from tutor.services.film_process import Order, Report
from tutor.services.film_render import make

RENDER = f"{__name__}:render"
OPTIONS = {"model_translator": f"{__name__}:translator"}


def translator(options: dict[str, Any]) -> FakeTranslator:
    return FakeTranslator()


def render(order: Order, report: Report) -> None:
    make(order, report, (SilentEngine(),), Size(320, 180))
