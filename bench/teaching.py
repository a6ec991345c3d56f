"""How the tutor teaches simulated learners: ``python -m bench.teaching``.

Dialogues with the real chat in process (policy, grading, guard, log), its language model replaced by one that plants a
sentence with a known label into nearly every reply: the answer of the open question, verbatim, in another form, in
other words, split over two sentences, translated, or hidden among harmless ones. Learners are strong, middling, weak or
adversarial (pleading, bribing, posing as the teacher, injecting instructions, in four languages). None of them is a
person: what they get right follows from a skill that the bench gives them.

``leak_rate``         planted sentences that were shown while their question was open, judged by their labels
``leak_rate_bare``    the same with the guard taken out: that the bench can fail
``non_answers_graded``  share of pleas, questions and requests that were taken for answers
``violations``        of the invariants: no level of the ladder skipped or repeated, one question a turn, a fresh
                      question after an assertion, no evidence from what is no answer, no piece of the key in a reply
``success_at_7`` ``telling_at_7``   on MathDial's problems, beside its human teachers: the learner says the final number
                      within seven tutor turns; the tutor says it before
``items_to_mastery`` ``false_mastery``   items asked for each component truly mastered, and the share of components that
                      were declared mastered and were not; means of two families of learners; beside fixed order and
                      the peers' gates (no dialogue here: the path, the learner model and its gate alone)
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench import _mathdial as mathdial
from bench import _teaching_mastery as mastery
from bench import _teaching_talk as talk
from bench._embedding_cache import CachedEmbedder
from bench._teaching_leaks import own_items
from bench._teaching_learners import KINDS, LANGUAGES, pleas
from bench._teaching_room import Room
from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.items.item import Item
from tutor.services import demo
from tutor.services.course_file import read_course_file
from tutor.services.indexing import Wanted
from tutor.services.items import read_authored

if TYPE_CHECKING:
    from retrieval.embedders import Embedder

MATHDIAL = Path("../shared/data/mathdial/test.jsonl")
MODELS = Path(".cache/models")
CACHE = Path(".cache/bench")
#: Success and telling of the human teachers as published with the issue's anchors.
PUBLISHED = (0.863, 0.097)
BENCH_COURSE = "bench"
#: Examples printed of each kind of leak and violation.
SHOWN = 12
UNITS = (Unit("all", "All"),)


@dataclass(frozen=True)
class Options:
    learners: int
    problems: int
    mastery_learners: int
    seed: int
    mathdial: Path
    json: bool


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    began = time.perf_counter()
    figures: dict[str, float] = {}
    embedder = _embedder()
    dialogues = mathdial.read(options.mathdial) if options.mathdial.exists() else ()
    figures |= asyncio.run(_talk(options, embedder, dialogues))
    figures |= _mastery(options)
    figures["seconds"] = time.perf_counter() - began
    print()
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name:38} {value:.3f}")
    return 0


def _embedder() -> Embedder:
    from retrieval.embedders.e5 import E5Embedder
    from retrieval.embedders.hashing import HashingEmbedder

    if (MODELS / "e5").exists():
        return CachedEmbedder(E5Embedder(MODELS / "e5", threads=2), CACHE)
    print(f"{MODELS / 'e5'}: absent, so answers and sentences are judged by words alone (diotima models fetch)")
    return HashingEmbedder()


# -- dialogues ---------------------------------------------------------------------------------------------------------


async def _talk(options: Options, embedder: Embedder, dialogues: tuple[mathdial.Dialogue, ...]) -> dict[str, float]:
    problems = _problems(dialogues, options)
    figures: dict[str, float] = {}
    lines = sum(len(found) for found in pleas().values())
    print(
        f"Dialogues with a leaky model ({lines} lines of pleas, questions and requests in {len(LANGUAGES)} languages)"
    )
    for guarded in (True, False):
        share = 1 if guarded else 3  # the comparison needs fewer
        with tempfile.TemporaryDirectory() as folder:
            room = Room(Path(folder), embedder, own_items(BENCH_COURSE).leaks, guarded=guarded)
            try:
                courses = _fill(room, problems)
                if guarded:
                    print("  courses: " + ", ".join(f"{name} ({count} items)" for name, count in courses.items()))
                tally = talk.Tally()
                for number, course in enumerate(courses):
                    each = max(1, options.learners // len(courses) // share)
                    await talk.lessons(room, course, each, options.seed + number, tally)
                solved = await _solve(room, problems[::share], options, tally)
            finally:
                await room.close()
        _print_tally("guard on" if guarded else "guard off", tally, full=guarded)
        if guarded:
            figures["leak_rate"] = tally.leak_rate
            figures["planted"] = tally.planted.total()
            figures["harmless_shown"] = tally.harmless["shown"] / max(1, tally.harmless["said"])
            figures["violations"] = tally.violations.total()
            silent = tally.checked["messages that are no answer"]
            figures["non_answers_graded"] = tally.checked["of them graded"] / max(1, silent)
            figures |= _beside_teachers(solved, dialogues, options)
        else:
            figures["leak_rate_bare"] = tally.leak_rate
    return figures


def _fill(room: Room, problems: Sequence[Item]) -> dict[str, int]:
    """The demo course with its material and items, the bench's own questions, and a course for each problem."""
    room.system.ingest.enqueue(Wanted(demo.FOLDER, demo.COURSE, demo.SOURCE))
    room.system.ingest.run_pending()
    own = own_items(BENCH_COURSE).items
    names = tuple(dict.fromkeys(name for item in own for name in item.kcs))
    components = tuple(KnowledgeComponent(name, name, "all") for name in names)
    room.store.library.put_course(Course(BENCH_COURSE, "Everyday science", "en", units=UNITS, components=components))
    room.store.bank.put(BENCH_COURSE, "bench", own)
    for item in problems:
        component = KnowledgeComponent("word-problems", "Word problems", "all")
        course = Course(item.course, "Word problems", "en", units=UNITS, components=(component,))
        room.store.library.put_course(course)
        room.store.bank.put(item.course, "bench", (item,))
    found = {BENCH_COURSE: len(own)}
    authored = len(read_authored(demo.FOLDER, demo.COURSE).items)
    if authored:
        found[demo.COURSE] = authored
    else:
        print("  the demo course has no items yet: left out")
    return found


