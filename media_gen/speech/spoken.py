"""Text as it is written becomes text as a person would read it, in its language.

Numbers, units, formulas, abbreviations and signs are put in words by the tables of the language's file ([spoken.*])
and the rules below; markup is taken away. What is done is put in a *held* place (a private character that stands for
it), so that no later rule reads it again.
"""

import re
import unicodedata
from collections.abc import Sequence

from media_gen import inline
from media_gen.language import Language
from media_gen.speech import chemistry, formulas, quantities, spelling

VERSION = "1"  # of the rules here and in the modules that they call

HELD = 0xE000  # first of the private characters
NUMBER = r"\d\ue000-\uf8ff"  # a digit, or what stands for words that were a number
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()]+|\b[\w.+-]+@[\w-]+\.[\w.]+\b")
IDENTIFIER = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]")
LONGEST_CODE = 40  # characters of code that are still read out
SILENT = frozenset(("So", "Sk", "Sm", "Co", "Cs", "Cf", "Cc"))
JOINERS = "\u200c\u200d"  # they shape Indic and Persian words
UNHEARD = re.compile(r"[*_|\\{}\[\]`“”„«»\"<>^~#=]+")


def read_aloud(text: str, language: Language, pronunciations: Sequence[tuple[str, str]] = ()) -> str:
    """What a voice is given for inline Markdown ``text``. ``pronunciations`` are (as written, as said), said as given.

    Empty where nothing in the text can be said.
    """
    held = Held()
    parts = []
    for run in inline.parse(text):
        if run.kind == "maths":
            parts.append(f" {held.keep(formulas.maths(run.text, language))} ")
        elif run.kind == "code":
            parts.append(f" {held.keep(code(run.text, language))} ")
        else:
            parts.append(run.text)
    said = held.restore(prose("".join(parts), language, pronunciations, held))
    return _tidy(said, language)


class Held:
    """Words that are final, and the characters that stand for them."""

    def __init__(self) -> None:
        self._words: list[str] = []

    def keep(self, words: str) -> str:
        self._words.append(words)
        return chr(HELD + len(self._words) - 1)

    def restore(self, text: str) -> str:
        for at in reversed(range(len(self._words))):  # later ones may hold earlier ones
            text = text.replace(chr(HELD + at), self._words[at])
        return text


def prose(text: str, language: Language, pronunciations: Sequence[tuple[str, str]], held: Held) -> str:
    spoken = language.spoken
    text = _plain_digits(unicodedata.normalize("NFC", text))
    for written, said in sorted(pronunciations, key=lambda pair: -len(pair[0])):
        text = _replace_word(text, written, held.keep(said))
    text = ADDRESS.sub(lambda m: held.keep(_address(m[0], language)), text)
    text = quantities.read(text, language, held.keep)
    for written, said in sorted(spoken["abbreviations"].items(), key=lambda row: -len(row[0])):
        text = _abbreviation(text, written, said, language, held)
    text = spelling.read(text, language, held.keep)
    return _signs(text, language, held)


def code(text: str, language: Language) -> str:
    """Short code is read without its signs but those with a name, ``camelCase`` and ``snake_case`` as their words."""
    if len(text) > LONGEST_CODE:
        return language.spoken["phrases"]["code"]
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("_", " "))
    parts = [
        spelling.number(part, language)
        if part.isdigit()
        else language.spoken["symbols"].get(part, "")
        if not part.isalpha()
        else part
        for part in IDENTIFIER.findall(spaced)
    ]
    return chemistry.joined(parts, language) or language.spoken["phrases"]["code"]


def _plain_digits(text: str) -> str:
    """Arabic and Devanagari digits as 0 to 9, so that one rule reads them; spaces of all kinds as they group."""
    return "".join(
        str(unicodedata.digit(sign)) if unicodedata.category(sign) == "Nd" and not sign.isascii() else sign
        for sign in text
    ).translate({0x66B: ".", 0x66C: ",", 0x66A: "%", 0x2011: "-", 0x3BC: "µ", 0x2212: "−"})


