"""Speaker notes become narration.

Markers, in square brackets, end the sentence before them: ``[click]`` shows the next step of the slide with the next
sentence (``[click:3]`` three more, as Slidev has it), ``[step 2]`` shows exactly two, ``[pause 1.5]`` is silence in
seconds, ``[pause]`` one second of it. ``[text](say: spoken)`` is shown as *text* and spoken as *spoken*.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from media_gen import inline
from media_gen.inline import Run, render
from media_gen.lesson import Sentence
from media_gen.reveal import automatic
from media_gen.script.markdown import SAY, parse
from media_gen.script.place import Place
from media_gen.script.sentences import split_runs

MOST_SENTENCES = 500  # on one slide
_MARKER = re.compile(
    r"\[(click(?::(\d{1,2}))?|step (\d{1,2})|pause(?::? ?(\d{1,2}(?:\.\d{1,3})?) ?(?:s|sec|seconds?)?)?)\]",
    re.IGNORECASE,
)
LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Narration:
    """``marked``: the author said when steps are shown."""

    sentences: tuple[Sentence, ...]
    marked: bool = False


class _Speaker:
    def __init__(self, language: str, place: Place) -> None:
        self.language, self.place = language, place
        self.made: list[Sentence] = []
        self.shown: int = 0
        self.waiting: int | None = None
        self.marked = False

    def say(self, runs: Sequence[Run]) -> None:
        for sentence in split_runs(runs, self.language):
            shown = render([_shown(run) for run in sentence])
            if not any(character.isalnum() for character in inline.plain(shown)):
                continue  # a lone dash or bracket says nothing
            spoken = render([_spoken(run) for run in sentence]) if any(map(_is_say, sentence)) else ""
            self.made.append(Sentence(text=shown, say=spoken, reveal=self.waiting))
            self.waiting = None
            if len(self.made) > MOST_SENTENCES:
                raise self.place.invalid(f"the notes have more than {MOST_SENTENCES} sentences.")

    def marker(self, found: re.Match[str]) -> None:
        if found[1].lower().startswith("pause"):
            if not self.made:
                raise self.place.invalid("a pause stands after a sentence.")
            pause = round(self.made[-1].pause + float(found[4] or 1), 3)
            if pause > LONGEST_PAUSE:
                raise self.place.invalid(f"a pause lasts {LONGEST_PAUSE:g} seconds at most.")
            self.made[-1] = self.made[-1].model_copy(update={"pause": pause})
            return
        self.shown = int(found[3]) if found[3] is not None else self.shown + int(found[2] or 1)
        self.waiting, self.marked = self.shown, True

    def paragraph(self, runs: Sequence[Run]) -> None:
        pending: list[Run] = []
        for run in runs:
            at = 0
            for found in _MARKER.finditer(run.text) if run.kind == "text" and not run.address else ():
                pending.append(replace(run, text=run.text[at : found.start()]))
                self.say(inline.tidy(pending))
                pending = []
                self.marker(found)
                at = found.end()
            pending.append(replace(run, text=run.text[at:]))
        self.say(inline.tidy(pending))


def read_notes(text: str, place: Place, language: str) -> Narration:
    """The narration of a note. ``place`` is that of the note's first line. Raises ``ScriptInvalid``."""
    speaker = _Speaker(language, place)
    flat = "\n".join(line.lstrip() for line in text.split("\n"))
    with place.told():
        for token in parse(flat, max(0, place.line - 1)):
            if token.type == "inline":
                speaker.paragraph(inline.runs(token.children or []))
    if speaker.waiting is not None and speaker.made:
        speaker.made[-1] = speaker.made[-1].model_copy(update={"reveal": speaker.waiting})
    return Narration(tuple(speaker.made), speaker.marked)


def narration_of(lines: Sequence[str], place: Place, language: str) -> Narration:
    """The narration of notes in plain text, a paragraph a line; markers and pronunciations are read as in a deck."""
    speaker = _Speaker(language, place)
    for line in lines:
        runs: list[Run] = []
        at = 0
        for found in SAY.finditer(line):
            runs += [Run(line[at : found.start()]), Run(found[1], address=f"say:{found[2].strip()}")]
            at = found.end()
        speaker.paragraph(inline.tidy([*runs, Run(line[at:])]))
    return Narration(tuple(speaker.made), speaker.marked)


def revealed(
    narration: Narration, steps: Sequence[str], *, answered: bool = False, manual: bool = False
) -> tuple[Sentence, ...]:
    """The sentences with what each shows: as the author marked it, else by the words that steps and sentences share.

    ``answered``: the slide asks a question, whose answer is one step more; only a mark shows it.
    """
    most = len(steps) + answered
    if narration.marked or manual or not steps:
        return tuple(
            sentence if sentence.reveal is None else _revealing(sentence, min(sentence.reveal, most) if most else None)
            for sentence in narration.sentences
        )
    reveals = automatic(
        [inline.plain(step) for step in steps], [inline.plain(sentence.text) for sentence in narration.sentences]
    )
    return tuple(map(_revealing, narration.sentences, reveals))


def _revealing(sentence: Sentence, reveal: int | None) -> Sentence:
    return sentence if sentence.reveal == reveal else sentence.model_copy(update={"reveal": reveal})


def _is_say(run: Run) -> bool:
    return run.address.startswith("say:")


def _shown(run: Run) -> Run:
    return replace(run, address="") if _is_say(run) else run


def _spoken(run: Run) -> Run:
    return replace(run, address="", text=run.address.removeprefix("say:")) if _is_say(run) else run
