"""Fit the classifier of utterances and write its weights: ``python -m bench.intent_train``.

Reads the labelled utterances (``tests/grading/data/utterances.toml``, all written for this project) and writes
``tutor/grading/data/intent.json``. The bands come from predictions on templates held out, so run ``bench.intent``
first and after. A feature must occur in two templates to count, so that nothing is learnt of one author's one phrase.
"""

from __future__ import annotations

import argparse
import random
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tutor.domain.assessment import Intent
from tutor.domain.items.item import Bands
from tutor.grading.intent import INTENTS, WEIGHTS, IntentWeights, intent
from tutor.grading.intent_cues import cues, normalised, words
from tutor.grading.intent_features import features

UTTERANCES = Path("tests/grading/data/utterances.toml")
LANGUAGES = ("en", "es", "ar", "de")
BANDS = Bands(low=0.15, high=0.52)
STRENGTH = 0.6  # inverse of the L2 penalty
ANYWHERE = 4  # items at which an utterance that could be said at any is placed, beside "no item"
WORDS = 0.6  # the value of a word's feature, others being 1
ANSWER = INTENTS.index("answer")
FAINT = 0.03  # weights below this are not kept
_features = cache(features)  # an utterance is fitted on in most folds


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message, what it is, and the item that was open (``question`` and ``kind`` empty for none)."""

    template: str
    intent: Intent
    language: str
    text: str
    question: str = ""
    kind: str = ""
    weight: float = 1.0


def read(path: Path = UTTERANCES, languages: Sequence[str] = LANGUAGES) -> list[Utterance]:
    """Every utterance at every item at which it counts.

    An utterance without ``at`` stands once without an item and at four items chosen by its text, so that what is
    open tells nothing of what is said. Every fifth item is asked in English, as a course may be.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    questions: dict[str, dict[str, str]] = data["question"]
    found: list[Utterance] = []
    for template in data["template"]:
        label = intent(template["intent"])
        for language in languages:
            for text in template.get(language, ()):
                names = _places(template, text, list(questions))
                for name in names:
                    asked = questions.get(name, {})
                    prompt = asked.get("en" if random.Random(text + name).random() < 0.2 else language, "")
                    one = Utterance(template["id"], label, language, text, prompt, asked.get("kind", ""))
                    found.append(replace(one, weight=1 / len(names)))
    return found


def _places(template: dict[str, Any], text: str, names: list[str]) -> list[str]:
    if "at" in template:
        return list(template["at"])
    return ["", *random.Random(text).sample(names, ANYWHERE)]


def varied(utterances: Iterable[Utterance]) -> Iterator[Utterance]:
    """Each as written and as a hurried learner types it: no question mark where the words alone ask; a slip."""
    for one in utterances:
        yield one
        slip = _slip(one.text)
        if slip != one.text:
            yield replace(one, text=slip, weight=one.weight / 2)
        bare = one.text.strip("¿?؟!¡. ")
        if bare and bare != one.text and _asks_by_words(bare):
            yield replace(one, text=bare, weight=one.weight / 2)


def _asks_by_words(text: str) -> bool:
    folded = normalised(text)
    return any(c.kind in ("wh", "whaux", "polar") and c.start == 0 for c in cues().find(folded, words(folded)))


def _slip(text: str) -> str:
    """Two letters of a long word change places."""
    chance = random.Random(text)
    places = [i for i in range(1, len(text) - 2) if text[i - 1 : i + 3].isalpha()]
    if len(text) < 8 or not places:
        return text
    i = chance.choice(places)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def fit(utterances: Sequence[Utterance], bands: Bands = BANDS, strength: float = STRENGTH) -> IntentWeights:
    """Takes some ten seconds. Needs scikit-learn."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    examples = list(varied(utterances))
    rows = [_features(one.text, one.question, one.kind) for one in examples]
    templates: dict[str, set[str]] = defaultdict(set)
    for one, row in zip(examples, rows, strict=True):
        for name in row:
            templates[name].add(one.template)
    kept = {name for name, seen in templates.items() if len(seen) > 1}
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([{name: _value(name) for name in row & kept} for row in rows])
    labels = [INTENTS.index(one.intent) for one in examples]
    answers = [label == ANSWER for label in labels]
    columns = [[0.0] * len(INTENTS) for _ in range(matrix.shape[1])]
    bias = [0.0] * len(INTENTS)

    # Answer or not, of what was said at an open item; both count the same, for their shares here are not the world's.
    at = [i for i, one in enumerate(examples) if one.kind]
    share = sum(examples[i].weight for i in at if answers[i]) / sum(examples[i].weight for i in at)
    weights = [examples[i].weight / (share if answers[i] else 1 - share) for i in at]
    binary = LogisticRegression(C=strength, max_iter=400, tol=1e-3)
    binary.fit(matrix[at], [answers[i] for i in at], sample_weight=_around_one(weights))
    bias[ANSWER] = float(binary.intercept_[0])
    for column, weight in zip(columns, binary.coef_[0], strict=True):
        column[ANSWER] = float(weight)

    # Which of the others: rare ones weigh more, but not as much as frequent ones together.
    others = [i for i, answer in enumerate(answers) if not answer]
    counts = Counter(labels[i] for i in others)
    weights = [examples[i].weight * (len(others) / counts[labels[i]]) ** 0.5 for i in others]
    many = LogisticRegression(C=strength, max_iter=400, tol=1e-3)
    many.fit(matrix[others], [labels[i] for i in others], sample_weight=_around_one(weights))
    for place, intercept, row in zip(many.classes_, many.intercept_, many.coef_, strict=True):
        bias[place] = float(intercept)
        for column, weight in zip(columns, row, strict=True):
            column[place] = float(weight)

    table = {}
    for name, column in zip(vectorizer.get_feature_names_out(), columns, strict=True):
        kept_weights = tuple(w * _value(name) if abs(w * _value(name)) >= FAINT else 0.0 for w in column)
        if any(kept_weights):
            table[str(name)] = kept_weights
    return IntentWeights(tuple(bias), table, bands)


def _value(name: str) -> float:
    """Words count less than forms: they are what differs between one course and the next."""
    return WORDS if name.startswith(("w:", "b:", "w^:", "w$:")) else 1.0


def _around_one(weights: Sequence[float]) -> list[float]:
    mean = sum(weights) / len(weights)
    return [weight / mean for weight in weights]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit on everything and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m bench.intent_train", description=__doc__)
    parser.add_argument("--utterances", type=Path, default=UTTERANCES)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args(arguments)
    utterances = read(options.utterances)
    weights = fit(utterances)
    weights.save(options.out, about=f"python -m bench.intent_train; {len({u.text for u in utterances})} utterances")
    print(f"{len(weights.weights)} features, {options.out.stat().st_size // 1024} KiB, {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
