"""Authored items from a course folder into the bank; components where nobody named any."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from retrieval.lexical import LexicalIndex
from retrieval.values import Document
from retrieval.writer_lock import WriterLock
from tests.conftest import StillClock
from tests.services.test_demo import PlainHasher
from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.items.item import Item
from tutor.domain.jobs import Job
from tutor.services import demo
from tutor.services.accounts import AccountService
from tutor.services.components import Matcher, derived, name_of
from tutor.services.indexing import Indexer, Wanted
from tutor.services.ingest import IngestService
from tutor.services.item_ingest import ItemIngest
from tutor.services.items import read_authored
from tutor.services.notes import Notes
from tutor.store.memory import MemoryStore

COURSE = """
id = "plants"
title = "Plants"
language = "en"
[[unit]]
id = "u1"
title = "The plant"
folder = "u1"
[[kc]]
id = "leaves"
title = "Leaves make sugar with light"
unit = "u1"
[[kc]]
id = "roots"
title = "Roots drink water from the soil"
unit = "u1"
"""
LEAVES = """---
title: Leaves
kcs: [leaves, roots]
---
# Leaves

Chlorophyll in the leaf absorbs red and blue light.

## Exercises

1. Which organ takes water out of the soil?
   a. the root
   b. the leaf
2. Why are leaves green?

Answer: Chlorophyll reflects green light.

3. What would you like to know?
"""
ITEMS = """
[[item]]
id = "green"
type = "short_answer"
kcs = ["leaves"]
prompt = "Why are leaves green?"
model_answer = "They reflect green light."

