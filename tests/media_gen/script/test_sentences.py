"""Where a sentence ends, in every language of films."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen import inline
from media_gen.script.sentences import split, split_runs

# A bar stands where a sentence ends.
CASES = [
    ("en", "Light falls.| Water splits!| Does it?| Yes."),
    ("en", "Dr. Smith measured 3.5 kJ, i.e. a lot.| He wrote it down."),
    ("en", "J. S. Bach lived here.| So did Mr. Brown."),
    ("en", "Use e.g. Ohm's law.| See Fig. 3 and p. 12."),
    ("en", "It has light, water, etc. and air."),
    ("en", "It has light, water, etc.| Then it grows."),
    ("en", "We met at 5 p.m. on Monday."),
    ("en", "He asked “Why?” and left.| She said “No.”| Fine."),
    ("en", "Wait... what?| It is at its max.| Then it falls to a min. 3 of 5."),
    ("en", "1. First do this.| Then that."),
    ("en", "It was 1941.| Then came the war."),
    ("en", "Write `a. B` or $x. Y$.| See [a. B](c.md).| Done."),
    ("en", "**It is so.**| *Really.*| Yes."),
    ("es", "¿Qué es la luz?| ¡Energía!| El Sr. Gómez lo sabe, p.ej. Hoy."),
    ("fr", "M. Dupont arrive.| Qu'est-ce que c'est ?| Rien."),
    ("de", "Am 3. Oktober, z.B. Montag, ist frei.| Dann nicht."),
    ("it", "Il sig. Rossi ha 3.5 litri.| Bene."),
    ("pt-BR", "A Sra. Silva chegou.| O prof. Souza não."),
    ("hi", "पौधे प्रकाश लेते हैं।| डॉ. बोस ने यह दिखाया।| क्या यह सच है?| हाँ।"),
    ("ar", "ما هو الضوء؟| إنه طاقة.| وهذا كل شيء!"),
    ("zh", "光是能量。|水被分解！|为什么？|因为光。"),
    ("zh", "他说：“好。”|然后走了。"),
    ("ja", "光です。|水は分かれます。|「はい。」|終わり。"),
]


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_sentences(language: str, marked: str) -> None:
    assert split(marked.replace("|", ""), language) == tuple(part.strip() for part in marked.split("|"))


@given(st.text(alphabet="aB .?!。।`$[]()\n1*", max_size=80), st.sampled_from(["en", "de", "zh", "hi"]))
def test_nothing_is_lost_and_nothing_is_empty(text: str, language: str) -> None:
    found = split(text, language)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(found)
    assert all(sentence == sentence.strip() for sentence in found)


@pytest.mark.parametrize("text", ["." * 100_000, "a. " * 50_000, "[" * 100_000, "`" * 100_001, "$a " * 40_000])
def test_long_text_costs_little(text: str) -> None:
    assert split(text)


def test_emphasis_over_two_sentences_is_kept_in_both() -> None:
    found = split_runs(inline.parse("**It is so. Really.** Use $a. B$ and [a. Bee](c). Yes."))
    assert [inline.render(sentence) for sentence in found] == [
        "**It is so.**",
        "**Really.**",
        "Use $a. B$ and [a. Bee](c).",
        "Yes.",
    ]
