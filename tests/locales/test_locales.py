import inspect
import unicodedata
from collections.abc import Mapping

import pytest

from tutor import locales
from tutor.domain import errors
from tutor.locales import PLURAL_FORMS, UnknownKey, load, placeholders, plural_form

ENGLISH = load("en")
OTHERS = [tag for tag in locales.available() if tag != "en"]
FORMS = {"en": {"one", "other"}, "es": {"one", "other"}, "ar": set(PLURAL_FORMS)}


def test_the_languages_we_ship() -> None:
    assert locales.available()[0] == "en"
    assert {"en", "es", "ar"} <= set(locales.available())
    assert [load(tag).direction for tag in ("en", "es", "ar")] == ["ltr", "ltr", "rtl"]
    assert load("es").name == "Español"
    assert all(load(tag).fonts for tag in locales.available())


@pytest.mark.parametrize("tag", OTHERS)
def test_every_language_has_the_same_keys_and_placeholders(tag: str) -> None:
    other = load(tag)
    assert set(other.strings) == set(ENGLISH.strings)
    for key, entry in ENGLISH.strings.items():
        assert placeholders(other.strings[key]) == placeholders(entry), key
        assert isinstance(other.strings[key], str) == isinstance(entry, str), key
        assert isinstance(other.strings[key], tuple) == isinstance(entry, tuple), key


@pytest.mark.parametrize("tag", locales.available())
def test_nothing_is_empty_and_plurals_have_their_forms(tag: str) -> None:
    for key, entry in load(tag).strings.items():
        texts = [entry] if isinstance(entry, str) else list(entry.values() if isinstance(entry, Mapping) else entry)
        assert texts, key
        assert all(text.strip() for text in texts), key
        assert all(unicodedata.normalize("NFC", text) == text for text in texts), key
        if isinstance(entry, Mapping):
            assert set(entry) == FORMS[tag], key


@pytest.mark.parametrize("tag", locales.available())
def test_every_error_has_its_words(tag: str) -> None:
    tree = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.DiotimaError)]
    assert len(tree) > 15
    for error in tree:
        assert load(tag).t(f"error.{error.code}")
        if issubclass(error, errors.ModelError):
            assert load(tag).t(f"tutor.model_failed.{error.code}")


@pytest.mark.parametrize("tag", OTHERS)
def test_other_languages_are_translated(tag: str) -> None:
    same = {
        key
        for key, entry in ENGLISH.strings.items()
        if isinstance(entry, str) and len(entry) > 11 and load(tag).strings[key] == entry
    }
    assert same == set()


@pytest.mark.parametrize("tag", locales.available())
def test_greetings_are_as_the_policy_compares_them(tag: str) -> None:
    for greeting in load(tag).greetings:
        assert greeting == greeting.lower()
        assert greeting == " ".join(greeting.split())
        assert not any(unicodedata.category(c).startswith("P") for c in greeting)


def test_placeholders_are_filled() -> None:
    assert load("en").t("chat.citation", number=2, title="ATP {x}") == "Source 2: ATP {x}"
    assert load("es").t("list.last", rest="a, b", last="c") == "a, b y c"


@pytest.mark.parametrize(
    ("tag", "count", "wording"),
    [
        ("en", 1, "1 document"),
        ("en", 0, "0 documents"),
        ("es", 3, "3 documentos"),
        ("ar", 0, "لا مستندات"),
        ("ar", 1, "مستند واحد"),
        ("ar", 2, "مستندان"),
        ("ar", 3, "3 مستندات"),
        ("ar", 10, "10 مستندات"),
        ("ar", 11, "11 مستندًا"),
        ("ar", 100, "100 مستند"),
        ("ar", 103, "103 مستندات"),
        ("ar", 111, "111 مستندًا"),
    ],
)
def test_plurals(tag: str, count: int, wording: str) -> None:
    assert load(tag).t("material.documents", count=count) == wording
    assert plural_form(tag, count) in FORMS[tag]


def test_variants_wrap_round() -> None:
    locale = load("en")
    variants = locale.variants("tutor.extractive.follow_up")
    assert len(variants) >= 4
    assert locale.variant("tutor.extractive.follow_up", len(variants), topic="ATP") == variants[0]
    assert "“ATP”" in locale.variant("tutor.extractive.follow_up", 1, topic="ATP")
    assert locale.variants("app.name") == ("Diotima",)


@pytest.mark.parametrize(
    ("items", "row"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listing(items: list[str], row: str) -> None:
    assert load("en").listing(items) == row


def test_foreign_words_keep_their_own_direction() -> None:
    arabic, english = load("ar"), load("en")
    assert arabic.t("chat.empty.suggestion", topic="ATP") == "ماذا يقول المقرر عن «\u2068ATP\u2069»؟"
    assert arabic.t("chat.empty.suggestion", topic="الطاقة") == "ماذا يقول المقرر عن «الطاقة»؟"
    assert "\u2068الطاقة\u2069" in english.t("chat.empty.suggestion", topic="الطاقة")
    assert "\u2068" not in english.t("chat.empty.suggestion", topic="ATP")
    row = arabic.listing(["ATP", "الطاقة", "Light"])
    assert row == "\u2068ATP\u2069، الطاقة و\u2068Light\u2069"
    assert row in arabic.t("tutor.not_covered", topics=row)


def test_mistakes_are_loud() -> None:
    with pytest.raises(UnknownKey):
        load("en").t("chat.no_such_key")
    with pytest.raises(UnknownKey):
        load("en").t("chat.citation", number=1)
    with pytest.raises(UnknownKey):
        load("en").t("chat.looked_at")


@pytest.mark.parametrize(
    ("asked", "given"), [("en", "en"), ("es-MX", "es"), ("ar_EG", "ar"), ("AR-eg", "ar"), ("tlh", "en"), ("", "en")]
)
def test_the_nearest_language_is_given(asked: str, given: str) -> None:
    assert load(asked).tag == given


def test_a_section_is_what_a_page_hands_to_its_scripts() -> None:
    section = load("ar").section("chat.connection")
    assert section["connected"] == "متصل"
    assert isinstance(section["reconnecting"], dict)
    assert "connected" not in load("ar").section("chat.keys")
