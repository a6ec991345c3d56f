"""WebVTT and SubRip: what is said in a recording, as paragraphs that know their seconds. Pure.

W3C, "WebVTT: The Web Video Text Tracks Format", section 4; SubRip has no standard, so its times are read as players
read them. Cues cut a sentence where the screen is full: here they are put together again, and a paragraph ends where
the speaker changes, pauses, or has said enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

from retrieval.errors import UnreadableDocument
from retrieval.loaders.assembly import Part, assembled, loaded, without_text
from retrieval.loaders.decoding import decode
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.loaders.wording import escaped, paragraph
from retrieval.values import Anchor
from retrieval.words import count_words

LONG = 80  # words after which a paragraph ends with the sentence
VERY_LONG = 160  # words after which it ends with the cue: some captions have no full stops
PAUSE = 3.0  # seconds of silence after a sentence that begin a new paragraph
MOST_HOURS = 999
SHORT = 200  # characters of a line that may be nothing but a sound: [Applause]
ROLLED = 400  # characters at most that a cue repeats of the one before

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMING = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>]+)>")
_TAG = re.compile(r"</?(?:c|i|b|u|v|ruby|rt|lang|font|span|\d)[^<>]*>|\{\\[^{}]*\}", re.I)
_SOUND = re.compile(r"^\W*(?:[\[(][^\])]*[\])]|♪.*|[♪♫\s]*)\W*$")
_DASH = re.compile(r"^(?:-|–|—|>>+)\s*")
_SENTENCE_END = re.compile(r"[.!?。！？।؟…][\"'”’)\]]*$")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one cue says: from ``start`` to ``end`` in seconds; ``speaker`` is empty where nobody is named."""

    start: float
    end: float
    text: str
    speaker: str = ""


class SubtitlesLoader:
    """Reads ``.vtt`` and ``.srt``."""

    suffixes = (".vtt", ".srt")
    media_type = "text/vtt"

    def load(self, data: bytes, source: Source) -> LoadedDocument:
        """See :class:`retrieval.loaders.port.Loader`."""
        text = decode(data, source.path)
        found = sorted(cues(text), key=lambda cue: cue.start)
        if not found:
            if "-->" in text:
                raise without_text(source.path, "No cue in it has both a time and words.")
            raise UnreadableDocument(
                f"{source.path}: these are no subtitles. Times are expected as 00:01:02.500 --> 00:01:05.000.",
                path=source.path,
                reason="broken",
            )
        whole = assembled(paragraphs(without_repeats(found)))
        return loaded(whole, data, source, self.media_type, language=_language(text))


def cues(text: str) -> Iterator[Spoken]:
    """The cues that have a time and say something, in the order of the file. Notes and styles are none."""
    lines = text.replace("\ufeff", "").split("\n")
    timings = [at for at, line in enumerate(lines) if "-->" in line and _TIMING.match(line)]
    for at, following in pairwise([*timings, len(lines)]):
        # An empty line ends a cue (one with a blank does not: captions that roll have it), or the next cue does, whose
        # number stands above its time.
        end = next((n for n in range(at + 1, following) if not lines[n]), following)
        numbered = end == following < len(lines) and end - at > 1 and lines[end - 1].strip().isdigit()
        yield from _said(lines[at + 1 : end - numbered], *_times(lines[at]))


def without_repeats(found: Iterable[Spoken]) -> Iterator[Spoken]:
    """Cues without what the one before already said: automatic captions roll, each line shown twice or three times."""
    before = ""
    for cue in found:
        text = cue.text
        longest = min(len(before), len(text), ROLLED)
        overlap = next((n for n in range(longest, 0, -1) if _rolls(before, text, n)), 0)
        rest = text[overlap:].strip()
        if rest:
            before = text
            yield Spoken(cue.start, cue.end, rest, cue.speaker)


def paragraphs(found: Iterable[Spoken]) -> Iterator[Part]:
    """Paragraphs of what is said, each cue with the second at which it begins."""
    held: list[Spoken] = []
    speaker = ""
    for cue in found:
        if held and _ends(held, cue):
            yield _paragraph(held, speaker)
            speaker = held[0].speaker
            held = []
        held.append(cue)
    if held:
        yield _paragraph(held, speaker)


def _rolls(before: str, text: str, size: int) -> bool:
    """Whether ``text`` begins with the last ``size`` characters of ``before``: whole words, too many to be chance."""
    if size < 8 and size != len(before):
        return False
    fits = before.endswith(text[:size])
    return (
        fits
        and (size == len(text) or not text[size].isalnum())
        and (size == len(before) or not before[-size - 1].isalnum())
    )


def _times(line: str) -> tuple[float, float]:
    match = _TIMING.match(line)
    assert match is not None
    first, second = match.groups()[:4], match.groups()[4:]
    return _seconds(first), _seconds(second)


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = parts
    whole = min(int(hours or 0), MOST_HOURS) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole + (int(fraction.ljust(3, "0")) / 1000 if fraction else 0.0)


def _said(lines: Sequence[str], start: float, end: float) -> Iterator[Spoken]:
    """The words of one cue; one for each speaker."""
    speaker = ""
    words: list[str] = []
    for line in lines:
        for n, piece in enumerate(_VOICE.split(line)):
            if n % 2:
                if words:
                    yield Spoken(start, end, " ".join(words), speaker)
                speaker, words = " ".join(unescape(piece).split()), []
            elif (text := _words(piece)) and not (len(text) < SHORT and _SOUND.match(text)):
                words.append(text)
    if words:
        yield Spoken(start, end, " ".join(words), speaker)


def _words(piece: str) -> str:
    plain = re.sub(r"[\u200e\u200f]", "", unescape(_TAG.sub("", piece)))
    return _DASH.sub("", " ".join(plain.replace("♪", " ").split()))


def _ends(held: Sequence[Spoken], cue: Spoken) -> bool:
    last = held[-1]
    if cue.speaker and cue.speaker != held[0].speaker:
        return True
    size = sum(count_words(one.text) for one in held)
    ended = bool(_SENTENCE_END.search(last.text))
    return (ended and (size >= LONG or cue.start - last.end >= PAUSE)) or size >= VERY_LONG


def _paragraph(held: Sequence[Spoken], before: str) -> Part:
    """``before``: who spoke in the paragraph before; a name is said when it changes."""
    name = held[0].speaker
    said = f"**{escaped(name)}**: " if name and name != before else ""
    text, anchors = said, []
    for number, cue in enumerate(held):
        anchors.append(Anchor(len(text) if number else 0, second=cue.start))
        text += escaped(cue.text) if number or said else paragraph(escaped(cue.text))
        text += " " if number + 1 < len(held) else ""
    return Part(text, tuple(anchors))


def _language(text: str) -> str | None:
    match = re.match(r"\ufeff?WEBVTT[^\n]*\n(?:[^\n]+\n)*?Language:[ \t]*([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)", text)
    return match[1] if match else None


LOADER = SubtitlesLoader()
