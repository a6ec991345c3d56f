"""The tutor's own wording of a teaching move: from the language files and from what the item's author wrote.

It never asks: the question of the turn is the one that is posed with it. What it says is what is shown where no model
is set, and what takes the place of a model's sentence that the guard keeps back.
"""

from collections.abc import Iterator

from tutor.domain import items
from tutor.domain.items.item import Item
from tutor.domain.items.short_answer import ShortAnswer
from tutor.locales import Locale
from tutor.services.scene import Decision, Graded, Scene

#: Types whose answer, when it is told, is shown as it should stand, and the explanation after it.
PUT_TOGETHER = frozenset({"cloze", "matching", "multiple_choice", "ordering"})


def words(locale: Locale, scene: Scene, decision: Decision, graded: Graded | None) -> tuple[str, ...]:
    """The paragraphs of the reply, in Markdown; at least one."""
    found = [text for text in _paragraphs(locale, scene, decision, graded) if text.strip()]
    return tuple(found) or (locale.t("tutor.teach.resume"),)


def _paragraphs(locale: Locale, scene: Scene, decision: Decision, graded: Graded | None) -> Iterator[str]:
    variety = len(scene.path)
    yield _feedback(locale, decision, graded, variety)
    if graded is not None and graded.verdict.note and locale.has(f"grading.note.{graded.verdict.note}"):
        yield locale.t(f"grading.note.{graded.verdict.note}")
    yield from _move(locale, scene, decision, graded, variety)


def _feedback(locale: Locale, decision: Decision, graded: Graded | None, variety: int) -> str:
    move, item = decision.move, decision.item
    if move.feedback == "partly" and graded is not None and item is not None:
        said = [text for name in graded.newly if (text := _expectation(item, name))]
        if said:
            return locale.t("tutor.teach.feedback.partly_said", ideas=" ".join(_sentence(text) for text in said))
    if not move.feedback or move.feedback == "told":
        return ""
    return locale.variant(f"tutor.teach.feedback.{move.feedback}", variety)


def _move(locale: Locale, scene: Scene, decision: Decision, graded: Graded | None, variety: int) -> Iterator[str]:
    move, item = decision.move, decision.item
    match move.name:
        case "hint" if item is not None:
            yield locale.t("tutor.teach.hint", hint=_apart(_hint(item, move.hint, move.focus)))
        case "scaffold" if item is not None and not (decision.posed and decision.posed.hint):
            # An authored text that belongs to the worked steps.
            yield locale.t("tutor.teach.hint", hint=_apart(_hint(item, move.hint, move.focus)))
        case "assertion" if item is not None:
            yield locale.t("tutor.teach.assertion", answer=_apart(_assertion(item, move.focus, whole=move.closes)))
            if move.closes and item.type in PUT_TOGETHER:
                yield item.explanation
            if move.closes:
                yield _afterwards(locale, decision)
        case "scaffold_done" if item is not None:
            yield _scaffold_done(locale, item, move.hint, told=move.feedback == "scaffold_wrong")
        case "repair" if item is not None and graded is not None:
            wrong = next((m for m in item.misconceptions if m.id == graded.verdict.misconception), None)
            if wrong is not None:
                yield locale.t("tutor.teach.repair", title=_sentence(wrong.title), repair=wrong.repair)
        case "confirm_reading" if graded is not None:
            yield locale.t("tutor.teach.confirm_reading", reading=graded.verdict.reading)
        case "confirm_answer":
            yield locale.t("tutor.teach.confirm_answer")
        case "contest_noted":
            yield locale.t("tutor.teach.contest_noted")
            if decision.posed:
                yield locale.t("tutor.teach.resume")
        case "finish":
            key = "tutor.teach.finish_due" if decision.facts.get("next_review") else "tutor.teach.finish"
            yield locale.t(key, **decision.facts)
        case "placement_done":
            yield locale.t("tutor.teach.placement_done", **decision.facts)
        case "placement_next":
            if not scene.lesson.placed and scene.item is None:
                yield locale.t("tutor.teach.placement_begin")
        case "advance":
            yield from _recap(locale, item, graded, whole=move.recap)
            yield _onward(locale, decision)
        case "skip":
            yield locale.variant("tutor.teach.skip", variety)
        case "slow_down" if move.rule == "guessing":
            yield locale.t("tutor.teach.slow_down_guessing")
        case "acknowledge" if decision.posed:
            yield locale.variant("tutor.teach.acknowledge_open", variety)
        case (
            "pump" | "prompt" | "clarify" | "ask_again" | "nudge" | "acknowledge" | "resume" | "offer" | "offer_example"
        ):
            name = _pump(item, move.rule, graded) if move.name == "pump" else move.name
            yield locale.variant(f"tutor.teach.{name}", variety)
        case "hold_firm" | "slow_down" | "reassure" | "scaffold" | "ask_confidence":
            yield locale.variant(f"tutor.teach.{move.name}", variety)


