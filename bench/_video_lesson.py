"""The lesson that bench.video renders: ten slides, most of them revealed step by step, about 70 seconds, two languages.

``many`` repeats it under other titles and words, so that nothing of one round serves for another.
"""

from media_gen.lesson import Block, Bullet, Bullets, Code, Diagram, Layout, Lesson, Maths, Paragraph, Sentence, Slide

_TITLES = {
    "en": (
        *("Heat and temperature", "Two words", "Heat moves", "Conduction", "Convection", "Radiation", "How much heat?"),
        *("In a program", "A cup of tea", "To remember"),
    ),
    "es": (
        *("Calor y temperatura", "Dos palabras", "El calor se mueve", "Conducción", "Convección", "Radiación"),
        *("¿Cuánto calor?", "En un programa", "Una taza de té", "Para recordar"),
    ),
}
_POINTS = {
    "en": (
        (),
        ("Temperature: how fast the particles move", "Heat: energy on its way", "One is a state, the other a flow"),
        ("Conduction", "Convection", "Radiation"),
        ("Particles push their neighbours", "Metals do it best", "Air does it badly"),
        ("Warm water rises", "Cold water sinks", "A ring of flow begins"),
        ("Needs no matter", "Dark surfaces give and take more", "So the sun warms us"),
        (),
        (),
        ("Pour", "Stir", "Wait", "Drink"),
        ("Heat flows from warm to cold", "There are three ways", "Insulation blocks all of them"),
    ),
    "es": (
        (),
        ("Temperatura: cuánto se agitan las partículas", "Calor: energía en camino", "Una es estado, otra es flujo"),
        ("Conducción", "Convección", "Radiación"),
        ("Las partículas empujan a sus vecinas", "Los metales lo hacen mejor", "El aire lo hace mal"),
        ("El agua caliente sube", "El agua fría baja", "Empieza un anillo de flujo"),
        ("No necesita materia", "Lo oscuro da y toma más", "Así nos calienta el sol"),
        (),
        (),
        ("Servir", "Remover", "Esperar", "Beber"),
        ("El calor va de lo caliente a lo frío", "Hay tres caminos", "El aislante cierra los tres"),
    ),
}
_SAID = {
    "en": (
        ("Heat and temperature are not the same thing.",),
        (
            "Temperature tells how fast particles move.",
            "Heat is energy on its way.",
            "One is a state; the other flows.",
        ),
        ("Heat can travel by conduction.", "It can travel with moving water or air.", "And it can travel as light."),
        ("A warm particle pushes the next one.", "Metals pass it on best.", "Air hardly does."),
        ("Warm water is lighter, so it rises.", "Cold water takes its place.", "Soon the whole pot turns."),
        (
            "Radiation needs nothing in between.",
            "Dark things send and take more of it.",
            "It brings us the sun's warmth.",
        ),
        ("The heat is the mass, times a constant, times the change of temperature.",),
        ("A program needs one line for it.",),
        ("Pour the tea.", "Stir it well.", "Wait a little.", "Now it can be drunk."),
        ("Heat flows from warm to cold.", "It has three ways to go.", "A good flask closes all three."),
    ),
    "es": (
        ("El calor y la temperatura no son lo mismo.",),
        (
            "La temperatura dice cuánto se agitan las partículas.",
            "El calor es energía en camino.",
            "Una está, el otro fluye.",
        ),
        ("El calor viaja por conducción.", "Viaja con el agua o el aire.", "Y viaja como luz."),
        ("Una partícula caliente empuja a la siguiente.", "Los metales lo hacen mejor.", "El aire apenas."),
        ("El agua caliente pesa menos y sube.", "La fría ocupa su lugar.", "Pronto gira toda la olla."),
        ("La radiación no necesita nada en medio.", "Lo oscuro emite y absorbe más.", "Así llega el calor del sol."),
        ("El calor es la masa por una constante por el cambio de temperatura.",),
        ("A un programa le basta una línea.",),
        ("Sirve el té.", "Remuévelo bien.", "Espera un poco.", "Ya se puede beber."),
        ("El calor va de lo caliente a lo frío.", "Tiene tres caminos.", "Un buen termo cierra los tres."),
    ),
}
_WORD = {"en": "Part", "es": "Parte"}


def lesson(language: str = "en") -> Lesson:
    return many(1, language)


def many(rounds: int, language: str = "en", edited: int | None = None) -> Lesson:
    """``rounds`` times ten slides. ``edited``: the number of a slide, from 0, whose first bullet and first sentence
    are other ones."""
    slides = [_slide(language, n, at, edited == at * 10 + n) for at in range(rounds) for n in range(10)]
    return Lesson(title=_TITLES[language][0], language=language, slides=tuple(slides))


def _slide(language: str, number: int, at: int, edited: bool) -> Slide:
    mark = f" {at + 1}" if at else ""
    points, said = _POINTS[language][number], list(_SAID[language][number])
    if at:
        said[0] = f"{_WORD[language]} {at + 1}. {said[0]}"
        said[1:] = [f"{text[:-1]}, {_WORD[language].lower()} {at + 1}." for text in said[1:]]
    if edited:
        points = ("Another point", *points[1:]) if points else points
        said[0] = f"Now this is different. {said[0]}"
    narration = [Sentence(text=text, reveal=n + 1 if points else None) for n, text in enumerate(said)]
    code = f"def heat(mass, c, change):\n    return mass * c * change\n\nheat({at + 1}, 4186, 20)"
    special: dict[int, Block] = {
        0: Paragraph(text=f"{_WORD[language]} {at + 1}"),
        6: Maths(latex=rf"Q = m \, c \, (T_{{{at + 2}}} - T_1)"),
        7: Code(text=code, language="python"),
        8: Diagram(form="process", steps=points or ("a", "b")),
    }
    block = special.get(number) or Bullets(items=tuple(Bullet(text=point) for point in points))
    layouts = {0: Layout.TITLE, 6: Layout.MATHS, 7: Layout.CODE, 8: Layout.DIAGRAM, 9: Layout.SUMMARY}
    return Slide(
        id=f"s{at}-{number}",
        layout=layouts.get(number, Layout.BULLETS),
        title=_TITLES[language][number] + mark,
        blocks=(block,),
        narration=tuple(narration),
        chapter=_TITLES[language][0] + mark if number == 0 else "",
    )
