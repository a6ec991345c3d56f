"""Steps of a slide appear as they are spoken."""

from hypothesis import given
from hypothesis import strategies as st

from media_gen.reveal import automatic

TEXTS = st.lists(st.text(alphabet="abcd 光合", max_size=12), max_size=8)


def test_a_step_is_shown_by_the_sentence_that_speaks_of_it() -> None:
    steps = ["Light from the sun", "Water from the soil", "Carbon dioxide from the air"]
    sentences = [
        "A plant needs three things.",
        "It needs light, which brings energy.",
        "That is true of every plant.",
        "It needs water, which the roots take up.",
        "And it needs carbon dioxide.",
    ]
    assert automatic(steps, sentences) == (None, 1, None, 2, 3)


def test_a_word_of_meaning_outweighs_those_of_grammar() -> None:
    sentences = ["Every node of a cluster sees it.", "Now it is on."]
    assert automatic(["The path is the same on all clusters"], sentences) == (1, None)


def test_an_introduction_comes_first_where_words_do_not_decide() -> None:
    assert automatic(["x", "y"], ["One.", "Two.", "Three."]) == (None, 1, 2)


def test_fewer_sentences_than_steps() -> None:
    assert automatic(["a1", "b2", "c3", "d4"], ["All.", "Of them."]) == (2, 4)


def test_chinese_is_compared_without_spaces() -> None:
    assert automatic(["光反应", "水的分解"], ["先说光反应。", "它很快。", "然后是水的分解。"]) == (1, None, 2)


def test_many_steps_cost_little() -> None:
    assert automatic(["a"] * 3000, ["a b c."] * 3000)[-1] == 3000


@given(TEXTS, TEXTS)
def test_reveals_rise_and_end_with_everything(steps: list[str], sentences: list[str]) -> None:
    shown = [count for count in automatic(steps, sentences) if count is not None]
    assert shown == sorted(set(shown))
    if steps and sentences:
        assert shown[-1] == len(steps)


@given(st.lists(st.sampled_from(["light", "water", "air", "root"]), min_size=1, max_size=4, unique=True))
def test_each_step_is_shown_at_the_latest_when_it_is_spoken(steps: list[str]) -> None:
    sentences = ["To begin."] + [f"Now {step}." for step in steps] + ["The end."]
    reveals = automatic(steps, sentences)
    now = 0
    for index, sentence in enumerate(sentences):
        now = reveals[index] if reveals[index] is not None else now  # type: ignore[assignment]
        for at, step in enumerate(steps):
            if step in sentence:
                assert now > at
