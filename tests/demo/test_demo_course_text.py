"""Facts about the text of the demo course and of its format page: nothing here needs the program."""

import re
import tomllib
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
COURSE = REPOSITORY / "tutor" / "demo" / "energy-for-life"
FORMAT_PAGE = REPOSITORY / "docs" / "course-format.md"

FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
MATHS = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.S)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)[^)]*\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.M)
PLACEHOLDER = re.compile(r"\b(?:TODO|FIXME|TBD|lorem ipsum)\b", re.I)
KEPT_APART = ("Exercises", "Answers")


@dataclass(frozen=True)
class Section:
    path: Path
    meta: dict[str, Any]
    body: str

    @property
    def name(self) -> str:
        return self.path.relative_to(COURSE).as_posix()

    def parts(self) -> list[tuple[str, str]]:
        """Pairs of a heading ("" before the first) and the text under it."""
        pieces = re.split(r"^## (.+)$", FENCE.sub("", self.body), flags=re.M)
        return [("", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]

    def taught(self) -> list[tuple[str, str]]:
        return [(heading, text) for heading, text in self.parts() if heading not in KEPT_APART]


def words(text: str) -> int:
    """Words of prose: no code, no formulas, no table rules, no bare punctuation."""
    return sum(1 for word in MATHS.sub(" ", FENCE.sub(" ", text)).split() if any(map(str.isalpha, word)))


def read(path: Path) -> Section:
    head = re.match(r"---\n(.*?)\n---\n", path.read_text(encoding="utf-8"), re.S)
    assert head is not None, f"{path.name} has no front matter"
    return Section(path, yaml.safe_load(head[1]), path.read_text(encoding="utf-8")[head.end() :])


MANIFEST = tomllib.loads((COURSE / "course.toml").read_text(encoding="utf-8"))
SECTIONS = [
    read(path) for unit in MANIFEST["unit"] for path in sorted((COURSE / unit["folder"]).glob("*.md"))
]  # in course order
BY_NAME = pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)


def numbered(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"^(\d+)\. ", text, re.M)]


def test_the_course_is_long_enough_without_its_exercises() -> None:
    assert sum(words(text) for section in SECTIONS for _, text in section.taught()) >= 8_000


def test_every_markdown_file_belongs_to_a_unit_or_is_a_deck_of_slides() -> None:
    decks = set((COURSE / "decks").glob("*.md"))
    assert {section.path for section in SECTIONS} == set(COURSE.rglob("*.md")) - decks


def test_the_manifest_names_what_the_format_asks_for() -> None:
    assert all(MANIFEST[key] for key in ("id", "title", "language", "description", "licence", "authors"))
    assert all(unit[key] for unit in MANIFEST["unit"] for key in ("id", "title", "folder"))
    assert all(kc[key] for kc in MANIFEST["kc"] for key in ("id", "title", "unit", "objective"))
    for table in ("unit", "kc"):
        ids = [entry["id"] for entry in MANIFEST[table]]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name) for name in ids)


def test_there_are_enough_knowledge_components_and_each_stands_in_a_unit() -> None:
    units = [unit["id"] for unit in MANIFEST["unit"]]
    assert len(MANIFEST["kc"]) >= 12
    assert {kc["unit"] for kc in MANIFEST["kc"]} == set(units)
    assert [kc["unit"] for kc in MANIFEST["kc"]] == sorted((kc["unit"] for kc in MANIFEST["kc"]), key=units.index)


def test_prerequisites_exist_make_no_circle_and_are_taught_first() -> None:
    graph = {kc["id"]: kc["prerequisites"] for kc in MANIFEST["kc"]}
    assert {name for needed in graph.values() for name in needed} <= set(graph)
    assert set(TopologicalSorter(graph).static_order()) == set(graph)  # raises CycleError on a circle
    order = list(graph)
    assert all(order.index(needed) < order.index(name) for name in graph for needed in graph[name])


def test_every_component_has_a_section_of_its_unit_and_every_section_names_known_components() -> None:
    folders = {unit["id"]: unit["folder"] for unit in MANIFEST["unit"]}
    taught = {(kc, section.path.parent.name) for section in SECTIONS for kc in section.meta["kcs"]}
    assert taught == {(kc["id"], folders[kc["unit"]]) for kc in MANIFEST["kc"]}


@BY_NAME
def test_a_section_has_a_title_components_and_several_headings(section: Section) -> None:
    assert section.meta["title"]
    assert section.meta["kcs"]
    headings = HEADING.findall(FENCE.sub("", section.body))
    assert len([heading for heading in headings if heading not in KEPT_APART]) >= 2
    assert len(set(headings)) == len(headings)


@BY_NAME
def test_a_stretch_under_one_heading_fits_one_passage(section: Section) -> None:
    assert [heading for heading, text in section.taught() if len(text.replace("|", " ").split()) > 200] == []


@BY_NAME
def test_links_lead_to_files_of_the_course(section: Section) -> None:
    for target in LINK.findall(MATHS.sub("", FENCE.sub("", section.body))):
        found = (section.path.parent / target).resolve()
        assert found.is_relative_to(COURSE.resolve()), target
        assert found.is_file(), target


@BY_NAME
def test_formulas_are_closed_and_their_braces_match(section: Section) -> None:
    text = FENCE.sub("", section.body)
    assert "$" not in MATHS.sub("", text)
    assert all(formula.count("{") == formula.count("}") for formula in MATHS.findall(text))


@BY_NAME
def test_table_rows_have_as_many_cells_as_their_head(section: Section) -> None:
    for table in re.findall(r"(?:^\|.*\|$\n?)+", FENCE.sub("", section.body), re.M):
        assert len({row.count("|") for row in table.strip().split("\n")}) == 1, table


@BY_NAME
def test_nothing_is_left_unfinished(section: Section) -> None:
    assert not PLACEHOLDER.search(section.body)


@pytest.mark.parametrize("unit", MANIFEST["unit"], ids=lambda unit: unit["id"])
def test_each_unit_closes_with_exercises_and_an_answer_to_each(unit: dict[str, Any]) -> None:
    sections = [section for section in SECTIONS if section.path.parent.name == unit["folder"]]
    assert [heading for heading, _ in sections[-1].parts()][-2:] == list(KEPT_APART)
    assert not any(heading in KEPT_APART for section in sections[:-1] for heading, _ in section.parts())
    exercises, answers = (numbered(text) for _, text in sections[-1].parts()[-2:])
    assert len(exercises) >= 4
    assert exercises == answers == list(range(1, len(exercises) + 1))


def examples(language: str) -> list[str]:
    text = FORMAT_PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def test_the_manifest_on_the_format_page_is_valid_and_uses_the_keys_of_the_demo() -> None:
    manifest = tomllib.loads(examples("toml")[0])  # the others are questions, read by tests of the services
    assert manifest.keys() == MANIFEST.keys()
    assert manifest["unit"][0].keys() == MANIFEST["unit"][0].keys()
    assert manifest["kc"][0].keys() == MANIFEST["kc"][0].keys()


def test_the_front_matter_on_the_format_page_is_valid_and_uses_the_keys_of_the_demo() -> None:
    heads = [match[1] for example in examples("markdown") if (match := re.match(r"---\n(.*?)\n---\n", example, re.S))]
    assert heads
    assert all(yaml.safe_load(head).keys() == SECTIONS[0].meta.keys() for head in heads)
