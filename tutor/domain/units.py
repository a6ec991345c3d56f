"""Units of measurement: read from symbols or words, compound ("µmol m⁻² s⁻¹"), and converted exactly.

Factors are those of the International System (BIPM, 9th brochure) and of the international yard and pound.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from tutor.domain.mathematics.words import plain_words
from tutor.domain.numerals import tidy

Dimensions = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Unit:
    """``text`` as written; ``factor`` and ``offset`` take a value to SI: ``value * factor + offset``. ``dimensions``
    are powers of base units; a thing that is counted ("ATP", "leaves") is a dimension of its own, named ``#atp``."""

    text: str
    factor: Fraction
    dimensions: Dimensions
    offset: Fraction = Fraction(0)

    @property
    def is_counted(self) -> bool:
        """Whether all it says is what was counted."""
        return bool(self.dimensions) and all(name.startswith("#") for name, _ in self.dimensions)


def _f(text: str) -> Fraction:
    return Fraction(text)


# symbol: factor, dimensions, whether prefixes go with it
_LENGTH, _MASS, _TIME, _HEAT = "m", "kg", "s", "K"
_SYMBOLS: Mapping[str, tuple[Fraction, Mapping[str, int], bool]] = {
    "m": (_f("1"), {_LENGTH: 1}, True),
    "Å": (_f("1e-10"), {_LENGTH: 1}, False),
    "in": (_f("0.0254"), {_LENGTH: 1}, False),
    "ft": (_f("0.3048"), {_LENGTH: 1}, False),
    "yd": (_f("0.9144"), {_LENGTH: 1}, False),
    "mi": (_f("1609.344"), {_LENGTH: 1}, False),
    "ha": (_f("10000"), {_LENGTH: 2}, False),
    "L": (_f("0.001"), {_LENGTH: 3}, True),
    "l": (_f("0.001"), {_LENGTH: 3}, True),
    "cc": (_f("1e-6"), {_LENGTH: 3}, False),
    "gal": (_f("0.003785411784"), {_LENGTH: 3}, False),
    "g": (_f("0.001"), {_MASS: 1}, True),
    "t": (_f("1000"), {_MASS: 1}, False),
    "lb": (_f("0.45359237"), {_MASS: 1}, False),
    "lbs": (_f("0.45359237"), {_MASS: 1}, False),
    "oz": (_f("0.028349523125"), {_MASS: 1}, False),
    "Da": (_f("1.66053906660e-27"), {_MASS: 1}, True),
    "s": (_f("1"), {_TIME: 1}, True),
    "sec": (_f("1"), {_TIME: 1}, False),
    "min": (_f("60"), {_TIME: 1}, False),
    "h": (_f("3600"), {_TIME: 1}, False),
    "hr": (_f("3600"), {_TIME: 1}, False),
    "hrs": (_f("3600"), {_TIME: 1}, False),
    "d": (_f("86400"), {_TIME: 1}, False),
    "wk": (_f("604800"), {_TIME: 1}, False),
    "yr": (_f("31557600"), {_TIME: 1}, False),
    "Hz": (_f("1"), {_TIME: -1}, True),
    "bpm": (_f("1") / 60, {_TIME: -1}, False),
    "Bq": (_f("1"), {_TIME: -1}, True),
    "mph": (_f("0.44704"), {_LENGTH: 1, _TIME: -1}, False),
    "kph": (_f("1000") / 3600, {_LENGTH: 1, _TIME: -1}, False),
    "K": (_f("1"), {_HEAT: 1}, True),
    "mol": (_f("1"), {"mol": 1}, True),
    "M": (_f("1000"), {"mol": 1, _LENGTH: -3}, True),
    "N": (_f("1"), {_MASS: 1, _LENGTH: 1, _TIME: -2}, True),
    "Pa": (_f("1"), {_MASS: 1, _LENGTH: -1, _TIME: -2}, True),
    "bar": (_f("100000"), {_MASS: 1, _LENGTH: -1, _TIME: -2}, True),
    "atm": (_f("101325"), {_MASS: 1, _LENGTH: -1, _TIME: -2}, False),
    "mmHg": (_f("133.322387415"), {_MASS: 1, _LENGTH: -1, _TIME: -2}, False),
    "psi": (_f("6894.757293168"), {_MASS: 1, _LENGTH: -1, _TIME: -2}, False),
    "J": (_f("1"), {_MASS: 1, _LENGTH: 2, _TIME: -2}, True),
    "cal": (_f("4.184"), {_MASS: 1, _LENGTH: 2, _TIME: -2}, True),
    "Cal": (_f("4184"), {_MASS: 1, _LENGTH: 2, _TIME: -2}, False),
    "eV": (_f("1.602176634e-19"), {_MASS: 1, _LENGTH: 2, _TIME: -2}, True),
    "Wh": (_f("3600"), {_MASS: 1, _LENGTH: 2, _TIME: -2}, True),
    "W": (_f("1"), {_MASS: 1, _LENGTH: 2, _TIME: -3}, True),
    "A": (_f("1"), {"A": 1}, True),
    "C": (_f("1"), {"A": 1, _TIME: 1}, True),
    "V": (_f("1"), {_MASS: 1, _LENGTH: 2, _TIME: -3, "A": -1}, True),
    "Ω": (_f("1"), {_MASS: 1, _LENGTH: 2, _TIME: -3, "A": -2}, True),
    "F": (_f("1"), {_MASS: -1, _LENGTH: -2, _TIME: 4, "A": 2}, True),
    "cd": (_f("1"), {"cd": 1}, False),
    "lm": (_f("1"), {"cd": 1}, False),
    "lx": (_f("1"), {"cd": 1, _LENGTH: -2}, True),
    "rad": (_f("1"), {"rad": 1}, False),
    "°": (_f("0.017453292519943295769"), {"rad": 1}, False),
    "%": (_f("0.01"), {}, False),
    "ppm": (_f("1e-6"), {}, False),
}
_OFFSETS = {"°C": (_f("1"), _f("273.15")), "°F": (_f("5") / 9, _f("45967") / 180)}
_PREFIXES = {
    "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1, "d": -1, "c": -2, "m": -3,
    "µ": -6, "u": -6, "n": -9, "p": -12, "f": -15,
}  # fmt: skip

