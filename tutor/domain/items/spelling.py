"""What still counts as a slip of the pen, and what is another word."""

import re

#: Endings that make another substance of a word: lactase is not lactose, nitrite not nitrate.
_TELLING = re.compile(r"(?:ase|ose|ate|ite|ide|ine|ane|ene|yne|one|ole|ol|al|asa|osa|ato|ito|uro|at|it|id|in|an|en)$")
_SHORTEST = 5


def is_slip(given: str, meant: str) -> bool:
    """Whether ``given`` is ``meant`` (both in plain lower case) with one letter wrong, missing, too many, or two
    neighbours swapped, in a word of five letters or more."""
    if given == meant or len(meant) < _SHORTEST or re.search(r"\d", given + meant):
        return False
    if not _one_apart(given, meant):
        return False
    if len(given) != len(meant):
        return True
    endings = [_TELLING.search(word) for word in (given, meant)]
    return not (endings[0] and endings[1] and endings[0][0] != endings[1][0])


def _one_apart(one: str, other: str) -> bool:
    """Damerau-Levenshtein distance 1."""
    if abs(len(one) - len(other)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if len(one) == len(other):
        swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
        return one[at + 1 :] == other[at + 1 :] or swapped
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer[at + 1 :] == shorter[at:]
