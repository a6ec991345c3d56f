r"""Mathematics in words: LaTeX as it is said aloud. ``x^2 + 1`` is "ex squared plus one"."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from media_gen.language import Language
from media_gen.speech import chemistry, numerals
from media_gen.speech.chemistry import joined, spelled

# Command and sign, in pairs.
_PAIRS = """times:× cdot:· div:÷ pm:± le:≤ leq:≤ ge:≥ geq:≥ ne:≠ neq:≠ approx:≈ sim:~ to:→ rightarrow:→ longrightarrow:→
leftarrow:← leftrightarrow:↔ rightleftharpoons:⇌ Rightarrow:⇒ implies:⇒ infty:∞ propto:∝ in:∈ partial:∂ prime:′ lt:<
gt:> ast:× star:× alpha:α beta:β gamma:γ delta:δ epsilon:ε varepsilon:ε zeta:ζ eta:η theta:θ iota:ι kappa:κ lambda:λ
mu:μ nu:ν xi:ξ pi:π rho:ρ sigma:σ tau:τ upsilon:υ phi:φ varphi:φ chi:χ psi:ψ omega:ω Gamma:Γ Delta:Δ Theta:Θ Lambda:Λ
Pi:Π Sigma:Σ Phi:Φ Psi:Ψ Omega:Ω degree:° circ:° %:% &:& #:# $:$"""
NAMED = dict(pair.split(":") for pair in _PAIRS.split())
_SILENT = ", ; : ! left right big Big bigl bigr quad qquad displaystyle limits"
SILENT = frozenset(_SILENT.split()) | {" "}
_FUNCTIONS = "sin cos tan cot sec csc log ln exp min max arcsin arccos arctan det gcd"
FUNCTIONS = frozenset(_FUNCTIONS.split())
BIG = ("sum", "int", "lim", "log")
WORDS = r"\\(?:text|mathrm|mathit|mathbf|mathsf|textbf|textrm|mbox|operatorname|boldsymbol)\{([^{}]*)\}"
TOKEN = re.compile(WORDS + r"|\\([A-Za-z]+|.)|(\d+(?:[.,]\d+)*)|([A-Za-z])|\s+|(.)", re.DOTALL)
RELATIONS = "=≠<>≤≥≈~→←↔⇌⇒∝∈"
OPERATORS = "+-−±×·÷/*" + RELATIONS


class Unreadable(Exception):
    """LaTeX that this reader doesn't know."""


def maths(latex: str, language: Language) -> str:
    """``x^2 + 1`` -> ``ex squared plus one``. What can't be read is called by the language's word for a formula."""
    if (plain := chemistry.in_latex(latex)) is not None:
        return chemistry.read(plain, language)
    try:
        if reaction := re.fullmatch(r"\\ce\{(.*)\}", latex.strip()):
            return _reaction(reaction[1], language)
        return _Reader(latex, language).read()
    except (Unreadable, RecursionError):
        return language.spoken["phrases"]["formula"]


def _reaction(text: str, language: Language) -> str:
    """``2H2 + O2 -> 2H2O``: numbers, formulas and signs with spaces between them."""
    said = []
    for part in text.replace("<=>", "⇌").replace("->", "→").split():
        term = re.fullmatch(r"(\d*)(.*?)(?:\((?:s|l|g|aq)\))?", part)
        assert term is not None
        if part in language.spoken["symbols"]:
            said.append(language.spoken["symbols"][part])
        elif chemistry.FORMULA.fullmatch(term[2]):
            said += [numerals.cardinal(int(term[1]), language)] if term[1] else []
            said.append(chemistry.read(term[2], language))
        else:
            raise Unreadable
    return joined(said, language)


@dataclass(frozen=True)
class _Token:
    kind: str  # words, command, number, letter, sign
    text: str


