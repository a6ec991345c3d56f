"""A teaching turn, up to the words: what the message is, how the answer is graded, what it says of the learner, which
move follows and which question is put. All of it is decided without a language model; ``lesson_words`` says it.

All methods are synchronous and may embed: call them off the event loop.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from tutor.domain import events as e
from tutor.domain import items, learner, lesson, pathway, placement, socratic
from tutor.domain.assessment import JUDGED, Intent, IntentGuess, Verdict
from tutor.domain.beliefs import CourseModel
from tutor.domain.curriculum import Course
from tutor.domain.dialogue import Transcript, Turn
from tutor.domain.items.item import Answer, Hint, Item, TextJudge
from tutor.domain.items.short_answer import ShortAnswer
from tutor.domain.items.summary import ItemSummary
from tutor.domain.learner import LearnerProfile
from tutor.domain.lesson import Lesson
from tutor.domain.socratic import TeachingMove
from tutor.ports import Clock, ItemBank, Library

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


class Intents(Protocol):
    """Says what a message is (``tutor.grading.intent``)."""

    def classify(self, message: str, question: str, kind: str, language: str) -> IntentGuess: ...


@dataclass(frozen=True)
class Scene:
    """Where a message falls: the conversation up to it, the learner, and the question that is open."""

    turn: str
    conversation: str
    message: e.MessageSent
    transcript: Transcript
    path: tuple[Turn, ...]
    profile: LearnerProfile
    course: Course
    lesson: Lesson
    item: Item | None = None
    hint: Hint | None = None
    now: datetime = field(default_factory=lambda: datetime.min)

    @property
    def language(self) -> str:
        return self.transcript.language

    @property
    def model(self) -> CourseModel:
        return self.profile.course(self.course.id)

    @property
    def asked(self) -> str:
        """The question as it was last put: the item's, a scaffold's or a narrower one."""
        posed = next((turn.posed for turn in reversed(self.path) if turn.posed), None)
        return posed.prompt if posed else ""


@dataclass(frozen=True)
class Graded:
    """``event`` for the conversation, ``evidence`` for the learner (none where nothing can be learned from it)."""

    event: e.AnswerGraded
    verdict: Verdict
    evidence: e.EvidenceObserved | None
    newly: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The teaching move, the question that goes with it and what may not be given away while it is open."""

    move: TeachingMove
    item: Item | None
    posed: e.ItemPosed | None = None
    next_item: Item | None = None
    actions: tuple[str, ...] = ()
    outcome: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    covered: frozenset[str] = frozenset()
    known: tuple[str, ...] = ()