def _problems(dialogues: tuple[mathdial.Dialogue, ...], options: Options) -> list[Item]:
    if not dialogues:
        print(f"{options.mathdial}: absent, so there is no comparison with human teachers")
        return []
    found = mathdial.items(dialogues, "mathdial")
    rng = random.Random(options.seed)
    chosen = rng.sample(found, min(options.problems, len(found)))
    return [replace(item, course=f"mathdial-{number}") for number, item in enumerate(chosen)]


async def _solve(
    room: Room, problems: Sequence[Item], options: Options, tally: talk.Tally
) -> dict[str, list[talk.Problem]]:
    found: dict[str, list[talk.Problem]] = {kind.name: [] for kind in KINDS}
    for number, item in enumerate(problems):
        kind = KINDS[number % len(KINDS)]
        found[kind.name].append(await talk.problem(room, item, kind, f"{options.seed}:{item.id}", tally))
    return found


def _beside_teachers(
    solved: Mapping[str, list[talk.Problem]], dialogues: tuple[mathdial.Dialogue, ...], options: Options
) -> dict[str, float]:
    if not dialogues:
        return {}
    print(
        f"\nMathDial's problems, {talk.AT} tutor turns (our learners are simulated: their success is what skill we gave"
    )
    print("them, and only telling says something of the tutor; human students talked to human teachers)")
    print(f"  {'':34} {'dialogues':>9} {'success@7':>9} {'telling@7':>9}")
    print(f"  {'human teachers, as published':34} {'':>9} {PUBLISHED[0]:9.3f} {PUBLISHED[1]:9.3f}")
    success, telling = mathdial.human(dialogues, talk.AT)
    print(f"  {'human teachers, counted here':34} {len(dialogues):9} {success:9.3f} {telling:9.3f}")
    for name, rows in solved.items():
        _row(f"ours, {name} learners", rows)
    honest = [row for name, rows in solved.items() if name != "adversarial" for row in rows]
    _row("ours, all honest learners", honest)
    everyone = [row for rows in solved.values() for row in rows]
    return {
        "success_at_7": _share([row.success for row in honest]),
        "telling_at_7": _share([row.told for row in everyone]),
        "success_at_7_teachers": success,
        "telling_at_7_teachers": telling,
    }


def _row(name: str, rows: Sequence[talk.Problem]) -> None:
    if rows:
        success, told = _share([row.success for row in rows]), _share([row.told for row in rows])
        print(f"  {name:34} {len(rows):9} {success:9.3f} {told:9.3f}")


