"""The Socratic policy: what the tutor does next while it teaches, and the rule that decided it.

Expectation-and-misconception-tailored dialogue (Graesser et al., 2004). ``next_move`` is pure: the same state gives
the same move. One question a turn: a move either climbs the ladder of the open question, asks about the answer, or
closes the question and lets the path choose the next. A level of help is never skipped and never comes back
(``tutor.domain.lesson``); after an assertion the learner shows it on a fresh item.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from tutor.domain.assessment import Intent, Verdict
from tutor.domain.items.item import Item
from tutor.domain.lesson import Lesson, OpenItem, next_rung, uncovered

MoveName = Literal[
    # the ladder
    "pump",
    "hint",
    "prompt",
    "scaffold",
    "assertion",
    # about the answer
    "repair",
    "clarify",
    "confirm_reading",
    "confirm_answer",
    "ask_again",
    "scaffold_done",
    "ask_confidence",
    # about the learner
    "reassure",
    "hold_firm",
    "slow_down",
    "nudge",
    "acknowledge",
    "contest_noted",
    "offer",
    "offer_example",
    "resume",
    # on to the next
    "advance",
    "skip",
    "finish",
    "placement_next",
    "placement_done",
]

#: What is said of the answer before the move: honest, and never praise for nothing.
Feedback = Literal[
    "",
    "right",
    "right_with_help",
    "right_streak",
    "partly",
    "not_yet",
    "misconception",
    "told",
    "scaffold_right",
    "scaffold_wrong",
    "noted",
    "no_problem",
    "tell_me",
]

#: What the path is asked for when a question is done with.
Wanted = Literal["", "next", "fresh", "challenge", "transfer", "easier"]

#: After so many doubtful answers to one item comes a rung of help: asking for ever is none.
MAX_DOUBTS = 2
#: So many requests for help without a try in between, and the last within so many seconds: a rattle through the hints.
RAPID_HELP = 3
RAPID_SECONDS = 8.0
#: An answer sooner than this (seconds) after the last one, wrong again, is a guess.
GUESS_SECONDS = 4.0
#: Wrong answers to one question before an example is offered to somebody of whom nothing is known.
EXAMPLE_AFTER = 3
#: Right answers in a row after which something harder is due.
STREAK = 3


@dataclass(frozen=True)
class TeachingMove:
    """``rule`` names the rule that fired and ``reason`` says it in a sentence for a reviewer. ``hint`` and ``focus``
    are the rung's. ``wanted`` asks the path for the next question. ``recap`` asks for the open question's ideas to be
    said together."""

    name: MoveName
    rule: str
    reason: str
    feedback: Feedback = ""
    hint: str = ""
    focus: str = ""
    wanted: Wanted = ""
    recap: bool = False

    @property
    def closes(self) -> bool:
        """Whether the tutor is done with the open question."""
        return bool(self.wanted)


@dataclass(frozen=True)
class State:
    """All a decision rests on.

    ``lesson`` is as of this message, its grade folded in; ``newly`` are the expectations that this answer covered for
    the first time. ``seconds`` were spent on the answer, ``since_last`` passed since the message before.
    ``wants_confidence`` says that little is known of how well the learner judges themself, ``confident`` that they
    stated it with this answer. ``challenge`` says that the evidence is for something harder, and ``example_helps``
    that seeing the matter worked out was followed by success before.
    """

    lesson: Lesson
    intent: Intent
    item: Item
    open: OpenItem
    verdict: Verdict | None = None
    newly: tuple[str, ...] = ()
    seconds: float | None = None
    since_last: float | None = None
    confident: bool = True
    wants_confidence: bool = False
    challenge: bool = False
    example_helps: bool = False


Rule = Callable[[State], TeachingMove | None]


def next_move(state: State) -> TeachingMove:
    """The first rule that applies, in the order of ``RULES``."""
    for rule in RULES:
        move = rule(state)
        if move is not None:
            return move
    raise AssertionError("the last rule applies always")


def climb(state: State, rule: str, reason: str, feedback: Feedback = "") -> TeachingMove:
    """One rung up the ladder of the first uncovered expectation."""
    left = uncovered(state.item, state.open.covered)
    focus = state.open.focus if state.open.focus in left else (left[0] if left else "")
    rung = next_rung(state.item, state.open, focus)
    if rung.level == "assertion":
        rest = [other for other in left if other != focus]
        if not rest:
            return _told(state, rule, reason, focus)
    return TeachingMove(rung.level, rule, reason, feedback, rung.hint, focus)


def _told(state: State, rule: str, reason: str, focus: str) -> TeachingMove:
    return TeachingMove("assertion", rule, reason, "told", "", focus, "fresh", recap=len(state.open.climbed) >= 4)


# -- what was asked before -----------------------------------------------------------------------------------------


def awaited(state: State) -> TeachingMove | None:
    """A yes or no to what the tutor asked; anything else is taken for itself."""
    if state.verdict is not None:
        return None
    match state.lesson.awaiting, state.intent:
        case "answer", "deny":
            return TeachingMove("resume", "no_answer", "It was not meant as an answer, so it isn't judged.")
        case "reading", "deny":
            return TeachingMove("ask_again", "reading_denied", "It was read wrongly, so it isn't judged.")
        case "offer", "confirm":
            return TeachingMove("skip", "offer_taken", "The offer of an easier question was taken.", wanted="easier")
        case "offer", "deny":
            return TeachingMove("resume", "offer_declined", "The learner stays with the question.")
        case "example", "deny":
            return climb(state, "example_declined", "No example wanted: one rung of help instead.")
    return None


def is_it_an_answer(state: State) -> TeachingMove | None:
    if state.verdict is not None or state.intent != "doubtful":
        return None
    return TeachingMove("confirm_answer", "is_it_an_answer", "It may not be meant as an answer, so I ask.")


# -- requests and moods --------------------------------------------------------------------------------------------


def placement(state: State) -> TeachingMove | None:
    """Every judged answer leads on, and so does one that was asked about often enough: there is no ladder here."""
    if state.lesson.mode != "placement" or state.open.purpose != "placement":
        return None
    if state.verdict is not None and state.verdict.kind in ("unsure", "unparsed"):
        if state.open.doubts <= MAX_DOUBTS:
            return None  # asked about like any other answer
        return TeachingMove(
            "placement_next", "placement_unsure", "Asked often enough: on, and it counts for nothing.", "noted",
            wanted="next",
        )  # fmt: skip
    if state.verdict is not None or state.intent in ("do_not_know", "skip", "tell_me", "hint", "frustration"):
        return TeachingMove("placement_next", "placement", "A placement asks on, without help.", "noted", wanted="next")
    return None


def contested(state: State) -> TeachingMove | None:
    if state.intent != "contest":
        return None
    return TeachingMove("contest_noted", "contested_grade", "The learner contests a grade; a person will look at it.")


def skipped(state: State) -> TeachingMove | None:
    if state.intent not in ("skip", "practise"):
        return None
    wanted: Wanted = "easier" if state.lesson.skips >= 2 else "next"
    return TeachingMove("skip", "asked_to_skip", "The learner chose otherwise; skipping is no evidence.", wanted=wanted)


def declined(state: State) -> TeachingMove | None:
    """A poll asks for a view: who has none, or wants help with it, is asked something else."""
    if state.item.type != "poll" or state.verdict is not None:
        return None
    if state.intent not in ("do_not_know", "hint", "tell_me", "frustration"):
        return None
    return TeachingMove("skip", "poll_declined", "A view can't be helped along; on to the next.", wanted="next")


def gaming(state: State) -> TeachingMove | None:
    if state.intent == "gaming":
        return TeachingMove(
            "hold_firm", "gaming", "The message tries to get the answer by pleading, pretending or guessing through."
        )
    wants_help = state.intent in ("hint", "tell_me")
    rapid = state.since_last is not None and state.since_last < RAPID_SECONDS
    if wants_help and rapid and state.open.help_since_try >= RAPID_HELP and state.open.help_since_try % 2 == 1:
        return TeachingMove("slow_down", "rapid_hints", "Several requests for help without a try in between.")
    return None


def frustrated(state: State) -> TeachingMove | None:
    if state.intent != "frustration":
        return None
    if state.lesson.frustrations >= 2:
        return TeachingMove(
            "offer", "frustration_again", "Frustrated twice in a row: an easier question, or a break, is offered."
        )
    move = climb(state, "frustration", "Frustrated: acknowledged, and one rung of help.", "no_problem")
    return move if move.name == "assertion" else replace(move, feedback="no_problem")


def asks_for_help(state: State) -> TeachingMove | None:
    match state.intent:
        case "hint":
            return climb(state, "asked_for_hint", "The learner asked for help: one rung.")
        case "do_not_know":
            return climb(state, "does_not_know", "Not knowing is a start: one rung of help.", "no_problem")
        case "tell_me":
            return climb(state, "just_tell_me", "The answer was asked for: help climbs one rung at a time.", "tell_me")
    return None


def silence(state: State) -> TeachingMove | None:
    if state.intent in ("chatter", "greeting"):
        name: MoveName = "resume" if state.intent == "greeting" else "acknowledge"
        return TeachingMove(name, "off_topic", "Not about the question: acknowledged, and back to it.")
    if state.verdict is None and state.intent in ("confirm", "deny"):
        return TeachingMove("nudge", "bare_yes_or_no", "A bare yes or no can't be graded; a sentence is asked for.")
    if state.verdict is None:
        return TeachingMove("nudge", "silence", "Nothing that could be graded: time and help are offered.")
    return None


# -- answers -------------------------------------------------------------------------------------------------------


def doubtful(state: State) -> TeachingMove | None:
    verdict = _verdict(state)
    if verdict.kind == "unparsed":
        if verdict.reading:
            return TeachingMove("confirm_reading", "unparsed", "It could be read in more than one way, so I ask.")
        return TeachingMove("ask_again", "unreadable", "It couldn't be read, so it isn't judged.")
    if verdict.kind == "unsure" and state.open.doubts <= MAX_DOUBTS:
        return TeachingMove("clarify", "unsure", "Near the mark: I would rather ask than mark it wrong.")
    return None


def scaffolded(state: State) -> TeachingMove | None:
    if not state.open.scaffold:
        return None
    verdict = _verdict(state)
    if verdict.kind == "correct":
        return TeachingMove(
            "scaffold_done", "scaffold_right", "The sub-question is right: back to the question.", "scaffold_right",
            state.open.scaffold, state.open.focus,
        )  # fmt: skip
    if state.open.scaffold_tries < 2:
        return TeachingMove(
            "ask_again", "scaffold_again", "A second try at the sub-question.", "not_yet", state.open.scaffold
        )
    return TeachingMove(
        "scaffold_done", "scaffold_told", "Two tries: the sub-question's answer is told.", "scaffold_wrong",
        state.open.scaffold, state.open.focus,
    )  # fmt: skip


def right(state: State) -> TeachingMove | None:
    verdict = _verdict(state)
    done = verdict.kind == "correct" or (verdict.kind == "partial" and not uncovered(state.item, state.open.covered))
    if not done and verdict.kind != "noted":
        return None
    if verdict.kind == "noted":
        return TeachingMove("advance", "poll", "A poll has no wrong answer.", "noted", wanted="next")
    helped = state.open.level is not None
    if helped:
        return TeachingMove(
            "advance", "right_with_help", "Right, with help that is counted.", "right_with_help",
            wanted="fresh" if state.open.level in ("prompt", "scaffold", "assertion") else "next",
            recap=state.open.tries >= 4,
        )  # fmt: skip
    if state.open.tries > 1:
        return TeachingMove("advance", "right_at_last", "Right after a wrong try.", "right", wanted="next")
    if state.wants_confidence and not state.confident:
        return TeachingMove(
            "ask_confidence", "calibrate", "Right; how sure the learner was is not known yet.", "right", wanted="next"
        )
    if state.challenge:
        return TeachingMove("advance", "challenge", "Known well: something harder.", "right", wanted="challenge")
    if state.lesson.streak >= STREAK and state.lesson.streak % STREAK == 0:
        return TeachingMove(
            "advance", "transfer", f"{state.lesson.streak} right in a row: the idea in a new setting.", "right_streak",
            wanted="transfer",
        )  # fmt: skip
    return TeachingMove("advance", "right_first_try", "Right on the first try.", "right", wanted="next")


def misconceived(state: State) -> TeachingMove | None:
    verdict = _verdict(state)
    if verdict.kind != "misconception" or verdict.misconception in state.open.repaired:
        return None
    return TeachingMove("repair", "misconception", f"The answer shows it: “{verdict.evidence}”.", "misconception")


def guessing(state: State) -> TeachingMove | None:
    """Wrong again within seconds on a question with options: guessing through them."""
    quick = state.seconds is not None and state.seconds < GUESS_SECONDS
    closed = state.item.type in ("multiple_choice", "matching", "ordering")
    if quick and closed and _verdict(state).kind == "incorrect" and state.open.wrong == 2:
        return TeachingMove("slow_down", "guessing", "Two wrong answers within seconds: a reason is asked for first.")
    return None


def example(state: State) -> TeachingMove | None:
    """Once for a question: to see the matter in the course, when that helped before or wrong answers pile up."""
    patience = 1 if state.example_helps else EXAMPLE_AFTER
    if _verdict(state).kind == "correct" or state.open.offered or state.open.wrong < patience:
        return None
    why = "Seeing it worked out has helped before." if state.example_helps else f"Wrong {state.open.wrong} times."
    return TeachingMove("offer_example", "offer_example", why, "not_yet")


def partial(state: State) -> TeachingMove | None:
    verdict = _verdict(state)
    if verdict.kind != "partial":
        return None
    return climb(state, "partly_right", "Some ideas are there; the first missing one is worked on.", "partly")


def wrong(state: State) -> TeachingMove | None:
    if _verdict(state).kind == "unsure":
        return climb(state, "still_unsure", "Asked often enough: help instead, and neither right nor wrong is said.")
    return climb(state, "wrong", "Not yet: one rung of help on the first missing idea.", "not_yet")


def _verdict(state: State) -> Verdict:
    assert state.verdict is not None  # the rules before these took everything that isn't an answer
    return state.verdict


#: In this order. Requests and moods come before grades; within grades doubt comes before judgement.
RULES: tuple[Rule, ...] = (
    awaited,
    is_it_an_answer,
    contested,
    placement,
    skipped,
    declined,
    gaming,
    frustrated,
    asks_for_help,
    silence,
    doubtful,
    scaffolded,
    right,
    misconceived,
    guessing,
    example,
    partial,
    wrong,
)
