"""What a learner types when they want a film."""

import pytest

from tutor.services.explain.wish import Wish, wish_in
from tutor.services.explain.wish_words import wish_words

ASKING = {
    "show me a video about that, in Spanish": Wish("", "es"),
    "Can you make a short film about photosynthesis?": Wish("photosynthesis"),
    "video please": Wish(""),
    "I'd like to watch a video on how stomata open in the light, in German please": Wish(
        "how stomata open in the light", "de"
    ),
    "muéstrame un vídeo sobre la fotosíntesis": Wish("la fotosíntesis"),
    "¿puedes hacer un video sobre el ATP en inglés?": Wish("el ATP", "en"),
    "أرني فيديو عن التمثيل الضوئي بالعربية": Wish("التمثيل الضوئي", "ar"),
    "a video in Portuguese": Wish("", "pt-BR"),
}


@pytest.mark.parametrize(("message", "wish"), ASKING.items(), ids=list(ASKING))
def test_a_wish_with_its_topic_and_language(message: str, wish: Wish) -> None:
    found = wish_in(message, wish_words())
    assert found is not None
    assert found.language == wish.language
    assert found.about.casefold().removeprefix("la ").removeprefix("el ") == wish.about.casefold().removeprefix(
        "la "
    ).removeprefix("el ")


@pytest.mark.parametrize(
    "message",
    [
        "The energy of sunlight",
        "What does ATP do?",
        "The camera recorded sunlight on a video of the leaf for ten minutes",
        "",
        "Chlorophyll absorbs red light in Spanish plants",
    ],
)
def test_what_is_no_wish(message: str) -> None:
    assert wish_in(message, wish_words()) is None
