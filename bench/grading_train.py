"""Fits the classifier that is shipped: ``python -m bench.grading_train --train DIR [--train DIR ...]``.

Writes ``tutor/grading/data/<embedder>.json`` for the embedder named, and prints what cross-validation by question and
by module says of it. The bands are set on the cross-validated probabilities, the hard rule applied: ``low`` so that
few right answers of questions never seen are rejected, ``high`` so that not too many answers are asked about.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench._embedding_cache import CachedEmbedder
from bench._grading_data import LANGUAGE, Answered, answers, bags
from bench._grading_fit import fit, fit_across, fit_memory, out_of_fold
from tutor.domain.items.item import Bands
from tutor.grading import classifier
from tutor.grading.classifier import Fitted, file_name, key, probability
from tutor.grading.opposition import contrast
from tutor.grading.reading import read
from tutor.grading.text import held

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrieval.embedders import Embedder

FLOORS = {"e5": 0.8, "minilm": 0.2}  # cosines of unrelated words
FALSE_REJECT = 0.042  # on unseen questions; the figure promised is 5 %
UNSURE = 0.33  # the figure promised is 35 %
DATA = Path(classifier.__file__).parent / "data"
DEFAULT = Path("../shared/data/short-answer-grading/train/2way")


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, print and write."""
    options = _options(arguments)
    inner = embedder(options.embedder, options.models_dir)
    cached = CachedEmbedder(inner, options.cache)
    floor = FLOORS[options.embedder]
    sets = {folder.name: answers(folder) for folder in options.train}
    rows = [row for found in sets.values() for row in found]
    seen = bags(cached, rows, floor)
    correct = np.array([row.correct for row in rows])
    print(f"{len(rows)} answers to {len({row.id for row in rows})} questions, {cached.name}")
    unseen = out_of_fold(seen, correct, [row.id for row in rows])
    at_random = out_of_fold(seen, correct, None)
    fitted = fit(seen, correct)
    model = Fitted(
        embedder=key(cached.name, cached.version),
        source=f"SemEval-2013 task 7 ({', '.join(sets)}), training answers, 2-way labels",
        licence="CC BY-SA 3.0",
        command=f"python -m bench.grading_train --embedder {options.embedder}",
        same=fitted.named,
        products=fitted.products,
        across=fit_across(seen, correct),
        remembering=fit_memory(seen, rows, at_random),
        floor=floor,
        bands=_bands(rows, unseen, correct, [frozenset(found) for found in sets.values()]),
        figures={},
    )
    for name, found in sets.items():
        kept = set(found)
        _report(name, rows, unseen, correct, [row in kept for row in rows], model.bands)
    path = options.out / file_name(model.embedder)
    path.write_text(model.to_json(), encoding="utf-8")
    print(f"bands {model.bands.low} {model.bands.high}; wrote {path} ({path.stat().st_size // 1024} KiB)")
    return 0


def _bands(
    rows: Sequence[Answered],
    logits: NDArray[np.float64],
    correct: NDArray[np.bool_],
    sets: Sequence[frozenset[Answered]],
) -> Bands:
    """Bands that keep both promises on each set. On held probabilities; the hold depends on the bands, hence rounds."""
    raw = [probability(float(one)) for one in logits]
    at = Bands(0.1, 0.5)
    for _ in range(4):
        found = np.array([_held(row, p, at) for row, p in zip(rows, raw, strict=True)])
        each = [np.array([row in own for row in rows]) for own in sets]
        low = min(float(np.quantile(found[own & correct], FALSE_REJECT)) for own in each)
        high = min(float(np.quantile(found[own], (found[own] < low).mean() + UNSURE)) for own in each)
        at = Bands(round(low, 3), round(high, 3))
    return at


def _report(
    name: str,
    rows: Sequence[Answered],
    logits: NDArray[np.float64],
    correct: NDArray[np.bool_],
    own: Sequence[bool],
    at: Bands,
) -> None:
    chosen = [i for i, mine in enumerate(own) if mine]
    found = np.array([_held(rows[i], probability(float(logits[i])), at) for i in chosen])
    right = correct[chosen]
    print(
        f"  {name}, unseen questions: false_reject {(found[right] < at.low).mean():.3f}"
        f" false_accept {(found[~right] >= at.high).mean():.3f}"
        f" unsure_rate {((found >= at.low) & (found < at.high)).mean():.3f}"
    )


def _held(row: Answered, found: float, at: Bands) -> float:
    asked, given = read(row.question, LANGUAGE), read(row.answer, LANGUAGE)
    readings = [read(wording, LANGUAGE) for wording in row.wordings]
    mildest = min(contrast(asked, one, given, same_language=True).verdict for one in readings)
    return held(found, mildest, at)


def embedder(name: str, models: Path) -> Embedder:
    """The embedder of a name that weights are shipped for."""
    if name == "e5":
        from retrieval.embedders.e5 import E5Embedder

        return E5Embedder(models / "e5")
    from retrieval.embedders.minilm import MiniLmEmbedder

    return MiniLmEmbedder(models / "minilm")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.grading_train", description="Fits the judge of free text.")
    parser.add_argument("--train", type=Path, action="append", help="a folder of graded answers (XML); repeatable")
    parser.add_argument("--embedder", choices=tuple(FLOORS), default="e5")
    parser.add_argument("--models-dir", type=Path, default=Path(".cache/models"))
    parser.add_argument(
        "--cache", type=Path, default=Path(".cache/bench/grading"), help="folder where vectors are kept"
    )
    parser.add_argument("--out", type=Path, default=DATA, help="folder of the weights")
    options = parser.parse_args(arguments)
    options.train = options.train or [DEFAULT / "sciEntsBank", DEFAULT / "beetle"]
    for folder in options.train:
        if not folder.is_dir():
            parser.error(f"there is no folder {folder}; the training answers are taken by path")
    return options


if __name__ == "__main__":
    raise SystemExit(main())
