"""Lessons for properties: every block, interaction and field, with texts that look like markup."""

from hypothesis import strategies as st

from media_gen import inline
from media_gen.lesson import (
    Branch,
    Bullet,
    Bullets,
    Chart,
    Clip,
    Code,
    Columns,
    Diagram,
    Hotspot,
    Hotspots,
    Layout,
    Lesson,
    Maths,
    Option,
    Paragraph,
    Picture,
    Poll,
    Pronunciation,
    Question,
    Quote,
    Sentence,
    Series,
    Slide,
    Source,
    Table,
    Term,
)

WORDS = ["Light", "is", "water.", "**strong**", "`code`", "$E=mc^2$", "[link](a.md)", "光合作用", "الضوء", "प्रकाश।"]
MARKS = [
    "-",
    "---",
    "???",
    "# x",
    "1.",
    "* a",
    "> b",
    ":::",
    "<!--",
    "-->",
    "class:",
    "[click]",
    "\\",
    "|",
    "$$",
    "```",
]
SANE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join).map(inline.canonical)
ODD = st.one_of(
    st.lists(st.sampled_from(WORDS + MARKS), min_size=1, max_size=5).map(" ".join),
    st.text(max_size=12),
)


def optional(text: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), text)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SHARES = st.floats(min_value=0.01, max_value=1)
PATHS = st.sampled_from(["a.png", "pictures/b (1).png", "sha256:" + "0a" * 32, "c d.svg", "é.jpg"])
IDS = st.from_regex(r"\A[a-z0-9][a-z0-9_-]{0,9}\Z")


def pieces(text: st.SearchStrategy[str]) -> st.SearchStrategy:  # type: ignore[type-arg]
    tuples = lambda items, **size: st.lists(items, **size).map(tuple)  # noqa: E731

    @st.composite
    def tables(draw: st.DrawFn) -> Table:
        width = draw(st.integers(1, 3))
        row = st.lists(text, min_size=width, max_size=width).map(tuple)
        return Table(header=draw(row), rows=draw(tuples(row, max_size=3)))

    @st.composite
    def charts(draw: st.DrawFn) -> Chart:
        labels = draw(tuples(text, min_size=1, max_size=3))
        values = st.lists(NUMBERS, min_size=len(labels), max_size=len(labels)).map(tuple)
        series = draw(tuples(st.builds(Series, name=optional(text), values=values), min_size=1, max_size=2))
        return Chart(
            form=draw(st.sampled_from(["bar", "line"])), labels=labels, series=series, unit=draw(optional(text))
        )

    bullet = st.builds(Bullet, text=text, level=st.integers(0, 2))
    return st.one_of(
        st.builds(Paragraph, text=text),
        st.builds(Bullets, items=tuples(bullet, min_size=1, max_size=4), ordered=st.booleans()),
        st.builds(Picture, asset=PATHS, alt=optional(text), caption=optional(text), credit=optional(text)),
        st.builds(Code, text=optional(ODD), language=st.sampled_from(["", "python", "c++", "chart"])),
        st.builds(Maths, latex=st.sampled_from(["x", "a\\\\\nb", "$$", " y", "\\frac{1}{2}"])),
        tables(),
        st.builds(Quote, text=text, attribution=optional(text)),
        st.builds(Diagram, form=st.sampled_from(["process", "cycle"]), steps=tuples(text, min_size=2, max_size=4)),
        charts(),
        st.builds(Clip, asset=st.just("a.mp4"), alt=optional(text), start=st.floats(0, 9), end=st.none() | NUMBERS),
    )


def interactions(text: st.SearchStrategy[str]) -> st.SearchStrategy:  # type: ignore[type-arg]
    option = st.builds(Option, text=text, correct=st.none() | st.booleans(), feedback=optional(text))
    right = st.builds(Option, text=text, correct=st.just(True), feedback=optional(text))
    many = st.lists(option, min_size=1, max_size=3).map(tuple)
    spot = st.builds(Hotspot, x=SHARES, y=SHARES, width=SHARES, height=SHARES, label=text, text=optional(text))
    onward = st.builds(Option, text=text, goto=st.just("here"))
    return st.one_of(
        st.builds(
            Question,
            prompt=text,
            options=st.tuples(right, option),
            explanation=optional(text),
            think_seconds=st.sampled_from([5, 0, 2.5, 60]),
        ),
        st.builds(Question, prompt=text, answer=text.filter(bool)),
        st.builds(Poll, prompt=text, options=st.tuples(option, option)),
        st.builds(Hotspots, prompt=optional(text), spots=st.lists(spot, min_size=1, max_size=2).map(tuple)),
        st.builds(Branch, prompt=text, options=st.tuples(onward, onward)),
        many.map(lambda options: Poll(prompt="Which?", options=(*options, *options))),
    )


@st.composite
def slides(draw: st.DrawFn, id: str, text: st.SearchStrategy[str]) -> Slide:
    piece = pieces(text)
    side = st.lists(piece, max_size=2).map(tuple)
    columns = st.builds(Columns, left=side, right=side, left_title=optional(text), right_title=optional(text))
    blocks = tuple(draw(st.lists(st.one_of(piece, columns), max_size=3)))
    asked = draw(st.none() | interactions(text))
    bare = Slide(id=id, layout=Layout.BULLETS, blocks=blocks, interaction=asked)
    sentence = st.builds(
        Sentence,
        text=text,
        say=optional(text),
        reveal=st.none() | st.integers(0, bare.steps),
        pause=st.sampled_from([0, 0.5, 2]),
    )
    return Slide(
        id=id,
        layout=draw(st.sampled_from(list(Layout))),
        title=draw(optional(text)),
        subtitle=draw(optional(text)),
        blocks=blocks,
        narration=tuple(draw(st.lists(sentence, max_size=3))),
        chapter=draw(optional(text)),
        interaction=asked,
        sources=tuple(draw(st.lists(st.sampled_from(["s1", "s2"]), unique=True))),
        goto=draw(st.sampled_from(["", "here"])),
        unscripted=draw(st.booleans()),
    )


@st.composite
def lessons(draw: st.DrawFn, text: st.SearchStrategy[str] = SANE) -> Lesson:
    ids = ["here", *draw(st.lists(IDS.filter(lambda i: i != "here"), max_size=2, unique=True))]
    return Lesson(
        title=draw(text.filter(bool)),
        description=draw(optional(text)),
        language=draw(st.sampled_from(["en", "es", "pt-BR", "hi", "ar", "zh"])),
        languages=draw(st.sampled_from([(), ("en", "hi")])),
        author=draw(st.sampled_from(["", "Ada: the first", "# no"])),
        licence=draw(st.sampled_from(["", "CC BY 4.0"])),
        theme=draw(st.sampled_from(["light", "dark", "contrast", "brand/ours.toml"])),
        voices=draw(st.sampled_from([{}, {"en": "kokoro:af_heart", "no": "espeak:nb"}])),
        slides=tuple(draw(slides(id, text)) for id in ids),
        sources=(
            Source(id="s1", title=draw(text), detail="p. 3", quote=draw(optional(text))),
            Source(id="s2", title="yes", passage="12", address="https://example.org/a#b"),
        ),
        glossary=draw(
            st.sampled_from([(), (Term(term="ATP", keep=True), Term(term="no", translations={"es": "no: sí"}))])
        ),
        pronunciations=draw(st.sampled_from([(), (Pronunciation(text="ATP", say="A T P", language="en"),)])),
        drafts=draw(st.sampled_from([{}, {"here/title": "argos 1.2"}])),
    )
