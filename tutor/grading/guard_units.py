"""Units as the guard knows them: what they measure and how large they are. Names are folded.

Only those that an answer may be restated in; a number alone is compared whatever the unit is.
"""

from __future__ import annotations

from collections.abc import Mapping

_PREFIXES = {"": 1.0, "k": 1e3, "m": 1e-3, "u": 1e-6, "μ": 1e-6, "n": 1e-9, "c": 1e-2}
_LONG = {
    "": 1.0,
    "kilo": 1e3,
    "milli": 1e-3,
    "mili": 1e-3,
    "mikro": 1e-6,
    "micro": 1e-6,
    "centi": 1e-2,
    "mega": 1e6,
    "nano": 1e-9,
}
# Dimension, size, symbol (empty: no prefixes), names in the languages of the guard.
_KNOWN: tuple[tuple[str, float, str, str], ...] = (
    ("energy", 1.0, "j", "joule joules julio julios जूल جول 焦 焦耳"),
    ("energy", 4184.0, "cal", "calorie calories caloria calorias kalorie kalorien कैलोरी سعرة 卡"),
    ("energy", 3600.0, "wh", ""),
    ("power", 1.0, "w", "watt watts vatio vatios वाट واط 瓦"),
    ("mass", 1.0, "g", "gram grams gramo gramos gramm gramme grammes ग्राम غرام جرام 克"),
    ("amount", 1.0, "mol", "mole moles mols मोल مول 摩尔"),
    ("volume", 1.0, "l", "litre litres liter liters litro litros लीटर لتر 升"),
    ("length", 1.0, "m", "metre metres meter meters metro metros मीटर متر 米"),
    ("time", 1.0, "s", "second seconds segundo segundos sekunde sekunden seconde secondes सेकंड ثانية 秒"),
    ("time", 60.0, "", "min minute minutes minuto minutos minuten मिनट دقيقة 分钟"),
    ("time", 3600.0, "", "h hour hours hora horas stunde stunden heure heures घंटा घंटे ساعة 小时"),
    ("time", 86400.0, "", "day days dia dias tag tage jour jours दिन يوم 天"),
    ("money", 1.0, "", "euro euros dollar dollars €"),
)


def _table() -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for dimension, size, symbol, names in _KNOWN:
        if symbol:
            for prefix, factor in _PREFIXES.items():
                found.setdefault(prefix + symbol, (dimension, size * factor))
        for name in names.split():
            for prefix, factor in _LONG.items():
                found.setdefault(prefix + name, (dimension, size * factor))
    # Folding loses the difference between milli and mega; mega is what is meant with joules and watts.
    found["mj"] = ("energy", 1e6)
    found["mw"] = ("power", 1e6)
    for word, (dimension, factor) in {
        "किलोजूल": ("energy", 1e3),
        "كيلوجول": ("energy", 1e3),
        "k焦": ("energy", 1e3),
    }.items():
        found[word] = (dimension, factor)
    found["मिलीलीटर"] = found["مل"] = found["毫升"] = ("volume", 1e-3)
    found["kmh"] = found["kph"] = ("length/time", 1e3 / 3600)
    found["mph"] = ("length/time", 1609.344 / 3600)
    found["mile"] = found["miles"] = ("length", 1609.344)
    found["std"] = ("time", 3600.0)
    found["°c"] = found["grad"] = found["degree"] = found["degrees"] = ("temperature", 1.0)
    found["k"] = ("kelvin", 1.0)
    return found


UNITS: Mapping[str, tuple[str, float]] = _table()


#: Words that part the two units of a rate: "metres per second". Those that mean more besides need a unit after them.
PER = frozenset(
    (
        "per",
        "pro",
        "por",
        "par",
        "a",
        "an",
        "je",
        "each",
        "every",
        "cada",
        "chaque",
        "al",
        "in",
        "प्रति",
        "لكل",
        "في",
        "每",
    )
)
_SAME = {"energy/time": "power"}


def unit(word: str) -> tuple[str, float] | None:
    """The dimension and the size of a unit or of a rate ("km/h"), or None for another word.

    A plural or Arabic article may be on it.
    """
    above, _, below = word.partition("/")
    if below:
        over, under = unit(above), unit(below)
        if over is None or under is None:
            return None
        dimension = f"{over[0]}/{under[0]}"
        return _SAME.get(dimension, dimension), over[1] / under[1]
    return UNITS.get(word) or UNITS.get(word.removeprefix("ال").removesuffix("s"))