_WORDS = {
    "m": "metre metres meter meters metro metros metern mètre mètres متر أمتار मीटर",
    "km": "kilometre kilometres kilometer kilometers kilometro kilometros kilometern كيلومتر किलोमीटर",
    "cm": "centimetre centimetres centimeter centimeters centimetro centimetros zentimeter سنتيمتر",
    "mm": "millimetre millimetres millimeter millimeters milimetro milimetros مليمتر",
    "µm": "micrometre micrometres micrometer micrometers micron microns mikrometer micrometro micrometros",
    "nm": "nanometre nanometres nanometer nanometers nanometro nanometros",
    "in": "inch inches pulgada pulgadas zoll",
    "ft": "foot feet pie pies fuß",
    "yd": "yard yards",
    "mi": "mile miles milla millas meile meilen ميل",
    "g": "gram grams gramme grammes gramo gramos gramm غرام جرام ग्राम",
    "kg": "kilogram kilograms kilogramme kilo kilos kilogramo kilogramos kilogramm كيلوغرام كيلوجرام किलोग्राम",
    "mg": "milligram milligrams miligramo miligramos milligramm",
    "t": "tonne tonnes tonelada toneladas طن",
    "lb": "pound pounds libra libras pfund",
    "s": "second seconds secs segundo segundos sekunde sekunden seconde secondes ثانية ثوان सेकंड सेकेंड",
    "min": "minute minutes mins minuto minutos minuten دقيقة دقائق मिनट",
    "h": "hour hours hora horas stunde stunden std heure heures ساعة ساعات घंटे घंटा",
    "d": "day days dia dias tag tage tagen jour jours يوم أيام दिन",
    "wk": "week weeks semana semanas woche wochen أسبوع أسابيع",
    "yr": "year years ano anos jahr jahre jahren ans سنة سنوات वर्ष",
    "L": "litre litres liter liters litro litros liters لتر लीटर",
    "mL": "millilitre millilitres milliliter milliliters mililitro mililitros",
    "mol": "mole moles moles mole مول",
    "J": "joule joules julio julios جول जूल",
    "kJ": "kilojoule kilojoules kilojulio kilojulios كيلوجول",
    "cal": "calorie calories caloria calorias kalorie kalorien سعرة",
    "kcal": "kilocalorie kilocalories kilocaloria kilocalorias kilokalorie kilokalorien",
    "W": "watt watts vatio vatios واط",
    "Wh": "watt-hour watt-hours wattstunde wattstunden vatio-hora vatios-hora",
    "N": "newton newtons نيوتن",
    "Pa": "pascal pascals pascales باسكال",
    "V": "volt volts voltio voltios فولت",
    "A": "ampere amperes amperio amperios amp amps أمبير",
    "Ω": "ohm ohms ohmio ohmios أوم",
    "Hz": "hertz هرتز",
    "K": "kelvin kelvins كلفن",
    "°C": "celsius centigrade centigrados grad-celsius degrees-celsius degree-celsius grados-celsius "
    "grados-centigrados degc oc درجة-مئوية",
    "°F": "fahrenheit degrees-fahrenheit degree-fahrenheit grados-fahrenheit grad-fahrenheit degf",
    "°": "degree degrees deg grado grados grad درجة",
    "%": "percent per-cent por-ciento prozent pour-cent بالمائة بالمئة प्रतिशत",
}
_NAMES = {plain_words(word.replace("-", " ")): symbol for symbol, words in _WORDS.items() for word in words.split()}
#: Prefixes in full, which go with the names of units whose symbols take prefixes.
_SPELLED = {"kilo": "k", "mega": "M", "giga": "G", "milli": "m", "mili": "m", "micro": "µ", "mikro": "µ", "nano": "n"}
for _name, _symbol in tuple(_NAMES.items()):
    if _symbol in _SYMBOLS and _SYMBOLS[_symbol][2]:
        for _prefix, _letter in _SPELLED.items():
            _NAMES.setdefault(_prefix + _name, _letter + _symbol)
