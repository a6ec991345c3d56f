"""The trainer's page of questions: what is listed, decided, edited and drafted."""

import html
import json
import re
from dataclasses import replace

import httpx
import pytest

from tests.web.server.harness import COURSE, Builder, House, eventually
from tutor.domain.accounts import Role
from tutor.domain.curriculum import KnowledgeComponent
from tutor.domain.items import read_item
from tutor.domain.items.item import Item
from tutor.llm.scripted import Say

BASE = f"/courses/{COURSE}/items"
HARVESTED = read_item(
    {
        "id": "why-green",
        "type": "short_answer",
        "prompt": "Why are leaves **green**?",
        "kcs": ["green"],
        "kcs_guessed": True,
        "origin": "harvested",
        "state": "draft",
        "place": "leaves.md",
        "expectation": [{"id": "reflect", "text": "Chlorophyll reflects green light."}],
        "misconception": [{"id": "m", "title": "Leaves eat green light", "says": ["they eat it"]}],
        "extra": {"needs": ["figure"]},
    },
    COURSE,
)
CHOICE = read_item(
    {
        "id": "gas/1 & 2",
        "type": "multiple_choice",
        "prompt": "Which gas is left over? <script>alert(1)</script>",
        "kcs": ["sugar"],
        "option": [{"text": "oxygen", "correct": True}, {"text": "$\\mathrm{CO}_2$"}],
        "hint": [
            {"text": "It is in the air."},
            {"text": "What is 3 times 4?", "type": "numeric", "answer": "12"},
        ],
        "explanation": "Oxygen is left.",
        "attribution": "A book; CC BY 4.0",
        "origin": "imported",
    },
    COURSE,
)
DRAFT = {
    "type": "short_answer",
    "prompt": "What does chlorophyll do with green light?",
    "quote": "It reflects green light",
    "kcs": ["green"],
    "model_answer": "It reflects it.",
}


def put(house: House, *items: Item) -> None:
    library = house.system.store.library
    course = library.course(COURSE)
    assert course is not None
    components = (KnowledgeComponent("green", "Leaves are green", ""), KnowledgeComponent("sugar", "Sugar", ""))
    library.put_course(replace(course, components=components))
    for item in items or (HARVESTED, CHOICE):
        house.system.store.bank.save(item)


def item(house: House, name: str) -> Item:
    found = house.system.store.bank.get(COURSE, name)
    assert found is not None
    return found


async def post(browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    return await browser.post(path, data=fields)


@pytest.mark.parametrize("language", ["en", "es", "ar"])
async def test_every_question_is_shown_with_its_key_and_where_it_comes_from(builder: Builder, language: str) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER, language)) as browser:
        put(house)
        page = await browser.get(BASE)
        assert page.status_code == 200
        text = page.text
        for words in (
            "<strong>green</strong>",
            "Chlorophyll reflects green light.",
            "Leaves eat green light",
            "Leaves are green",
            "oxygen",
            "<math",
            "What is 3 times 4?",
            "Oxygen is left.",
            "A book; CC BY 4.0",
            f"/courses/{COURSE}/read/leaves.md",
            "data-guessed",
        ):
            assert words in text, words
        assert "<script>alert" not in text
        assert not re.search(r"<style|\sstyle=|\son\w+=", text)