def _afterwards(locale: Locale, decision: Decision) -> str:
    """After an answer was told. The card of a fresh question says itself why it comes."""
    if decision.posed is None:
        return locale.t("tutor.teach.told_last")
    return "" if decision.posed.reason == "fresh" else locale.t("tutor.teach.fresh")


def _pump(item: Item | None, rule: str, graded: Graded | None) -> str:
    """Who has said nothing yet is not told to say more."""
    if rule == "asked_for_hint":
        return "pump_asked"
    if item is None or item.type != "short_answer":
        return "pump_closed"
    return "pump" if graded is not None else "pump_start"


def fixed(locale: Locale) -> frozenset[str]:
    """What is said the same whatever the question: it can give nothing of it away."""
    return frozenset(
        text
        for key in locale.section("tutor.teach")
        for text in locale.variants(f"tutor.teach.{key}")
        if "{" not in text
    )


def _onward(locale: Locale, decision: Decision) -> str:
    if decision.posed is None:
        return ""
    if decision.move.wanted in ("challenge", "transfer"):
        return locale.t(f"tutor.teach.{decision.move.wanted}")
    return locale.t("tutor.teach.begin") if decision.move.rule == "asked_to_practise" else ""


def _recap(locale: Locale, item: Item | None, graded: Graded | None, *, whole: bool) -> Iterator[str]:
    """After a right answer: what makes it right, in the author's words."""
    if item is None or graded is None or graded.verdict.kind not in ("correct", "partial"):
        return
    text = item.explanation
    if isinstance(item.body, ShortAnswer) and (whole or not text):
        text = item.body.model_answer
    if text:
        yield locale.t("tutor.teach.recap", text=_apart(text)) if whole else _apart(text).strip()


def _expectation(item: Item, name: str) -> str:
    if not isinstance(item.body, ShortAnswer):
        return ""
    return next((x.text for x in item.body.expectations if x.id == name), "")


def _hint(item: Item, name: str, focus: str) -> str:
    authored = next((h.text for h in item.hints if h.id == name), "")
    if authored:
        return authored
    if isinstance(item.body, ShortAnswer):
        return next((x.hint for x in item.body.expectations if x.id == focus), "")
    return ""


def _assertion(item: Item, focus: str, *, whole: bool) -> str:
    """What the last rung tells: the idea worked on, or with the last one the whole answer."""
    if whole:
        model = item.body.model_answer if isinstance(item.body, ShortAnswer) else ""
        if item.type in PUT_TOGETHER:
            return items.solution(item)  # the explanation says why, and rarely what belongs where
        return item.explanation or model or items.solution(item)
    return _sentence(_expectation(item, focus)) or items.solution(item)


def _scaffold_done(locale: Locale, item: Item, name: str, *, told: bool) -> str:
    hint = next((h for h in item.hints if h.id == name and h.is_scaffold), None)
    if hint is None or not told:
        return locale.t("tutor.teach.back")
    answer = items.solution(items.as_item(item, hint))
    return locale.t("tutor.teach.scaffold_told", answer=answer)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?。؟…" else f"{text}."


def _apart(text: str) -> str:
    """An author's longer text, or one that asks, as a block quote: it is read, and isn't what the tutor asks now."""
    text = text.strip()
    if "\n" not in text and not any(mark in text for mark in "?？؟"):
        return text
    return "\n\n" + "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
