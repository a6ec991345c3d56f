"""Which parts of a course meet what a learner says they are interested in."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

#: Interests shorter than this stand in every other title; so do shorter words of a longer interest.
LEAST_TOLD = 3
LEAST_WORD = 4
#: Letters by which words are compared: "plants" meets "plant".
STEM = 5
#: A word that stands in more than one part in so many says nothing.
COMMON = 3
_WORD = re.compile(r"[^\W\d_]+")


def met(told: Sequence[str], parts: Mapping[str, str]) -> Mapping[str, str]:
    """For each part (its text by its id) that one of the interests meets, the first that does: as it was told, or by a
    word of it that few parts have."""
    texts = {name: text.casefold() for name, text in parts.items()}
    words = {name: _words(text) for name, text in texts.items()}
    counts = Counter(word for found in words.values() for word in found)
    most = max(1, len(parts) // COMMON)
    found: dict[str, str] = {}
    for interest in told:
        phrase = interest.casefold()
        telling = {word for word in _words(phrase) if counts[word] <= most}
        for name, text in texts.items():
            if (len(phrase) >= LEAST_TOLD and phrase in text) or telling & words[name]:
                found.setdefault(name, interest)
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in _WORD.findall(text) if len(word) >= LEAST_WORD)
