"""A film is not published while texts of it are missing in its language or belong to an earlier script."""

from media_gen.checks.finding import Finding
from media_gen.checks.translated import translation_findings
from media_gen.lesson import Lesson
from media_gen.translation import FakeTranslator, Translation, approve, edit, localise, started, update

NUMBERS = {"leaf": 1, "table": 2, "think": 3}


def _findings(lesson: Lesson, translation: Translation) -> tuple[Finding, ...]:
    return translation_findings(localise(lesson, translation), lesson, NUMBERS, translation.language)


def _drafted(lesson: Lesson) -> Translation:
    return update(lesson, Translation("en", "es"), FakeTranslator())


def test_an_approved_translation_has_no_findings(lesson: Lesson) -> None:
    assert _findings(lesson, approve(_drafted(lesson))) == ()
    assert translation_findings(lesson, None, NUMBERS, "en") == ()


def test_drafts_are_a_warning_that_names_the_engine(lesson: Lesson) -> None:
    (finding,) = _findings(lesson, _drafted(lesson))
    assert (finding.severity, finding.facts) == ("warning", {"drafts": "20"})
    assert "machine's translation (fake)" in finding.message


def test_every_missing_text_is_an_error_with_its_slide(lesson: Lesson) -> None:
    found = {f.facts["key"]: f for f in _findings(lesson, started(lesson, "es"))}
    assert {f.severity for f in found.values()} == {"error"}
    assert len(found) == 20
    assert found["leaf/title"].message == 'The slide title on slide 1 is not translated: "What a leaf takes in"'
    assert found["_lesson/title"].message == 'The lesson title is not translated: "Sugar from air"'


def test_a_translation_of_an_earlier_text_is_an_error(lesson: Lesson) -> None:
    slide = lesson.slides[0].model_copy(update={"title": "Something else"})
    changed = lesson.model_copy(update={"slides": (slide, *lesson.slides[1:])})
    (finding,) = _findings(changed, approve(_drafted(lesson)))
    assert (finding.severity, finding.slide, finding.number) == ("error", "leaf", 1)
    assert "has changed since" in finding.message


def test_a_text_that_reads_as_in_the_source_is_a_machines_failure_and_a_persons_choice(lesson: Lesson) -> None:
    idle = update(lesson, Translation("en", "es"), FakeTranslator(answer=lambda text: text))
    found = {f.facts["key"]: f.severity for f in _findings(lesson, idle) if "key" in f.facts}
    assert found["leaf/title"] == "error"
    assert found["leaf/blocks/0/items/0/text"] == "warning"  # "Water": too short to say
    chosen = edit(approve(_drafted(lesson)), "leaf/title", "What a leaf takes in")
    assert [f.severity for f in _findings(lesson, chosen)] == ["warning"]
