"""The content of a slide: markdown-it's tokens become blocks of the lesson, comments are set apart."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from markdown_it.token import Token

from media_gen import inline
from media_gen.inline import Run, canonical, render
from media_gen.lesson import (
    Block,
    Branch,
    Bullet,
    Bullets,
    Clip,
    Code,
    Columns,
    Hotspots,
    Interaction,
    Maths,
    Paragraph,
    Picture,
    Piece,
    Poll,
    Question,
    Quote,
    Slide,
    Table,
)
from media_gen.script.assets import asset, is_clip
from media_gen.script.directives import directive
from media_gen.script.place import Place

MOST_PIECES = 200  # on one slide
# Words that Marp writes into the alternative text of a picture to place it.
_MARP_WORD = re.compile(
    r"(?:bg|fit|cover|contain|auto|vertical|(?:left|right)(?::\d+%)?|\d+%|(?:w|h|width|height):\S+|"
    r"(?:blur|brightness|contrast|drop-shadow|grayscale|hue-rotate|invert|opacity|saturate|sepia)(?::\S+)?)\Z"
)
_SILENT = re.compile(r"\s*<(?:script|style|[?!])", re.IGNORECASE)
# Wider than Markdown's own idea of a tag: components of other tools have attributes such as `@click`.
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_FOOTNOTE = re.compile(r"\[\^[\w-]{1,40}\]:")
_LEFT = re.compile(r"\.(?:left-column|pull-left|column-left|col-left)\b")
_RIGHT = re.compile(r"\.(?:right-column|pull-right|column-right|col-right)\b")


@dataclass
class Content:
    """What was found on a slide. ``comments`` are (text, line), in order. ``whole``: the slide was given as data."""

    title: str = ""
    subtitle: str = ""
    blocks: list[Block] = field(default_factory=list)
    interaction: Interaction | None = None
    comments: list[tuple[str, int]] = field(default_factory=list)
    whole: Slide | None = None


@dataclass
class _Side:
    title: str = ""
    pieces: list[Piece] = field(default_factory=list)


class _Reader:
    def __init__(self, number: int) -> None:
        self.number = number
        self.made = Content()
        self.sides: dict[str, _Side] = {}
        self.side = ""
        self.classes: list[str] = []
        self.pieces = 0
        self.fresh_title = False  # the last thing read was the title

    def put(self, piece: Piece) -> None:
        self.pieces += 1
        if self.pieces > MOST_PIECES:
            raise Place(0, self.number).invalid(f"a slide holds at most {MOST_PIECES} pieces.")
        if self.side:
            self.sides[self.side].pieces.append(piece)
        else:
            self.made.blocks.append(piece)

    def comment(self, text: str, line: int) -> None:
        if len(self.made.comments) >= MOST_PIECES:
            raise Place(line, self.number).invalid(f"a slide holds at most {MOST_PIECES} comments.")
        self.made.comments.append((text, line))

    def text(self, runs: tuple[Run, ...]) -> str:
        """Inline Markdown for the slide: what only the voice needs is left out."""
        return render([replace(run, address="") if run.address.startswith("say:") else run for run in runs])

    def inline(self, token: Token, place: Place) -> tuple[str, list[Piece]]:
        """The text of a token, and the pictures in it."""
        children = token.children or []
        pictures: list[Piece] = []
        for child in children:
            if child.type == "comment":
                self.comment(child.content, place.line)
            elif child.type == "image":
                pictures.append(self.picture(child, place))
        return self.text(inline.runs(children)), pictures

    def picture(self, token: Token, place: Place) -> Piece:
        path = asset(str(token.attrs.get("src", "")), place)
        words = render(inline.runs(token.children or [])).split(" ")
        alt = " ".join(word for word in words if not _MARP_WORD.match(word))
        if is_clip(path):
            return Clip(asset=path, alt=alt)
        return Picture(asset=path, alt=alt, caption=canonical(str(token.attrs.get("title", ""))))

    # -- blocks ---------------------------------------------------------------------------------------------------

    def read(self, tokens: Sequence[Token]) -> Content:
        for group in _groups(tokens):
            first = group[0]
            place = Place(first.map[0] + 1 if first.map else 0, self.number)
            fresh, self.fresh_title = self.fresh_title, False
            with place.told():
                match first.type:
                    case "heading_open":
                        self.heading(group[1], place, fresh)
                    case "paragraph_open" if _FOOTNOTE.match(group[1].content):
                        pass
                    case "paragraph_open":
                        text, pictures = self.inline(group[1], place)
                        if text:
                            self.put(Paragraph(text=text))
                        for picture in pictures:
                            self.put(picture)
                    case "bullet_list_open" | "ordered_list_open":
                        self.bullets(group, place)
                    case "blockquote_open":
                        self.quote(group, place)
                    case "table_open":
                        self.table(group, place)
                    case "fence":
                        self.fence(first, place)
                    case "code_block":
                        self.put(Code(text=_body(first.content)))
                    case "math_block":
                        self.put(Maths(latex=first.content))
                    case "html_block":
                        self.fresh_title = fresh
                        self.html(first, place)
                    case "mark":
                        self.mark(first, place)
        self.flush()
        return self.made

    def heading(self, token: Token, place: Place, fresh: bool) -> None:
        text, pictures = self.inline(token, place)
        side = self.sides.get(self.side)
        if text and side and not side.title and not side.pieces and self.made.title:
            side.title = text
        elif text and not self.made.title:
            self.made.title = text
            self.fresh_title = not self.side
        elif text and fresh and not self.made.subtitle:
            self.made.subtitle = text
        elif text:
            self.put(Paragraph(text=render([replace(run, strong=True) for run in inline.parse(text)])))
        for picture in pictures:
            self.put(picture)

    def bullets(self, group: Sequence[Token], place: Place) -> None:
        items: list[Bullet] = []
        extra: list[Piece] = []
        level, fresh = -1, False
        for token in group:
            line = Place(token.map[0] + 1 if token.map else place.line, self.number)
            match token.type:
                case "bullet_list_open" | "ordered_list_open" | "bullet_list_close" | "ordered_list_close":
                    level += token.nesting
                case "list_item_open":
                    fresh = True
                case "inline":
                    text, pictures = self.inline(token, line)
                    text = re.sub(r"\A\[[ xX]\] ", "", text)
                    extra += pictures
                    if text and (fresh or not items):
                        items.append(Bullet(text=text, level=min(max(level, 0), 2)))
                        fresh = False
                    elif text:
                        joined = canonical(f"{items[-1].text} {text}")
                        items[-1] = Bullet(text=joined, level=items[-1].level)
                case "fence" if directive(token.info, token.content, line):
                    raise line.invalid("a directive stands on its own, not inside a list.")
                case "fence" | "code_block":
                    extra.append(Code(text=_body(token.content), language=_language(token)))
                case "math_block":
                    extra.append(Maths(latex=token.content))
                case "html_block":
                    self.html(token, line)
        if items:
            self.put(Bullets(items=tuple(items), ordered=group[0].type == "ordered_list_open"))
        for piece in extra:
            self.put(piece)

    def quote(self, group: Sequence[Token], place: Place) -> None:
        lines: list[str] = []
        pictures: list[Piece] = []
        for token in group:
            if token.type == "inline":
                for part in _lines(token.children or []):
                    lines.append(self.text(inline.runs(part)))
                pictures += self.inline(token, place)[1]
            elif token.type in ("fence", "code_block"):
                lines.append(" ".join(token.content.split()))
        lines = [line for line in lines if line]
        found = re.match(r"(?:—|–|--|―)\s*(.+)\Z", lines[-1]) if len(lines) > 1 else None
        attribution = canonical(found[1]) if found else ""
        text = canonical(" ".join(lines[:-1] if found else lines))
        if text:
            self.put(Quote(text=text, attribution=attribution))
        for picture in pictures:
            self.put(picture)

    def table(self, group: Sequence[Token], place: Place) -> None:
        rows: list[list[str]] = []
        for token in group:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                text, pictures = self.inline(token, place)
                rows[-1].append(text or " ".join(p.alt for p in pictures if isinstance(p, Picture | Clip)))
        self.put(Table(header=tuple(rows[0]), rows=tuple(tuple(row) for row in rows[1:])))

    def fence(self, token: Token, place: Place) -> None:
        found = directive(token.info, token.content, place)
        match found:
            case None:
                self.put(Code(text=_body(token.content), language=_language(token)))
            case Slide():
                self.made.whole = found
            case Question() | Poll() | Hotspots() | Branch():
                if self.made.interaction:
                    raise place.invalid("a slide asks one thing; put the second question on a slide of its own.")
                self.made.interaction = found
            case Columns():
                raise AssertionError("no directive gives columns")
            case _:
                self.put(found)

    def html(self, token: Token, place: Place) -> None:
        """Comments are kept; of the rest only the text that stands between tags."""
        rest: list[str] = []
        at, line, text = 0, place.line, token.content
        while (start := text.find("<!--", at)) >= 0:
            end = text.find("-->", start + 4)
            if end < 0:
                raise Place(line + text.count("\n", at, start), self.number).invalid(
                    "this comment is never closed, or an empty line stands in it: begin it on a line of its own."
                )
            line += text.count("\n", at, start)
            rest.append(text[at:start])
            self.comment(text[start + 4 : end], line)
            line += text.count("\n", start, end + 3)
            at = end + 3
        rest.append(text[at:])
        left = _TAG.sub(" ", "".join(rest)) if not _SILENT.match("".join(rest)) else ""
        if len(left) <= inline.LONGEST and (shown := canonical(left)):
            self.put(Paragraph(text=shown))

    # -- columns --------------------------------------------------------------------------------------------------

    def mark(self, token: Token, place: Place) -> None:
        match token.info:
            case "column":
                side, _, title = token.content.partition(" ")
                if side not in ("left", "right"):
                    self.side = ""
                    return
                if side == "left" and self.sides:
                    self.flush()
                self.side = side
                self.sides.setdefault(side, _Side()).title = canonical(title)
            case "column_end":
                self.side = ""
            case "class":
                side = "left" if _LEFT.match(token.content) else "right" if _RIGHT.match(token.content) else ""
                self.classes.append(self.side)
                if side:
                    self.side = side
                    self.sides.setdefault(side, _Side())
            case "class_end":
                self.side = self.classes.pop() if self.classes else ""

    def flush(self) -> None:
        """The columns so far become one block. Slidev writes only the right one: then the left is what came before."""
        if not self.sides:
            return
        left, right = self.sides.get("left"), self.sides.get("right") or _Side()
        if left is None:
            before = [block for block in self.made.blocks if not isinstance(block, Columns)]
            left = _Side(pieces=before)
            self.made.blocks = [block for block in self.made.blocks if isinstance(block, Columns)]
        self.made.blocks.append(
            Columns(left=tuple(left.pieces), right=tuple(right.pieces), left_title=left.title, right_title=right.title)
        )
        self.sides, self.side = {}, ""


def read_content(tokens: Sequence[Token], number: int) -> Content:
    """The content of the slide of this number (from 1). Raises ``ScriptInvalid`` and ``AssetMissing``."""
    return _Reader(number).read(tokens)


def _groups(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Each block of the top level with all its tokens."""
    start = depth = 0
    for at, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            yield tokens[start : at + 1]
            start = at + 1


def _lines(children: Sequence[Token]) -> Iterator[list[Token]]:
    """Inline tokens line by line, but never inside a mark that spans lines."""
    line: list[Token] = []
    depth = 0
    for token in children:
        depth += token.nesting
        if token.type in ("softbreak", "hardbreak") and depth == 0:
            yield line
            line = []
        else:
            line.append(token)
    yield line


def _body(content: str) -> str:
    return content.removesuffix("\n")


def _language(token: Token) -> str:
    found = re.match(r"[\w#+.-]+", token.info.strip())
    return found[0] if found else ""
