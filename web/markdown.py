"""Markdown as HTML that is safe to show, whoever wrote it.

Everything is rendered first and sanitised last, by an allow-list: nothing is added to the markup after nh3 has seen
it. Raw HTML in the text is shown as text. No image, style, frame, form or script gets through, so showing a text never
makes the browser fetch anything.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from web.formula import LONGEST as LONGEST_FORMULA
from web.formula import to_mathml
from web.marking import line_starts, mark
from web.placing import Place, put_places

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

LONGEST = 400_000
"""Longest text in characters that is rendered as Markdown; a longer one is shown as plain text."""

Links = Literal["none", "https"]
Resolve = Callable[[str], str | None]


@dataclass(frozen=True)
class Marker:
    """What the citation marker ``[number]`` links to. ``label`` is its tooltip and spoken name."""

    number: int
    href: str
    label: str = ""


_MATHML = {
    *("math", "mrow", "mi", "mo", "mn", "ms", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac", "msqrt", "mroot"),
    *("mover", "munder", "munderover", "mmultiscripts", "mprescripts", "mtable", "mtr", "mtd", "mstyle", "mpadded"),
    *("mphantom", "menclose"),
}
_HTML = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em"),
    *("strong", "s", "table", "thead", "tbody", "tr", "th", "td", "a", "div", "span", "mark", "sub", "sup"),
}
_SIZE = re.compile(r"-?\d{0,2}(\.\d{1,4})?(em|ex|px|%)?")
_CLASSES = {"citation", "quoted", "scroll", "math-block", "math-inline", "formula", "place", "places"}
_PLACE = re.compile(r"(?:page|second)-\d{1,9}")
_LANGUAGE = re.compile(r"language-[\w+#.-]{1,30}")
_MATHML_WORDS: dict[str, set[str]] = {
    "display": {"block", "inline"},
    "stretchy": {"true", "false"},
    "fence": {"true", "false"},
    "form": {"prefix", "infix", "postfix"},
    "separator": {"true", "false"},
    "movablelimits": {"true", "false"},
    "symmetric": {"true", "false"},
    "accent": {"true", "false"},
    "accentunder": {"true", "false"},
    "displaystyle": {"true", "false"},
    "scriptlevel": {"0", "1", "2"},
    "mathvariant": {"normal", "bold", "italic", "bold-italic", "double-struck", "script", "fraktur", "sans-serif"}
    | {"bold-script", "bold-fraktur", "bold-sans-serif", "sans-serif-italic", "sans-serif-bold-italic", "monospace"},
}
_MATHML_SIZES = {"width", "height", "depth", "lspace", "rspace", "linethickness", "minsize", "maxsize", "mathsize"}
_MATHML_LISTS = {"columnalign", "columnspacing", "rowspacing", "columnlines", "rowlines", "notation"}
_WORDS = re.compile(r"[\w .%-]{1,120}")
_ATTRIBUTES: dict[str, set[str]] = {tag: {*_MATHML_WORDS, *_MATHML_SIZES, *_MATHML_LISTS, "dir"} for tag in _MATHML}
_ATTRIBUTES |= {
    "*": {"dir", "class"},
    "a": {"href", "title", "data-number", "data-second", "class", "id"},
    "ol": {"start", "dir"},
    "mark": {"id"},
    "th": {"data-align"},
    "td": {"data-align"},
}


def _allowed_attribute(tag: str, name: str, value: str) -> str | None:
    """The attribute's value as it may stand, or None to drop it."""
    if name == "href":
        # Citations and links inside the course are paths of ours; "//host" and "/\\host" would leave it.
        ours = value.startswith("#") or re.match(r"/(?![/\\])", value)
        return value if ours or value.startswith("https://") else None
    if name == "class":
        kept = [c for c in value.split() if c in _CLASSES or _LANGUAGE.fullmatch(c)]
        return " ".join(kept) or None
    if name == "dir":
        return value if value in {"auto", "ltr", "rtl"} else None
    if name == "data-second":
        return value if re.fullmatch(r"\d{1,9}(\.\d{1,3})?", value) else None
    if name in {"data-number", "start"}:
        return value if re.fullmatch(r"\d{1,6}", value) else None
    if name == "data-align":
        return value if value in {"left", "right", "center"} else None
    if name == "id":
        return value if value == "quote" or _PLACE.fullmatch(value) else None
    if name == "rel":  # nh3 itself sets it; no rule of ours does
        return "noopener noreferrer"
    if name in _MATHML_WORDS:
        return value if value in _MATHML_WORDS[name] else None
    if name in _MATHML_SIZES:
        return value if _SIZE.fullmatch(value) else None
    if name in _MATHML_LISTS:
        return value if _WORDS.fullmatch(value) else None
    return value if name == "title" else None


