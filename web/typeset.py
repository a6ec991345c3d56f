"""A piece of mathematics as it was understood, set as mathematics: for "I read this as ..." beside a field."""

import re

from tutor.domain import mathematics as maths
from tutor.domain.mathematics import tree as t
from tutor.domain.numerals import uses_decimal_comma, write_number
from web.formula import to_mathml

_SIGNS = {"=": "=", "!=": r"\neq ", "<": "<", ">": ">", "<=": r"\leq ", ">=": r"\geq "}
_BETWEEN = {"or": r"\;\lor\;", "and": r"\;\land\;", "union": r"\cup "}
_SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(5)


def preview(text: str, language: str) -> tuple[str, str]:
    """``text`` as learners type it, as MathML and as one plain line; both empty where there is nothing to typeset.

    The MathML is not sanitised yet.
    """
    try:
        node = maths.read(text, language)
    except maths.Unreadable:
        return "", ""
    if isinstance(node, t.Words) or (isinstance(node, t.Sym) and len(node.name) > 1):
        return "", ""
    return to_mathml(latex(node, language)), maths.write(node, language)


def latex(node: t.Node, language: str = "en") -> str:
    """The tree as LaTeX, with the numbers as the language writes them."""
    between = ";\\;" if uses_decimal_comma(language) else ",\\;"
    match node:
        case t.Relation(sides, signs):
            rest = (f"{_SIGNS[sign]}{latex(side, language)}" for sign, side in zip(signs, sides[1:], strict=True))
            return latex(sides[0], language) + "".join(rest)
        case t.Interval(low, high, closed_low, closed_high):
            ends = f"{latex(low, language)}{between}{latex(high, language)}"
            return f"{'[' if closed_low else '('}{ends}{']' if closed_high else ')'}"
        case t.Point(places):
            return f"({between.join(latex(one, language) for one in places)})"
        case t.Many(of, "set"):
            return rf"\{{{between.join(latex(one, language) for one in of)}\}}"
        case t.Many(of, kind):
            return _BETWEEN.get(kind, between).join(latex(one, language) for one in of)
        case t.Matrix(rows):
            lines = r" \\ ".join(" & ".join(latex(one, language) for one in row) for row in rows)
            return rf"\begin{{pmatrix}}{lines}\end{{pmatrix}}"
        case t.Words(text):
            return _text(text)
        case _:
            return _expression(node, language)[0]


def _expression(node: t.Expression, language: str) -> tuple[str, int]:
    """The LaTeX and how tightly it binds."""

    def at(least: int, part: t.Expression) -> str:
        text, binds = _expression(part, language)
        return text if binds >= least else f"({text})"

    def bare(part: t.Expression) -> str:
        return _expression(part, language)[0]

    match node:
        case t.Num(value):
            text = write_number(value, language)
            top, slash, bottom = text.partition("/")
            return (rf"\frac{{{top}}}{{{bottom}}}" if slash else _digits(text)), _ATOM
        case t.Mixed(whole, top_, bottom_):
            return rf"{whole}\frac{{{top_}}}{{{bottom_}}}", _SUM
        case t.Percent(of):
            return rf"{at(_ATOM, of)}\,\%", _ATOM
        case t.Sym(name):
            return _name(name), _ATOM
        case t.Const(name):
            return {"pi": r"\pi ", "infinity": r"\infty "}[name], _ATOM
        case t.Neg(of):
            return f"-{at(_POWER, of)}", _SIGNED
        case t.Add(terms):
            text = at(_PRODUCT, terms[0])
            for term in terms[1:]:
                text += f"-{at(_POWER, term.of)}" if isinstance(term, t.Neg) else f"+{at(_PRODUCT, term)}"
            return text, _SUM
        case t.Mul(factors):
            text = at(_POWER, factors[0])
            for factor in factors[1:]:
                written = at(_POWER, factor)
                # Two numbers side by side would be one.
                text += (r"\cdot " if re.match(r"[\d\\]", written) else "") + written
            return text, _PRODUCT
        case t.Div(top, bottom):
            return rf"\frac{{{bare(top)}}}{{{bare(bottom)}}}", _POWER
        case t.Pow(base, exponent):
            return f"{{{at(_ATOM, base)}}}^{{{bare(exponent)}}}", _POWER
        case t.Root(2, of):
            return rf"\sqrt{{{bare(of)}}}", _ATOM
        case t.Root(index, of):
            return rf"\sqrt[{index}]{{{bare(of)}}}", _ATOM
        case t.Abs(of):
            return f"|{bare(of)}|", _ATOM
        case t.Call(name, of):
            return rf"\{name}({bare(of)})", _ATOM
        case t.PlusMinus(before, of):
            return f"{'' if before is None else at(_SUM, before)}\\pm {at(_POWER, of)}", _SUM


def _digits(number: str) -> str:
    """A comma between digits is no list: LaTeX puts a space behind it unless told otherwise."""
    return number.replace(",", "{,}").replace(" ", r"\,").replace("\u00a0", r"\,").replace("\u202f", r"\,")


def _name(name: str) -> str:
    letter, _, index = name.partition("_")
    if len(letter) == 1:
        return f"{letter}_{{{_plain(index)}}}" if index else letter
    return _text(name)


def _text(words: str) -> str:
    return rf"\text{{{_plain(words)}}}"


def _plain(words: str) -> str:
    """Nothing that LaTeX would take for more than a letter."""
    return re.sub(r"[^\w .-]", " ", words.replace("_", " "))
