"""A slide as the plain data that the template sets. Pure, but for the pictures, which a function brings.

A *spec* is the JSON of one screen. Blocks carry an ``id`` (which block of the slide they are part of), so that a slide
can be divided and its parts put together again; bullets and diagram steps carry the number of their step.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from media_gen import lesson as values
from media_gen.language import Language
from media_gen.lesson import Layout
from media_gen.slides import charts, latex, runs
from media_gen.slides.pictures import Asset

Block = dict[str, Any]
Spec = dict[str, Any]
# asset, whether it is a clip, seconds into it; None: there is no such file
Bring = Callable[[str, bool, float], Asset | None]

LETTERS = "ABCDEFGH"
_NUMERIC = re.compile(r"[\s\d.,:%+\-−–±×/()€$£<>≤≥~]*\d[\s\d.,:%+\-−–±×/()€$£<>≤≥~]*(?:\s?\w{1,4})?")


class Builder:
    """Makes the specs of one lesson's slides. ``bring`` gives the picture of an asset; for what is not there a card
    says what it would show."""

    def __init__(self, lesson: values.Lesson, language: Language, bring: Bring) -> None:
        self._lesson, self._language, self._bring = lesson, language, bring
        self._sources = {source.id: source for source in lesson.sources}
        self._drafted = {key.partition("/")[0] for key in lesson.drafts}
        self._step = 0
        self._block = 0

    def screens(self, slide: values.Slide, number: int, chapter: str) -> tuple[Spec, ...]:
        """The spec of a slide; of a question two, the second with its answer. ``number`` counts slides from 1."""
        self._step = self._block = 0
        blocks = [block for piece in slide.blocks for block in self._blocks(piece)]
        if slide.layout is Layout.MATHS:
            blocks = [{**b, "centred": True} if b["kind"] == "paragraph" and _short(b) else b for b in blocks]
        if slide.layout is Layout.PICTURE_TEXT:
            blocks = _beside(blocks)
        spec: Spec = {
            "layout": slide.layout.value,
            "title": runs.of(slide.title),
            "subtitle": runs.of(slide.subtitle),
            "blocks": blocks,
            "eyebrow": self._eyebrow(slide, chapter),
            "sources": self._cited(slide),
            "number": "" if slide.layout is Layout.TITLE else str(number),
            "draft": self._language.words["draft"] if slide.id in self._drafted else "",
            "spots": [],
            "first": 0,
            "steps": self._step,
        }
        if slide.subtitle and slide.layout not in (Layout.TITLE, Layout.SECTION):
            spec["blocks"] = [self._text_block("paragraph", slide.subtitle), *blocks]
        match slide.interaction:
            case values.Question() as question:
                return self._question(spec, question)
            case values.Poll() | values.Branch() as asked:
                return (self._asked(spec, asked.prompt, asked.options, None),)
            case values.Hotspots() as hotspots:
                return (self._hotspots(spec, hotspots),)
        return (spec,)

    # -- around the body

    def _eyebrow(self, slide: values.Slide, chapter: str) -> str:
        words = self._language.words
        match slide.interaction:
            case values.Question():
                return words["question"]
            case values.Poll():
                return words["poll"]
        if slide.layout is Layout.SUMMARY and runs.plain(runs.of(slide.title)) != words["summary"]:
            return words["summary"]
        plain = runs.plain(runs.of(chapter))
        return "" if plain == runs.plain(runs.of(slide.title)) or slide.layout is Layout.TITLE else plain

    def _cited(self, slide: values.Slide) -> list[str]:
        """What the footer may say, the fullest first."""
        sources = [self._sources[i] for i in slide.sources]
        if not sources:
            return []
        word = self._language.words["sources"]
        full = "; ".join(f"{s.title}, {s.detail}" if s.detail else s.title for s in sources)
        short = "; ".join(s.title for s in sources)
        brief = sources[0].title[:90].rstrip() + ("…" if len(sources[0].title) > 90 else "")
        more = f" +{len(sources) - 1}" if len(sources) > 1 else ""
        return [runs.breakable(f"{word}: {text}") for text in dict.fromkeys((full, short, brief + more))]

    # -- interactions

    def _question(self, spec: Spec, question: values.Question) -> tuple[Spec, ...]:
        asked = self._asked(spec, question.prompt, question.options, None)
        told = self._asked(spec, question.prompt, question.options, question)
        told = {**told, "answer": True, "eyebrow": self._language.words["answer"]}
        return asked, told

    def _asked(
        self, spec: Spec, prompt: str, options: tuple[values.Option, ...], question: values.Question | None
    ) -> Spec:
        blocks = list(spec["blocks"])
        title = spec["title"]
        if not title:
            title = runs.of(prompt)
        elif runs.plain(title) != runs.plain(runs.of(prompt)):
            blocks = [*blocks, self._text_block("prompt", prompt)]
        if options:
            items = [self._option(n, option, question is not None) for n, option in enumerate(options)]
            blocks.append({"kind": "options", "id": self._next(), "items": items})
        if question is not None and question.answer:
            blocks.append(self._text_block("explanation", question.answer))
        if question is None and not options:
            blocks.append(self._text_block("paragraph", self._language.words["think"]))
        if question is not None and question.explanation:
            blocks.append(self._text_block("explanation", question.explanation))
        return {**spec, "title": title, "blocks": blocks}

    def _option(self, n: int, option: values.Option, answered: bool) -> Block:
        state = "" if not answered else "right" if option.correct else "other"
        note = runs.of(option.feedback) if answered and option.feedback else []
        text = runs.of(option.text)
        return {
            "letter": LETTERS[n], "text": text, "state": state, "note": note, "words": runs.words(text),
            "word": self._language.words["answer"],
        }  # fmt: skip

    def _hotspots(self, spec: Spec, hotspots: values.Hotspots) -> Spec:
        blocks = list(spec["blocks"])
        if hotspots.prompt and runs.plain(runs.of(hotspots.prompt)) != runs.plain(spec["title"]):
            if spec["title"]:
                blocks = [self._text_block("prompt", hotspots.prompt), *blocks]
            else:
                spec = {**spec, "title": runs.of(hotspots.prompt)}
        spots = [s.model_dump(include={"x", "y", "width", "height"}) for s in hotspots.spots]
        return {**spec, "blocks": blocks, "spots": spots}

    # -- blocks

    def _next(self) -> int:
        self._block += 1
        return self._block

    def _text_block(self, kind: str, text: str) -> Block:
        set_runs = runs.of(text)
        return {"kind": kind, "id": self._next(), "text": set_runs, "words": runs.words(set_runs)}

    def _blocks(self, block: values.Block) -> list[Block]:
        match block:
            case values.Paragraph():
                return [self._text_block("paragraph", block.text)]
            case values.Quote():
                quote = self._text_block("quote", block.text)
                return [{**quote, "attribution": runs.of(block.attribution)}]
            case values.Bullets():
                return [self._bullets(block)]
            case values.Picture():
                return [self._picture(block)]
            case values.Clip():
                asset = self._bring(block.asset, True, block.start)
                if asset is None:
                    return [self._absent(block)]
                credit = " · ".join(text for text in (block.credit, block.licence) if text)
                made = {"kind": "clip", "file": asset.name, "ratio": asset.ratio, "alt": runs.plain(runs.of(block.alt))}
                return [{**made, "id": self._next(), "caption": [], "credit": credit}]
            case values.Code():
                text = block.text.replace("\r\n", "\n").strip("\n")
                return [{"kind": "code", "id": self._next(), "text": text, "language": block.language}]
            case values.Maths():
                return [{"kind": "maths", "id": self._next(), "tree": latex.parse(block.latex), "s": block.latex}]
            case values.Table():
                return [self._table(block)]
            case values.Diagram():
                return [self._diagram(block)]
            case values.Chart():
                return [self._chart(block)]
            case values.Columns():
                return [self._columns(block)]

    def _bullets(self, block: values.Bullets) -> Block:
        items: list[Block] = []
        counts = [0, 0, 0]
        first = self._step
        steps = 0
        for bullet in block.items:
            steps += bullet.level == 0
            counts[bullet.level] += 1
            counts[bullet.level + 1 :] = [0] * (2 - bullet.level)
            mark = f"{counts[bullet.level]}." if block.ordered and bullet.level == 0 else ""
            if block.ordered and bullet.level == 1:
                mark = f"{chr(ord('a') + (counts[1] - 1) % 26)}."
            text = runs.of(bullet.text)
            items.append(
                {
                    "text": text,
                    "level": bullet.level,
                    "mark": mark,
                    "step": first + max(1, steps),
                    "words": runs.words(text),
                }
            )
        self._step += max(1, steps)
        return {"kind": "bullets", "id": self._next(), "items": items}

    def _picture(self, block: values.Picture) -> Block:
        asset = self._bring(block.asset, False, 0.0)
        if asset is None:
            return self._absent(block)
        credit = " · ".join(text for text in (block.credit, block.licence) if text)
        return {
            "kind": "picture", "id": self._next(), "file": asset.name, "ratio": asset.ratio,
            "alt": runs.plain(runs.of(block.alt)), "caption": runs.of(block.caption), "credit": runs.breakable(credit),
        }  # fmt: skip

    def _absent(self, block: values.Picture | values.Clip) -> Block:
        """A card in place of a picture that is not there."""
        caption = block.caption if isinstance(block, values.Picture) else ""
        name = "" if block.asset.startswith("sha256:") else block.asset.rpartition("/")[2]
        text = runs.of(block.alt or caption) or runs.verbatim(name)
        shown = runs.of(caption) if block.alt and caption != block.alt else []
        made = {"kind": "picture", "id": self._next(), "ratio": 16 / 9, "text": text, "words": runs.words(text)}
        return {**made, "asset": block.asset, "caption": shown, "credit": ""}

    def _cell(self, text: str) -> Block:
        set_runs = runs.of(text)
        return {"text": set_runs, "words": runs.words(set_runs)}

    def _table(self, block: values.Table) -> Block:
        columns = range(len(block.header))
        filled = [[row[c].strip() for row in block.rows if row[c].strip()] for c in columns]
        numeric = [bool(cells) and all(_NUMERIC.fullmatch(cell) for cell in cells) for cells in filled]
        return {
            "kind": "table", "id": self._next(), "numeric": numeric,
            "header": [self._cell(text) for text in block.header],
            "rows": [[self._cell(text) for text in row] for row in block.rows],
        }  # fmt: skip

    def _diagram(self, block: values.Diagram) -> Block:
        first = self._step
        self._step += len(block.steps)
        steps = [self._cell(text) for text in block.steps]
        return {"kind": block.form, "id": self._next(), "steps": steps, "first": first, "start": 0}

    def _chart(self, block: values.Chart) -> Block:
        computed = charts.data(block, self._language)
        texts = computed.pop("texts") if block.form != "pie" else [[]]
        series = [
            {"name": runs.of(one.name), "values": list(one.values), "texts": texts[n]}
            for n, one in enumerate(block.series)
        ]
        return {
            "kind": "chart", "id": self._next(), "form": block.form, "labels": [self._cell(t) for t in block.labels],
            "series": series, "unit": runs.of(block.unit), **computed,
        }  # fmt: skip

    def _columns(self, block: values.Columns) -> Block:
        cards = bool(block.left_title or block.right_title)
        sides: dict[str, list[Block]] = {}
        for name, title, pieces in (
            ("left", block.left_title, block.left),
            ("right", block.right_title, block.right),
        ):
            sides[name] = [self._text_block("heading", title)] if title else []
            sides[name] += [made for piece in pieces for made in self._blocks(piece)]
        return {"kind": "columns", "id": self._next(), "cards": cards, **sides}


def _short(block: Block) -> bool:
    return len(runs.plain(block["text"])) <= 140


def _beside(blocks: list[Block]) -> list[Block]:
    """Text on the side where lines begin, pictures on the other."""
    pictures = [block for block in blocks if block["kind"] in ("picture", "clip", "chart")]
    texts = [block for block in blocks if block not in pictures]
    if not pictures or not texts:
        return blocks
    return [{"kind": "columns", "id": 0, "cards": False, "left": texts, "right": pictures}]


def walk_values(blocks: Sequence[values.Block]) -> Iterator[values.Block]:
    """The blocks of a slide, columns taken apart."""
    for block in blocks:
        yield from (*block.left, *block.right) if isinstance(block, values.Columns) else (block,)


# -- what stands on a screen ---------------------------------------------------------------------------------------


def walk(blocks: list[Block]) -> list[Block]:
    """The blocks, columns taken apart."""
    return [inner for b in blocks for inner in (walk(b["left"] + b["right"]) if b["kind"] == "columns" else [b])]


def texts(spec: Spec) -> list[runs.Runs]:
    """All runs of a screen in reading order."""
    found: list[runs.Runs] = [spec["title"], spec["subtitle"]]
    for b in walk(spec["blocks"]):
        match b["kind"]:
            case "bullets":
                found += [item["text"] for item in b["items"]]
            case "options":
                found += [text for item in b["items"] for text in (item["text"], item["note"])]
            case "table":
                found += [cell["text"] for row in (b["header"], *b["rows"]) for cell in row]
            case "process" | "cycle":
                found += [step["text"] for step in b["steps"]]
            case "chart":
                found += [label["text"] for label in b["labels"]] + [one["name"] for one in b["series"]] + [b["unit"]]
            case "quote":
                found += [b["text"], b["attribution"]]
            case "picture":
                found += [b.get("text", []), b["caption"]]
            case "code":
                found.append([{"k": "code", "s": b["text"]}])
            case "maths":
                found.append([{"k": "maths", "s": b["s"], "tree": b["tree"]}])
            case "paragraph" | "heading" | "prompt" | "explanation":
                found.append(b["text"])
    return [text for text in found if text]


def plain(spec: Spec) -> str:
    """What stands on a screen, a line for each thing."""
    return "\n".join(runs.plain(text) for text in texts(spec))


def absent(spec: Spec) -> list[str]:
    """The pictures and clips that are not there, as the script names them."""
    return [b["asset"] for b in walk(spec["blocks"]) if "asset" in b]


def files(spec: Spec) -> list[str]:
    return [b["file"] for b in walk(spec["blocks"]) if "file" in b]


def summary(spec: Mapping[str, Any]) -> str:
    """A short name of a screen for messages."""
    return runs.plain(spec["title"])[:60]
