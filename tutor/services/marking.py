"""What a message is and how its answer is graded, with what the grade says of the learner."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from tutor.domain import events as e
from tutor.domain import items, learner, lesson
from tutor.domain.assessment import JUDGED, Intent, IntentGuess, Verdict
from tutor.domain.dialogue import Turn
from tutor.domain.items.item import Answer, Body, Item, TextJudge
from tutor.domain.items.short_answer import ShortAnswer
from tutor.services.explain.wish import wish_in
from tutor.services.explain.wish_words import wish_words
from tutor.services.scene import Decision, Graded, Scene

#: What a button says, as an intent.
ACTIONS: Mapping[str, Intent] = {
    "hint": "hint",
    "skip": "skip",
    "next": "practise",
    "practise": "practise",
    "tell_me": "tell_me",
    "contest": "contest",
    "placement": "practise",
    "explain": "explain",
    "video": "explain",
    "confirm": "confirm",
    "deny": "deny",
    "guessing": "chatter",
    "fairly_sure": "chatter",
    "certain": "chatter",
}
CONFIDENCE = {"guessing": 0.4, "fairly_sure": 0.7, "certain": 0.95}
HELP_LEVEL = {None: 0, "pump": 1, "hint": 2, "prompt": 3, "scaffold": 3, "assertion": 4}

#: Longer than this (seconds) and the learner was away, not thinking.
AWAY = 1800.0
#: The same item answered again within this time shows memory, not mastery.
SAME_SITTING = timedelta(hours=12)
#: Below so many stated confidences it is worth asking for one.
FEW_CONFIDENCES = 5
#: A text answer that isn't decided outright counts by how sure the judge is.
LEAST_CERTAIN = 0.5
#: From here on a doubtful text in the question's own card is the question or request it looks like.
CLEARLY = 0.6
#: What the tutor asks that a yes or a no answers.
YES_OR_NO = ("reading", "answer", "offer", "example")


class Intents(Protocol):
    """Says what a message is (``tutor.grading.intent``)."""

    def classify(self, message: str, question: str, kind: str, language: str) -> IntentGuess: ...

    def is_doubtful(self, guess: IntentGuess) -> bool: ...


class Marker:
    """Understands and grades messages. ``judge`` and ``intents`` may embed: call it off the event loop. ``judge_of``
    (course, item) is the judge of free-text answers to that item, where there is one that knows more of it."""

    def __init__(
        self, judge: TextJudge, intents: Intents, judge_of: Callable[[str, str], TextJudge] | None = None
    ) -> None:
        self._judge = judge
        self._intents = intents
        self._judge_of = judge_of

    # -- what the message is ---------------------------------------------------------------------------------------

    def understand(self, scene: Scene) -> e.MessageUnderstood:
        """Before anything is graded. A button says what it is; a card's text is still looked at, since a question
        typed into it must not be graded."""
        reply = scene.message.reply
        if reply is not None and _is_stale(scene, reply):
            return e.MessageUnderstood(scene.turn, "chatter", 1.0)
        if reply is not None and reply.action in ACTIONS:
            return e.MessageUnderstood(scene.turn, ACTIONS[reply.action], 1.0)
        if (reply is None or not (reply.item or reply.action)) and wish_in(scene.message.text, wish_words()):
            return e.MessageUnderstood(scene.turn, "explain", 1.0)
        if reply is not None and reply.selected and scene.lesson.open is not None:
            return e.MessageUnderstood(scene.turn, "answer", 1.0, 1.0)
        body = scene.hint.body if scene.hint and scene.hint.body else scene.item.body if scene.item else None
        if body is not None and _names_an_option(body, scene.message.text):
            return e.MessageUnderstood(scene.turn, "answer", 1.0, 1.0)
        guess = self._intents.classify(
            scene.message.text, scene.asked if scene.item else "", body.type if body else "", scene.language
        )
        intent: Intent = "question" if guess.intent == "answer" and scene.item is None else guess.intent
        if scene.item is not None and self._intents.is_doubtful(guess):
            intent = self._of_doubt(scene, guess)
        if scene.item is not None and scene.lesson.awaiting in YES_OR_NO:
            # "No" to what the tutor just asked is no answer to a question that yes or no answers.
            alone = self._intents.classify(scene.message.text, "", "", scene.language)
            intent = alone.intent if alone.intent in ("confirm", "deny") else intent
        return e.MessageUnderstood(scene.turn, intent, guess.probability, guess.answer_probability)

    def _of_doubt(self, scene: Scene, guess: IntentGuess) -> Intent:
        """What may be an answer and may not is asked about, unless the learner said which it is: by writing it into
        the question's own card, or by sending it again."""
        reply, text = scene.message.reply, scene.message.text.strip()
        if reply is not None and reply.item:
            return guess.intent if guess.probability >= CLEARLY else "answer"
        again = scene.lesson.awaiting == "answer" and text == scene.lesson.reading.strip()
        return "answer" if again else "doubtful"

    # -- the grade -------------------------------------------------------------------------------------------------

    def grade(self, scene: Scene, understood: e.MessageUnderstood) -> Graded | None:
        """The grade of an answer to the open question; None for a message that is none. Not knowing is recorded too:
        it is evidence, and no answer."""
        item, open_ = scene.item, scene.lesson.open
        if item is None or open_ is None:
            return None
        if item.type == "poll" and understood.intent == "do_not_know":
            return None  # having no view shows nothing
        if understood.intent == "do_not_know" and not open_.tries and scene.hint is None:
            return self._not_known(scene, item)
        answer = self._answer(scene, understood)
        if answer is None:
            return None
        judge = self._judge_for(scene, item)
        if scene.hint is not None:
            verdict = items.grade_hint(item, scene.hint, answer, judge)
        else:
            asked = replace(item, prompt=scene.asked) if scene.asked and item.type == "short_answer" else item
            verdict = _joined(item, items.grade(asked, answer, judge), open_.covered)
        attempt = open_.scaffold_tries + 1 if scene.hint else open_.tries + 1
        newly = tuple(x for x in verdict.covered if x not in open_.covered)
        doubtful = verdict.kind in ("unsure", "unparsed")
        evidence = None if doubtful or verdict.kind not in JUDGED else self._evidence(scene, item, verdict, attempt)
        return Graded(self._event(scene, item, verdict, attempt, answer, evidence), verdict, evidence, newly)

    def _judge_for(self, scene: Scene, item: Item) -> TextJudge:
        body = scene.hint.body if scene.hint is not None else item.body
        if self._judge_of is None or not isinstance(body, ShortAnswer):
            return self._judge
        return self._judge_of(scene.course.id, item.id)

    def _answer(self, scene: Scene, understood: e.MessageUnderstood) -> Answer | None:
        if scene.lesson.awaiting == "reading" and understood.intent == "confirm":
            return Answer(text=scene.lesson.reading, language="en")
        if scene.lesson.awaiting == "answer" and understood.intent == "confirm":
            return Answer(text=scene.lesson.reading, language=scene.language)
        if understood.intent != "answer":
            return None
        reply = scene.message.reply
        selected = reply.selected if reply else ()
        return Answer("" if selected else scene.message.text, selected, scene.language)

    def _not_known(self, scene: Scene, item: Item) -> Graded:
        verdict = Verdict("not_an_answer", note="does_not_know")
        evidence = replace(self._evidence(scene, item, verdict, 1), verdict="incorrect", certainty=0.7)
        return Graded(self._event(scene, item, verdict, 1, Answer(scene.message.text), evidence), verdict, evidence)

    def _event(
        self,
        scene: Scene,
        item: Item,
        verdict: Verdict,
        attempt: int,
        answer: Answer,
        evidence: e.EvidenceObserved | None,
    ) -> e.AnswerGraded:
        shifts = learner.shifts(scene.model, evidence, scene.now) if evidence and evidence.kcs else ()
        return e.AnswerGraded(
            turn=scene.turn,
            item=item.id,
            verdict=verdict.kind,
            probability=verdict.probability,
            credit=verdict.credit,
            attempt=attempt,
            hint=scene.hint.id if scene.hint else "",
            answer=answer.text or ", ".join(answer.selected),
            covered=verdict.covered,
            missing=verdict.missing,
            doubtful=verdict.doubtful,
            misconception=verdict.misconception,
            evidence=verdict.evidence,
            reading=verdict.reading,
            note=verdict.note,
            shifts=shifts,
        )

    def _evidence(self, scene: Scene, item: Item, verdict: Verdict, attempt: int) -> e.EvidenceObserved:
        open_ = scene.lesson.open
        assert open_ is not None
        reply = scene.message.reply
        seconds = reply.seconds if reply and reply.seconds is not None and reply.seconds < AWAY else None
        placed = open_.purpose == lesson.PLACEMENT
        right = verdict.kind == "correct"
        level = max(HELP_LEVEL[open_.level], 1 if open_.example else 0)
        sure = verdict.probability if verdict.credit >= 0.5 else 1 - verdict.probability
        return e.EvidenceObserved(
            course=scene.course.id,
            item=item.id if scene.hint is None else f"{item.id}#{scene.hint.id}",
            kcs=item.kcs,
            verdict=verdict.kind,
            credit=verdict.credit,
            certainty=max(LEAST_CERTAIN, sure) if item.type == "short_answer" else 1.0,
            hint_level=max(level, 3) if scene.hint else level,
            attempt=attempt,
            opportunity=attempt == 1 and scene.hint is None and not self._answered_before(scene, item),
            seconds=seconds,
            confidence=reply.confidence if reply else None,
            difficulty=item.difficulty,
            misconception=verdict.misconception,
            refuted=tuple(m.id for m in item.misconceptions) if right else (),
            format=item.type,
            helped_by="video" if open_.film else "example" if open_.example else open_.level or "",
            conversation=scene.conversation,
            turn=scene.turn,
            source="placement" if placed else "review" if open_.purpose == "review" else "chat",
        )

    def _answered_before(self, scene: Scene, item: Item) -> bool:
        """Judged, told or helped with on any branch, or judged or told in any conversation: an answer then shows what
        the tutor's replies taught. One that was asked about instead of judged uses nothing up."""
        seen = scene.model.seen.get(item.id)
        if seen is not None and seen.times and scene.now - seen.at < SAME_SITTING:
            return True
        here = {turn.id for turn in scene.path}
        return any(
            _judged(turn, item) or (turn.id not in here and _helped(turn, item))
            for turn in scene.transcript.turns.values()
            if turn.id != scene.turn and scene.now - turn.sent_at < SAME_SITTING
        )

    def confidence(self, scene: Scene) -> e.EvidenceObserved | None:
        """How sure the learner says they were, after the fact: for their calibration, and for no component."""
        reply = scene.message.reply
        if scene.lesson.awaiting != "confidence" or reply is None or reply.action not in CONFIDENCE:
            return None
        beside = (t for t in scene.transcript.turns.values() if t.parent == scene.message.parent and t.id != scene.turn)
        if any(t.understood is not None and t.card is not None and t.card.action in CONFIDENCE for t in beside):
            return None  # said before, on another branch
        return e.EvidenceObserved(
            course=scene.course.id,
            item=scene.lesson.last_item,
            kcs=(),
            verdict="correct",
            credit=1.0,
            certainty=1.0,
            opportunity=False,
            confidence=CONFIDENCE[reply.action],
            conversation=scene.conversation,
            turn=scene.turn,
        )

    def told(self, scene: Scene, decision: Decision) -> e.EvidenceObserved | None:
        """Evidence from an answer that was told to somebody who never tried: not known."""
        open_, item = scene.lesson.open, decision.item
        unseen = open_ is not None and not open_.tries and decision.move.name == "assertion" and decision.move.closes
        if not unseen or item is None or self._answered_before(scene, item):
            return None
        evidence = self._evidence(scene, item, Verdict("incorrect"), 1)
        return replace(evidence, hint_level=HELP_LEVEL["assertion"], certainty=LEAST_CERTAIN)


