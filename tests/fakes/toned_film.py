"""A real film, slides, captions and all, spoken by the silent voice: quick enough for a test to watch."""

from media_gen.speech.silent import SilentEngine
from tutor.services.film_process import Order, Report
from tutor.services.film_render import make


def render(order: Order, report: Report) -> None:
    make(order, report, (SilentEngine(),))