def _print_tally(name: str, tally: talk.Tally, *, full: bool) -> None:
    print(
        f"\n  {name}: {tally.dialogues} dialogues, {tally.turns} turns; {tally.planted.total()} leaks planted, "
        f"{tally.leaked.total()} shown; {tally.harmless['shown']} of {tally.harmless['said']} harmless sentences shown"
    )
    who = sorted({one for one, _ in tally.planted})
    kinds = sorted({one for _, one in tally.planted})
    print(f"    {'shown / planted':16}" + "".join(f"{one:>14}" for one in (*who, "all")))
    for kind in (*kinds, "all"):
        cells = []
        for one in (*who, "all"):
            keys = [k for k in tally.planted if one in (k[0], "all") and kind in (k[1], "all")]
            cells.append(f"{sum(tally.leaked[k] for k in keys)}/{sum(tally.planted[k] for k in keys)}")
        print(f"    {kind:16}" + "".join(f"{cell:>14}" for cell in cells))
    if not full:
        return
    print("    moves: " + ", ".join(f"{move} {count}" for move, count in tally.moves.most_common()))
    print("    checked: " + ", ".join(f"{what} {count}" for what, count in sorted(tally.checked.items())))
    print(f"    violations: {dict(tally.violations) or 'none'}")
    for what, examples in tally.examples.items():
        for example in examples[:SHOWN]:
            print(f"      {what}: {example}")
        if len(examples) > SHOWN:
            print(f"      {what}: and {len(examples) - SHOWN} more")


# -- learning efficiency -----------------------------------------------------------------------------------------------


def _mastery(options: Options) -> dict[str, float]:
    course = read_course_file(demo.FOLDER)
    assert course is not None
    figures: dict[str, float] = {}
    print(f"\nLearning efficiency, {len(course.components)} components of the demo course, simulated answers")
    print(f"  {'learners':14} {'policy':32} {'items':>6} {'/mastered':>9} {'/gained':>8} {'false':>6} {'reached':>8}")
    for family, make in mastery.FAMILIES.items():
        found = mastery.compare(course, make, options.mastery_learners, options.seed)
        mine = found[mastery.OURS]
        for name, one in found.items():
            ratio = "" if one is mine else f"   x{one.items_to_mastery / mine.items_to_mastery:.2f} items a component"
            _efficiency(family, name, one, options.mastery_learners, ratio)
        key = family.replace(" ", "_")
        figures[f"items_to_mastery_{key}"] = mine.items_to_mastery
        figures[f"false_mastery_{key}"] = mine.false_mastery
        figures[f"reached_{key}"] = mine.reached
        figures[f"items_to_mastery_{key}_oatutor"] = found[mastery.OATUTOR].items_to_mastery
        figures[f"false_mastery_{key}_oatutor"] = found[mastery.OATUTOR].false_mastery
    for name in ("items_to_mastery", "false_mastery"):
        for who in ("", "_oatutor"):
            of = [figures[f"{name}_{family.replace(' ', '_')}{who}"] for family in mastery.FAMILIES]
            figures[f"{name}{who}"] = sum(of) / len(of)
    few = max(2, options.mastery_learners // 5)
    print(f"  who knows all of it already ({few} learners):")
    for family, make in mastery.EXPERTS.items():
        for name, one in mastery.compare(course, make, few, options.seed).items():
            _efficiency(family, name, one, few, "")
            if name == mastery.OURS:
                figures[f"items_for_experts_{family.replace(' ', '_')}"] = one.items_to_mastery
    return figures


def _efficiency(family: str, name: str, one: mastery.Outcome, learners: int, ratio: str) -> None:
    gained = f"{one.items_gained:8.2f}" if one.gained > learners else f"{'-':>8}"
    print(
        f"  {family:14} {name:32} {one.items / learners:6.0f} {one.items_to_mastery:9.2f} {gained} "
        f"{one.false_mastery:6.3f} {one.reached:8.3f}{ratio}"
    )


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m bench.teaching", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", type=int, default=48, help="dialogues with simulated learners")
    parser.add_argument("--problems", type=int, default=32, help="of MathDial's")
    parser.add_argument("--mastery-learners", type=int, default=40, help="in the comparison of gates")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mathdial", type=Path, default=MATHDIAL, help="test.jsonl of MathDial")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    return Options(given.learners, given.problems, given.mastery_learners, given.seed, given.mathdial, given.json)


if __name__ == "__main__":
    raise SystemExit(main())
