"""How well free text is graded: ``python -m bench.grading``.

    --train DIR --test DIR     folders of XML as in SemEval-2013 task 7: trains on one, grades the other
    --languages [FILE]         our own answers in six languages, graded by the shipped classifier
    --items [DIR]              a course's short-answer items: their own wordings, with and without the one that is
                               graded, one idea of several, misconceptions and unrelated sentences

``macro_f1`` ``accuracy`` ``ece``  of ours, trained on DIR by the code that fits the shipped classifier. Answers to a
                         question that has graded answers in DIR are judged with them in memory; the line without is
                         beside it. ``ece``: expected calibration error, ten bins
``*_by_question`` ``*_by_module``  macro F1 over DIR by cross-validation, where a question, a module, is unseen
``baseline`` ``prototype``         logistic regression on word overlap; on the cosine with word overlap
``false_reject``         of right answers, the share below the shipped low band (shipped classifier, hard rule and all)
``false_accept``         of wrong answers, the share at or above the high band
``unsure_rate``          of all answers, the share between
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench._embedding_cache import CachedEmbedder
from bench._grading_data import LANGUAGE, Answered, Bag, answers, bags
from bench._grading_fit import fit, fit_memory, logistic, named_logits, out_of_fold, remember
from bench._grading_items import measure
from bench.grading_train import FLOORS, embedder
from tutor.domain.items.item import Bands, TextJudge
from tutor.grading import features
from tutor.grading.text import judge_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truth = NDArray[np.bool_]

OVERLAP = ("said", "to_the_point", "new_said", "new_to_the_point")
PROTOTYPE = (*OVERLAP, "repeated", "pairs_said", "letters_said", "letters_to_the_point", "length", "statement_length",
             "negation", "meaning", "meaning_of_question", "statement_of_question", "meaning_gain")  # fmt: skip
LANGUAGES_FILE = Path("tests/grading/data/multilingual.toml")
ITEMS = Path("tutor/demo/energy-for-life/items")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; prints a table and, with ``--json``, one flat object as the last line."""
    options = _options(arguments)
    cached = CachedEmbedder(embedder(options.embedder, options.models_dir), options.cache)
    judge = judge_for(cached)
    figures: dict[str, Any] = {}
    if options.train:
        trained, tested = answers(options.train), answers(options.test)
        floor = FLOORS[options.embedder]
        figures |= _trained(trained, bags(cached, trained, floor), tested, bags(cached, tested, floor))
        figures |= _shipped(judge, tested)
    if options.languages:
        figures |= _languages(judge, options.languages)
    if options.items:
        figures |= measure(judge, options.items)
    if options.json:
        print(json.dumps(figures))
    return 0


def _trained(
    trained: Sequence[Answered], seen: Sequence[Bag], tested: Sequence[Answered], unseen: Sequence[Bag]
) -> dict[str, float]:
    """Ours, the baseline and the prototype, all from the same answers."""
    right, truth = (np.array([row.correct for row in rows]) for rows in (trained, tested))
    print(f"{len(trained)} answers to train on, {len(tested)} to grade\n\n  {'':34} macro_f1  accuracy    ece")
    for name, names in (("baseline: word overlap", OVERLAP), ("prototype: cosine and overlap", PROTOTYPE)):
        simple = logistic(_columns(seen, names), right, names)
        _line(name, named_logits(simple, _columns(unseen, names)), truth)
    model = fit(seen, right)
    alone = np.array([model.logit(bag) for bag in unseen])
    _line("ours, without graded answers", alone, truth)
    memories = remember(seen, trained)
    known = [at for at, row in enumerate(tested) if row.id in memories]
    ours = alone.copy()
    if known:
        joined = fit_memory(seen, trained, out_of_fold(seen, right, None))
        for at in known:
            memory = memories[tested[at].id]
            ours[at] = joined.logit(memory.features(unseen[at].answer, unseen[at].stems, float(alone[at])))
    figures = _line(f"ours, graded answers for {len(known)}", ours, truth)
    figures |= {f"{name}_alone": value for name, value in _measured(alone, truth).items()}
    for name, groups in (("question", [row.id for row in trained]), ("module", [row.module for row in trained])):
        found = out_of_fold(seen, right, groups, folds=10 if name == "question" else 6)
        by = _line(f"ours, cross-validated by {name}", found, right)
        figures[f"macro_f1_by_{name}"] = by["macro_f1"]
        figures[f"ece_by_{name}"] = by["ece"]
    return figures


def _columns(seen: Sequence[Bag], names: Sequence[str]) -> Floats:
    """Features of the wording that is closest by overlap and cosine, as the prototype picks it."""
    places = [features.SAME.index(name) for name in names]
    said, meaning = features.SAME.index("said"), features.SAME.index("meaning")
    rows = [bag.same[int(np.argmax(bag.same[:, said] + bag.same[:, meaning]))] for bag in seen]
    return np.array(rows)[:, places]


