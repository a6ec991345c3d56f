"""Captions that can be read: short lines, long enough on the screen. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from media_gen.captions import LINES, LONGEST, Cue
from media_gen.checks.finding import Finding, Severity
from media_gen.language import Language
from media_gen.line_breaks import visible
from media_gen.speech.port import RATE
from media_gen.timeline import SHORTEST

# Characters a second, as shares of a full line: 21 and 25 for 42 characters, 10 and 12 for Chinese. Adults read the
# first with ease; at the second they read and see nothing else.
COMFORTABLE, FASTEST = 0.5, 0.6


def caption_findings(captions: Sequence[Cue], numbers: Mapping[str, int], language: Language) -> tuple[Finding, ...]:
    """``numbers``: the place of each slide from 1."""
    return tuple(finding for cue in captions for finding in _of(cue, numbers[cue.slide], language))


def _of(cue: Cue, number: int, language: Language) -> Iterator[Finding]:
    def found(code: str, severity: Severity, message: str, **facts: str) -> Finding:
        return Finding(code, language.tag, cue.slide, number, message, severity, {"text": cue.text, **facts})

    seconds = (cue.end - cue.start) / RATE
    for line in cue.lines:
        length = visible(line)
        if length > language.captions:
            # A single formula or word that long can't be cut; the film is still right, so it isn't refused for it.
            whole = len(cue.lines) == 1
            yield found(
                "caption_length",
                "warning" if whole else "error",
                f'A caption line on slide {number} has {length} characters, more than {language.captions}: "{line}". '
                "Say it in shorter words.",
                length=str(length),
                limit=str(language.captions),
            )
    if len(cue.lines) > LINES:
        yield found("caption_length", "error", f"A caption on slide {number} has {len(cue.lines)} lines.")
    if not SHORTEST <= cue.end - cue.start <= LONGEST:
        yield found(
            "caption_speed",
            "warning",
            f'The caption "{cue.lines[0]}…" on slide {number} stays for {seconds:.1f} s.',
            seconds=f"{seconds:.2f}",
        )
    speed = visible("".join(cue.lines)) / seconds if seconds else float("inf")
    if speed > COMFORTABLE * language.captions:
        yield found(
            "caption_speed",
            "error" if speed > FASTEST * language.captions else "warning",
            f'The caption "{cue.lines[0]}…" on slide {number} has {speed:.0f} characters a second, more than '
            f"{COMFORTABLE * language.captions:.0f}: what is read is longer than what is said.",
            speed=f"{speed:.1f}",
            limit=f"{COMFORTABLE * language.captions:.0f}",
        )
