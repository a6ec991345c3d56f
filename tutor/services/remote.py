"""Model text without anything a browser could fetch or follow: no images, no links, no tags with addresses.

A model that has read a hostile passage can be talked into writing an image whose address carries the learner's words
away (EchoLeak, CVE-2025-32711). The web escapes and sanitises too; this is the same promise kept one floor lower, so
that the log and every other surface hold clean text. Pure; works on whole sentences (``speech.SentenceSplitter``
keeps links whole), and each piece is also safe when it is only half of something.
"""

import re

# Nearly every sentence is plain: one look decides.
_SUSPECT = re.compile(
    r"\](?:[(:]|\[(?!\d))|!\[|<[A-Za-z/!?]|:/|\bwww\.|\\(?:href|url|includegraphics)\b", re.IGNORECASE
)

_CODE_FENCE = (
    r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})"
    r".*?(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)"
)
_CODE_SPAN = r"(?<![`\\])(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)"
_FORMULA = r"\$\$.+?\$\$|\\\(.+?\\\)|\\\[.+?\\\]|(?<![\\$])\$(?![\s$])[^$\n]*?(?<![\s\\])\$(?!\d)"
# Fences first: they are blocks, and no code span reaches across one.
_VERBATIM = tuple(
    re.compile(p, re.DOTALL | re.MULTILINE) for p in (_CODE_FENCE, f"{_CODE_SPAN}|(?P<formula>{_FORMULA})")
)
# Stand-ins for code and formulas: noncharacters, which no text may carry.
_HELD = re.compile("\ufdd0(\\d+)\ufdd1")
_LATEX_LINK = re.compile(r"\\(?:href|url|includegraphics)\s*(?:\[[^\]]*\])?\s*\{[^{}]*\}", re.IGNORECASE)

_ADDRESS = re.compile(r"\s*<?\s*(?:[a-z][a-z0-9+.-]*:|/|\\|www\.|#|\?|\.|[\w-]+\.[a-z])|\s*$", re.IGNORECASE)
_TITLE = re.compile(r"\s*(?:[\"'(].*)?$", re.DOTALL)
_CITATION = re.compile(r"\d+(?:\s*[,;–-]\s*\d+)*$")
_DEFINITION = re.compile(
    r"^((?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t])*\[(?:[^\[\]\\]|\\.)+\]):([ \t]*\n?[ \t]*)(<[^<>\n]*>|\S*)([^\n]*)",
    re.MULTILINE,
)
_REFERENCE = re.compile(r"(?<![\w\])])(!?)\[([^\[\]]*)\]\[([^\[\]]*)\]")
_SHORT_IMAGE = re.compile(r"!\[([^\[\]]*)\]")