@lru_cache(maxsize=1)
def _cleaner() -> Any:
    import nh3

    return nh3.Cleaner(
        tags=_MATHML | _HTML,
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed_attribute,
        url_schemes={"https"},
        link_rel="noopener noreferrer",
        clean_content_tags={"script", "style", "template", "iframe", "object", "svg", "noscript", "textarea", "title"},
    )


def sanitised(markup: str) -> str:
    """``markup`` with everything outside the allow-list gone. Nothing may be added to it afterwards."""
    return str(_cleaner().clean(markup))


# -- rules that markdown-it doesn't have ---------------------------------------------------------------------------


def _bracket_math(state: StateInline, silent: bool) -> bool:
    r"""``\(x\)`` and ``\[x\]``: language models write these as often as dollars."""
    opening = state.src[state.pos : state.pos + 2]
    closing = {r"\(": r"\)", r"\[": r"\]"}.get(opening)
    if closing is None:
        return False
    end = state.src.find(closing, state.pos + 2, min(state.posMax, state.pos + LONGEST_FORMULA))
    if end < 0 or not state.src[state.pos + 2 : end].strip():
        return False
    if not silent:
        token = state.push("math_inline" if closing == r"\)" else "math_inline_double", "math", 0)
        token.content = state.src[state.pos + 2 : end]
    state.pos = end + 2
    return True


def _quoted(token: Token) -> str:
    return "quoted" if token.attrGet("class") == "quoted" else ""