def _judged(turn: Turn, item: Item) -> bool:
    graded = turn.graded
    if graded is None or graded.item != item.id:
        return False
    return graded.verdict in JUDGED or graded.note == "does_not_know"


def _helped(turn: Turn, item: Item) -> bool:
    move = turn.move
    helps = move is not None and move.item == item.id and (move.move in lesson.CLIMBING or move.move == "repair")
    return helps and not lesson.is_unsaid(turn)


def _joined(item: Item, verdict: Verdict, before: frozenset[str]) -> Verdict:
    """The verdict with the ideas that earlier answers already held: all of them together make the answer right."""
    if not isinstance(item.body, ShortAnswer) or not before or verdict.kind in ("unparsed", "not_an_answer"):
        return verdict
    known = [x.id for x in item.body.expectations]
    covered = tuple(x for x in known if x in before or x in verdict.covered)
    missing = tuple(x for x in known if x not in covered)
    credit = len(covered) / len(known)
    if not missing:
        return replace(verdict, kind="correct", covered=covered, missing=(), credit=1.0, misconception=None)
    kind = "partial" if verdict.kind == "correct" else verdict.kind
    return replace(verdict, kind=kind, covered=covered, missing=missing, credit=credit)


def _names_an_option(body: Body, text: str) -> bool:
    """Whether the message is an option's own words, even when they read like a question ("how plants live")."""
    said = " ".join(text.split()).casefold()
    texts = (getattr(option, "text", option) for option in getattr(body, "options", ()))
    return any(said == " ".join(str(text).split()).casefold() for text in texts)


def _is_stale(scene: Scene, reply: e.ItemReply) -> bool:
    """Whether a card was used whose question is no longer the open one: of long ago, or of another step."""
    if not reply.item or reply.action in ("practise", "contest"):
        return False
    open_ = scene.lesson.open
    if open_ is None or reply.item != open_.item:
        return True
    return not reply.action and reply.hint != (scene.hint.id if scene.hint else "")
