"""The Socratic policy, rule by rule, and what holds for every course a dialogue can take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.lessons import CHOICE, OXYGEN, RATE, Followed
from tutor.domain.assessment import CORRECT, INCORRECT, Intent, Verdict
from tutor.domain.lesson import LEVELS, ladder
from tutor.domain.socratic import EXAMPLE_AFTER, MAX_DOUBTS, STREAK

WATER = Verdict("partial", 0.9, 0.5, covered=("water",), missing=("light",))
FROM_CO2 = Verdict("misconception", 0.1, misconception="from-co2", evidence="from carbon dioxide")
UNSURE = Verdict("unsure", 0.5, doubtful=("water",))


# -- the ladder ----------------------------------------------------------------------------------------------------


def test_the_ladder_has_a_rung_for_everything_the_author_wrote_and_its_levels_never_fall() -> None:
    rungs = ladder(OXYGEN, "water")
    assert [r.level for r in rungs] == ["pump", "hint", "hint", "prompt", "scaffold", "scaffold", "assertion"]
    assert [r.hint for r in rungs if r.hint] == ["h1", "h2", "h3"]


def test_a_level_without_material_is_absent() -> None:
    assert [r.level for r in ladder(RATE)] == ["pump", "assertion"]


def test_wrong_answers_climb_one_rung_at_a_time_up_to_the_assertion() -> None:
    followed = Followed(RATE)
    assert followed.say("answer", INCORRECT).name == "pump"
    told = followed.say("answer", INCORRECT)
    assert (told.name, told.feedback, told.wanted) == ("assertion", "told", "fresh")


def test_an_idea_that_was_told_leaves_the_others_to_the_learner() -> None:
    followed = Followed()
    names = [followed.say("do_not_know").name for _ in range(20) if followed.lesson.open]
    first = names.index("assertion")
    assert names[first + 1] == "pump"  # on to the second idea
    assert names[-1] == "assertion"
    assert followed.lesson.open is None


def test_after_an_assertion_comes_a_fresh_item() -> None:
    followed = Followed(RATE)
    followed.say("do_not_know")
    assert followed.say("do_not_know").wanted == "fresh"


# -- answers -------------------------------------------------------------------------------------------------------


def test_right_on_the_first_try_goes_on() -> None:
    move = Followed().say("answer", CORRECT)
    assert (move.name, move.rule, move.feedback) == ("advance", "right_first_try", "right")


def test_right_with_help_is_said_to_be_with_help_and_shown_again_on_a_fresh_item() -> None:
    followed = Followed()
    while followed.moves[-1:] == [] or followed.moves[-1].name != "prompt":
        followed.say("hint")
    move = followed.say("answer", CORRECT)
    assert (move.feedback, move.wanted) == ("right_with_help", "fresh")


def test_a_partial_answer_turns_to_the_first_missing_idea() -> None:
    move = Followed().say("answer", WATER)
    assert (move.name, move.feedback, move.focus) == ("pump", "partly", "light")


def test_ideas_given_one_after_the_other_make_the_answer_whole() -> None:
    followed = Followed()
    followed.say("answer", WATER)
    rest = Verdict("partial", 0.9, 1.0, covered=("water", "light"))
    assert followed.say("answer", rest).name == "advance"


def test_a_misconception_is_repaired_once_and_then_helped_like_any_wrong_answer() -> None:
    followed = Followed()
    first = followed.say("answer", FROM_CO2)
    assert (first.name, first.feedback) == ("repair", "misconception")
    assert "from carbon dioxide" in first.reason
    assert followed.say("answer", FROM_CO2).name in LEVELS


def test_doubt_asks_instead_of_judging_but_not_for_ever() -> None:
    followed = Followed()
    names = [followed.say("answer", UNSURE).name for _ in range(MAX_DOUBTS + 1)]
    assert names[:-1] == ["clarify"] * MAX_DOUBTS
    assert names[-1] in LEVELS
    assert followed.lesson.open is not None
    assert followed.lesson.open.tries == 0


def test_what_can_be_read_in_two_ways_is_asked_about_and_not_judged() -> None:
    followed = Followed(RATE)
    assert followed.say("answer", Verdict("unparsed", reading="1.5")).name == "confirm_reading"
    assert followed.lesson.awaiting == "reading"
    assert followed.say("deny").rule == "reading_denied"
    assert followed.say("answer", Verdict("unparsed")).name == "ask_again"


def test_what_may_be_no_answer_is_asked_about_and_not_judged() -> None:
    followed = Followed()
    assert followed.say("doubtful").name == "confirm_answer"
    assert followed.moves[-1].rule == "is_it_an_answer"
    assert (followed.lesson.awaiting, followed.lesson.reading) == ("answer", "…")
    assert followed.say("deny").rule == "no_answer"
    assert followed.lesson.awaiting == ""
    assert followed.lesson.open is not None
    assert followed.lesson.open.tries == 0


def test_a_message_said_to_be_the_answer_is_judged_like_one() -> None:
    followed = Followed()
    followed.say("doubtful")
    assert followed.say("confirm", Verdict("incorrect")).rule == "wrong"
    assert followed.lesson.open is not None
    assert followed.lesson.open.tries == 1


def test_a_right_answer_is_followed_by_how_sure_they_were_while_that_is_unknown() -> None:
    move = Followed(wants_confidence=True).say("answer", CORRECT)
    assert (move.name, move.closes) == ("ask_confidence", True)


def test_what_is_known_well_is_challenged() -> None:
    assert Followed(challenge=True).say("answer", CORRECT).wanted == "challenge"


def test_several_right_in_a_row_bring_a_new_setting() -> None:
    followed = Followed()
    for _ in range(STREAK - 1):
        followed.say("answer", CORRECT)
        followed._pose(OXYGEN, "practice")
    assert followed.say("answer", CORRECT).rule == "transfer"


def test_a_poll_has_no_wrong_answer() -> None:
    assert Followed().say("answer", Verdict("noted")).rule == "poll"


def test_when_wrong_answers_pile_up_the_course_itself_is_offered_once() -> None:
    followed = Followed()
    names = [followed.say("answer", INCORRECT).name for _ in range(EXAMPLE_AFTER + 1)]
    assert names.index("offer_example") == EXAMPLE_AFTER - 1
    assert names.count("offer_example") == 1


def test_who_was_helped_by_examples_is_offered_one_at_once() -> None:
    followed = Followed(example_helps=True)
    assert followed.say("answer", INCORRECT).name == "offer_example"
    assert followed.say("deny").rule == "example_declined"


# -- scaffolds -----------------------------------------------------------------------------------------------------


def scaffolded() -> Followed:
    followed = Followed()
    while not followed.moves or followed.moves[-1].name != "scaffold":
        followed.say("hint")
    return followed


def test_a_right_sub_question_leads_back_to_the_question() -> None:
    followed = scaffolded()
    assert followed.say("answer", CORRECT).name == "scaffold_done"
    assert followed.lesson.open is not None
    assert followed.lesson.open.scaffold == ""
    assert followed.lesson.open.tries == 0


def test_a_sub_question_gets_a_second_try_and_is_then_told() -> None:
    followed = scaffolded()
    assert followed.say("answer", INCORRECT).name == "ask_again"
    move = followed.say("answer", INCORRECT)
    assert (move.name, move.feedback) == ("scaffold_done", "scaffold_wrong")


# -- requests and moods --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("intent", "rule"),
    [
        ("hint", "asked_for_hint"),
        ("do_not_know", "does_not_know"),
        ("tell_me", "just_tell_me"),
        ("frustration", "frustration"),
    ],
)
def test_asking_for_help_climbs_one_rung(intent: Intent, rule: str) -> None:
    move = Followed().say(intent)
    assert (move.name, move.rule) == ("pump", rule)


def test_frustration_twice_in_a_row_offers_something_easier() -> None:
    followed = Followed()
    followed.say("frustration")
    assert followed.say("frustration").name == "offer"
    taken = followed.say("confirm")
    assert (taken.rule, taken.wanted) == ("offer_taken", "easier")


def test_an_offer_can_be_declined() -> None:
    followed = Followed()
    followed.say("frustration")
    followed.say("frustration")
    assert followed.say("deny").rule == "offer_declined"
    assert followed.lesson.open is not None


def test_pleading_and_pretending_get_nothing() -> None:
    followed = Followed()
    for _ in range(10):
        assert followed.say("gaming").name == "hold_firm"
    assert followed.lesson.open is not None
    assert followed.lesson.open.climbed == ()


def test_rattling_through_the_hints_is_slowed_down_but_help_is_never_refused_for_good() -> None:
    followed = Followed()
    names = [followed.say("hint", since_last=2.0).name for _ in range(6)]
    assert "slow_down" in names
    assert len([n for n in names if n in LEVELS]) >= 3


def test_guessing_through_options_is_slowed_down() -> None:
    followed = Followed(CHOICE)
    followed.say("answer", INCORRECT, seconds=1.0)
    assert followed.say("answer", INCORRECT, seconds=1.0).rule == "guessing"


def test_skipping_is_no_evidence_and_often_skipping_brings_something_easier() -> None:
    followed = Followed()
    assert followed.say("skip").wanted == "next"
    followed._pose(RATE, "practice")
    assert followed.say("skip").wanted == "easier"


def test_a_contested_grade_is_noted_and_the_question_stays() -> None:
    followed = Followed()
    followed.say("answer", INCORRECT)
    move = followed.say("contest")
    assert (move.name, move.closes) == ("contest_noted", False)


@pytest.mark.parametrize("intent", ["chatter", "greeting", "confirm", "deny"])
def test_small_talk_changes_nothing(intent: Intent) -> None:
    followed = Followed()
    followed.say(intent)
    assert followed.lesson.open is not None
    assert followed.lesson.open.climbed == ()
    assert followed.lesson.open.tries == 0


# -- placement -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("intent", "verdict"), [("answer", INCORRECT), ("answer", CORRECT), ("do_not_know", None), ("skip", None)]
)
def test_a_placement_asks_on_without_help_or_judgement(intent: Intent, verdict: Verdict | None) -> None:
    followed = Followed(purpose="placement")
    move = followed.say(intent, verdict)
    assert (move.name, move.feedback, move.closes) == ("placement_next", "noted", True)
    assert followed.lesson.placed == (("photosynthesis", "oxygen", verdict.credit if verdict else 0.0),)


def test_a_placement_asks_back_twice_and_then_asks_on_without_counting_the_answer() -> None:
    followed = Followed(purpose="placement")
    names = [followed.say("answer", UNSURE).name for _ in range(MAX_DOUBTS + 1)]
    assert names == ["clarify"] * MAX_DOUBTS + ["placement_next"]
    assert followed.lesson.placed == (("photosynthesis", "oxygen", None),)


@pytest.mark.parametrize("verdict", [UNSURE, Verdict("unparsed")])
def test_what_can_not_be_read_holds_no_placement_up(verdict: Verdict) -> None:
    followed = Followed(purpose="placement")
    for _ in range(MAX_DOUBTS):
        assert not followed.say("answer", verdict).closes
    assert followed.say("answer", verdict).closes


# -- what always holds ---------------------------------------------------------------------------------------------

INTENTS: tuple[Intent, ...] = (
    "hint", "tell_me", "skip", "do_not_know", "frustration", "contest", "confirm", "deny", "greeting", "chatter",
    "gaming", "practise",
)  # fmt: skip
VERDICTS = (CORRECT, INCORRECT, WATER, FROM_CO2, UNSURE, Verdict("unparsed"), Verdict("unparsed", reading="1"))
steps = st.lists(
    st.one_of(
        st.sampled_from(INTENTS).map(lambda intent: (intent, None)),
        st.sampled_from(VERDICTS).map(lambda verdict: ("answer", verdict)),
    ),
    max_size=40,
)


@given(steps, st.sampled_from([OXYGEN, RATE]))
def test_levels_are_never_skipped_and_never_come_back(dialogue, item) -> None:
    followed = Followed(item)
    taken: dict[str, list[str]] = {}
    for intent, verdict in dialogue:
        if followed.lesson.open is None:
            break
        move = followed.say(intent, verdict)
        assert move.rule
        assert move.reason
        if move.name in LEVELS:
            seen = taken.setdefault(move.focus, [])
            seen.append(move.name)
            assert [LEVELS.index(x) for x in seen] == sorted(LEVELS.index(x) for x in seen)
            available = [rung.level for rung in ladder(item, move.focus)]
            shown_elsewhere = {r.level for r in ladder(item, move.focus) if r.hint}
            for level in available[: available.index(move.name)]:
                assert level in seen or level in shown_elsewhere
    for levels in taken.values():
        assert levels.count("assertion") <= 1


@given(steps, st.sampled_from([OXYGEN, RATE, CHOICE]))
def test_a_placement_never_helps_repairs_or_says_what_was_right(dialogue, item) -> None:
    followed = Followed(item, "placement", example_helps=True, challenge=True, wants_confidence=True)
    for intent, verdict in dialogue:
        if followed.lesson.open is None:
            break
        move = followed.say(intent, verdict)
        assert move.name not in (*LEVELS, "repair", "scaffold_done", "offer", "offer_example", "advance")
        assert move.feedback in ("", "noted")
        assert move.closes or verdict is None or verdict.kind in ("unsure", "unparsed")


@given(steps)
def test_the_same_state_gives_the_same_move(dialogue) -> None:
    one, other = Followed(), Followed()
    for intent, verdict in dialogue:
        if one.lesson.open is None:
            break
        assert one.say(intent, verdict) == other.say(intent, verdict)


@given(steps)
def test_the_answer_is_told_only_at_the_top_of_the_ladder(dialogue) -> None:
    followed = Followed()
    for intent, verdict in dialogue:
        if followed.lesson.open is None:
            break
        move = followed.say(intent, verdict)
        if move.name == "assertion":
            below = {rung.level for rung in ladder(OXYGEN, move.focus)} - {"assertion"}
            climbed = {m.name for m in followed.moves if m.focus == move.focus}
            assert below - {"hint", "scaffold"} <= climbed
