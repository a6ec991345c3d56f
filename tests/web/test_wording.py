"""Every wording that a page asks for exists, and every wording that exists is asked for."""

import re
from pathlib import Path

import pytest

from tutor.locales import load
from web.pages.chat import wording

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "web" / "static").rglob("*.js"))
PYTHON = sorted([*(ROOT / "web").rglob("*.py"), *(ROOT / "tutor").rglob("*.py")])
ENGLISH = load("en")

# Keys that are put together: from a role, a status, an error's code and the like.
MADE = (
    *("role.", "error.", "page.", "tutor.model_failed.", "settings.theme_"),
    *("material.job_", "material.stage_", "material.work_"),
    *("review.status_", "review.source_", "review.role_", "chat.connection.", "chat.keys.", "chat.empty."),
    *("chat.action.", "grading.verdict.", "grading.note.", "mastery.why.", "path.why.", "review.verdict_"),
    *("tutor.teach.", "items.state_", "items.origin_", "items.type_", "items.needs_", "items.draft_"),
    *("learning.status_", "learning.verdict_", "learning.outcome_", "learning.say_", "learning.you_said_"),
    *("learning.confidence_", "learning.persistence_", "learning.help_"),
    *("film.", "chat.film.stage.", "studio.state_"),
    # For the tutor to say while a course is being read.
    "tutor.still_indexing",
    # Said when there are no headings to name.
    "tutor.greeting_plain",
    "tutor.not_covered_plain",
    "tutor.not_covered_open_plain",
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_ask_for_wordings_that_exist(template: Path) -> None:
    asked = re.findall(r"""\bt\(\s*["']([a-z_.]+)["']\s*[,)]""", template.read_text(encoding="utf-8"))
    assert [key for key in asked if not ENGLISH.has(key)] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_ask_for_wordings_that_they_are_given(script: Path) -> None:
    given = set(wording(ENGLISH))
    asked = re.findall(r"""\bt\(\s*"([a-z_.]+)"\s*[,)]""", script.read_text(encoding="utf-8"))
    places = ("", "connection.", "keys.", "empty.")
    assert [k for k in asked if not {f"{place}{k}" for place in places} & given] == []


def test_no_wording_is_left_over() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (*TEMPLATES, *SCRIPTS, *PYTHON))
    quoted = set(re.findall(r"""["']([a-z_]+(?:\.[a-z_]+)*)["']""", source))
    unused = [
        key for key in ENGLISH.strings if not key.startswith(MADE) and not {key, key.removeprefix("chat.")} & quoted
    ]
    assert unused == []