_PER = frozenset({"per", "por", "pro", "par", "je", "a", "an", "al", "لكل"})
_NO_NOUNS = frozenset(
    [
        "and",
        "but",
        "not",
        "nor",
        "than",
        "und",
        "oder",
        "aber",
        "nicht",
        "pero",
        "sino",
        "and",
        "minus",
        "plus",
        "times",
        "equals",
        "over",
    ]
)
_FILLERS = frozenset({"of", "de", "von", "the"})
_RAISED = (
    (re.compile(r"\b(?:square|sq\.?|quadrat)[- ]?([^\W\d_]+)", re.IGNORECASE), r"\1^2"),
    (re.compile(r"\b(?:cubic|cu\.|kubik)[- ]?([^\W\d_]+)", re.IGNORECASE), r"\1^3"),
    (re.compile(r"([^\W\d_]+) (?:cuadrad[oa]s?|carrés?|squared)\b", re.IGNORECASE), r"\1^2"),
    (re.compile(r"([^\W\d_]+) (?:cúbic[oa]s?|cubic[oa]s?|cubes?|cubed)\b", re.IGNORECASE), r"\1^3"),
)

#: CO2, H2O, O2: of what something is a measure, no unit with a power.
_FORMULA = r"(?=[A-Za-z]*\d)(?:[A-Z][a-z]?\d*){2,}(?!\w)|(?:H|O|N|Cl)2(?!\w)"
_TOKEN = re.compile(
    rf"\s*({_FORMULA}|°\s?[CF](?!\w)|[^\W\d_°]+|[°%Ω]|/|\(|\)|[·*×⋅.]|\^\s?-?\d+|(?<=[^\W\d_])-?\d+|\$|€|£)"
)


