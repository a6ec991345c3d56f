"""What is particular to the fitted judge: its weights, its features, sentences, memory, languages."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedders.e5 import E5Embedder
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.errors import EmbedderUnavailable
from tests.grading.conftest import hashing_judge
from tutor.domain.items.item import TextJudge
from tutor.grading import classifier, features
from tutor.grading.classifier import FURTHEST, Fitted, Logistic, file_name, fitted, key
from tutor.grading.memory import MEMORY, ItemMemory
from tutor.grading.opposition import contrast
from tutor.grading.reading import read
from tutor.grading.text import FittedTextJudge, judge_for
from tutor.grading.words import WordJudge

E5 = key(E5Embedder.name, E5Embedder.version)


def shipped() -> Fitted:
    found = fitted(E5)
    assert found is not None
    return found


def test_an_embedder_without_weights_is_judged_by_words() -> None:
    assert isinstance(judge_for(None), WordJudge)
    assert isinstance(judge_for(HashingEmbedder()), WordJudge)


def test_shipped_weights_fit_the_features_and_say_their_licence() -> None:
    weights = shipped()
    assert weights.same.features == features.SAME
    assert weights.across.features == features.ACROSS
    assert weights.remembering.features == MEMORY
    assert len(weights.products.weights) == 2 * E5Embedder.dimensions
    assert weights.licence == "CC BY-SA 3.0"
    assert "bench.grading_train" in weights.command
    assert 0 < weights.bands.low < weights.bands.high < 1


def test_weights_read_back_as_they_were_written() -> None:
    assert Fitted.from_json(shipped().to_json()) == shipped()
    with pytest.raises(ValueError, match="grading_train"):
        Fitted.from_json('{"format": 0}')


def test_every_shipped_file_is_named_by_its_embedder() -> None:
    for path in (Path(classifier.__file__).parent / "data").glob("*.json"):
        text = path.read_text(encoding="utf-8")
        if '"products"' in text:
            assert path.name == file_name(Fitted.from_json(text).embedder)


def test_a_feature_far_out_says_no_more_than_one_at_the_edge() -> None:
    one = Logistic(("x",), (0.0,), (1.0,), (2.0,), 1.0)
    assert one.logit([1e9]) == one.logit([FURTHEST]) == 1 + 2 * FURTHEST


def test_the_golden_features() -> None:
    """A change here changes what the shipped weights mean: fit them anew."""
    asked, statement, given = (
        read(text, "en")
        for text in (
            "What happens to the cell?",
            "Water leaves the cell and it shrinks.",
            "The watr flows out of the cell, so it shrinks.",
        )
    )
    letters = features.Letters(
        "Water leaves the cell and it shrinks.", "The watr flows out of the cell, so it shrinks."
    )
    found = features.lexical(asked, statement, given, letters, contrast(asked, statement, given, same_language=True))
    named = dict(zip(features.LEXICAL, found, strict=True))
    assert len(found) == len(features.LEXICAL)
    assert named["said"] == pytest.approx(0.5)
    assert named["to_the_point"] == pytest.approx(0.5)
    assert named["new_said"] == pytest.approx(1 / 3)
    assert named["repeated"] == pytest.approx(0.25)
    assert named["said_nearly"] == pytest.approx((2 + 8 / 11) / 4)
    assert (named["negation"], named["direction"], named["number"], named["turned"]) == (0, 0, 0, 0)

    def unit(*values: float) -> np.ndarray:
        return np.array(values, dtype=np.float32) / np.linalg.norm(values)

    dense = features.dense(unit(1, 0, 0), unit(0, 1, 0), unit(0, 1, 1))
    assert dense == pytest.approx((0.7071068, 0, 0, 0.7071068, 0.7071068), abs=1e-5)
    worded = features.worded(
        np.stack([unit(1, 0, 0)]), np.stack([unit(1, 0, 0), unit(0, 1, 0)]), np.stack([unit(0, 1, 0)]), 0.5
    )
    assert worded == pytest.approx((0.5, 1, 0.999, 1, 0, 1, 0.5005, 1, 2 / 3), abs=1e-3)


def test_one_sentence_of_a_long_answer_is_enough() -> None:
    judge = hashing_judge()
    said = "Water leaves the cell."
    answer = f"I thought about that for a while. {said} My sister says hello."
    assert judge.coverage("What happens?", [[said]], answer, "en")[0] >= judge.bands.high


def test_a_sentence_against_it_makes_doubtful() -> None:
    judge = hashing_judge()
    found = judge.coverage("What happens?", [["Water leaves the cell."]],
                           "Water leaves the cell. Water does not leave the cell.", "en")[0]  # fmt: skip
    assert judge.bands.low <= found < judge.bands.high


def test_memory_prefers_what_like_answers_were_judged() -> None:
    embedder = HashingEmbedder(64)
    right = ["it dissolves in water", "the salt dissolves", "salt is dissolved by water"]
    wrong = ["it burns in air", "the salt burns", "salt is burnt by air"]
    texts = [*right, *wrong]
    memory = ItemMemory(embedder.embed_queries(texts), [read(t, "en").stems for t in texts], [True] * 3 + [False] * 3)

    def of(text: str) -> dict[str, float]:
        found = memory.features(embedder.embed_queries([text])[0], read(text, "en").stems, 0.0)
        return dict(zip(MEMORY, found, strict=True))

    good, bad = of("salt dissolves in the water"), of("salt burns in the air")
    for name in ("like_in_meaning", "like_in_words", "like_in_both", "nearest_in_meaning", "nearest_in_words"):
        assert good[name] > bad[name]
    assert good["usual"] == bad["usual"] == 0


def test_left_out_is_what_the_others_say() -> None:
    embedder = HashingEmbedder(64)
    texts = ["a red fox", "a red dog", "the blue sea", "a blue sky", "red wine"]
    right = [True, True, False, False, True]
    stems = [read(text, "en").stems for text in texts]
    vectors = embedder.embed_queries(texts)
    rows = ItemMemory(vectors, stems, right).left_out([0.1] * 5)
    assert len(rows) == 5
    others = ItemMemory(vectors[1:], stems[1:], right[1:]).features(vectors[0], stems[0], 0.1)
    assert rows[0][MEMORY.index("nearest_in_meaning")] == pytest.approx(others[MEMORY.index("nearest_in_meaning")])
    assert rows[0][MEMORY.index("usual")] == pytest.approx(others[MEMORY.index("usual")])


def test_graded_answers_weigh_in_but_never_lift_the_hard_rule() -> None:
    statement, answer = "Water leaves the cell.", "it goes all shrivelly"
    graded = [("it gets shrivelly", True), ("it goes shrivelly all over", True), ("it bursts", False), ("pops", False)]
    plain = hashing_judge()
    taught = FittedTextJudge(HashingEmbedder(E5Embedder.dimensions), shipped(), lambda question, said: graded)
    before = plain.coverage("What happens?", [[statement]], answer, "en")[0]
    assert taught.coverage("What happens?", [[statement]], answer, "en")[0] > before
    liar = FittedTextJudge(
        HashingEmbedder(E5Embedder.dimensions),
        shipped(),
        lambda question, said: [("Water does not leave it.", True)] * 5,
    )
    found = liar.coverage("What happens?", [[statement]], "Water does not leave the cell.", "en")[0]
    assert found < liar.bands.low


def test_an_embedder_that_is_not_there_is_a_typed_error(tmp_path: Path) -> None:
    judge = judge_for(E5Embedder(tmp_path))
    with pytest.raises(EmbedderUnavailable):
        judge.coverage("What happens?", [["Water leaves the cell."]], "It dries.", "en")


@pytest.mark.parametrize(
    ("question", "statement", "answer", "language"),
    [
        ("What do mitochondria do?", "Mitochondria release the energy of food.", "They give the cell its energy from food.", "en"),  # noqa: E501
        ("What happens to the pressure?", "The pressure increases.", "It goes up.", "en"),
        ("What do plants do with oxygen?", "They release oxygen into the air.", "Desprenden oxígeno al aire.", "es"),
        ("What do plants do with oxygen?", "They release oxygen into the air.", "تطلق الأكسجين في الهواء.", "ar"),
        ("What do plants do with oxygen?", "They release oxygen into the air.", "它们向空气中释放氧气。", "zh"),
    ],
)  # fmt: skip
def test_paraphrases_and_translations_are_not_rejected(
    e5_judge: TextJudge, question: str, statement: str, answer: str, language: str
) -> None:
    assert e5_judge.coverage(question, [[statement]], answer, language)[0] >= e5_judge.bands.low


def test_what_is_off_topic_is_not_covered(e5_judge: TextJudge) -> None:
    for language, answer in (("en", "I like football."), ("es", "Me gusta el fútbol."), ("zh", "我喜欢足球。")):
        found = e5_judge.coverage("What is osmosis?", [["Water moves through a membrane."]], answer, language)[0]
        assert found < e5_judge.bands.high


def test_the_weights_are_a_value() -> None:
    assert dataclasses.replace(shipped()) == shipped()