[[item]]
id = "drink"
type = "multiple_choice"
prompt = "What do roots drink?"
[[item.option]]
text = "water"
correct = true
[[item.option]]
text = "light"
"""


@dataclass
class World:
    folder: Path
    store: MemoryStore
    ingest: IngestService
    text: LexicalIndex

    def again(self) -> IngestService:
        """As after a new start."""
        self.ingest.close()
        self.ingest = _service(self.store, self.text, self.folder.parent)
        return self.ingest

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def bring(self, course: str = "plants", source: str = "folder") -> Job:
        job = self.ingest.enqueue(Wanted(self.folder, course, source, "", "en"))
        self.ingest.run_pending()
        done = self.store.jobs.get(job.id)
        assert done is not None
        assert done.status == "done"
        return done

    def items(self, course: str = "plants") -> dict[str, Item]:
        return {item.id: item for item in self.store.bank.listed(course, limit=1000)}

    def course(self, course: str = "plants") -> Course:
        found = self.store.library.course(course)
        assert found is not None
        return found


@pytest.fixture
def world(tmp_path: Path, clock: StillClock) -> Iterator[World]:
    folder = tmp_path / "course"
    folder.mkdir()
    store = MemoryStore(clock=clock)
    text = LexicalIndex(tmp_path / "text.db")
    made = World(folder, store, _service(store, text, tmp_path), text)
    yield made
    made.ingest.close()
    text.close()


def _service(store: MemoryStore, text: LexicalIndex, state: Path) -> IngestService:
    bringing = ItemIngest(store.library, store.bank)
    notes = Notes(state / "notes.json")
    indexer = Indexer(store.library, text, None, "", notes, lambda text, in_doubt: in_doubt, bringing)
    return IngestService(
        store.library, store.jobs, indexer, WriterLock(state / "lock"), state / "material", lambda: "w"
    )


@pytest.fixture
def plants(world: World) -> World:
    world.write("course.toml", COURSE)
    world.write("u1/leaves.md", LEAVES)
    world.write("u1/items/plants.toml", ITEMS)
    return world


def test_authored_and_harvested_items_come_with_the_material(plants: World) -> None:
    assert plants.bring().messages == ()
    found = plants.items()
    assert set(found) >= {"green", "drink"}
    assert (found["green"].kcs, found["green"].kcs_guessed) == (("leaves",), False)
    assert (found["drink"].kcs, found["drink"].kcs_guessed) == (("roots",), True)
    harvested = [item for item in found.values() if item.origin == "harvested"]
    assert [(item.type, item.place, item.kcs, item.kcs_guessed) for item in harvested] == [
        ("short_answer", "u1/leaves.md", ("leaves",), True)
    ]
    assert [state.path for state in plants.store.library.documents("plants")] == ["u1/leaves.md"]


def test_bringing_it_again_changes_nothing(plants: World) -> None:
    plants.bring()
    before = plants.store.bank.revision("plants"), plants.course()
    plants.bring()
    assert (plants.store.bank.revision("plants"), plants.course()) == before


def test_changes_are_read_and_decisions_kept(plants: World) -> None:
    plants.bring()
    plants.store.bank.set_state("plants", "green", "rejected")
    plants.store.bank.save(replace(plants.items()["drink"], prompt="What do roots take up?"))
    plants.write("u1/items/plants.toml", ITEMS + "\n# a remark\n")
    plants.bring()
    assert plants.items()["green"].state == "rejected"
    assert plants.items()["drink"].prompt == "What do roots take up?"
    assert plants.ingest.items_are_in("plants", "folder", plants.folder)
    plants.write("u1/items/plants.toml", ITEMS.replace("Why are leaves green?", "Why is a leaf green?"))
    assert not plants.ingest.items_are_in("plants", "folder", plants.folder)
    plants.bring()
    assert (plants.items()["green"].prompt, plants.items()["green"].state) == ("Why is a leaf green?", "approved")
    (plants.folder / "u1/items/plants.toml").unlink()
    plants.bring()
    assert {item.origin for item in plants.items().values()} == {"harvested"}


def test_a_start_harvests_what_an_older_version_left(plants: World) -> None:
    plants.bring()
    harvested = {name for name, item in plants.items().items() if item.origin == "harvested"}
    plants.store.bank.put("plants", "harvest:folder", [])
    (plants.folder.parent / "notes.json").unlink()
    fresh = plants.again()
    fresh.resume()
    assert {name for name, item in plants.items().items() if item.origin == "harvested"} == harvested
    before = plants.store.bank.revision("plants")
    fresh.resume()
    assert plants.store.bank.revision("plants") == before


def test_a_mistake_is_named_and_the_rest_goes_on(plants: World) -> None:
    plants.write("u1/items/broken.toml", "[[item]\n")
    plants.write("items/other.toml", '[[item]]\nid = "x"\ntype = "riddle"\nprompt = "?"\n')
    plants.write("u1/items/shape.toml", "item = 3\n")
    plants.write(
        "u1/items/z.toml",
        ITEMS.replace('id = "drink"', 'id = "sip"').replace('kcs = ["leaves"]', 'kcs = ["flowers"]')
        + '\n[[item]]\nid = "sip"\ntype = "numeric"\nprompt = "2+2?"\nanswer = 4\n[[item]]\ntype = "numeric"\n',
    )
    messages = plants.bring().messages
    assert set(plants.items()) >= {"green", "drink", "sip"}
    assert len(messages) == 6
    for file, words in [
        ("items/other.toml", "item x: type 'riddle' is not known"),
        ("u1/items/broken.toml", "not valid TOML"),
        ("u1/items/shape.toml", "write each item as [[item]]"),
        ("u1/items/z.toml", "item green: kcs: the course has no component flowers"),
        ("u1/items/z.toml", "item sip: u1/items/z.toml has an item of that id"),
        ("u1/items/z.toml: number 4", "id is missing"),
    ]:
        assert any(message.startswith(file) and words in message for message in messages), (file, messages)


def test_an_id_that_other_material_uses_is_told(plants: World) -> None:
    plants.bring()
    plants.write("u1/items/plants.toml", ITEMS.replace("Why are leaves green?", "Why?"))
    assert any("item green" in message for message in plants.bring(source="another").messages)
    assert plants.items()["green"].prompt == "Why are leaves green?"


def test_a_removed_document_takes_its_items_along(plants: World) -> None:
    plants.bring()
    plants.ingest.remove("plants", "u1/leaves.md")
    plants.ingest.run_pending()
    assert {item.origin for item in plants.items().values()} == {"authored"}


def test_a_plain_folder_gets_a_component_for_every_document(world: World) -> None:
    world.write("2 Light/leaf.md", LEAVES.replace("kcs: [leaves, roots]\n", ""))
    world.write("1-water/10-root.md", "# Roots\n\nRoots drink water.\n")
    world.write("1-water/9-soil.md", "# Soil\n\nSoil holds water.\n")
    world.write("items/q.toml", ITEMS)
    assert world.bring().messages == ()
    course = world.course()
    assert [(c.id, c.title, c.derived) for c in course.components] == [
        ("1-water-9-soil", "Soil", True),
        ("1-water-10-root", "Roots", True),
        ("2-light-leaf", "Leaves", True),
        ("leaves", "Leaves", True),
    ]
    assert [unit.title for unit in course.units] == ["Water", "Light"]
    assert {c.unit for c in course.components} == {unit.id for unit in course.units} | {""}
    found = world.items()
    assert found["drink"].kcs == ("1-water-10-root",)
    assert [item.kcs for item in found.values() if item.origin == "harvested"] == [("2-light-leaf",)]
    document = world.store.library.document("plants", "1-water/9-soil.md")
    assert document is not None
    assert document.kcs == ("1-water-9-soil",)
    (world.folder / "1-water/9-soil.md").unlink()
    world.bring()
    assert "1-water-9-soil" not in [c.id for c in world.course().components]
    world.write("course.toml", COURSE)
    world.write("u1/leaves.md", LEAVES)
    world.bring()
    assert [c.id for c in world.course().components] == ["leaves", "roots"]


def test_components_that_somebody_named_are_left_alone(world: World) -> None:
    named = Course("plants", "Plants", "en", units=(), components=(KnowledgeComponent("k", "Sugar", ""),))
    world.store.library.put_course(named)
    world.write("leaf.md", LEAVES)
    world.bring()
    assert world.course().components == named.components
    assert {item.kcs for item in world.items().values()} == {("k",)}


def test_the_id_of_a_component_is_a_slug_and_always_the_same() -> None:
    names = [name_of(path) for path in ("a/b.md", "ä/b.md", "叶子.md", "x" * 80 + "/1.md", "x" * 80 + "/2.md")]
    assert names[0] == "a-b"
    assert len(set(names)) == len(names)
    assert all(name == name_of(name + ".md") and len(name) <= 63 for name in names)


def test_units_of_the_course_file_are_kept() -> None:
    course = Course("c", "C", "en", units=(Unit("u1", "Energy"),))
    document = Document("c", "a.md", "A", "", "text/markdown", 0, ("Energy", "More"), None, "")
    made = derived(course, [document])
    assert (made.units, made.components[0].unit) == (course.units, "u1")


def test_rare_words_decide_which_component_is_nearest() -> None:
    components = [
        KnowledgeComponent("atp", "ATP carries energy", "", "Say how ATP stores energy in the cell."),
        KnowledgeComponent(
            "enzymes", "Enzymes lower the activation energy", "", "Explain what enzymes do in the cell."
        ),
    ]
    matcher = Matcher(components, "en")
    assert matcher.nearest("Why does an enzyme speed up a reaction in the cell?") == "enzymes"
    assert matcher.nearest("Why does an enzyme speed up a reaction?", ["atp"]) == "atp"
    assert matcher.nearest("Nothing of this") == "atp"
    assert Matcher([], "en").nearest("Anything") == ""


async def test_the_demo_is_brought_in_again_when_its_items_change(world: World, clock: StillClock) -> None:
    course = world.folder / "demo"
    shutil.copytree(demo.FOLDER, course)
    accounts = AccountService(
        world.store.accounts, world.store.sessions, clock, iter("abcdefgh").__next__, hasher=PlainHasher()
    )

    async def load() -> int:
        await demo.load(accounts, world.store.library, world.ingest, course=course)
        return world.ingest.run_pending()

    assert await load() == 1
    assert await load() == 0
    items = course / "1-energy" / "items"
    items.mkdir(exist_ok=True)
    (items / "zz-new.toml").write_text(ITEMS.replace('kcs = ["leaves"]', ""), encoding="utf-8")
    assert await load() == 1
    assert "green" in world.items(demo.COURSE)
    assert await load() == 0
    named = (course / "course.toml").read_text(encoding="utf-8")
    (course / "course.toml").write_text(named.replace("Name the forms", "List the forms"), encoding="utf-8")
    assert await load() == 1
    assert await load() == 0


def test_an_unreadable_folder_is_an_error_and_no_empty_course(tmp_path: Path) -> None:
    from retrieval.errors import MaterialFolderMissing

    with pytest.raises(MaterialFolderMissing):
        read_authored(tmp_path / "nowhere", "c")
