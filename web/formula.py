"""LaTeX formulas as MathML. What cannot be read is shown as the code it is: a formula is never an error."""

import html
import re
from functools import lru_cache

LONGEST = 2_000
"""Longest formula in characters. Longer ones are shown as code."""

DEEPEST = 40
"""Deepest nesting of braces and ``\\left``."""

# Macros can be made to expand without end; the others reach outside the formula.
_REFUSED = (
    *(r"\newcommand", r"\renewcommand", r"\providecommand", r"\def", r"\let"),
    *(r"\href", r"\url", r"\class", r"\style", r"\cssId", r"\include", r"\require", r"\input"),
)


def _depth(latex: str) -> int:
    deepest = depth = 0
    for character in latex:
        if character == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif character == "}":
            depth -= 1
    return max(deepest, latex.count(r"\left"))


def _as_code(latex: str) -> str:
    return f'<code class="formula" dir="ltr">{html.escape(latex)}</code>'


def _known(latex: str) -> str:
    """Environments of AMS-LaTeX that the library does not know, under the names of those that look the same."""
    return latex.replace("{aligned}", "{split}").replace("{gathered}", "{matrix}")


@lru_cache(maxsize=2_000)
def to_mathml(latex: str, *, display: bool = False) -> str:
    """``latex`` (without its dollars) as one ``<math>`` element, or as ``<code>`` where it can't be typeset.

    The result is well formed and every character of the formula is escaped in it; it still passes the sanitiser
    with the rest of the page.
    """
    latex = latex.strip()
    if not latex or len(latex) > LONGEST or _depth(latex) > DEEPEST or any(c in latex for c in _REFUSED):
        return _as_code(latex)
    from xml.etree.ElementTree import tostring

    from latex2mathml.converter import Converter

    try:
        root = Converter(display="block" if display else "inline").convert_to_element(_known(latex))
        # The library writes character references into text and relies on unescaping the whole markup afterwards,
        # which would also unescape what the writer of the formula put there. Unescape each text by itself instead.
        for element in root.iter():
            element.text = html.unescape(element.text) if element.text else element.text
            element.tail = html.unescape(element.tail) if element.tail else element.tail
            if element.tag == "mtext" and element.text:  # the library leaves escapes in words as they are
                element.text = re.sub(r"\\([%#&_{}$])", r"\1", element.text)
        root.set("dir", "ltr")
        return tostring(root, encoding="unicode")
    except Exception:  # the parser has no common error, and raises IndexError and others on odd input
        return _as_code(latex)