def _formula(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f'<span class="math-inline">{to_mathml(tokens[index].content)}</span>'


def _display_formula(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    tag = "div" if token.type == "math_block" else "span"
    formula = to_mathml(token.content, display=True)
    return f'<{tag} class="math-block scroll {_quoted(token)}" dir="ltr">{formula}</{tag}>\n'


def _image(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return html.escape(self.renderInlineAsText(tokens[index].children or [], options, env))


def _fence(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    language = token.info.split(maxsplit=1)[:1]
    named = f' class="language-{html.escape(language[0])}"' if language else ""
    return f'<pre class="scroll {_quoted(token)}" dir="ltr"><code{named}>{html.escape(token.content)}</code></pre>\n'


def _table_open(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return '<div class="scroll" dir="auto"><table>\n'


def _table_close(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return "</table></div>\n"


def _code_inline(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f'<code dir="ltr">{html.escape(tokens[index].content)}</code>'


@lru_cache(maxsize=3)
def _parser(links: Links, blocks: bool = False) -> MarkdownIt:
    """With ``blocks`` it finds these alone, and looks at nothing inside them."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    parser.enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    parser.inline.ruler.before("escape", "math_bracket", _bracket_math)
    if links == "none":
        # Without this, "[1]: https://..." in a reply would turn its citation markers into something else.
        parser.disable(["reference"])
    if blocks:
        parser.core.ruler.enableOnly(["normalize", "block"])
    for name, rule in {
        "math_inline": _formula,
        "math_inline_double": _display_formula,
        "math_block": _display_formula,
        "image": _image,
        "fence": _fence,
        "code_block": _fence,
        "code_inline": _code_inline,
        "table_open": _table_open,
        "table_close": _table_close,
    }.items():
        parser.add_render_rule(name, rule)
    return parser


# -- rewriting tokens ----------------------------------------------------------------------------------------------

_MARKER = re.compile(r"\[(\d{1,3})\]")


def _marked(token: Token, markers: dict[int, Marker]) -> list[Token]:
    """A text token cut at its citation markers. A number without a citation stays the text it is."""
    from markdown_it.token import Token

    pieces: list[Token] = []
    done = 0
    for found in _MARKER.finditer(token.content):
        marker = markers.get(int(found[1]))
        if marker is None:
            continue
        if found.start() > done:
            pieces.append(Token("text", "", 0, content=token.content[done : found.start()]))
        attributes: dict[str, str | int | float] = {"class": "citation", "data-number": str(marker.number)}
        attributes["href"] = marker.href
        if marker.label:
            attributes["title"] = marker.label
        pieces.append(Token("link_open", "a", 1, attrs=attributes))
        pieces.append(Token("text", "", 0, content=str(marker.number)))
        pieces.append(Token("link_close", "a", -1))
        done = found.end()
    if done < len(token.content):
        pieces.append(Token("text", "", 0, content=token.content[done:]))
    return pieces


def _inline(children: list[Token], links: Links, resolve: Resolve | None, markers: dict[int, Marker]) -> list[Token]:
    kept: list[Token] = []
    open_links: list[bool] = []
    for token in children:
        if token.type == "link_open":
            target = str(token.attrGet("href") or "")
            found = None
            if links == "https":
                # Anything with a scheme, or a host, must be https; the rest is a path inside the course.
                outside = re.match(r"[a-zA-Z][\w+.-]*:|//", target)
                found = target if target.startswith("https://") else None if outside else (resolve or _no_link)(target)
            open_links.append(found is not None)
            if found is not None:
                token.attrs = {"href": found}
                kept.append(token)
        elif token.type == "link_close":
            if open_links.pop():
                kept.append(token)
        elif token.type == "text" and markers and not any(open_links):
            kept.extend(_marked(token, markers))
        else:
            kept.append(token)
    return kept


def _no_link(_target: str) -> str | None:
    return None


def _rewrite(
    tokens: list[Token], links: Links, resolve: Resolve | None, markers: dict[int, Marker], top_heading: int
) -> None:
    for token in tokens:
        if token.level == 0 and token.nesting == 1:
            token.attrSet("dir", "auto")
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + top_heading - 1)}"
        elif token.type in {"th_open", "td_open"} and "style" in token.attrs:
            # A style attribute falls to the page's content security policy; the alignment is data.
            token.attrSet("data-align", str(token.attrs.pop("style")).rpartition(":")[2])
        if token.type == "inline" and token.children:
            token.children = _inline(token.children, links, resolve, markers)


def render(
    text: str,
    citations: Sequence[Marker] = (),
    *,
    links: Links = "none",
    resolve: Resolve | None = None,
    top_heading: int = 3,
    quote: tuple[int, int] | None = None,
    places: Sequence[Place] = (),
) -> str:
    """``text`` (Markdown with ``$maths$``) as sanitised HTML.

    ``citations`` turns ``[n]`` into ``<a class="citation" data-number="n" href=...>n</a>``. ``links="none"`` (for text
    by a model or a learner) leaves only the words of a link; ``"https"`` (for course material) keeps https links and
    passes relative ones to ``resolve``, which gives a path of ours or None. ``#`` becomes ``<h{top_heading}>``.
    ``quote`` puts ``<mark>`` round the characters ``[start, end)`` of ``text``, the first with the id ``quote``.
    ``places`` (in the order of the text) say where pages or seconds of the file begin.
    """
    if len(text) > LONGEST:
        return sanitised(f'<pre class="scroll" dir="auto">{html.escape(text)}</pre>')
    parser = _parser(links)
    environment: dict[str, Any] = {}
    tokens = parser.parse(text, environment)
    if quote is not None:
        mark(tokens, text, *quote)
    _rewrite(tokens, links, resolve, {c.number: c for c in citations}, top_heading)
    tokens = put_places(tokens, text, places) if places else tokens
    return sanitised(parser.renderer.render(tokens, parser.options, environment))


def render_inline(text: str) -> str:
    """One line of Markdown (emphasis, code, ``$maths$``; no blocks, no links) as sanitised HTML, for the text of an
    option or a step. Blank space at both ends is kept."""
    if len(text) > LONGEST:
        return html.escape(text)
    parser = _parser("none")
    tokens = parser.parseInline(text, {})
    for token in tokens:
        token.children = _inline(token.children or [], "none", None, {})
    body = sanitised(parser.renderer.render(tokens, parser.options, {})).strip()
    before, after = (text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]) if body else (text, "")
    return f"{before}{body}{after}"


def closed_upto(text: str) -> int:
    """Characters of ``text`` that belong to blocks which more text can't change any more.

    Everything before the last top-level block is closed. For showing a reply while it is being written: render
    ``text[:closed_upto(text)]`` and show the rest as plain text.
    """
    tokens = _parser("none", blocks=True).parse(text)
    starts = [t.map[0] for t in tokens if t.level == 0 and t.nesting >= 0 and t.map]
    if len(starts) < 2 or starts[-1] == 0:
        return 0
    return line_starts(text)[starts[-1]]
