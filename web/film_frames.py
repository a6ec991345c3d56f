"""The frame about a film."""

from typing import Literal

from web.frames import Durable


class FilmFrame(Durable):
    """In ``turn`` a film was asked for; ``film`` is its job, and ``/api/films/<film>`` says how far it is.

    ``form`` is explainer, example, misconception or course_film; ``draft``: a machine translated it, unread.
    """

    type: Literal["film"] = "film"
    turn: str
    film: str
    title: str
    language: str
    form: str
    draft: bool
