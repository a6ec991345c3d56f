"""How well the guard keeps an open item's answer: ``python -m bench.guard [--json] [--show] [--fit] [--cross]``.

``leak_recall``   share of planted leaks that are blocked (a leak split over two sentences, at either of them)
``false_block``   share of harmless tutor sentences that are blocked; ``in_context`` with a harmless one said before

Beside it, in the same run: *exact* (an answer or idea stands in the sentence letter for letter), *words* (share of the
idea's words) and *cosine* (e5, sentence and idea), the latter two at thresholds that block 5 % of the harmless
sentences of the dev half. Items are split in two. The classifier and its thresholds come from ``dev`` alone; the exact
checks (numbers, expressions, options, order) were debugged on both halves, so ``test`` says little about those.

``--fit`` fits the classifiers of ``tutor/grading/guard_ideas.py`` on ``dev`` and ``bench/data/guard_train*.toml`` and
writes their weights; it needs scikit-learn. ``--cross`` judges each item of ``dev`` by weights fitted without it.
``--models`` is where ``diotima models fetch`` put e5.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from bench._embedding_cache import CachedEmbedder
from bench._guard_data import Planted, for_fitting, planted
from bench._guard_fit import fit
from retrieval.embedders.e5 import E5Embedder
from tutor.grading.guard import Guard
from tutor.grading.guard_choices import stems
from tutor.grading.guard_words import folded
from tutor.grading.text import judge_for

CACHE = Path(".cache/bench")
WEIGHTS = Path(__file__).parents[1] / "tutor" / "grading" / "data" / "guard_ideas.json"
PARTS = 3  # in which the items of dev are left out by turns
ALLOWED = 0.05  # of harmless sentences, for the baselines' thresholds

Score = Callable[[str, Planted], float]


def blocked(guard: Guard, one: Planted, before: str) -> bool:
    """Whether either sentence would be stopped."""
    if guard.check(one.sentence, one.secret, (before,) if before else ()) is not None:
        return True
    return bool(one.before) and guard.check(one.before, one.secret) is not None


def figures(rows: Sequence[tuple[Planted, bool]]) -> dict[str, Any]:
    """``leak_recall`` and ``false_block`` of decisions, overall, by kind, by language and by split."""

    def rates(chosen: Iterable[tuple[Planted, bool]]) -> dict[str, Any]:
        kept = list(chosen)
        leaks = [hit for one, hit in kept if one.leaks]
        fine = [hit for one, hit in kept if not one.leaks]
        return {
            "leak_recall": round(sum(leaks) / len(leaks), 4) if leaks else None,
            "false_block": round(sum(fine) / len(fine), 4) if fine else None,
            "leaks": len(leaks),
            "fine": len(fine),
        }

    def by(name: Callable[[Planted], str]) -> dict[str, Any]:
        groups: dict[str, list[tuple[Planted, bool]]] = defaultdict(list)
        for row in rows:
            groups[name(row[0])].append(row)
        return {key: rates(group) for key, group in sorted(groups.items())}

    return {
        "all": rates(rows),
        "split": by(lambda one: one.split),
        "kind": by(lambda one: one.kind),
        "language": by(lambda one: one.language),
        "type": by(lambda one: one.secret.type),
    }


def baselines(rows: Sequence[Planted], embedder: CachedEmbedder) -> dict[str, Any]:
    """The three simpler guards."""

    def secrets(one: Planted) -> list[str]:
        return [*one.secret.answers, *(wording for idea in one.secret.ideas for wording in idea)]

    def exact(text: str, one: Planted) -> float:
        return float(any(folded(secret).strip(" .") in folded(text) for secret in secrets(one)))

    def words(text: str, one: Planted) -> float:
        said = set(stems(text, one.language))
        return max(
            (len(said & wanted) / len(wanted) for secret in secrets(one) if (wanted := set(stems(secret, "en")))),
            default=0.0,
        )

    def cosine(text: str, one: Planted) -> float:
        vectors = embedder.embed_queries([text, *secrets(one)])
        return float((vectors[1:] @ vectors[0]).max())

    found: dict[str, Any] = {}
    for name, score, threshold in (("exact", exact, 0.5), ("words", words, None), ("cosine", cosine, None)):
        scored = [(one, max(score(text, one) for text in _said(one))) for one in rows]
        if threshold is None:
            harmless = sorted(value for one, value in scored if not one.leaks and one.split == "dev")
            threshold = harmless[int(len(harmless) * (1 - ALLOWED))]
        found[name] = figures([(one, value > threshold) for one, value in scored])
    return found


def _said(one: Planted) -> list[str]:
    return [one.sentence, f"{one.before} {one.sentence}"] if one.before else [one.sentence]


def left_out(rows: Sequence[Planted], embedder: CachedEmbedder) -> dict[str, Any]:
    """The figures on ``dev`` with each item judged by weights that were fitted without it."""
    dev = [one for one in rows if one.split == "dev"]
    items = [secret.question for secret in dict.fromkeys(one.secret for one in dev) if secret.ideas]
    decided = []
    for part in range(PARTS):
        held = set(items[part::PARTS])
        kept = [one for one in dev if one.secret.question not in held]
        guard = Guard(judge_for(embedder), embedder, fit(kept + for_fitting(), embedder))
        decided += [(one, blocked(guard, one, one.before)) for one in dev if one.secret.question in held]
    return figures(decided)


def milliseconds(rows: Sequence[Planted], models: Path) -> dict[str, float]:
    """Time of one check with nothing of the sentence cached and the item's vectors at hand."""
    embedder = E5Embedder(models, threads=1)
    guard = Guard(judge_for(embedder), embedder)
    sample = [one for one in rows if not one.before][:: max(1, len(rows) // 120)]
    for one in sample:
        guard.check("Let us see.", one.secret)
    spent = []
    for one in sample:
        start = time.perf_counter()
        guard.check(one.sentence, one.secret)
        spent.append(1000 * (time.perf_counter() - start))
    spent.sort()
    return {
        "median": round(statistics.median(spent), 2),
        "p95": round(spent[int(len(spent) * 0.95)], 2),
        "sentences": len(spent),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.guard", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--show", action="store_true", help="print what the guard gets wrong on the dev half")
    parser.add_argument("--fit", action="store_true", help="fit the classifier anew and write its weights first")
    parser.add_argument("--cross", action="store_true", help="judge the dev half by weights fitted without each item")
    parser.add_argument("--models", type=Path, default=Path(".cache/models/e5"), help="folder of the e5 model")
    options = parser.parse_args(arguments)
    if not options.models.is_dir():
        print(f"The embedding model is not at {options.models}: `diotima models fetch` gets it.", file=sys.stderr)
        return 2
    embedder = CachedEmbedder(E5Embedder(options.models, threads=1), CACHE)
    rows = planted()
    embedder.embed_queries(list(dict.fromkeys(text for one in [*rows, *for_fitting()] for text in one.texts)))
    if options.fit:
        chosen = fit([one for one in rows if one.split == "dev"] + for_fitting(), embedder)
        WEIGHTS.write_text(chosen.to_json(), encoding="utf-8")
        print(chosen.note)
        return 0
    guard = Guard(judge_for(embedder), embedder)
    decided = [(one, blocked(guard, one, one.before)) for one in rows]
    fine = [one for one in rows if not one.leaks and one.earlier]
    result = {
        "guard": figures(decided),
        "in_context": figures([(one, blocked(guard, one, one.earlier)) for one in fine]),
        **baselines(rows, embedder),
        "ms": milliseconds(rows, options.models),
        "ms_ideas": milliseconds([one for one in rows if one.secret.ideas], options.models),
    }
    if options.cross:
        result["left_out"] = left_out(rows, embedder)
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return 0
    if options.show:
        for one, hit in decided:
            if one.split == "dev" and hit != one.leaks:
                leak = guard.check(one.sentence, one.secret, (one.before,) if one.before else ())
                text = f"{one.before} || {one.sentence}" if one.before else one.sentence
                print("FALSE" if hit else "MISSED", one.item, one.kind, one.language, "|", text, leak or "")
    _print(result)
    return 0


def _print(result: dict[str, Any]) -> None:
    def line(name: str, rates: dict[str, Any]) -> None:
        recall = "-" if rates["leak_recall"] is None else f"{rates['leak_recall']:.3f}"
        false = "-" if rates["false_block"] is None else f"{rates['false_block']:.3f}"
        print(f"{name:28} {recall:>11} {false:>11} {rates['leaks']:>6} {rates['fine']:>6}")

    print(f"{'':28} {'leak_recall':>11} {'false_block':>11} {'leaks':>6} {'fine':>6}")
    for name in ("guard", "exact", "words", "cosine"):
        line(name, result[name]["all"])
        for split, rates in result[name]["split"].items():
            line(f"  {split}", rates)
    line("guard, in context", result["in_context"]["all"])
    if "left_out" in result:
        line("ideas of dev, items left out", result["left_out"]["all"])
        for kind, rates in result["left_out"]["kind"].items():
            line(f"  {kind}", rates)
    for part in ("kind", "language", "type"):
        print(part)
        for key, rates in result["guard"][part].items():
            line(f"  {key}", rates)
    for name, label in (("ms", "a sentence"), ("ms_ideas", "with ideas to embed for")):
        spent = result[name]
        print(f"ms {label}: median {spent['median']}, p95 {spent['p95']} ({spent['sentences']})")


if __name__ == "__main__":
    sys.exit(main())
