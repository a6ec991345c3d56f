"""The Lesson: what every script becomes, and the only thing that slides, narration, player and exports are made from.

A Lesson is a value in one language. Text that a reader sees is *inline Markdown*: ``**strong**``, ``*emphasis*``,
`` `code` ``, ``$maths$`` in LaTeX and ``[text](address)``; nothing else is markup. Fields of type ``Prose`` are
translated (``media_gen.translation``); everything else is the same in every language.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Translatable:
    """Marks a field that is put into other languages."""


Prose = Annotated[str, Translatable()]


class Value(BaseModel):
    """A frozen value. Unknown fields are refused, so that a model's slip or a newer file is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Layout(StrEnum):
    TITLE = "title"
    SECTION = "section"
    BULLETS = "bullets"
    COLUMNS = "columns"
    COMPARISON = "comparison"
    PICTURE = "picture"
    PICTURE_TEXT = "picture-text"
    CODE = "code"
    MATHS = "maths"
    TABLE = "table"
    QUOTE = "quote"
    DIAGRAM = "diagram"
    CHART = "chart"
    CLIP = "clip"
    QUESTION = "question"
    SUMMARY = "summary"


# -- what stands on a slide ----------------------------------------------------------------------------------------


class Paragraph(Value):
    kind: Literal["paragraph"] = "paragraph"
    text: Prose


class Bullet(Value):
    """``level`` is 0 for the outermost. Each bullet of level 0, with those below it, is one step of the slide."""

    text: Prose
    level: int = Field(default=0, ge=0, le=2)


class Bullets(Value):
    kind: Literal["bullets"] = "bullets"
    items: tuple[Bullet, ...] = Field(min_length=1)
    ordered: bool = False


class Picture(Value):
    """``asset`` is a path below the script's folder, or ``sha256:<hex>`` for one kept by its content."""

    kind: Literal["picture"] = "picture"
    asset: str
    alt: Prose = ""
    caption: Prose = ""
    credit: str = ""
    licence: str = ""


class Code(Value):
    kind: Literal["code"] = "code"
    text: str
    language: str = ""


class Maths(Value):
    """A displayed formula in LaTeX."""

    kind: Literal["maths"] = "maths"
    latex: str


class Table(Value):
    kind: Literal["table"] = "table"
    header: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...] = ()

    @model_validator(mode="after")
    def _even(self) -> Self:
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError("every row of a table has as many cells as its header")
        return self


class Quote(Value):
    kind: Literal["quote"] = "quote"
    text: Prose
    attribution: Prose = ""


class Diagram(Value):
    """Steps in a row (``process``) or in a ring (``cycle``). Each is one step of the slide."""

    kind: Literal["diagram"] = "diagram"
    form: Literal["process", "cycle"] = "process"
    steps: tuple[Prose, ...] = Field(min_length=2, max_length=8)


class Series(Value):
    name: Prose = ""
    values: tuple[float, ...]


class Chart(Value):
    """``values`` of every series stand over ``labels``. A pie has one series, none of it negative."""

    kind: Literal["chart"] = "chart"
    form: Literal["bar", "line", "pie"]
    labels: tuple[Prose, ...] = Field(min_length=1)
    series: tuple[Series, ...] = Field(min_length=1, max_length=5)
    unit: Prose = ""

    @model_validator(mode="after")
    def _even(self) -> Self:
        if any(len(s.values) != len(self.labels) for s in self.series):
            raise ValueError("every series of a chart has a value for each label")
        if self.form == "pie" and (
            len(self.series) != 1 or min(self.series[0].values) < 0 or not sum(self.series[0].values)
        ):
            raise ValueError("a pie chart has one series of values that are not negative")
        return self


class Clip(Value):
    """A moving picture. ``start`` and ``end`` trim it, in seconds of the clip; ``end`` None: to its end."""

    kind: Literal["clip"] = "clip"
    asset: str
    alt: Prose = ""
    start: float = Field(default=0.0, ge=0)
    end: float | None = None
    credit: str = ""
    licence: str = ""


Piece = Annotated[
    Paragraph | Bullets | Picture | Code | Maths | Table | Quote | Diagram | Chart | Clip, Field(discriminator="kind")
]


class Columns(Value):
    """Two columns; with titles it is a comparison."""

    kind: Literal["columns"] = "columns"
    left: tuple[Piece, ...]
    right: tuple[Piece, ...]
    left_title: Prose = ""
    right_title: Prose = ""


Block = Annotated[
    Paragraph | Bullets | Picture | Code | Maths | Table | Quote | Diagram | Chart | Clip | Columns,
    Field(discriminator="kind"),
]


# -- what the viewer can do ----------------------------------------------------------------------------------------


class Option(Value):
    """``goto`` is the id of a slide. ``correct`` None: there is no right or wrong."""

    text: Prose
    correct: bool | None = None
    feedback: Prose = ""
    goto: str = ""


class Question(Value):
    """With ``options`` a choice, without them an open question whose ``answer`` is shown.

    A film shows it as a slide, waits ``think_seconds``, then shows the right options or the answer and ``explanation``.
    That is one step of the slide, its last: sentences from the one that reveals it are spoken over the answer.
    """

    kind: Literal["question"] = "question"
    prompt: Prose
    options: tuple[Option, ...] = Field(default=(), max_length=8)
    answer: Prose = ""
    explanation: Prose = ""
    think_seconds: float = Field(default=5.0, ge=0, le=60)

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if self.options and not any(option.correct for option in self.options):
            raise ValueError("a question with options has at least one right one")
        if not self.options and not self.answer:
            raise ValueError("a question has options or an answer")
        return self


