"""The lesson in docs/lesson.md is what the tutor really says."""

from pathlib import Path

from tests.demo import lesson
from tests.retrieval.conftest import models_dir

__all__ = ["models_dir"]


async def test_the_lesson_in_the_documents_is_true(models_dir: Path, tmp_path: Path) -> None:
    told = await lesson.lesson(tmp_path, models_dir)
    assert told == lesson.DOCUMENT.read_text(encoding="utf-8"), "renew it with python -m tests.demo.lesson"
