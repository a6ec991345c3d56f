import pytest

from media_gen.lesson import (
    Bullet,
    Bullets,
    Chart,
    Diagram,
    Layout,
    Lesson,
    Maths,
    Option,
    Paragraph,
    Pronunciation,
    Question,
    Sentence,
    Series,
    Slide,
    Table,
    Term,
)


@pytest.fixture
def lesson() -> Lesson:
    """Three slides with a bit of everything."""
    return Lesson(
        title="Sugar from air",
        language="en",
        languages=("en", "es"),
        slides=(
            Slide(
                id="leaf",
                layout=Layout.BULLETS,
                title="What a leaf takes in",
                blocks=(
                    Bullets(items=(Bullet(text="Water"), Bullet(text="The energy $E = hc/\\lambda$ of light"))),
                    Maths(latex="6\\,\\mathrm{CO_2}"),
                ),
                narration=(
                    Sentence(text="A leaf needs two things.", reveal=0),
                    Sentence(text="RuBP waits for **carbon dioxide**.", say="Roo B P waits.", reveal=1, pause=0.5),
                ),
            ),
            Slide(
                id="table",
                layout=Layout.TABLE,
                blocks=(
                    Table(header=("", "Energy"), rows=(("Blue", "1,266.5 kJ"), ("Red", "176.25"))),
                    Chart(form="bar", labels=("Blue", "Red"), series=(Series(name="Energy", values=(266, 176)),)),
                    Diagram(form="cycle", steps=("Fix carbon", "Make sugar")),
                ),
            ),
            Slide(
                id="think",
                layout=Layout.QUESTION,
                interaction=Question(
                    prompt="Where does the oxygen come from?",
                    options=(
                        Option(text="From the water", correct=True, feedback="Yes."),
                        Option(text="From `CO2`", goto="leaf"),
                    ),
                ),
                blocks=(Paragraph(text="See [the section](../a.md)."),),
            ),
        ),
        glossary=(Term(term="RuBP", keep=True), Term(term="carbon dioxide", translations={"es": "dióxido de carbono"})),
        pronunciations=(Pronunciation(text="ATP", say="A T P"),),
    )
