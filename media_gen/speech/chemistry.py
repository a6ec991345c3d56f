"""Chemical formulas, spelled: ``CO₂`` is "see oh two"."""

import re

from media_gen.language import Language
from media_gen.speech import numerals

SYMBOLS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb "
    "Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu "
    "Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db "
    "Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og "
)
ELEMENTS = frozenset(SYMBOLS.split())
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-", strict=True))
PLAIN = str.maketrans(RAISED | LOWERED)
FORMULA = re.compile(r"(?:[A-Z][a-z]?|\((?=[A-Z]))(?:[A-Z][a-z]?|[0-9₀-₉]+|[()])*[⁰¹²³⁴⁵⁶⁷⁸⁹]*[⁺⁻]?")
SYMBOL = re.compile(r"[A-Z][a-z]?")
GASES = ("H2", "N2", "O2", "O3", "F2", "Cl2")


def is_formula(text: str) -> bool:
    """Element symbols, and something that no word has: a subscript, a charge, counts, or ``NaCl``'s late capital."""
    symbols = SYMBOL.findall(text)
    if not FORMULA.fullmatch(text) or any(symbol not in ELEMENTS for symbol in symbols):
        return False
    if re.search(r"[₀-₉⁺⁻]", text) or text in GASES:
        return True
    if len(symbols) < 2:
        return False
    return bool(re.search(r"[A-Za-z)]\d", text) or re.search(r"[a-z][A-Z]|[A-Z]{2}[a-z]", text))


def in_latex(latex: str) -> str | None:
    r"""The formula in ``\ce{H2O}``, ``\mathrm{CO_2}`` or ``H_2O``; None where it is mathematics."""
    marked = latex.startswith(r"\ce")
    inner = re.sub(r"^\\(?:ce|mathrm|text)\{(.*)\}$", r"\1", latex.strip())
    plain = re.sub(r"_\{?(\d+)\}?", r"\1", inner)
    plain = re.sub(r"\^\{?(\d*[+-])\}?", lambda m: "".join(_raise(sign) for sign in m[1]), plain)
    if not FORMULA.fullmatch(plain) or any(symbol not in ELEMENTS for symbol in SYMBOL.findall(plain)):
        return None
    # A single letter with an index (V_1, P_2) is a quantity, unless it is one of the gases of two atoms.
    several = len(SYMBOL.findall(plain)) > 1 and plain != inner
    return plain if marked or several or (plain != inner and plain in GASES) else None


def _raise(sign: str) -> str:
    return next(raised for raised, plain in RAISED.items() if plain == sign)


def read(text: str, language: Language) -> str:
    """A formula's letters and numbers, one after the other."""
    said = []
    for part in re.findall(r"[A-Z][a-z]?|\d+|[+-]", text.translate(PLAIN)):
        if part.isdigit():
            said.append(numerals.cardinal(int(part), language))
        elif part in "+-":
            said.append(language.spoken["phrases"]["plus" if part == "+" else "minus"])
        else:
            said.append(spelled(part, language))
    return joined(said, language)


def spelled(letters: str, language: Language) -> str:
    """The names of letters; one without a name stays."""
    names = language.spoken["letters"]
    return joined([names.get(sign.upper(), sign) for sign in letters], language)


def joined(parts: list[str], language: Language) -> str:
    """Words side by side, with the space that the language's writing has between them."""
    return (" " if language.unit == "words" else "").join(part for part in parts if part)