class _Reader:
    """Recursive descent over LaTeX's tokens; each method returns the words of what it read."""

    def __init__(self, latex: str, language: Language) -> None:
        self._tokens = [
            _Token(kind, match[at])
            for match in TOKEN.finditer(latex)
            for at, kind in enumerate(("words", "command", "number", "letter", "sign"), 1)
            if match[at] is not None
        ]
        self._at = 0
        self._language = language
        self._phrases, self._symbols = language.spoken["phrases"], language.spoken["symbols"]

    def read(self) -> str:
        said = self._row(lambda token: False)
        if self._at < len(self._tokens):
            raise Unreadable
        return said

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> _Token:
        token = self._peek()
        if token is None:
            raise Unreadable
        self._at += 1
        return token

    def _row(self, ends: Callable[[_Token], bool]) -> str:
        said: list[str] = []
        operand = False  # whether what came last is something that a minus could be taken from
        while (token := self._peek()) is not None and not ends(token):
            sign = self._sign(token)
            if token.kind == "sign" and token.text == "}":
                raise Unreadable
            if sign in ("-", "−") and not operand:
                self._next()
                said.append(self._phrases["negative"].format(x=self._term()))
                operand = True
            elif sign and sign in OPERATORS:
                self._next()
                said.append(self._operator(sign))
                operand = False
            elif sign == "":
                self._next()
            else:
                said.append(self._term())
                operand = True
        return joined(said, self._language)

    def _sign(self, token: _Token) -> str | None:
        """The sign a token stands for; empty for one that isn't heard; None for anything else."""
        if token.kind == "command":
            return "" if token.text in SILENT else NAMED.get(token.text)
        return token.text if token.kind == "sign" and token.text not in "{}()[]|^_!" else None

    def _operator(self, sign: str) -> str:
        sign = {"-": "−", "*": "×"}.get(sign, sign)
        return self._symbols.get(sign, "")

    def _term(self) -> str:
        """An atom with its index and power."""
        token = self._peek()
        big = token.text if token is not None and token.kind == "command" and token.text in BIG else ""
        said = "" if big and self._next() else self._atom()
        index = power = None
        primes = 0
        while (after := self._peek()) is not None and after.kind == "sign" and after.text in "^_'!":
            self._next()
            if after.text == "'":
                primes += 1
            elif after.text == "!":
                said = f"{said} !"
            elif after.text == "_":
                index = self._argument()
            else:
                power = self._argument() if big else self._power()
        if big:
            return self._big(big, index, power)
        if index is not None:
            said = joined([said, self._phrases["sub"].format(n=index)], self._language)
        if primes:
            said = self._phrases["prime"].format(x=said)
        return said if power is None else joined([said, power], self._language)

    def _power(self) -> str:
        start = self._at
        exponent = self._argument()
        plain = "".join(token.text for token in self._tokens[start : self._at]).strip("{}")
        if plain in ("2", "3"):
            return self._phrases["squared" if plain == "2" else "cubed"]
        if plain in ("circ", "degree"):
            return numerals.form(self._language.spoken["units"]["°"], None)
        if plain in ("+", "-", "−"):
            return self._phrases["plus" if plain == "+" else "minus"]
        if plain == "prime":
            return self._phrases["prime"].format(x="")
        return self._phrases["power"].format(n=exponent)

    def _big(self, name: str, low: str | None, high: str | None) -> str:
        if name == "log":
            body = self._term()
            return (
                self._phrases["log_base"].format(n=low, x=body)
                if low
                else joined([self._function(name), body], self._language)
            )
        body = self._row(lambda t: (self._sign(t) or " ") in RELATIONS or t.text in ")]}")
        key = {"sum": "sum", "int": "integral"}.get(name)
        if key is None:
            return self._phrases["limit"].format(a=low or "", x=body)
        if low is not None and high is not None:
            return self._phrases[f"{key}_from_to"].format(a=low, b=high.strip(), x=body)
        return self._phrases[key].format(x=body)

    def _argument(self) -> str:
        """What stands in braces, or one token."""
        token = self._next()
        if token == _Token("sign", "{"):
            said = self._row(lambda t: t == _Token("sign", "}"))
            self._next()
            return said
        if self._sign(token) and (self._sign(token) or " ") in OPERATORS:
            return self._operator(self._sign(token) or "")
        self._at -= 1
        return self._atom()

    def _atom(self) -> str:
        token = self._next()
        if token.kind == "number":
            return number(token.text, self._language)
        if token.kind == "letter" or (token.kind == "words" and len(token.text) == 1):
            return spelled(token.text, self._language)
        if token.kind == "words":
            words = token.text.strip()
            return numerals.form(self._language.spoken["units"].get(words, words), None)
        if token.kind == "command":
            return self._command(token.text)
        match token.text:
            case "{":
                said = self._row(lambda t: t == _Token("sign", "}"))
                self._next()
                return said
            case "(" | "[":
                close = ")" if token.text == "(" else "]"
                start = self._at
                said = self._row(lambda t: t.text in ")]" and t.kind == "sign")
                length = self._at - start
                if self._next().text not in ")]" or not close:
                    raise Unreadable
                # One thing in brackets is said without them: f of x.
                if length <= 1:
                    return said
                return joined([self._phrases["open"], said, self._phrases["close"]], self._language)
            case "|":
                said = self._row(lambda t: t.kind == "sign" and t.text == "|")
                self._next()
                return self._phrases["absolute"].format(x=said)
        said = self._symbols.get(token.text, "")
        if not said and token.text not in ",.;:&~":
            raise Unreadable
        return said or ("," if token.text in ",;" else "")

    def _function(self, name: str) -> str:
        return self._language.spoken["functions"].get(name, name)

    def _command(self, name: str) -> str:
        phrases = self._phrases
        if name in ("frac", "dfrac", "tfrac"):
            above = self._argument()
            return phrases["over"].format(a=above, b=self._argument())
        if name == "sqrt":
            root = None
            if self._peek() == _Token("sign", "["):
                self._next()
                root = self._row(lambda t: t == _Token("sign", "]"))
                self._next()
            body = self._argument()
            return phrases["nth_root"].format(n=root, x=body) if root else phrases["root"].format(x=body)
        if name in ("vec", "bar", "overline", "hat", "dot"):
            said = self._argument()
            return phrases["vector" if name == "vec" else "bar"].format(x=said) if name not in ("hat", "dot") else said
        if name in FUNCTIONS:
            return self._function(name)
        if name in NAMED:
            sign = NAMED[name]
            return self._symbols.get(sign) or numerals.form(self._language.spoken["units"].get(sign, ""), None)
        if name in SILENT:
            return ""
        raise Unreadable


def number(text: str, language: Language) -> str:
    """A number in a formula: a point or a comma in it is the decimal sign (``{,}`` groups were taken away)."""
    whole, _, fraction = text.replace(",", ".").partition(".")
    return numerals.decimal(whole, fraction.replace(".", ""), language)
