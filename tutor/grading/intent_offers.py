"""Offers: what a message promises the tutor, and on which condition.

A bribe is told by its grammar more than by its goods, which nobody can list: a first person who will do something for
"you", and a clause in which "you" do something first. Both are also how answers are worded ("if you heat it, ..."), so
neither tells anything alone: see ``intent_features.PAIRS``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tutor.grading.intent_cues import Found

# Of the words of a normalised message, one space between them.
_PROMISE = re.compile(
    r"\b(?:"
    r"(?:ill|id|im|i am|i (?:will|would|can|could|shall)|we (?:will|would|can)) (?:\w+ ){1,2}you"
    r"|for you|yours|your w(?:ay|hile)|youll get|you (?:will|would) (?:get|have|receive)|you (?:can|could) have"
    # Spanish: "te mando", "te daré"
    r"|te \w{2,}(?:re|o|oy)|para ti|tuy[oa]"
    # German: "ich schicke dir", "dann wasche ich dir"
    r"|(?:ich|wir) \w+ (?:dir|dich)|\w+ (?:ich|wir) (?:dir|dich)|fur dich|gehort dir"
    # Arabic: the future first person, and "you" at its end or after it: "سأرسل لك", "سأشكرك"
    r"|[وف]?سا\w{2,6}ك|[وف]?سا\w{2,6} (?:لك|اليك|بك|عنك)"
    r")\b"
)
_CONDITION = re.compile(
    r"\b(?:"
    r"(?:if|once|when|unless|as soon as|the moment|provided|in case) you(?: \w+)?"
    r"|(?:si|cuando|en cuanto|siempre que) (?:(?:me|nos|no|se|te|lo|la) ){0,3}\w{2,}[ae]s"
    r"|(?:wenn|falls|sobald|sofern) (?:du|ihr)"
    r"|[وف]?(?:اذا|ان|لو|متي|عندما|حالما) (?:لم )?\w{2,}ت(?:ي|ه|ها|هم|م)?"
    r")\b"
)


def offers(tokens: list[str]) -> Iterator[Found]:
    """The cues "promise" and "condition" in the words of a normalised message."""
    text = " ".join(tokens)
    for kind, pattern in (("promise", _PROMISE), ("condition", _CONDITION)):
        for match in pattern.finditer(text):
            start = text.count(" ", 0, match.start())
            yield Found(kind, start, start + match[0].count(" ") + 1, opens=start == 0)
