"""A fresh house for every test."""

from pathlib import Path

import pytest

from tests.web.server.harness import Builder


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    return Builder(tmp_path)