def _address(address: str, language: Language) -> str:
    """The site of an address: nobody reads out the rest."""
    if "@" in address:
        return f"{address.partition('@')[0]} {language.spoken['symbols']['@']} {address.partition('@')[2]}"
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", address).partition("/")[0] or language.spoken["phrases"]["link"]


def _replace_word(text: str, written: str, said: str) -> str:
    bounded = not _wordless(written)
    before = r"(?<!\w)" if bounded and written[:1].isalnum() else ""
    after = r"(?!\w)" if bounded and written[-1:].isalnum() else ""
    return re.sub(before + re.escape(written) + after, said, text)


def _wordless(text: str) -> bool:
    """Written without spaces between words, so that a word has no visible end."""
    return any("\u3040" <= sign <= "\u9fff" for sign in text)


def _abbreviation(text: str, written: str, said: str, language: Language, held: Held) -> str:
    """``e.g.`` -> ``for example``; a full stop that also ends the sentence stays."""
    if said in {forms.partition("|")[0] for forms in language.spoken["units"].values()}:
        return text  # only with a number (quantities): elsewhere the same letters are a word of their own
    before, after = r"(?<![\w.])", r"(?!\w)"
    if len(written.rstrip(".")) == 1 and written.endswith("."):
        after = rf"(?=\s?[{NUMBER}])" if said[0].isupper() or written[0].islower() else r"(?=\s[^\W\d_]{2})"
    pattern = re.compile(f"(?:{before})" + re.escape(written).replace(r"\ ", r"\s?") + after)

    def replace(match: re.Match[str]) -> str:
        ends = written.endswith(".") and not match.string[match.end() :].strip(" )\"'”»’")
        return held.keep(said) + ("." if ends else "")

    return pattern.sub(replace, text)


def _signs(text: str, language: Language, held: Held) -> str:
    """Signs that stand as words of their own. Others are left to the voice (punctuation) or not heard."""
    symbols = language.spoken["symbols"]
    phrases = language.spoken["phrases"]
    text = re.sub(r"(?<=[^\W\d_]) ?/ ?(?=[^\W\d_])", " ", text)  # and/or
    raised = {"²": phrases["squared"], "³": phrases["cubed"]}
    text = re.sub(r"(?<=\w)[²³](?!\w)", lambda m: f" {held.keep(raised[m[0]])}", text)
    letters = "".join(sign for sign in symbols if sign.isalpha())
    text = re.sub(
        rf"(?<![^\W\d_])[{letters}µ](?![^\W\d_])",
        lambda m: held.keep(symbols["μ" if m[0] == "µ" else m[0]]),
        text,
    )
    signs = "".join(re.escape(sign) for sign in symbols if not sign.isalpha() and sign not in "#&@~")
    text = re.sub(rf"\s*([{signs}])\s*", lambda m: f" {held.keep(symbols[m[1]])} ", text)
    text = re.sub(r"(?<!\w)([#~])(?=\s?[" + NUMBER + "])", lambda m: f"{held.keep(symbols[m[1]])} ", text)
    return re.sub(r"\s*([&@])\s*", lambda m: f" {held.keep(symbols[m[1]])} ", text)


def _tidy(text: str, language: Language) -> str:
    """No markup, no sign without a sound, one space between words and none before punctuation."""
    text = UNHEARD.sub(" ", text)
    text = "".join(sign for sign in text if sign in JOINERS or unicodedata.category(sign) not in SILENT)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s+([,.;:!?…،؛؟।。，、；：！？)])", r"\1", text)
    text = re.sub(r"\(\s+|\(\)", "(", text).replace("()", "")
    if language.unit == "characters":
        text = re.sub(r"(?<=[\u3040-\u9fff，。、；：！？]) | (?=[\u3040-\u9fff，。、；：！？])", "", text)
    return text.strip() if any(sign.isalnum() for sign in text) else ""
