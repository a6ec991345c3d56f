"""Whether an utterance is an answer, before it is graded: ``python -m bench.intent``.

The labelled utterances (``tests/grading/data/utterances.toml``) are split by author template: folds of templates, one
held out at a time, over several seeds, and the predictions on what was held out are pooled. A translation belongs to
the template of its original.

``questions_graded``   share of utterances that are no answers (at an open item) which would be graded as one
``answers_missed``     share of answers that would not be graded; those asked about ("is that your answer?") included
``asked``              share of utterances in the band where the tutor asks
``accuracy``           share of utterances with the right one of 15 intents
``rule_...``           the same of rules made of the same cues, without fitting

With the shared data, also on questions and answers of people who never saw this project (XQuAD in six languages, two
of them without a single training utterance; SemEval answers of pupils): these only check, nothing is fitted on them.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.intent_train import BANDS, LANGUAGES, UTTERANCES, Utterance, fit, read
from tutor.domain.assessment import Intent, IntentGuess
from tutor.grading.intent import IntentClassifier
from tutor.grading.intent_cues import cues, normalised, words

SHARED = Path("../shared/data")
FOLDS = 5
SEEDS = 3

Classify = Callable[[Utterance], IntentGuess]


@dataclass(frozen=True, slots=True)
class Told:
    """An utterance and what was made of it."""

    utterance: Utterance
    guess: IntentGuess

    @property
    def graded(self) -> bool:
        return self.guess.intent == "answer"


def held_out(utterances: Sequence[Utterance], seeds: int = SEEDS) -> Iterator[Told]:
    """Predictions on templates that were not trained on; every utterance once a seed."""
    templates = sorted({one.template for one in utterances})
    for seed in range(seeds):
        shuffled = random.Random(seed).sample(templates, len(templates))
        fold = {template: place % FOLDS for place, template in enumerate(shuffled)}
        for out in range(FOLDS):
            classify = _classifier(IntentClassifier(fit([one for one in utterances if fold[one.template] != out])))
            yield from (Told(one, classify(one)) for one in utterances if fold[one.template] == out)


def _classifier(classifier: IntentClassifier) -> Classify:
    return lambda one: classifier.classify(one.text, one.question, one.kind, one.language)


# The order in which rules are tried; what no rule takes is an answer if an item is open.
RULES: tuple[tuple[str, Intent], ...] = (
    ("game", "gaming"),
    ("tell", "tell_me"),
    ("dontknow", "do_not_know"),
    ("skip", "skip"),
    ("practise", "practise"),
    ("hint", "hint"),
    ("explain", "explain"),
    ("frustration", "frustration"),
    ("contest", "contest"),
    ("greet", "greeting"),
    ("chat", "chatter"),
)


def by_rule(one: Utterance) -> IntentGuess:
    """What keywords alone make of it: the baseline."""
    folded = normalised(one.text)
    tokens = words(folded)
    found = list(cues().find(folded, tokens))
    kinds = {cue.kind for cue in found}
    whole = {cue.kind for cue in found if cue.end - cue.start == len(tokens)}
    guess: Intent = "answer" if one.kind else "chatter"
    if "yes" in whole:
        guess = "confirm"
    elif "no" in whole:
        guess = "deny"
    elif rule := next((intent for kind, intent in RULES if kind in kinds), None):
        guess = rule
    elif folded.endswith("?") or any(cue.kind in ("whaux", "polar") and cue.start == 0 for cue in found):
        guess = "question"
    return IntentGuess(guess, 1.0, float(guess == "answer"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; prints a table and, with ``--json``, one flat object as the last line."""
    options = _options(arguments)
    utterances = read(options.utterances)
    texts, templates = {(u.language, u.text) for u in utterances}, {u.template for u in utterances}
    print(f"{len(texts)} utterances of {len(templates)} templates, {len(utterances)} with their items")
    print(f"{options.seeds} x {FOLDS} folds by template\n")
    pooled = list(held_out(utterances, options.seeds))
    print(f"  {'':30} {'questions_graded':>16} {'answers_missed':>14} {'asked':>6} {'accuracy':>8}")
    figures = _line("held out", pooled)
    for language in LANGUAGES:
        figures |= _line(f"  {language}", [t for t in pooled if t.utterance.language == language], f"_{language}")
    rules = _line("keyword rules", [Told(one, by_rule(one)) for one in utterances])
    figures |= {f"rule_{name}": value for name, value in rules.items() if name != "asked"}
    _by_intent(pooled)
    _thresholds(pooled)
    if options.errors:
        _errors(pooled)
    shipped = _classifier(IntentClassifier())
    figures |= _elsewhere(options.shared, shipped)
    figures["us_per_message"] = _speed(shipped, utterances)
    if options.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()}))
    return 0


