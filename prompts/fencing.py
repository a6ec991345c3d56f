"""Other people's words inside a prompt: made inert, and fenced so that they cannot pass for ours.

A passage of course material, or what a learner types, may hold text written to steer the model. Three things stop
it from looking like part of the prompt:

* every value a template prints goes through ``inert``, which breaks chat-template tokens and role headings, and
  removes characters nobody can see (they can carry a whole hidden sentence);
* passages stand between fence lines that carry a mark. The mark is a hash of everything fenced, so a passage would
  have to contain its own hash to close its fence; it is still the same for the same prompt, so replay works;
* the fence brackets themselves never survive in a value.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

OPEN, CLOSE = "⟦", "⟧"
MARK_LENGTH = 20

# Fence brackets and their twins; then letters and signs that are drawn as nothing.
_REPLACED = str.maketrans(
    {"⟦": "[[", "⟧": "]]", "〚": "[[", "〛": "]]"} | dict.fromkeys("\u115f\u1160\u2800\u3164\uffa0")
)
# Format characters that are drawn: Arabic number signs and the end-of-ayah mark.
_DRAWN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u08e2"
_JOINERS = "\u200c\u200d"
_EMOJI_SELECTORS = "\ufe0e\ufe0f"
_ROLES = r"system|assistant|user|human|developer"

# <|im_start|>, <|eot_id|>, and the full-width bars some models use
_SPECIAL_TOKEN = re.compile(r"<([|｜][^<>\n]{0,60}[|｜])>")
_ROLE_TAG = re.compile(
    rf"<(\s*/?\s*(?:{_ROLES}|instructions?|start_of_turn|end_of_turn|bos|eos|think|s)\b[^<>\n]{{0,60}})>",
    re.IGNORECASE,
)
_LLAMA_TAG = re.compile(r"\[(\s*/?\s*(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS)\s*)\]", re.IGNORECASE)
_DOUBLE_ANGLE = re.compile(r"<<(\s*/?\s*SYS\s*)>>", re.IGNORECASE)
_ROLE_HEADING = re.compile(rf"^([ \t>#*_-]*)({_ROLES})([ \t*_]*)([:：])", re.IGNORECASE | re.MULTILINE)

_FENCED = re.compile(
    rf"^{OPEN}passage (\d+) ([0-9a-f]{{{MARK_LENGTH}}}){CLOSE}\n(?:heading: ([^\n]*)\n)?\n"
    rf"(.*?)\n{OPEN}end \1 \2{CLOSE}$",
    re.MULTILINE | re.DOTALL,
)

_WORDING = re.compile(
    rf"^{OPEN}wording ([0-9a-f]{{{MARK_LENGTH}}}){CLOSE}\n(.*?)\n{OPEN}end wording \1{CLOSE}$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class PromptPassage:
    """A passage as the model sees it. ``number`` is what the model cites as ``[number]``, from 1."""

    number: int
    heading: str
    text: str


def fence_mark(*texts: str) -> str:
    """The mark of a fence around ``texts``: hex digits that occur in none of them."""
    digest = hashlib.sha256("\x1f".join(texts).encode("utf-8", "replace")).hexdigest()
    while any(digest[:MARK_LENGTH] in text for text in texts):
        digest = hashlib.sha256(digest.encode()).hexdigest()
    return digest[:MARK_LENGTH]


def inert(text: str) -> str:
    """``text`` without anything invisible, and with chat-template tokens broken so that they are only words.

    Ordinary prose, code, tables and formulas come back unchanged; so do emoji, Arabic, Persian and Indic joiners.
    """
    # Cheap exit: invisible characters and fence brackets are not ASCII, the tokens all need one of these.
    visible = text if text.isascii() and text.isprintable() else _visible(text)
    visible = visible.translate(_REPLACED)
    if "<" in visible:
        visible = _DOUBLE_ANGLE.sub(r"‹‹\1››", visible)
        visible = _SPECIAL_TOKEN.sub(r"‹\1›", visible)
        visible = _ROLE_TAG.sub(r"‹\1›", visible)
    if "[" in visible:
        visible = _LLAMA_TAG.sub(r"(\1)", visible)
    return _ROLE_HEADING.sub(r"\1“\2”\3\4", visible)


def one_line(text: str) -> str:
    """``text`` with every run of white space made one space."""
    return " ".join(text.split())


def read_passages(content: str) -> tuple[PromptPassage, ...]:
    """The passages fenced in a rendered message: what a model that understands the prompt would see.

    Used by the scripted model, and by tests to prove that no passage can forge another.
    """
    return tuple(PromptPassage(int(m[1]), m[3] or "", m[4]) for m in _FENCED.finditer(content))


def read_wording(content: str) -> str | None:
    """The wording of a move fenced in a rendered message, for the scripted model and for tests; None without one."""
    found = _WORDING.search(content)
    return found[2] if found else None


def all_texts(passages: Iterable[PromptPassage]) -> tuple[str, ...]:
    """Everything of the passages that ends up inside the fences."""
    return tuple(part for passage in passages for part in (passage.heading, passage.text))


def _visible(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    kept: list[str] = []
    for index, char in enumerate(text):
        if char.isprintable() or char in "\n\t":
            if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
                # Variation selectors can spell bytes: keep only the single one that makes an emoji of a sign.
                if char in _EMOJI_SELECTORS and kept and kept[-1] not in _EMOJI_SELECTORS:
                    kept.append(char)
            else:
                kept.append(char)
        elif char in _JOINERS:
            # Persian, Indic scripts and emoji need joiners; between ASCII characters they only hide something.
            after = text[index + 1 : index + 2]
            if kept and _joins(kept[-1]) and after and _joins(after):
                kept.append(char)
        elif unicodedata.category(char) == "Cs":
            kept.append("\ufffd")
        elif unicodedata.category(char) == "Zs":
            kept.append(" ")
        elif char in _DRAWN or unicodedata.category(char) == "Co":
            kept.append(char)
    return "".join(kept)


def _joins(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char) != "Cf"
