"""The voices that speech is tested with. Real ones speak little: they take most of the time of these tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from media_gen.speech.espeak import EspeakEngine
from tutor import models
from tutor.config import Settings
from tutor.model_list import MODELS


def fetched(name: str) -> Path:
    """The models folder; the test fails where the model isn't in it."""
    folder = Settings().models_dir
    if not models.present(MODELS[name], folder):
        pytest.fail(f"The model files of {name} are not here: run `diotima models fetch {name}`.", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def espeak() -> Iterator[EspeakEngine]:
    engine = EspeakEngine()
    yield engine
    engine.close()
