"""Fitted weights: versioned data, applied in plain arithmetic. Training is ``python -m bench.grading_train``."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

from tutor.domain.items.item import Bands

FORMAT = 1
FURTHEST = 4.0  # standard deviations; beyond, a feature says no more, so odd input can't run away with the sum


@dataclass(frozen=True)
class Logistic:
    """An additive classifier: ``weights`` for the ``features`` of these names, each less ``mean``, over ``scale``."""

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def logit(self, values: Sequence[float]) -> float:
        """The log-odds for values in the order of ``features``."""
        total = self.intercept
        for value, mean, scale, weight in zip(values, self.mean, self.scale, self.weights, strict=True):
            total += weight * max(-FURTHEST, min(FURTHEST, (value - mean) / scale))
        return total

    def probability(self, values: Sequence[float]) -> float:
        """The calibrated probability for values in the order of ``features``."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.logit(values)))))


@dataclass(frozen=True)
class Fitted:
    """What one training run gave for one embedder, as shipped.

    ``same`` judges answers in the item's language (lexical and dense features), ``across`` those in another (dense
    ones). ``bands`` hold for both. ``licence`` is that of the data it was fitted on.
    """

    embedder: str
    source: str
    licence: str
    command: str
    same: Logistic
    across: Logistic
    bands: Bands
    figures: Mapping[str, float]

    def to_json(self) -> str:
        """The file's text; ``from_json`` reads it back."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False) + "\n"

    @staticmethod
    def from_json(text: str) -> Fitted:
        """Raises ``ValueError`` for a file of another format."""
        data = json.loads(text)
        if data.pop("format", None) != FORMAT:
            raise ValueError("This is no classifier of this version; python -m bench.grading_train makes one.")
        return Fitted(
            **{
                **data,
                "same": _logistic(data["same"]),
                "across": _logistic(data["across"]),
                "bands": Bands(**data["bands"]),
            }
        )


def key(name: str, version: str) -> str:
    """How an embedder is named in the data: vectors under one key may be compared."""
    return f"{name}@{version}"


def file_name(embedder: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", embedder) + ".json"


@cache
def fitted(embedder: str) -> Fitted | None:
    """The shipped classifier for an embedder's ``key``, or None."""
    file = resources.files("tutor.grading").joinpath("data").joinpath(file_name(embedder))
    if not file.is_file():
        return None
    found = Fitted.from_json(file.read_text(encoding="utf-8"))
    return found if found.embedder == embedder else None


def _logistic(data: Mapping[str, Any]) -> Logistic:
    numbers = {name: tuple(float(one) for one in data[name]) for name in ("mean", "scale", "weights")}
    return Logistic(tuple(data["features"]), **numbers, intercept=float(data["intercept"]))