class Poll(Value):
    kind: Literal["poll"] = "poll"
    prompt: Prose
    options: tuple[Option, ...] = Field(min_length=2, max_length=8)


class Hotspot(Value):
    """A place on the slide as fractions of its width and height, from the top left."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    width: float = Field(gt=0, le=1)
    height: float = Field(gt=0, le=1)
    label: Prose
    text: Prose = ""
    correct: bool | None = None


class Hotspots(Value):
    kind: Literal["hotspots"] = "hotspots"
    prompt: Prose = ""
    spots: tuple[Hotspot, ...] = Field(min_length=1, max_length=12)


class Branch(Value):
    """The viewer chooses where to go on; every option has a ``goto``."""

    kind: Literal["branch"] = "branch"
    prompt: Prose
    options: tuple[Option, ...] = Field(min_length=2, max_length=6)

    @model_validator(mode="after")
    def _lead_somewhere(self) -> Self:
        if any(not option.goto for option in self.options):
            raise ValueError("every option of a branch names the slide it leads to")
        return self


Interaction = Annotated[Question | Poll | Hotspots | Branch, Field(discriminator="kind")]


# -- what is said --------------------------------------------------------------------------------------------------


class Sentence(Value):
    """One sentence of narration: the unit of speech and of a caption.

    ``text`` is inline Markdown as captions show it; ``say`` replaces it for the voice (pronunciation). ``reveal``:
    when the sentence begins, this many steps of the slide are shown (None: as many as before). ``pause`` is the
    silence after it in seconds, beside the usual one.
    """

    text: Prose
    say: Prose = ""
    reveal: int | None = Field(default=None, ge=0)
    pause: float = Field(default=0.0, ge=0, le=30)


class Slide(Value):
    """``id`` is unique in the lesson and stays when the text changes. ``chapter`` begins a chapter of that title.

    ``sources`` are ids of the lesson's sources, shown on the slide. ``goto`` is where a viewer goes on after this
    slide (a branch that joins again); empty: to the next one. ``unscripted``: the script had no notes for the slide,
    so its narration was made from what stands on it.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    layout: Layout
    title: Prose = ""
    subtitle: Prose = ""
    blocks: tuple[Block, ...] = ()
    narration: tuple[Sentence, ...] = ()
    chapter: Prose = ""
    interaction: Interaction | None = None
    sources: tuple[str, ...] = ()
    goto: str = ""
    unscripted: bool = False

    @property
    def steps(self) -> int:
        """How many steps the slide is revealed in; 0: it is shown whole from its start. A question's answer is the
        last of them."""
        return self.parts + isinstance(self.interaction, Question)

    @property
    def parts(self) -> int:
        """How many steps its blocks are revealed in."""
        return sum(_steps(block) for block in self.blocks)


def _steps(block: Block) -> int:
    match block:
        case Bullets():
            return sum(1 for item in block.items if item.level == 0) or 1
        case Diagram():
            return len(block.steps)
        case Columns() if any(_steps(piece) for piece in (*block.left, *block.right)):
            return sum(_steps(piece) for piece in (*block.left, *block.right))
        case _:
            return 0


# -- the whole -----------------------------------------------------------------------------------------------------


class Source(Value):
    """Where a claim comes from. ``title`` is shown; ``detail`` says where in it; ``passage`` is a passage id of the
    course, ``address`` a link; ``quote`` is the verbatim text that the slide rests on."""

    id: str
    title: str
    detail: str = ""
    passage: str = ""
    address: str = ""
    quote: str = ""
    licence: str = ""


class Term(Value):
    """A glossary entry. ``translations`` by language tag; ``keep``: the term is never translated."""

    term: str
    translations: dict[str, str] = {}
    keep: bool = False


class Pronunciation(Value):
    """``text`` is said as ``say``; only in ``language`` where one is given."""

    text: str
    say: str
    language: str = ""


class Lesson(Value):
    """``language`` is a tag of ``media_gen.language``. ``voices``: voice wanted by language, as ``engine:voice``.

    ``theme`` is light, dark, contrast, or the path of a brand file below the script's folder. ``drafts`` names the
    engine by segment where the text is a machine's unreviewed translation (``media_gen.translation``); empty for an
    original or an approved translation.
    """

    format: Literal[1] = 1
    title: Prose
    description: Prose = ""
    language: str = "en"
    languages: tuple[str, ...] = ()
    author: str = ""
    licence: str = ""
    theme: str = "light"
    voices: dict[str, str] = {}
    slides: tuple[Slide, ...] = Field(min_length=1, max_length=400)
    sources: tuple[Source, ...] = ()
    glossary: tuple[Term, ...] = ()
    pronunciations: tuple[Pronunciation, ...] = ()
    drafts: dict[str, str] = {}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        ids = [slide.id for slide in self.slides]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"slide ids are unique; more than once: {', '.join(twice)}")
        known, sources = set(ids), {source.id for source in self.sources}
        for slide in self.slides:
            if lost := sorted({target for target in _targets(slide) if target and target not in known}):
                raise ValueError(f"slide {slide.id} leads to {', '.join(lost)}, which is not there")
            if lost := sorted(set(slide.sources) - sources):
                raise ValueError(f"slide {slide.id} cites {', '.join(lost)}, which is not among the sources")
            if any(s.reveal is not None and s.reveal > slide.steps for s in slide.narration):
                raise ValueError(f"slide {slide.id} has {slide.steps} steps; its narration reveals more")
        return self


def _targets(slide: Slide) -> tuple[str, ...]:
    if isinstance(slide.interaction, Question | Poll | Branch):
        return (slide.goto, *(option.goto for option in slide.interaction.options))
    return (slide.goto,)
