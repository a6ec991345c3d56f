"""The guard at work on what was looked up: neither a passage nor the heading it stands under tells."""

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.values import Hit, Passage, SearchResult, Signals
from tutor.domain.items import read_item
from tutor.grading.guard_secret import secret_of
from tutor.services.judging import Judging
from tutor.services.watching import Watch

PORES = read_item(
    {
        "id": "pores",
        "type": "cloze",
        "kcs": ["gases"],
        "prompt": "Fill the gap.",
        "text": "The small openings of a leaf are called {{stomata}}.",
    },
    "plants",
)


def hit(name: str, heading: str, text: str) -> Hit:
    return Hit(Passage(name, "plants", "leaves.md", 0, ("Leaves", heading), 0, len(text), text, 0), 1.0)


def test_a_passage_whose_heading_is_the_answer_is_withheld() -> None:
    """Headings are shown: beside a quote, and as what may be asked about instead."""
    watch = Watch(Judging(HashingEmbedder()), (secret_of(PORES),))
    named = hit("named", "Stomata", "Gases pass through them, and guard cells open and close them.")
    said = hit("said", "Pores", "Stomata let gases through.")
    fine = hit("fine", "Roots", "Roots take up water from the soil.")
    result = watch.without_answers(SearchResult((named, said, fine), True, Signals("lexical", None, None, 1.0, 0.0)))
    assert [one.passage.id for one in result.hits] == ["fine"]
    assert [one.passage.id for one in result.withheld] == ["named", "said"]


def test_only_a_short_sentence_under_a_guard_of_words_is_checked_on_the_spot() -> None:
    """What embeds, or takes long, would hold up every other learner."""
    secrets = (secret_of(PORES),)
    by_words, by_meaning = Watch(Judging(None), secrets), Watch(Judging(HashingEmbedder()), secrets)
    short, long = "Think of the skin of a leaf.", "Think of the skin of a leaf. " * 20
    assert (by_words.quick(short), by_words.quick(long)) == (True, False)
    assert (by_meaning.quick(short), by_meaning.quick(long)) == (False, False)
    assert Watch(Judging(HashingEmbedder()), ()).quick(long)  # nothing is open: it only counts questions
