"""Whether a film's pictures come with its sound, and whether it can be seeked. Pure: from its packets' times."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import pairwise

from media_gen.checks.finding import Finding
from media_gen.film.probe import FilmPackets
from media_gen.speech.port import RATE
from media_gen.timeline import FRAME, TICK, Timeline

DRIFT = 33 * RATE // 1000
GAP = 5 * RATE // 2


def film_findings(
    timeline: Timeline, film: FilmPackets, numbers: Mapping[str, int], language: str
) -> tuple[Finding, ...]:
    made: list[Finding] = []
    for slide, late in drifts(timeline, film):
        if not 0 <= late <= DRIFT:
            number = numbers[slide]
            message = f"A picture of slide {number} comes {late * 1000 / RATE:.0f} ms after its sound."
            made.append(Finding("drift", language, slide, number, message, "error", {"samples": str(late)}))
    ends = film.picture_end - film.sound_end
    if abs(ends) > DRIFT:
        message = f"The film's pictures end {ends * 1000 / RATE:.0f} ms after its sound."
        made.append(Finding("drift", language, "", 0, message, "error", {"samples": str(ends)}))
    holes = [at for times, step in ((film.pictures, TICK), (film.sounds, FRAME)) for at in _holes(times, step)]
    if holes:
        message = f"The film has {len(holes)} holes, the first at {holes[0] / RATE:.1f} s."
        made.append(Finding("drift", language, "", 0, message, "error", {"holes": str(len(holes))}))
    if (gap := key_gap(film)) > GAP:
        message = f"Seeking is slow: the film has {gap / RATE:.1f} s without a key frame."
        made.append(Finding("keyframes", language, "", 0, message, "error", {"seconds": f"{gap / RATE:.2f}"}))
    return tuple(made)


def drifts(timeline: Timeline, film: FilmPackets) -> Iterator[tuple[str, int]]:
    """By slide, how many samples after its sound each picture begins to show.

    A screen begins with a key frame; a change inside it begins right after one (``media_gen.film.plan``). A sound is
    heard where the AAC frame that holds it is, so a hole in the sound's packets is a drift too.
    """
    for span in timeline.spans:
        heard = _after(film.sounds, span.start)
        yield span.slide, _after(film.keys, heard) - heard
        for shown in span.shown[1:]:
            yield span.slide, _after(film.keys, shown.start - TICK) + TICK - shown.start


def key_gap(film: FilmPackets) -> int:
    """The longest time without a key frame, in samples."""
    times = (0, *film.keys, film.picture_end)
    return max(after - before for before, after in pairwise(times))


def _holes(times: tuple[int, ...], step: int) -> list[int]:
    """Where the next packet doesn't come one step later, but for the rounding of the file's clock."""
    return [before for before, after in pairwise(times) if abs(after - before - step) > 2]


def _after(times: tuple[int, ...], at: int) -> int:
    """The first of the times that isn't before ``at``; far away where there is none."""
    place = bisect_left(times, at - 1)  # times of a film are rounded to its own grid
    return times[place] if place < len(times) else at + 3600 * RATE
