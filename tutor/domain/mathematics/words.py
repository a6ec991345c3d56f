"""Answers in words, and the words between values, in the languages of the interface."""

import re
import unicodedata

_KNOWN = {
    "nothing": "no solution|no solutions|none|nothing|no real solution|no real solutions|there is no solution|"
    "empty set|the empty set|null set|no answer|sin solucion|sin soluciones|no hay solucion|no tiene solucion|ninguna|"
    "conjunto vacio|ninguna solucion|keine losung|keine|leere menge|nicht losbar|keine losungen|aucune solution|"
    "pas de solution|ensemble vide|لا حل|لا يوجد حل|ليس له حل|المجموعة الخالية|لا توجد حلول|"
    "कोई हल नहीं|无解|inconsistent",
    "all": "all real numbers|all reals|all numbers|any real number|every real number|reals|the reals|real numbers|"
    "all real|todos los numeros reales|todos los reales|cualquier numero real|alle reellen zahlen|alle zahlen|"
    "tous les reels|tous les nombres reels|جميع الأعداد الحقيقية|كل الأعداد الحقيقية|الأعداد الحقيقية|"
    "सभी वास्तविक संख्याएँ|全体实数|ℝ|identity",
    "infinite": "infinitely many|infinitely many solutions|infinite solutions|infinite|infinite number of solutions|"
    "infinitas soluciones|infinitas|unendlich viele|unendlich viele losungen|unendlich|une infinite de solutions|"
    "عدد لا نهائي من الحلول|عدد لا نهائي|عدد غير منته من الحلول|ما لا نهاية من الحلول",
    "undefined": "undefined|und|not defined|undef|indefinido|no definido|no esta definido|undefiniert|nicht definiert|"
    "non defini|indefini|غير معرف|غير معرفة|अपरिभाषित",
    "absent": "dne|does not exist|doesn t exist|no existe|existiert nicht|n existe pas|غير موجود|لا يوجد",
    "unreal": "not a real number|not real|no real number|complex|imaginary|no es un numero real|no es real|"
    "keine reelle zahl|nicht reell|ليس عددا حقيقيا",
    "true": "true|yes|verdadero|cierto|si|wahr|richtig|ja|vrai|oui|صحيح|صح|نعم|सही|सत्य|हाँ",
    "false": "false|no|falso|falsch|nein|faux|non|خطأ|خاطئ|لا|गलत|असत्य|नहीं",
}


def plain_words(text: str) -> str:
    """In lower case, without accents, punctuation and doubled spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    kept = "".join(
        c if c.isalnum() or unicodedata.category(c) == "Mc" or c == "ℝ" else ("" if unicodedata.combining(c) else " ")
        for c in folded
    )
    return unicodedata.normalize("NFC", " ".join(kept.split()))


_NAMES = {plain_words(phrase): name for name, phrases in _KNOWN.items() for phrase in phrases.split("|")}


def known_words(text: str) -> str:
    """The name of a phrase that means the same in every language ("nothing" for "no solution"), or ""."""
    return _NAMES.get(plain_words(text), "") if len(text) < 80 else ""


_OR = re.compile(r"(?<=[^\s,;])[\s,;]+(?:or|oder|ou|أو|या)\s+(?=\S)", re.IGNORECASE)
_AND = re.compile(r"(?<=[^\s,;])[\s,;]+(?:and|und|et|और)\s+(?=\S)", re.IGNORECASE)
# "o" and "y" are variables too: they join only between a value and "x =" or a number.
_SPANISH = re.compile(r"(?<=[\w)])\s+([yo])\s+(?=[a-zA-Z]\s*[=<>≤≥]|[-−(]?\d)")
_ARABIC = re.compile(r"(?<=[\w)])\s+و\s*(?=[a-zA-Zء-ي]\s*[=<>≤≥]|[-−(]?\d)")


def with_connectives(text: str, language: str) -> str:
    """With "or" and "and" between values as ∨ and ∧."""
    if language.lower().startswith("es"):
        text = _SPANISH.sub(lambda match: " ∧ " if match[1] == "y" else " ∨ ", text)
    text = _ARABIC.sub(" ∧ ", text)
    return _AND.sub(" ∧ ", _OR.sub(" ∨ ", text))
