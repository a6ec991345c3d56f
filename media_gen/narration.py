"""All sentences of some screens, spoken."""

import re
from collections.abc import Callable, Iterator, Sequence

from media_gen.lesson import Lesson, Sentence
from media_gen.slides.port import Screen
from media_gen.speech.port import Narrator, Speech

Spoken = dict[tuple[str, int], Speech]  # by slide id and index of the sentence


def sentences(screens: Sequence[Screen]) -> tuple[tuple[str, int], ...]:
    """Which sentences are heard, in their order."""
    return tuple((screen.slide, index) for screen in screens for index in range(*screen.sentences))


def speak(
    lesson: Lesson, wanted: Sequence[tuple[str, int]], narrator: Narrator, step: Callable[[int, int], None]
) -> Iterator[tuple[tuple[str, int], Speech]]:
    """Speak one sentence after the other; ``step`` is told (done, in all) before each and after the last."""
    slides = {slide.id: slide for slide in lesson.slides}
    voice = lesson.voices.get(lesson.language, "")
    for done, (slide, index) in enumerate(wanted):
        step(done, len(wanted))
        sentence = slides[slide].narration[index]
        said = narrator.narrate(sentence.text, lesson.language, say=said_as(sentence, lesson), voice=voice)
        yield (slide, index), said
    step(len(wanted), len(wanted))


def said_as(sentence: Sentence, lesson: Lesson) -> str:
    """The text for the voice where it isn't the caption's: the author's own, or with the lesson's pronunciations."""
    if sentence.say:
        return sentence.say
    text = sentence.text
    for entry in lesson.pronunciations:
        if entry.language in ("", lesson.language):
            said = entry.say.replace("\\", r"\\")
            text = re.sub(rf"(?<!\w){re.escape(entry.text)}(?!\w)", said, text)
    return "" if text == sentence.text else text