class Teacher:
    """See the module."""

    def __init__(self, bank: ItemBank, library: Library, judge: TextJudge, intents: Intents, clock: Clock) -> None:
        self._bank = bank
        self._library = library
        self._judge = judge
        self._intents = intents
        self._clock = clock

    def scene(
        self, conversation: str, message: e.MessageSent, transcript: Transcript, profile: LearnerProfile, course: Course
    ) -> Scene:
        """Fold the path up to the message. An item that has left the course since is no longer open."""
        path = transcript.path(message.parent) if message.parent else ()
        state = lesson.fold(path)
        item = self._bank.get(course.id, state.open.item) if state.open else None
        if item is None:
            state = replace(state, open=None)
        hint = None
        if item is not None and state.open is not None and state.open.scaffold:
            hint = next((h for h in item.hints if h.id == state.open.scaffold and h.is_scaffold), None)
        return Scene(
            message.turn, conversation, message, transcript, path, profile, course, state, item, hint, self._clock()
        )

    def teaches(self, course: str) -> bool:
        """Whether the course has a question that may be asked."""
        return any(row.state == "approved" for row in self._bank.summaries(course))

    # -- what the message is ---------------------------------------------------------------------------------------

    def understand(self, scene: Scene) -> e.MessageUnderstood:
        """Before anything is graded. A button says what it is; a card's text is still looked at, since a question
        typed into it must not be graded."""
        reply = scene.message.reply
        if reply is not None and reply.action in ACTIONS:
            return e.MessageUnderstood(scene.turn, ACTIONS[reply.action], 1.0)
        open_ = scene.lesson.open
        if reply is not None and reply.item and (open_ is None or reply.item != open_.item):
            return e.MessageUnderstood(scene.turn, "chatter", 1.0)  # a card of long ago
        if reply is not None and reply.selected and open_ is not None:
            return e.MessageUnderstood(scene.turn, "answer", 1.0, 1.0)
        body = scene.hint.body if scene.hint and scene.hint.body else scene.item.body if scene.item else None
        guess = self._intents.classify(
            scene.message.text, scene.asked if scene.item else "", body.type if body else "", scene.language
        )
        intent = "question" if guess.intent == "answer" and scene.item is None else guess.intent
        return e.MessageUnderstood(scene.turn, intent, guess.probability, guess.answer_probability)

    # -- the grade -------------------------------------------------------------------------------------------------

    def grade(self, scene: Scene, understood: e.MessageUnderstood) -> Graded | None:
        """The grade of an answer to the open question; None for a message that is none. Not knowing is recorded too:
        it is evidence, and no answer."""
        item, open_ = scene.item, scene.lesson.open
        if item is None or open_ is None:
            return None
        if understood.intent == "do_not_know" and not open_.tries and scene.hint is None:
            return self._not_known(scene, item)
        answer = self._answer(scene, understood)
        if answer is None:
            return None
        if scene.hint is not None:
            verdict = items.grade_hint(item, scene.hint, answer, self._judge)
        else:
            asked = replace(item, prompt=scene.asked) if scene.asked and item.type == "short_answer" else item
            verdict = _joined(item, items.grade(asked, answer, self._judge), open_.covered)
        attempt = open_.scaffold_tries + 1 if scene.hint else open_.tries + 1
        newly = tuple(x for x in verdict.covered if x not in open_.covered)
        doubtful = verdict.kind in ("unsure", "unparsed")
        if verdict.kind == "unsure" and open_.doubts >= socratic.MAX_DOUBTS:
            doubtful = False
            verdict = replace(verdict, kind="partial" if verdict.covered else "incorrect")
        evidence = None if doubtful or verdict.kind not in JUDGED else self._evidence(scene, item, verdict, attempt)
        return Graded(self._event(scene, item, verdict, attempt, answer, evidence), verdict, evidence, newly)

    def _answer(self, scene: Scene, understood: e.MessageUnderstood) -> Answer | None:
        if scene.lesson.awaiting == "reading" and understood.intent == "confirm":
            return Answer(text=scene.lesson.reading, language="en")
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
        level = HELP_LEVEL[open_.level]
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
            helped_by=open_.level or "" if right else "",
            conversation=scene.conversation,
            turn=scene.turn,
            source="placement" if placed else "review" if open_.purpose == "review" else "chat",
        )

    def _answered_before(self, scene: Scene, item: Item) -> bool:
        """On any branch: an edited answer shows what the tutor's reply to the first one taught."""
        return any(
            turn.graded is not None and turn.graded.item == item.id and scene.now - turn.sent_at < SAME_SITTING
            for turn in scene.transcript.turns.values()
            if turn.id != scene.turn
        )

    def confidence(self, scene: Scene) -> e.EvidenceObserved | None:
        """How sure the learner says they were, after the fact: for their calibration, and for no component."""
        reply = scene.message.reply
        if scene.lesson.awaiting != "confidence" or reply is None or reply.action not in CONFIDENCE:
            return None
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

    # -- the move --------------------------------------------------------------------------------------------------

    def decide(self, scene: Scene, understood: e.MessageUnderstood, graded: Graded | None) -> Decision | None:
        """The teaching move, or None where the message is a free question (then the course answers)."""
        intent: Intent = understood.intent  # type: ignore[assignment]  # recorded as plain text
        if scene.item is not None and scene.lesson.open is not None:
            if graded is None and intent in ("question", "explain"):
                return None
            return self._in_lesson(scene, intent, graded)
        return self._outside(scene, intent)

    def _in_lesson(self, scene: Scene, intent: Intent, graded: Graded | None) -> Decision:
        item = scene.item
        assert item is not None
        verdict = graded.verdict if graded and graded.verdict.kind != "not_an_answer" else None
        folded = self._folded(scene, intent, graded)
        assert folded.open is not None
        reply = scene.message.reply
        state = socratic.State(
            lesson=folded,
            intent="answer" if verdict is not None else intent,
            item=item,
            open=folded.open,
            verdict=verdict,
            newly=graded.newly if graded else (),
            seconds=reply.seconds if reply else None,
            confident=bool(reply and reply.confidence is not None),
            wants_confidence=scene.model.habits.calibration.grounds.count < FEW_CONFIDENCES,
            challenge=self._known_well(scene, item),
        )
        move = socratic.next_move(state)
        return self.follow(scene, move, folded)

    def _folded(self, scene: Scene, intent: Intent, graded: Graded | None) -> Lesson:
        """The lesson with this message and its grade, as the log will fold it."""
        turn = Turn(
            scene.turn,
            scene.message.parent,
            0,
            scene.message.client_id,
            scene.message.text,
            scene.now,
            understood=e.MessageUnderstood(scene.turn, intent, 1.0),
            graded=graded.event if graded else None,
        )
        awaiting = scene.lesson.awaiting
        folded = lesson.apply(scene.lesson, turn)
        return replace(folded, awaiting=awaiting) if graded is None and not folded.awaiting else folded

    def _known_well(self, scene: Scene, item: Item) -> bool:
        return bool(item.kcs) and all(scene.model.knows(kc) for kc in item.kcs)

    def _outside(self, scene: Scene, intent: Intent) -> Decision | None:
        """No question is open: begin, go on, or leave it to the course to answer."""
        reply = scene.message.reply
        action = reply.action if reply else ""
        if action == "placement":
            move = TeachingMove("placement_next", "placement_asked", "The learner asked to be placed.", wanted="next")
            return self.follow(scene, move, scene.lesson)
        if scene.lesson.awaiting == "confidence" and action in CONFIDENCE:
            move = TeachingMove("advance", "confidence_told", "How sure they were is noted.", "noted", wanted="next")
            return self.follow(scene, move, scene.lesson)
        if intent == "contest" and scene.lesson.last_graded:
            move = TeachingMove("contest_noted", "contested_grade", "The learner contests a grade.")
            return self.follow(scene, move, scene.lesson)
        practising = intent == "practise" or (intent in ("skip", "confirm") and scene.lesson.mode == "practice")
        if practising and self.teaches(scene.course.id):
            move = TeachingMove("advance", "asked_to_practise", "The learner asked for a question.", wanted="next")
            return self.follow(scene, move, scene.lesson)
        if intent in ("chatter", "do_not_know", "frustration", "deny", "gaming") and self.teaches(scene.course.id):
            name: socratic.MoveName = "reassure" if intent in ("do_not_know", "frustration") else "acknowledge"
            return Decision(TeachingMove(name, intent, "No question is open."), None, actions=("practise",))
        return None

    # -- the question that goes with it ----------------------------------------------------------------------------

    def follow(self, scene: Scene, move: TeachingMove, state: Lesson) -> Decision:
        """The question to put with ``move``: the open one again, a narrower one, a scaffold, or the next."""
        item, open_ = scene.item, state.open
        covered = open_.covered if open_ else frozenset()
        if move.name in ("confirm_reading", "offer"):
            return Decision(move, item, actions=("confirm", "deny"), covered=covered)
        if move.name == "ask_confidence":
            return Decision(move, item, actions=("guessing", "fairly_sure", "certain"), covered=covered)
        if move.name.startswith("placement") and move.closes:
            return self._placement(scene, move, item, state)
        if move.closes:
            return self._onward(scene, move, item)
        if item is None or open_ is None:
            return Decision(move, item, actions=("practise",))
        if move.name == "assertion" and move.focus:
            covered = covered | {move.focus}
        posed = self._again(scene, move, item, open_)
        return Decision(move, item, posed, item, covered=covered)

    def _again(self, scene: Scene, move: TeachingMove, item: Item, open_: lesson.OpenItem) -> e.ItemPosed:
        """The open question once more, as the move puts it."""
        seed = f"{scene.conversation}:{open_.turn}"
        hint = None
        if move.name == "scaffold":
            hint = next((h for h in item.hints if h.id == move.hint and h.is_scaffold), None)
        elif open_.scaffold and move.name != "scaffold_done" and move.name not in lesson.CLIMBING:
            hint = scene.hint
        if hint is not None:
            card = items.hint_card(item, hint, seed)
            return self._posed(scene, item, open_.purpose, hint.text, card, hint=hint.id)
        ask = ""
        if move.name == "prompt" and isinstance(item.body, ShortAnswer):
            ask = next((x.ask for x in item.body.expectations if x.id == move.focus), "")
        elif move.name == "repair" and item.type == "short_answer":
            wrong = open_.misconceptions[-1:]
            ask = next((m.ask for m in item.misconceptions if m.id in wrong), "")
        return self._posed(scene, item, open_.purpose, ask or item.prompt, items.card(item, seed))

    def _posed(
        self,
        scene: Scene,
        item: Item,
        purpose: str,
        prompt: str,
        card: dict[str, object],
        *,
        hint: str = "",
        reason: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> e.ItemPosed:
        return e.ItemPosed(
            turn=scene.turn,
            item=item.id,
            prompt=prompt,
            card=card,
            kcs=item.kcs,
            hint=hint,
            reason=reason,
            facts=dict(facts or {}),
            purpose=purpose,
            data=items.write_item(item),
        )

    def _onward(self, scene: Scene, move: TeachingMove, item: Item | None) -> Decision:
        activity = self._activity(scene, move, item)
        chosen = self._bank.get(scene.course.id, activity.item) if activity else None
        if activity is None or chosen is None:
            name: socratic.MoveName = "finish" if move.name in ("advance", "skip") else move.name
            facts = _outlook(scene.model)
            return Decision(replace(move, name=name), item, outcome="nothing_left", facts=facts)
        purpose = "review" if activity.kind == "review" else "practice"
        posed = self._first(scene, chosen, purpose, activity.reason, activity.facts)
        return Decision(move, item, posed, chosen)

    def _first(self, scene: Scene, item: Item, purpose: str, reason: str, facts: Mapping[str, str]) -> e.ItemPosed:
        card = items.card(item, f"{scene.conversation}:{scene.turn}")
        return self._posed(scene, item, purpose, item.prompt, card, reason=reason, facts=facts)

    def _activity(self, scene: Scene, move: TeachingMove, item: Item | None) -> pathway.Activity | None:
        """What the path offers, nearest to what the move wants; each wish is given up before there is no question."""
        rows = self._bank.summaries(scene.course.id)
        gone = frozenset(scene.lesson.asked[-30:]) | ({item.id} if item else frozenset())
        kc = item.kcs[0] if item and item.kcs else None
        wished: list[tuple[tuple[ItemSummary, ...], str | None]] = []
        match move.wanted:
            case "fresh" if kc:
                wished.append((rows, kc))
            case "transfer" if kc:
                wished.append((tuple(r for r in rows if r.transfer and kc in r.kcs), kc))
            case "challenge" if item is not None:
                harder = tuple(r for r in rows if r.transfer or r.difficulty >= item.difficulty + 0.5)
                wished.append((tuple(r for r in harder if set(r.kcs) & set(item.kcs)), kc))
            case "easier" if item is not None:
                easier = tuple(r for r in rows if r.difficulty < item.difficulty and set(r.kcs) & set(item.kcs))
                wished.append((easier, kc))
        named = self._named(scene)
        if named:
            wished.insert(0, (rows, named))
        wished.append((rows, None))
        for candidates, wanted in wished:
            found = pathway.next_activity(
                scene.course, scene.model, candidates, scene.now, exclude=gone, wanted_kc=wanted
            ) if candidates else None  # fmt: skip
            if found is not None:
                return found
        return None

    def _named(self, scene: Scene) -> str | None:
        """The component the learner chose on "My learning", sent along as the button's item; else what the answer
        before this message was about: asking for a question after reading on respiration is asking for one on it."""
        reply = scene.message.reply
        if reply is not None and reply.item:
            chosen = reply.item if reply.action == "practise" else ""
            return chosen if any(component.id == chosen for component in scene.course.components) else None
        last = scene.path[-1] if scene.path else None
        if last is None or last.posed is not None or not last.citations:
            return None
        document = self._library.document(scene.course.id, last.citations[0].document)
        return document.kcs[0] if document is not None and document.kcs else None

    def _placement(self, scene: Scene, move: TeachingMove, item: Item | None, state: Lesson) -> Decision:
        answered = list(state.placed)
        if item is not None and item.id not in (name for _, name, _ in answered):
            answered.append((item.kcs[0] if item.kcs else "", item.id, 0.0))  # passed over: not known
        step = placement.next_question(scene.course, self._bank.summaries(scene.course.id), answered)
        chosen = self._bank.get(scene.course.id, step.item) if step.item is not None else None
        if step.finished or chosen is None:
            facts = {"known": str(len(step.known)), "total": str(len(scene.course.components))}
            done = replace(move, name="placement_done")
            return Decision(done, item, actions=("practise",), outcome="placed", facts=facts, known=step.known)
        title = next((c.title for c in scene.course.components if c.id == step.kc), step.kc)
        posed = self._first(scene, chosen, lesson.PLACEMENT, "placement", {"kc": title})
        return Decision(move, item, posed, chosen)


def _outlook(model: CourseModel) -> dict[str, str]:
    """When the next review is due, for "nothing left to ask"."""
    dates = [part.review.due for part in model.components.values() if part.review is not None]
    return {"next_review": min(dates).date().isoformat()} if dates else {}


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
