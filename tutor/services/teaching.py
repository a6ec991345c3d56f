"""A teaching turn, up to the words: what the message is, how the answer is graded, what it says of the learner, which
move follows and which question is put. All of it is decided without a language model; ``lesson_words`` says it.

All methods are synchronous and may embed: call them off the event loop.
"""

from collections.abc import Mapping
from dataclasses import replace

from tutor.domain import events as e
from tutor.domain import items, lesson, pathway, placement, socratic
from tutor.domain.assessment import Intent
from tutor.domain.beliefs import CourseModel
from tutor.domain.curriculum import Course
from tutor.domain.dialogue import Transcript, Turn
from tutor.domain.items.item import BadItem, Item
from tutor.domain.items.short_answer import ShortAnswer
from tutor.domain.items.summary import ItemSummary
from tutor.domain.learner import LearnerProfile
from tutor.domain.lesson import Lesson
from tutor.domain.socratic import TeachingMove
from tutor.ports import Clock, ItemBank, Library
from tutor.services.marking import CONFIDENCE, FEW_CONFIDENCES
from tutor.services.scene import Decision, Graded, Scene

#: What is said to a message that is no question, while none is open.
_IDLE: Mapping[str, socratic.MoveName] = {
    **dict.fromkeys(("chatter", "deny", "hint", "tell_me", "skip", "confirm"), "acknowledge"),
    **dict.fromkeys(("do_not_know", "frustration"), "reassure"),
    "gaming": "hold_firm",
}


