"""Mathematics as learners type it: read safely, compared by what it means.

* ``read(text, language)``: the tree of the likeliest reading; ``readings`` gives them all. Raises ``Unreadable``.
* ``equivalent(a, b)``: whether two short texts mean the same; False where one can't be read.
* ``judge(accepted, answer, ...)``: how an answer stands to the accepted ones (right, other sign, rounded, ...).
* ``find_values(sentence, language)``: the numbers, expressions and equations in a sentence, in digits or words.
* ``write(node, language)``: a tree as one line of text.

LaTeX and keyboard notation may be mixed. Nothing typed is ever evaluated as code, and every text takes milliseconds.
"""

from tutor.domain.mathematics.accept import Judgement, judge
from tutor.domain.mathematics.compare import compare
from tutor.domain.mathematics.find import Value, find_values
from tutor.domain.mathematics.readings import read, readings
from tutor.domain.mathematics.tokens import Unreadable
from tutor.domain.mathematics.writing import write

__all__ = [
    "Judgement",
    "Unreadable",
    "Value",
    "compare",
    "equivalent",
    "find_values",
    "judge",
    "read",
    "readings",
    "write",
]


def equivalent(one: str, other: str, language: str = "en") -> bool:
    """Whether two short texts mean the same in their likeliest readings: "1/2" and "50 %", "x = 3" and "3"."""
    try:
        return compare(read(one, language), read(other, language)).degree == "yes"
    except Unreadable:
        return False