_COMMENT = re.compile(r"<!--.*?(?:-->|(?=\s*\Z))|<[!?][A-Za-z\[][^>]*>", re.DOTALL)
_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]*)((?:[\s/](?:[^<>\"']|\"[^\"]*\"|'[^']*')*)?)>")
_UNCLOSED_TAG = re.compile(r"<([A-Za-z][\w:-]*)([\s/][^<>\n]*?[\w:-]\s*=[^\n]*)")
_ACTIVE_NAMES = """a applet area audio base body button embed form frame frameset head html iframe image img input link
math meta object picture script source style svg template track use video"""
_ACTIVE = frozenset(_ACTIVE_NAMES.split())
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}):([^\s<>]*)(?:>|(?=[\s<])|\Z)")
_MAIL_AUTOLINK = re.compile(r"<([^\s<>@]+@[^\s<>@]+)>")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,30}:/{2,}([^\s<>\"'`)\]\ufdd0]*)|\bwww\.(?=\w)", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_CODE_TAG = re.compile(r"<[A-Za-z][^<>]*=.*", re.DOTALL)
_REMOTE = re.compile(r"\b(?:https?|ftp|wss?|data|javascript|vbscript):|[/\\]{2,}(?=[\w.\[@])", re.IGNORECASE)
# How far to look for the other end; what is longer loses its syntax all the same. They bound the work.
_LONGEST_LABEL, _LONGEST_TARGET = 1000, 2000
_MAX_ROUNDS = 30


def strip_remote(text: str) -> str:
    """``text`` without images, and with links made their plain text. Citation markers ``[n]`` stay.

    A bare address becomes its host name. Code and formulas keep their wording. What is returned holds no link, image
    or tag with an address for a CommonMark parser, alone or joined with other results.
    """
    if not _SUSPECT.search(text):
        return text
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        is_formula = found.groupdict().get("formula")
        held.append(_calm_formula(found[0]) if is_formula else _calm_code(found[0]))
        return f"\ufdd0{len(held) - 1}\ufdd1"

    plain = text.translate({0xFDD0: None, 0xFDD1: None})
    for verbatim in _VERBATIM:
        plain = verbatim.sub(hold, plain)
    for _ in range(_MAX_ROUNDS):
        before = plain
        plain = _strip_prose(plain)
        if plain == before:
            break
    while _HELD.search(plain):
        plain = _HELD.sub(lambda found: held[int(found[1])], plain)
    return _defused(plain) if _still_active(plain) else plain


def _strip_prose(text: str) -> str:
    text = _COMMENT.sub("", text)
    text = _AUTOLINK.sub(lambda m: f"{m[1]}:{m[2]}" if m[2].startswith("//") else m[2], text)
    text = _TAG.sub(lambda m: "" if "=" in m[3] or m[2].lower() in _ACTIVE else m[0], text)
    text = _UNCLOSED_TAG.sub(_without_unclosed_tag, text)
    text = _MAIL_AUTOLINK.sub(r"\1", text)
    text = _DEFINITION.sub(_without_definition, text)
    text = _strip_inline_links(text)
    text = _REFERENCE.sub(_without_reference, text)
    text = _SHORT_IMAGE.sub(r"\1", text)
    return _URL.sub(_host, text)


def _strip_inline_links(text: str) -> str:
    """Take the target off every ``](``, which no inline link or image can do without."""
    at = 0
    while (at := text.find("](", at)) >= 0:
        end = _target_end(text, at + 2)
        start = _label_start(text, at)
        if end is None:
            text = f"{text[: at + 1]} {text[at + 1 :]}"
            continue
        target, label = text[at + 2 : end], text[start + 1 : at] if start is not None else ""
        address, _, rest = target.strip().partition(" ")
        is_link = bool(_ADDRESS.match(target)) or (bool(address) and bool(_TITLE.match(rest)))
        is_image = start is not None and text[start - 1 : start] == "!"
        # "d[A](t)", "f[0](x)", "[ATP](adenosine triphosphate)": a space keeps the words and undoes the syntax.
        indexed = start is not None and not is_image and text[start - 1 : start].isalnum()
        if not is_image and not _ADDRESS.match(target) and (indexed or not is_link or _CITATION.match(label)):
            text = f"{text[: at + 1]} {text[at + 1 :]}"
        elif start is None:
            text = text[:at] + text[end + 1 :]
        elif _CITATION.match(label) and not is_image:
            text = text[: at + 1] + text[end + 1 :]
        else:
            cut = start - 1 if is_image else start
            text = text[:cut] + label + text[end + 1 :]
            at = cut
    return text


def _label_start(text: str, close: int) -> int | None:
    """Where the ``[`` stands that ``text[close]`` closes."""
    depth = 0
    for at in range(close, max(-1, close - _LONGEST_LABEL), -1):
        if text[at] == "]":
            depth += 1
        elif text[at] == "[":
            depth -= 1
            if not depth:
                return at
    return None


def _target_end(text: str, at: int) -> int | None:
    """Where the ``)`` stands that ends the target beginning at ``at``; None if its paragraph ends first."""
    depth = 1
    end = min(len(text), at + _LONGEST_TARGET)
    blank = _BLANK_LINE.search(text, at, end)
    end = blank.start() if blank else end
    while at < end:
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if not depth:
                return at
        at += 1
    return None


def _without_unclosed_tag(found: re.Match[str]) -> str:
    if _TAG.match(found.string, found.start()):
        return found[0]  # put together by what was just taken out: the next round sees it
    # "x <y and z = 3" may be a comparison: a space keeps the words and undoes the syntax.
    name, rest = found.groups()
    return "" if len(name) > 1 and name.lower() in _ACTIVE else f"< {name}{rest}"


def _without_definition(found: re.Match[str]) -> str:
    label, gap, target, rest = found.groups()
    if target and _ADDRESS.match(target):
        return ""
    return f"{label} :{gap}{target}{rest}" if _TITLE.match(rest) else found[0]


def _without_reference(found: re.Match[str]) -> str:
    image, label, reference = found.groups()
    if image:
        return label
    # "[1][2]" are two citations, and "[Figure][1]" is a word with one: no definition is left to make them links.
    return found[0] if _CITATION.match(reference) or _CITATION.match(label) else label


def _host(found: re.Match[str]) -> str:
    if found[1] is None:
        return ""
    address = found[1].rstrip(".,;:!?*_")
    host = re.split(r"[/?#\\]", address, maxsplit=1)[0].rpartition("@")[2].partition(":")[0]
    return re.sub(r"^www\.|[^\w.-]", "", host, flags=re.IGNORECASE) + found[1][len(address) :]


def _calm_code(code: str) -> str:
    """Code is shown as it is; only links and tags lose a remote address, for a half piece may look like code here
    and be none in its place."""
    code = re.sub(r"\](?=\(([^)\s]*))", lambda m: "] " if _ADDRESS.match(m[1]) and m[1] else "]", code)
    code = _DEFINITION.sub(lambda m: f"{m[1]} :{m[0][len(m[1]) + 1 :]}" if _ADDRESS.match(m[3]) else m[0], code)
    return _CODE_TAG.sub(lambda m: _REMOTE.sub("", _URL.sub(_host, m[0])), code)


def _calm_formula(formula: str) -> str:
    # Spaces mean nothing in LaTeX, and undo Markdown and HTML.
    formula = _LATEX_LINK.sub("", formula).replace("](", "] (")
    return _URL.sub(_host, re.sub(r"<(?=[A-Za-z/!?])", "< ", formula))


def _still_active(text: str) -> bool:
    """What a CommonMark parser would still find. The rules above are ours; this is the referee."""
    if not _SUSPECT.search(text):
        return False
    from markdown_it import MarkdownIt

    for block in MarkdownIt("commonmark").parse(text):
        for token in (block, *(block.children or ())):
            if token.type in ("link_open", "image"):
                return True
            if token.type.startswith("html") and _strip_prose(token.content) != token.content:
                return True
    return False


def _defused(text: str) -> str:
    """The blunt way, for text made to mislead: no link, tag or address survives, in code neither."""
    text = text.replace("](", "] (").replace("]:", "] :").replace("![", "! [")
    return _URL.sub(_host, re.sub(r"<(?=[A-Za-z/!?])", "‹", text))
