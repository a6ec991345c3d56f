"""Whether a message asks for a film, in which language, and about what. Pure: the words are arguments."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*", re.UNICODE)
_BARE = 4  # a message of so few words that names a film asks for one


@dataclass(frozen=True)
class WishWords:
    """All in lower case. ``films``: what a film is called. ``asking``: words that ask for one. ``filler``: words that
    may stand around without being the topic. ``languages``: names of languages, by the language's tag."""

    films: frozenset[str]
    asking: frozenset[str]
    filler: frozenset[str]
    languages: Mapping[str, str]


@dataclass(frozen=True)
class Wish:
    """``about`` is the topic in the learner's words, empty for "that"; ``language`` a tag or empty."""

    about: str
    language: str = ""


def wish_in(message: str, words: WishWords) -> Wish | None:
    """The wish for a film in ``message``; None where there is none."""
    found = [(match.start(), match.end(), match[0].casefold()) for match in _WORD.finditer(message)]
    said = [word for _, _, word in found]
    if not words.films.intersection(said):
        return None
    if len(said) > _BARE and not words.asking.intersection(said):
        return None
    language = next((words.languages[word] for word in reversed(said) if word in words.languages), "")
    return Wish(_topic(message, found, words), language)


def _topic(message: str, found: Sequence[tuple[int, int, str]], words: WishWords) -> str:
    """The longest stretch of words that are neither the request nor a language."""
    around = words.films | words.asking | words.filler | words.languages.keys()
    stretches: list[list[tuple[int, int, str]]] = [[]]
    for one in found:
        if one[2] in words.films or one[2] in words.asking or one[2] in words.languages:
            stretches.append([])
        else:
            stretches[-1].append(one)
    best: list[tuple[int, int, str]] = []
    for stretch in stretches:
        while stretch and stretch[0][2] in around:
            stretch = stretch[1:]
        while stretch and stretch[-1][2] in around:
            stretch = stretch[:-1]
        if len(stretch) > len(best):
            best = stretch
    return message[best[0][0] : best[-1][1]] if best else ""