def _shipped(judge: TextJudge, tested: Sequence[Answered]) -> dict[str, float]:
    found = np.array(
        [judge.coverage(row.question, [row.wordings], row.answer, LANGUAGE)[0] for row in tested], dtype=np.float64
    )
    truth = np.array([row.correct for row in tested])
    figures = _banded(found, truth, judge.bands)
    print(f"\n  as shipped, bands {judge.bands.low} and {judge.bands.high}: " + _spelled(figures))
    return figures


def _languages(judge: TextJudge, file: Path) -> dict[str, float]:
    """Per language, the item in English and in the answer's own language."""
    items = tomllib.loads(file.read_text(encoding="utf-8"))["item"]
    figures: dict[str, float] = {}
    print(f"\n  {'answers in':10} {'item in':8} accuracy  false_accept  false_reject  unsure_rate  turned_accepted")
    for language in items[0]["answers"]:
        for home in dict.fromkeys(("en", language)):
            found, truth, turned = _graded(judge, items, language, home)
            one = _banded(found, truth, judge.bands)
            accuracy = float(((found >= 0.5 * (judge.bands.low + judge.bands.high)) == truth).mean())
            accepted = float((found[turned] >= judge.bands.high).mean())
            print(
                f"  {language:10} {home:8} {accuracy:8.3f}  {one['false_accept']:12.3f}  {one['false_reject']:12.3f}"
                f"  {one['unsure_rate']:11.3f}  {accepted:15.3f}"
            )
            figures |= {f"{name}_{language}_{home}": value for name, value in one.items()}
            figures |= {f"accuracy_{language}_{home}": round(accuracy, 4)}
    return figures


def _graded(judge: TextJudge, items: Sequence[Any], language: str, home: str) -> tuple[Floats, Truth, Truth]:
    """Probability, truth and whether the answer is a turned one, for each answer and statement."""
    found: list[float] = []
    truth: list[bool] = []
    turned: list[bool] = []
    for item in items:
        statements = [(one[home],) for one in item["statements"]]
        for kind, text in item["answers"][language]:
            said = {"right": range(len(statements)), "first": (0,), "second": (1,)}.get(kind, ())
            found += judge.coverage(item["question"][home], statements, text, language)
            truth += [at in said for at in range(len(statements))]
            turned += [kind in ("negated", "flipped")] * len(statements)
    return np.array(found), np.array(truth), np.array(turned)


def _banded(found: Floats, truth: Truth, at: Bands) -> dict[str, float]:
    return {
        "false_reject": round(float((found[truth] < at.low).mean()), 4),
        "false_accept": round(float((found[~truth] >= at.high).mean()), 4),
        "unsure_rate": round(float(((found >= at.low) & (found < at.high)).mean()), 4),
    }


def _line(name: str, logits: Floats, truth: Truth) -> dict[str, float]:
    figures = _measured(logits, truth)
    print(f"  {name:34} {figures['macro_f1']:8.3f}  {figures['accuracy']:8.3f}  {figures['ece']:5.3f}")
    return figures


def _measured(logits: Floats, truth: Truth) -> dict[str, float]:
    from sklearn.metrics import accuracy_score, f1_score

    probabilities = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    given = probabilities >= 0.5
    bins = np.minimum(9, (probabilities * 10).astype(int))
    error = sum(
        abs(float(truth[bins == one].mean() - probabilities[bins == one].mean())) * float((bins == one).mean())
        for one in range(10)
        if (bins == one).any()
    )
    return {
        "macro_f1": round(float(f1_score(truth, given, average="macro")), 4),
        "accuracy": round(float(accuracy_score(truth, given)), 4),
        "ece": round(error, 4),
    }


def _spelled(figures: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.3f}" for name, value in figures.items())


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.grading", description="How well free text is graded.")
    parser.add_argument("--train", type=Path, help="a folder of graded answers (XML)")
    parser.add_argument("--test", type=Path, help="a folder of graded answers (XML)")
    parser.add_argument("--languages", type=Path, nargs="?", const=LANGUAGES_FILE, help="answers in several languages")
    parser.add_argument("--items", type=Path, nargs="?", const=ITEMS, help="a folder of a course's items")
    parser.add_argument("--embedder", choices=tuple(FLOORS), default="e5")
    parser.add_argument("--models-dir", type=Path, default=Path(".cache/models"))
    parser.add_argument(
        "--cache", type=Path, default=Path(".cache/bench/grading"), help="folder where vectors are kept"
    )
    parser.add_argument("--json", action="store_true", help="print one flat object as the last line")
    options = parser.parse_args(arguments)
    if (options.train is None) != (options.test is None) or not (options.train or options.languages or options.items):
        parser.error("give --train DIR and --test DIR, --languages or --items")
    for path in (options.train, options.test, options.languages, options.items):
        if path is not None and not path.exists():
            parser.error(f"there is nothing at {path}; this benchmark takes its data by path")
    return options


if __name__ == "__main__":
    raise SystemExit(main())
