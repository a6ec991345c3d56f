"""Fitted weights: versioned data, applied in plain arithmetic. Training is ``python -m bench.grading_train``."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from tutor.domain.items.item import Bands

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retrieval.embedders import Vectors

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
            apart = (value - mean) / scale
            total += weight * (apart if -FURTHEST < apart < FURTHEST else math.copysign(FURTHEST, apart))
        return total


@dataclass(frozen=True)
class Products:
    """What single dimensions of the vectors say: weights for ``|a - s|`` and then ``a * s`` of an answer's and a
    statement's vector, each standardised. All of length ``2 * dimensions``."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]

    def logits(self, statements: Vectors, answers: Vectors) -> NDArray[np.float64]:
        """Their part of the log-odds, for rows of unit vectors of shape ``(n, dimensions)``."""
        import numpy as np

        both = np.concatenate([np.abs(answers - statements), answers * statements], axis=1)
        scaled = np.clip((both - np.array(self.mean)) / np.array(self.scale), -FURTHEST, FURTHEST)
        found: NDArray[np.float64] = scaled @ np.array(self.weights)
        return found


@dataclass(frozen=True)
class Fitted:
    """What one training run gave for one embedder, as shipped.

    ``same`` and ``products`` together judge answers in the item's language, ``across`` those in another (from vectors
    alone). ``remembering`` joins their log-odds with what graded answers of the item say (``tutor.grading.memory``).
    ``bands`` hold for all. ``floor`` is the cosine of unrelated words. ``licence`` is that of the data fitted on.
    """

    embedder: str
    source: str
    licence: str
    command: str
    same: Logistic
    products: Products
    across: Logistic
    remembering: Logistic
    floor: float
    bands: Bands
    figures: Mapping[str, float]

    def to_json(self) -> str:
        """The file's text; ``from_json`` reads it back."""
        lines = [
            f" {json.dumps(name)}: {json.dumps(value)}" for name, value in {"format": FORMAT, **asdict(self)}.items()
        ]
        return "{\n" + ",\n".join(lines) + "\n}\n"

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
                "products": Products(**{name: _floats(values) for name, values in data["products"].items()}),
                "across": _logistic(data["across"]),
                "remembering": _logistic(data["remembering"]),
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


def probability(logit: float) -> float:
    """The inverse of the log-odds, for any finite number."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def _logistic(data: Mapping[str, Any]) -> Logistic:
    return Logistic(
        tuple(data["features"]),
        _floats(data["mean"]),
        _floats(data["scale"]),
        _floats(data["weights"]),
        float(data["intercept"]),
    )


def _floats(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