def _line(name: str, told: Sequence[Told], suffix: str = "") -> dict[str, float]:
    open_ = [t for t in told if t.utterance.kind]
    graded = _share([t.graded for t in open_ if t.utterance.intent != "answer"])
    missed = _share([not t.graded for t in open_ if t.utterance.intent == "answer"])
    asked = _share([BANDS.low <= t.guess.answer_probability < BANDS.high for t in open_])
    right = _share([t.guess.intent == t.utterance.intent for t in told])
    print(f"  {name:30} {100 * graded:15.2f}% {100 * missed:13.2f}% {100 * asked:5.1f}% {100 * right:7.1f}%")
    return {
        f"questions_graded{suffix}": graded,
        f"answers_missed{suffix}": missed,
        f"asked{suffix}": asked,
        f"accuracy{suffix}": right,
    }


def _by_intent(told: Sequence[Told]) -> None:
    print(f"\n  {'intent':14} {'right':>6} {'graded':>7}   most often taken for")
    for intent in sorted({t.utterance.intent for t in told}):
        of = [t for t in told if t.utterance.intent == intent]
        wrong = Counter(t.guess.intent for t in of if t.guess.intent != intent)
        others = ", ".join(f"{name} {count / len(of):.1%}" for name, count in wrong.most_common(3))
        graded = _share([t.graded for t in of if t.utterance.kind])
        right = _share([t.guess.intent == intent for t in of])
        print(f"  {intent:14} {100 * right:5.1f}% {100 * graded:6.2f}%   {others}")


def _thresholds(told: Sequence[Told]) -> None:
    print(f"\n  {'graded from':>12} {'questions_graded':>17} {'answers_missed':>15}")
    open_ = [t for t in told if t.utterance.kind]
    answers = [t.guess.answer_probability for t in open_ if t.utterance.intent == "answer"]
    others = [t.guess.answer_probability for t in open_ if t.utterance.intent != "answer"]
    for bound in (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.9):
        graded, missed = _share([p >= bound for p in others]), _share([p < bound for p in answers])
        print(f"  {bound:12} {100 * graded:16.2f}% {100 * missed:14.2f}%")


def _errors(told: Sequence[Told]) -> None:
    print()
    seen = set()
    for t in told:
        one = t.utterance
        if one.kind and t.graded != (one.intent == "answer") and (one.text, one.kind) not in seen:
            seen.add((one.text, one.kind))
            kind = "GRADED" if t.graded else "missed"
            print(f"  {kind} {t.guess.answer_probability:.2f} {one.template:28} {one.kind:15} {one.text[:90]}")


def _elsewhere(shared: Path, classify: Classify) -> dict[str, float]:
    """Other people's questions and answers, by the shipped weights."""
    figures: dict[str, float] = {}
    print("\n  elsewhere (shipped weights)")
    for language in ("en", "es", "de", "ar", "hi", "zh"):
        path = shared / "xquad" / f"questions.{language}.jsonl"
        if not path.exists():
            print(f"  {path}: absent, left out")
            continue
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        asked = [
            Told(one, classify(one))
            for row, other in zip(rows, [*rows[7:], *rows[:7]], strict=True)
            for one in [Utterance("", "question", language, row["question"], other["question"], "short_answer")]
        ]
        given = [
            Told(one, classify(one))
            for row in rows
            for one in [Utterance("", "answer", language, row["answers"][0], row["question"], "short_answer")]
        ]
        found = _line(f"XQuAD {language}", [*asked, *given], f"_xquad_{language}")
        figures |= {name: value for name, value in found.items() if name.startswith(("questions", "answers"))}
    for module in ("sciEntsBank", "beetle"):
        folder = shared / "short-answer-grading" / "train" / "2way" / module
        if not folder.exists():
            print(f"  {folder}: absent, left out")
            continue
        told = [Told(one, classify(one)) for one in _pupils(folder)]
        figures[f"answers_missed_{module.lower()}"] = _line(f"SemEval {module}", told)["answers_missed"]
    return figures


def _pupils(folder: Path) -> Iterator[Utterance]:
    for path in sorted(folder.rglob("*.xml")):
        tree = ET.parse(path)
        question = tree.findtext(".//questionText") or ""
        for answer in tree.iter("studentAnswer"):
            yield Utterance("", "answer", "en", answer.text or "", question, "short_answer")


def _speed(classify: Classify, utterances: Sequence[Utterance]) -> float:
    sample = utterances[:: max(1, len(utterances) // 500)]
    times = []
    for one in sample:
        start = time.perf_counter()
        classify(one)
        times.append(time.perf_counter() - start)
    each = 1e6 * statistics.fmean(times)
    print(f"\n  {each:.0f} microseconds a message")
    return each


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.intent", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--utterances", type=Path, default=UTTERANCES)
    parser.add_argument("--shared", type=Path, default=SHARED, help="the shared data; what is absent is left out")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--errors", action="store_true", help="list what was wrongly graded or missed")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