async def test_the_list_is_filtered_and_searched(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as browser:
        put(house)
        for query, green, gas in (
            ({"state": "draft"}, True, False),
            ({"state": "approved"}, False, True),
            ({"origin": "imported"}, False, True),
            ({"kc": "green"}, True, False),
            ({"search": "chlorophyll REFLECTS"}, True, False),
            ({"search": "nobody says this"}, False, False),
            ({"state": "no such state"}, True, True),
        ):
            text = (await browser.get(BASE, params=query)).text
            assert ('<code dir="ltr">why-green' in text, "Which gas" in text) == (green, gas), query


async def test_a_long_list_has_pages(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as browser:
        put(house, *[replace(HARVESTED, id=f"item-{number}", state="draft") for number in range(45)])
        first = await browser.get(BASE, params={"state": "draft"})
        assert "45 questions" in first.text
        assert 'href="?state=draft&amp;page=2"' in first.text
        last = await browser.get(BASE, params={"state": "draft", "page": 3})
        assert last.text.count('class="card item"') == 5
        assert (await browser.get(BASE, params={"page": 99})).text.count('class="card item"') == 5


async def test_a_decision_is_kept_and_leads_back(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as browser:
        put(house)
        answer = await post(browser, f"{BASE}/state", item="why-green", state="approved", back="state=draft&evil=1")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{BASE}?state=draft")
        assert item(house, "why-green").state == "approved"
        await post(browser, f"{BASE}/state", item="gas/1 & 2", state="rejected")
        assert item(house, "gas/1 & 2").state == "rejected"
        assert (await post(browser, f"{BASE}/state", item="why-green", state="perfect")).status_code == 422
        assert (await post(browser, f"{BASE}/state", item="nobody", state="draft")).status_code == 404


async def test_an_item_is_edited_as_text(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as browser:
        put(house)
        page = await browser.get(f"{BASE}/edit", params={"item": "why-green", "back": "state=draft"})
        assert "Chlorophyll absorbs red and blue light." in page.text  # the passage it rests on
        written = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
        assert written is not None
        changed = html.unescape(written[1]).replace("Why are leaves", "Why do most leaves look").replace("\n", "\r\n")
        saved = await post(browser, f"{BASE}/edit", item="why-green", text=changed, back="state=draft")
        assert (saved.status_code, saved.headers["location"]) == (303, f"{BASE}?state=draft&saved=true")
        found = item(house, "why-green")
        assert (found.prompt, found.state, found.origin) == ("Why do most leaves look **green**?", "draft", "harvested")
        await post(browser, f"{BASE}/edit", item="why-green", text=changed, approve="yes")
        assert item(house, "why-green").state == "approved"


async def test_a_mistake_is_shown_and_nothing_is_lost(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as browser:
        put(house)
        for text, problem in (
            ("[[item]\nmine <b>", "not valid TOML"),
            ('[[item]]\nid = "why-green"\ntype = "numeric"\nprompt = "mine <b>"\n', "answer is missing"),
            (
                '[[item]]\nid = "why-green"\ntype = "numeric"\nprompt = "mine <b>"\nanswer = 3\nkcs = ["x"]\n',
                "no component x",
            ),
            ('[[item]]\nid = "why-green"\ntype = "numeric"\nprompt = "mine <b> \x00"\nanswer = 3\n', "TOML"),
        ):
            answer = await post(browser, f"{BASE}/edit", item="why-green", text=text)
            assert answer.status_code == 422
            assert problem in answer.text
            assert "mine &lt;b&gt;" in answer.text
        assert item(house, "why-green") == HARVESTED
        assert (await browser.get(f"{BASE}/edit", params={"item": "nobody"})).status_code == 404


async def test_drafts_are_asked_for_and_wait_for_approval(builder: Builder) -> None:
    script = [Say(json.dumps({"items": [DRAFT]}))]
    async with builder.open(script, script, script) as house, house.client(house.person(Role.TRAINER)) as browser:
        put(house)
        answer = await post(browser, f"{BASE}/draft", document="leaves.md")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{BASE}?state=draft")
        await eventually(lambda: house.system.drafting.jobs(COURSE)[0].status == "done")
        page = await browser.get(BASE, params={"origin": "drafted"})
        assert DRAFT["prompt"] in page.text
        assert '<blockquote class="item-quote" dir="auto">It reflects green light</blockquote>' in page.text
        drafted = house.system.store.bank.listed(COURSE, origin="drafted")
        assert [one.state for one in drafted] == ["draft"]
        assert (await post(browser, f"{BASE}/draft", document="nowhere.md")).status_code == 404


async def test_only_trainers_come_in(builder: Builder) -> None:
    async with builder.open() as house:
        put(house)
        async with house.client(house.person(Role.STUDENT)) as student:
            assert (await student.get(BASE)).status_code == 403
            assert (await post(student, f"{BASE}/state", item="why-green", state="approved")).status_code == 403
            assert (await post(student, f"{BASE}/draft", document="leaves.md")).status_code == 403
        async with house.client(house.person(Role.TRAINER)) as trainer:
            del trainer.headers["X-CSRF-Token"]
            assert (await post(trainer, f"{BASE}/state", item="why-green", state="approved")).status_code == 403
            assert (await trainer.get("/courses/nowhere/items")).status_code == 404
        assert item(house, "why-green").state == "draft"
