"""How written text is read aloud, language by language: what a listener should hear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen.language import available, load
from media_gen.speech.numerals import form
from media_gen.speech.spelling import from_roman
from media_gen.speech.spoken import read_aloud

ENGLISH = {
    # numbers
    "It gains 2 NADH.": "It gains two en ay dee aitch.",
    "In 1971 NASA used 24,000 parts.": "In nineteen seventy-one NASA used twenty-four thousand parts.",
    "3.5% of 100,000,000": "three point five per cent of one hundred million",
    "It is −3.": "It is minus three.",
    "between -5 and 5": "between minus five and five",
    "about 10–15 kg": "about ten to fifteen kilograms",
    "pages 3-5": "pages three to five",
    "1/2 of it, ¾ cup, 1½ cups, 7/9": "one half of it, three quarters cup, one and one half cups, seven over nine",
    "the 21st century, the 1990s, World War II": "the twenty-first century, the nineteen nineties, World War two",
    "agent 007": "agent zero zero seven",
    "9:30 on 2024-05-03": "nine thirty on three May twenty twenty-four",
    "a ratio of 3:1": "a ratio of three to one",
    "$5, €3.50 and $5 million": "five dollars, three euros fifty and five million dollars",
    "6.02 × 10²³ molecules": "six point zero two times ten to the power of twenty-three molecules",
    # units
    "5 km/h at 20 °C": "five kilometres per hour at twenty degrees Celsius",
    "1 kg, 2 kg, 1.5 kg": "one kilogram, two kilograms, one point five kilograms",
    "9.8 m/s², 3 m², 50 kJ/kg, 5 μm": "nine point eight metres per second squared, three square metres, "
    "fifty kilojoules per kilogram, five micrometres",
    # formulas
    "CO₂, H₂O and C6H12O6": "see oh two, aitch two oh and see six aitch twelve oh six",
    "Na⁺, Ca²⁺ and NaCl": "en ay plus, see ay two plus and en ay see el",
    "2H₂ + O₂ → 2H₂O": "two aitch two plus oh two gives two aitch two oh",
    "$x^2 + 1$": "ex squared plus one",
    "$E = mc^2$": "ee equals em see squared",
    r"$\frac{a+b}{2} \leq \sqrt{x}$": "ay plus bee over two is at most square root of ex",
    r"$-x_1 \cdot 10^{-3}$": "minus ex sub one times ten to the power of minus three",
    r"$\Delta G = -30.5\ \text{kJ/mol}$": "delta jee equals minus thirty point five kilojoules per mole",
    r"$\sum_{i=1}^{n} i$ and $\sin(x)$": "sum from eye equals one to en of eye and sine ex",
    r"$\mathrm{CO_2}$, $H_2O$, $V_1$": "see oh two, aitch two oh, vee sub one",
    r"$\ce{2H2 + O2 -> 2H2O}$": "two aitch two plus oh two gives two aitch two oh",
    r"so $\unknown{x}$ holds": "so formula holds",
    "3 + 4 = 7, x² + y²": "three plus four equals seven, x squared plus y squared",
    "π ≈ 3.14, an α-helix": "pi is about three point one four, an alpha-helix",
    # abbreviations and acronyms
    "ATP, mRNA, the pH, e.g. in RNAs.": "ay tee pee, em ar en ay, the pee aitch, for example in ar en ays.",
    "Dr. Smith vs. Mr. Jones etc.": "doctor Smith versus mister Jones et cetera.",
    "Fig. 3 on p. 5.": "figure three on page five.",
    "Vitamin B12, NASA, the USA": "Vitamin bee twelve, NASA, the you ess ay",
    "A cell. I am here. Is it? As is.": "A cell. I am here. Is it? As is.",
    "THIS WHOLE HEADING SHOUTS": "THIS WHOLE HEADING SHOUTS",
    # markup, code, addresses
    "**Bold**, *soft*, [a link](https://example.org)": "Bold, soft, a link",
    "See https://example.org/a/b?x=1 or www.diotima.org.": "See example.org or diotima.org.",
    "Call `print(x)` or `snake_case`.": "Call print x or snake case.",
    "`" + "x = 1; " * 20 + "`": "code",
    "and/or 😀 (see above) — “well-known”": "and or (see above) — well-known",
}
SPANISH = {
    "Va a 5 km/h a 20 °C.": "Va a cinco kilómetros por hora a veinte grados Celsius.",
    "El 3,5 % de 24.000 y de 24 000": "El tres coma cinco por ciento de veinticuatro mil y de veinticuatro mil",
    "1 m, 21 m, 1 h, 21 h": "un metro, veintiún metros, una hora, veintiuna horas",
    "en el siglo XIX, la 3ª vez": "en el siglo diecinueve, la tercera vez",
    "p. ej. el ATP y el CO₂": "por ejemplo el a te pe y el ce o dos",
    "de 10–15 kg a −5 °C": "de diez a quince kilogramos a menos cinco grados Celsius",
    "$x^2 + 1$": "equis al cuadrado más uno",
    "3.14; 5,00 € y 3,50 €": "tres coma uno cuatro; cinco euros y tres euros con cincuenta",
}
FRENCH = {
    "À 5 km/h, 3,5 % de 24 000.": "À cinq kilomètres à l'heure, trois virgule cinq pour cent de vingt-quatre mille.",
    "le XIXe siècle, le 1er mai, la 1re fois": "le dix-neuvième siècle, le premier mai, la première fois",
    "M. Dupont, p. 5, p. ex. l'ATP": "monsieur Dupont, page cinq, par exemple l'a té pé",
    "1 h, 1 m, 80 kg": "une heure, un mètre, quatre-vingts kilogrammes",
    r"$\frac{1}{2}$, ¼": "un sur deux, un quart",
}
GERMAN = {
    "3,5 % von 24.000, also 3.14": "drei Komma fünf Prozent von vierundzwanzigtausend, also drei Komma eins vier",
    "am 3. Mai 1971": "am dritten Mai neunzehnhunderteinundsiebzig",
    "der 2. Versuch, S. 5": "der zweite Versuch, Seite fünf",
    "z. B. ATP, 1 kg, 1 h": "zum Beispiel a te pe, ein Kilogramm, eine Stunde",
    "$x^2+1$ und CO₂": "iks zum Quadrat plus eins und ze o zwei",
}
ITALIAN = {
    "A 20 °C, il 3,5 % di 24.000.": "A venti gradi Celsius, il tre virgola cinque per cento di ventiquattromila.",
    "1 m, 1 h, 21 h": "un metro, un'ora, ventuno ore",
    "nel XIX secolo la 3ª volta": "nel diciannovesimo secolo la terza volta",
    "ad es. la CO₂": "ad esempio la ci o due",
}
PORTUGUESE = {
    "A 20 °C, 3,5 % de 24.000.": "A vinte graus Celsius, três vírgula cinco por cento de vinte e quatro mil.",
    "1 m, 1 h, 2 h": "um metro, uma hora, duas horas",
    "em 1971, a 3ª vez": "em mil novecentos e setenta e um, a terceira vez",
    "p. ex. o ATP": "por exemplo o a tê pê",
}
HINDI = {
    "20 °C पर 5 km/h, 24,000 का 3.5 %।": "20 डिग्री सेल्सियस पर 5 किलोमीटर प्रति घंटा, 24000 का 3 दशमलव 5 प्रतिशत।",
    "ATP और CO₂": "ए टी पी और सी ओ 2",
    "$x^2 + 1$, १२३": "एक्स का वर्ग प्लस 1, 123",
}
ARABIC = {
    "3.5 % من 24,000": "ثلاثة فاصلة خمسة بالمئة من أربعة وعشرون ألف",
    "كم خلية؟ 5 كم.": "كم خلية؟ خمسة كيلومترات.",
    "1 kg، 2 kg، 3 kg، 11 kg": "كيلوغرام واحد، كيلوغرامان، ثلاثة كيلوغرامات، أحد عشر كيلوغرامًا",
    "ATP و $x^2 + 1$، ١٢٣": "إيه تي بي و إكس تربيع زائد واحد، مائة وثلاثة وعشرون",
}
CHINESE = {
    "在20 °C时，占24,000的3.5%。": "在二十摄氏度时，占二万四千的百分之三点五。",
    "1971年，2 kg，第3次": "一九七一年，两千克，第三次",
    "ATP和CO₂，10–15 kg": "诶提批和西欧二，十到十五千克",
    "10:30有2个问题": "十点三十分有两个问题",
    "$x^2 + 1$": "艾克斯的平方加一",
}
GOLDEN = dict(
    {"en": ENGLISH, "es": SPANISH, "fr": FRENCH, "de": GERMAN, "it": ITALIAN, "pt-BR": PORTUGUESE},
    hi=HINDI,
    ar=ARABIC,
    zh=CHINESE,
)


@pytest.mark.parametrize(
    ("tag", "written", "heard"),
    [(tag, written, heard) for tag, rows in GOLDEN.items() for written, heard in rows.items()],
)
def test_text_is_read_as_a_person_would(tag: str, written: str, heard: str) -> None:
    assert read_aloud(written, load(tag)) == heard


def test_a_pronunciation_is_said_as_it_is_given_and_only_for_the_whole_word() -> None:
    given = (("ATP", "A T P"), ("Krebs", "creps"), ("细胞", "xi bao"))
    assert read_aloud("ATP in the Krebs cycle; Krebsian", load("en"), given) == "A T P in the creps cycle; Krebsian"
    assert read_aloud("这个细胞很小", load("zh"), given) == "这个xi bao很小"


@pytest.mark.parametrize("text", ["", "   ", "!!!", "**", "😀", "—"])
def test_what_has_no_sound_is_empty(text: str) -> None:
    assert read_aloud(text, load("en")) == ""


@given(st.text(max_size=60), st.sampled_from(available()))
def test_nothing_that_is_written_breaks_the_reading(text: str, tag: str) -> None:
    said = read_aloud(text, load(tag))
    assert said == said.strip()
    assert not any("\ue000" <= sign <= "\uf8ff" for sign in said)


@given(
    st.sampled_from(
        ["x^2", r"\frac{1}{2}", "a_n", r"\sqrt{3}", "(a+b)", r"\pi", "-x", "=", "{", "}", "^", r"\int_0^1"]
    ),
    st.data(),
)
def test_no_formula_breaks_the_reading(piece: str, data: st.DataObject) -> None:
    more = data.draw(st.lists(st.sampled_from([piece, "+", "2", "}", "{", "[", r"\left(", "|", "y", "!"]), max_size=8))
    assert read_aloud(f"${piece}{''.join(more)}$ so", load("en")).endswith("so")


@given(st.integers(0, 10**9), st.sampled_from([tag for tag in available() if tag != "hi"]))
def test_no_digit_is_left_for_the_voice(number: int, tag: str) -> None:
    assert not any(sign.isdigit() for sign in read_aloud(f"{number}", load(tag)))


def test_units_agree_with_their_number() -> None:
    assert [form("metre|metres", n) for n in (1, 2, 0, None)] == ["metre", "metres", "metres", "metres"]
    arabic = "متر|متران|أمتار|مترًا"
    assert [form(arabic, n) for n in (1, 2, 3, 10, 11, 100, 103)] == [
        *("متر", "متران", "أمتار", "أمتار", "مترًا", "مترًا", "أمتار"),
    ]


def test_roman_numerals_are_only_read_when_well_formed() -> None:
    assert [from_roman(n) for n in ("II", "IV", "IX", "XIV", "XIX", "XXI")] == [2, 4, 9, 14, 19, 21]
    assert [from_roman(n) for n in ("IIII", "VX", "IXI", "XVV")] == [None] * 4
    assert read_aloud("Photosystem II, an IV drip, XX females", load("en")).startswith("Photosystem two, an ")