class Teacher:
    """See the module."""

    def __init__(self, bank: ItemBank, library: Library, clock: Clock) -> None:
        self._bank = bank
        self._library = library
        self._clock = clock

    def scene(
        self, conversation: str, message: e.MessageSent, transcript: Transcript, profile: LearnerProfile, course: Course
    ) -> Scene:
        """Fold the path up to the message. An item that has left the course since, or was rejected, is not open; one
        that was edited since counts as it was asked, so that the card and the key belong together."""
        path = transcript.path(message.parent) if message.parent else ()
        state = lesson.fold(path)
        item = self._bank.get(course.id, state.open.item) if state.open else None
        if item is None or item.state != "approved":
            item, state = None, replace(state, open=None)
        else:
            item = _as_asked(item, path)
        hint = None
        if item is not None and state.open is not None and state.open.scaffold:
            hint = next((h for h in item.hints if h.id == state.open.scaffold and h.is_scaffold), None)
        return Scene(
            message.turn, conversation, message, transcript, path, profile, course, state, item, hint, self._clock()
        )

    def teaches(self, course: str) -> bool:
        """Whether the course has a question that may be asked."""
        return any(row.state == "approved" for row in self._bank.summaries(course))

    # -- the move --------------------------------------------------------------------------------------------------

    def decide(self, scene: Scene, understood: e.MessageUnderstood, graded: Graded | None) -> Decision | None:
        """The teaching move, or None where the message is a free question (then the course answers)."""
        intent: Intent = understood.intent  # type: ignore[assignment]  # recorded as plain text
        if scene.item is not None and scene.lesson.open is not None:
            shown = intent == "confirm" and scene.lesson.awaiting == "example"
            asks = intent in ("question", "explain") or (intent == "chatter" and _asks(scene))
            if graded is None and (shown or asks):
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
            since_last=_seconds_since(scene),
            confident=bool(reply and reply.confidence is not None),
            wants_confidence=scene.model.habits.calibration.grounds.count < FEW_CONFIDENCES,
            challenge=self._known_well(scene, item),
            example_helps=scene.model.habits.preferred_help == "example",
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
        if scene.lesson.awaiting == "confidence" and (action in CONFIDENCE or intent not in ("question", "explain")):
            # Whatever they say to it, the lesson goes on; only a question of their own comes first.
            if action in CONFIDENCE:
                move = TeachingMove(
                    "advance", "confidence_told", "How sure they were is noted.", "noted", wanted="next"
                )
            else:
                move = TeachingMove("advance", "go_on", "No answer to that.", wanted="next")
            return self.follow(scene, move, scene.lesson)
        if intent == "contest" and scene.lesson.last_graded:
            move = TeachingMove("contest_noted", "contested_grade", "The learner contests a grade.")
            return self.follow(scene, move, scene.lesson)
        if not self.teaches(scene.course.id):
            return None
        if intent == "practise" or (intent in ("skip", "confirm") and scene.lesson.mode == "practice"):
            move = TeachingMove("advance", "asked_to_practise", "The learner asked for a question.", wanted="next")
            return self.follow(scene, move, scene.lesson)
        name = _IDLE.get(intent)
        if name is None or _asks(scene):
            return None  # what asks is looked up in the course, on its topic or off it
        return Decision(TeachingMove(name, f"idle_{intent}", "No question is open."), None, actions=("practise",))

    # -- the question that goes with it ----------------------------------------------------------------------------

    def follow(self, scene: Scene, move: TeachingMove, state: Lesson) -> Decision:
        """The question to put with ``move``: the open one again, a narrower one, a scaffold, or the next."""
        item, open_ = scene.item, state.open
        covered = open_.covered if open_ else frozenset()
        if move.name in ("confirm_reading", "confirm_answer", "offer"):
            return Decision(move, item, actions=("confirm", "deny"), covered=covered)
        if move.name == "offer_example":
            return Decision(move, item, actions=("confirm", "video", "deny"), covered=covered)
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
            done = replace(move, name=name)
            return Decision(done, item, actions=("learning",), outcome="nothing_left", facts=facts)
        purpose = "review" if activity.kind == "review" else "practice"
        posed = self._first(scene, chosen, purpose, activity.reason, activity.facts)
        return Decision(move, item, posed, chosen, chosen=self._otherwise(scene))

    def _otherwise(self, scene: Scene) -> e.ActivityChosen | None:
        """What the learner chose on "My learning" in place of what the path would have offered."""
        reply, wanted = scene.message.reply, self._named(scene)
        if reply is None or not reply.item or wanted is None:
            return None
        rows = self._bank.summaries(scene.course.id)
        offered = pathway.next_activity(scene.course, scene.model, rows, scene.now)
        return e.ActivityChosen(scene.course.id, offered.kc if offered else "", wanted, "chosen_by_learner")

    def _first(self, scene: Scene, item: Item, purpose: str, reason: str, facts: Mapping[str, str]) -> e.ItemPosed:
        card = items.card(item, f"{scene.conversation}:{scene.turn}")
        return self._posed(scene, item, purpose, item.prompt, card, reason=reason, facts=facts)

    def _activity(self, scene: Scene, move: TeachingMove, item: Item | None) -> pathway.Activity | None:
        """What the path offers, nearest to what the move wants; each wish is given up before there is no question."""
        rows = self._bank.summaries(scene.course.id)
        gone = frozenset(scene.lesson.asked[-30:]) | ({item.id} if item else frozenset())
        kc = item.kcs[0] if item and item.kcs else None
        wished: list[tuple[tuple[ItemSummary, ...], str | None, pathway.Because]] = []
        match move.wanted:
            case "fresh" if kc:
                wished.append((rows, kc, "fresh"))
            case "transfer" if kc:
                wished.append((tuple(r for r in rows if r.transfer and kc in r.kcs), kc, "transfer"))
            case "challenge" if item is not None:
                harder = (r for r in rows if r.transfer or r.difficulty >= item.difficulty + 0.5)
                wished.append((tuple(r for r in harder if set(r.kcs) & set(item.kcs)), kc, "challenge"))
            case "easier" if item is not None:
                easier = (r for r in rows if r.difficulty < item.difficulty and set(r.kcs) & set(item.kcs))
                wished.append((tuple(easier), kc, "easier"))
        if named := self._named(scene):
            wished.insert(0, (rows, named, "learner"))
        wished.append((rows, None, "learner"))
        for candidates, wanted, because in wished:
            found = pathway.next_activity(
                scene.course, scene.model, candidates, scene.now, exclude=gone, wanted_kc=wanted, because=because
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
            credit = None if move.rule == "placement_unsure" else 0.0  # passed over: not known
            answered.append((item.kcs[0] if item.kcs else "", item.id, credit))
        rows = self._bank.summaries(scene.course.id)
        step = placement.next_question(scene.course, rows, answered, scene.model.seen.keys())
        chosen = self._bank.get(scene.course.id, step.item) if step.item is not None else None
        if step.finished or chosen is None:
            facts = {"known": str(len(step.known)), "total": str(len(scene.course.components))}
            done = replace(move, name="placement_done")
            actions = ("practise", "learning")
            return Decision(done, item, actions=actions, outcome="placed", facts=facts, known=step.known)
        title = next((c.title for c in scene.course.components if c.id == step.kc), step.kc)
        posed = self._first(scene, chosen, lesson.PLACEMENT, "placement", {"kc": title})
        return Decision(move, item, posed, chosen)


def _as_asked(item: Item, path: tuple[Turn, ...]) -> Item:
    """The open item as it was when it was put last; as it is now where the log can't say."""
    posed = next((turn.posed for turn in reversed(path) if turn.posed is not None), None)
    if posed is None or posed.item != item.id or not posed.data:
        return item
    try:
        return items.read_item(posed.data, item.course)
    except BadItem:
        return item  # written by another version


def _outlook(model: CourseModel) -> dict[str, str]:
    """When the next review is due, for "nothing left to ask"."""
    dates = [part.review.due for part in model.components.values() if part.review is not None]
    return {"next_review": min(dates).date().isoformat()} if dates else {}


def _asks(scene: Scene) -> bool:
    """Whether a typed message is put as a question; a button's label isn't one."""
    reply = scene.message.reply
    typed = reply is None or not (reply.action or reply.item)
    return typed and any(mark in scene.message.text for mark in "?？؟")


def _seconds_since(scene: Scene) -> float | None:
    """Since the message before; None where there is none, or where the clock was put back since."""
    seconds = (scene.now - scene.path[-1].sent_at).total_seconds() if scene.path else -1.0
    return seconds if seconds >= 0.0 else None