@lru_cache(maxsize=2048)
def read_unit(text: str, counted: bool = True) -> Unit | None:
    """The unit that ``text`` names, symbol or words; None where it names none. With ``counted`` any noun counts as the
    name of what was counted."""
    if len(text) > 60:
        return None
    rest = tidy(text).strip(" .,;:!").replace("μ", "µ").replace("º", "°").replace("**", "^")
    for pattern, raised in _RAISED:
        rest = pattern.sub(raised, rest)
    if not rest:
        return None
    factor, offset = Fraction(1), Fraction(0)
    dimensions: dict[str, int] = {}
    single = _single(rest)
    if single is not None:
        return Unit(text.strip(), single.factor, single.dimensions, single.offset)
    # "kilowatt-hours per day": a hyphen between words is a space, one before a digit a minus.
    tokens = _tokens(re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", rest))
    if tokens is None:
        return None
    sign, group = 1, 0
    index = 0
    last: tuple[Unit, int] | None = None

    def take(unit: Unit, power: int) -> None:
        nonlocal factor
        factor *= unit.factor**power
        for name, times in unit.dimensions:
            dimensions[name] = dimensions.get(name, 0) + times * power

    while index < len(tokens):
        piece = tokens[index]
        index += 1
        if piece == "/" or plain_words(piece) in _PER:
            sign = -1
        elif piece == "(":
            group = sign
        elif piece == ")":
            group, sign = 0, 1
        elif re.fullmatch(r"\^?\s?-?\d+", piece):
            power = int(piece.lstrip("^ "))
            if last is None or not -6 <= power <= 6:
                return None
            # The unit was taken once already.
            take(last[0], last[1] * power - last[1])
            last = None
        elif piece in "·*×⋅." or plain_words(piece) in _FILLERS:
            continue
        else:
            two = f"{piece} {tokens[index]}" if index < len(tokens) else ""
            unit = _single(two) if two else None
            if unit is not None:
                index += 1
            else:
                unit = _single(piece)
            if unit is None:
                named = 3 <= len(piece) <= 30 or any(map(str.isdigit, piece))
                if not counted or not named or plain_words(piece) in _NO_NOUNS:
                    return None
                unit = Unit(piece, Fraction(1), ((f"#{_singular(piece)}", 1),))
            take(unit, sign)
            last = (unit, sign)
            sign = group or 1
    kept = tuple(sorted((name, power) for name, power in dimensions.items() if power))
    return Unit(text.strip(), factor, kept, offset) if kept or dimensions or factor != 1 else None


def _tokens(text: str) -> list[str] | None:
    found: list[str] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return None if text[at:].strip() else found
        found.append(match[1])
        at = match.end()
    return found


def _singular(word: str) -> str:
    folded = plain_words(word)
    return folded[:-1] if len(folded) > 3 and folded.endswith("s") else folded


def _single(text: str) -> Unit | None:
    """One unit without powers: a symbol with a prefix, or its name."""
    text = text.strip().replace("° ", "°")
    text = _NAMES.get(plain_words(text), text) if text not in _SYMBOLS else text
    found = _by_symbol(text)
    if found is None and len(text) > 1:
        # "KJ", "ML", "Kg": capitals gone wrong, where only one unit can be meant.
        candidates = {
            _by_symbol(one) for one in (text.lower(), text[0].lower() + text[1:], text[0].lower() + text[1:].upper())
        }
        candidates |= {_by_symbol(text[0].lower() + text[1:].capitalize())}
        candidates.discard(None)
        found = (
            next(iter(candidates)) if len({(one.factor, one.dimensions) for one in candidates if one}) == 1 else None
        )
    return found


def _by_symbol(text: str) -> Unit | None:
    if text in _OFFSETS:
        factor, offset = _OFFSETS[text]
        return Unit(text, factor, ((_HEAT, 1),), offset)
    if text in _SYMBOLS:
        factor, dimensions, _ = _SYMBOLS[text]
        return Unit(text, factor, tuple(sorted(dimensions.items())))
    for length in (1, 2):
        prefix, symbol = text[:length], text[length:]
        if prefix in _PREFIXES and symbol in _SYMBOLS and _SYMBOLS[symbol][2]:
            factor, dimensions, _ = _SYMBOLS[symbol]
            return Unit(text, factor * Fraction(10) ** _PREFIXES[prefix], tuple(sorted(dimensions.items())))
    return None


def convert(value: Fraction, given: Unit, wanted: Unit) -> Fraction | None:
    """``value`` of ``given`` in ``wanted``; None where they measure different things. Temperatures shift their zero."""
    if given.dimensions != wanted.dimensions:
        return None
    return (value * given.factor + given.offset - wanted.offset) / wanted.factor


def bare(unit: Unit) -> Unit:
    """A unit without what was counted or measured: "µmol of CO2" as "µmol"."""
    return replace(unit, dimensions=tuple(one for one in unit.dimensions if not one[0].startswith("#")))


def kin(text: str) -> tuple[str, ...]:
    """Units that could stand in place of this one, itself among them, for a learner to choose from."""
    unit = read_unit(text)
    if unit is None:
        return ()
    families = (
        ("nm", "µm", "mm", "cm", "m", "km"),
        ("mg", "g", "kg", "t"),
        ("ms", "s", "min", "h", "d"),
        ("µL", "mL", "L", "m³"),
        ("J", "kJ", "cal", "kcal"),
        ("°C", "K", "°F"),
        ("µmol", "mmol", "mol"),
        ("m/s", "km/h", "cm/s"),
        ("mL/min", "L/min", "mL/s"),
        ("Pa", "kPa", "bar", "mmHg"),
        ("W", "kW"),
        ("mV", "V"),
        ("N", "kN"),
        ("J/s", "kJ/s", "W"),
    )
    for family in families:
        other = read_unit(family[0])
        if other is not None and other.dimensions == unit.dimensions:
            return (*family, *(() if text in family else (text,)))
    return (text,)
