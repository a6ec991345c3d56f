"""The page's fold over the server's frames, run in the browser that will run it."""

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Page

from tests.browser.conftest import Open

AT = "2025-03-01T09:30:00+00:00"
Frame = dict[str, Any]

FOLD = """async ([frames, choices]) => {
  const { EMPTY, reduce, choose, path, siblings } = await import("/static/chat/state.js");
  let state = frames.reduce(reduce, EMPTY);
  for (const id of choices ?? []) state = choose(state, id);
  return {
    lastSeq: state.lastSeq, gap: state.gap, title: state.title, deleted: state.deleted, ready: state.ready,
    path: path(state), order: state.order,
    siblings: Object.fromEntries(state.order.map((id) => [id, siblings(state, id)])),
  };
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_rig: Open) -> AsyncIterator[Page]:
    async with open_rig() as rig:
        found = await rig.visitor()
        await found.goto(rig.house.http + "/sign-in")
        yield found


async def fold(page: Page, *frames: Frame, choices: tuple[str, ...] = ()) -> Any:
    return await page.evaluate(FOLD, [list(frames), list(choices)])


def welcome(last_seq: int = 0, title: str = "") -> Frame:
    return {
        "type": "welcome",
        "protocol": 1,
        "conversation": "c",
        "last_seq": last_seq,
        "title": title,
        "language": "en",
    }


def ready(last_seq: int = 0) -> Frame:
    return {"type": "ready", "last_seq": last_seq}


def message(seq: int, turn: str, parent: str | None = None, text: str = "?", **more: Any) -> Frame:
    return {"type": "message", "seq": seq, "at": AT, "turn": turn, "parent": parent, "client_id": f"c{seq}",
            "text": text, "edit_of": None, "retry_of": None, **more}  # fmt: skip


def delta(offset: int, text: str, turn: str = "t1") -> Frame:
    return {"type": "delta", "turn": turn, "offset": offset, "text": text}


def sentence(seq: int, offset: int, text: str, turn: str = "t1") -> Frame:
    return {"type": "sentence", "seq": seq, "at": AT, "turn": turn, "offset": offset, "text": text}


def finished(seq: int, text: str, turn: str = "t1", **more: Any) -> Frame:
    return {"type": "finished", "seq": seq, "at": AT, "turn": turn, "outcome": "complete", "source": "model",
            "text": text, "html": f"<p>{text}</p>", "citations": [], "retryable": False, **more}  # fmt: skip


async def test_deltas_and_sentences_follow_the_servers_rule(page: Page) -> None:
    start = [welcome(), ready(), message(1, "t1")]
    found = await fold(page, *start, delta(0, "One tw"), sentence(2, 0, "One. "), delta(5, "Two"))
    assert found["path"][0]["reply"] == "One. Two"
    assert found["lastSeq"] == 2
    assert found["path"][0]["status"] == "open"


async def test_offsets_count_characters_and_not_half_of_them(page: Page) -> None:
    start = [welcome(), ready(), message(1, "t1")]
    found = await fold(page, *start, delta(0, "🌱🌿"), delta(2, " leaf 🍃"), delta(9, "!"))
    assert found["path"][0]["reply"] == "🌱🌿 leaf 🍃!"
    assert found["gap"] is False
    cut = await fold(page, *start, delta(0, "🌱🌿🌳"), delta(1, "x"))
    assert cut["path"][0]["reply"] == "🌱x"


async def test_a_hole_stops_everything_until_the_replay(page: Page) -> None:
    start = [welcome(), ready(), message(1, "t1"), delta(0, "One ")]
    found = await fold(page, *start, delta(9, "late"), sentence(2, 4, "two."), delta(0, "x"))
    assert found["gap"] is True
    assert found["path"][0]["reply"] == "One "
    assert found["lastSeq"] == 1
    mended = await fold(
        page, *start, delta(9, "late"), welcome(2), sentence(2, 0, "One two. "), ready(2), delta(9, "late")
    )
    assert mended["gap"] is False
    assert mended["path"][0]["reply"] == "One two. late"


async def test_durable_frames_count_once(page: Page) -> None:
    start = [welcome(), ready(), message(1, "t1")]
    again = [welcome(3), message(1, "t1"), finished(3, "Done."), ready(3)]
    found = await fold(page, *start, finished(3, "Done."), *again, delta(0, "stale"))
    assert found["order"] == ["t1"]
    assert found["path"][0]["reply"] == "Done."
    assert found["path"][0]["status"] == "complete"


async def test_a_preview_stays_only_while_its_text_stands(page: Page) -> None:
    start = [welcome(), ready(), message(1, "t1"), delta(0, "One.\n\nTwo")]
    preview = {"type": "preview", "turn": "t1", "upto": 6, "html": "<p>One.</p>"}
    kept = await fold(page, *start, preview, delta(9, " more"))
    assert kept["path"][0]["preview"] == {"upto": 6, "html": "<p>One.</p>"}
    same = await fold(page, *start, preview, sentence(2, 0, "One.\n\nTwo. "))
    assert same["path"][0]["preview"] == {"upto": 6, "html": "<p>One.</p>"}
    changed = await fold(page, *start, preview, sentence(2, 0, "Other. "))
    assert changed["path"][0]["preview"] is None
    early = await fold(page, *start, {**preview, "upto": 99})
    assert early["path"][0]["preview"] is None


async def test_a_sentence_that_is_recorded_late_takes_nothing_back(page: Page) -> None:
    start = [welcome(), ready(), message(1, "t1"), delta(0, "🌱 One.\n\nTwo and thr")]
    preview = {"type": "preview", "turn": "t1", "upto": 8, "html": "<p>🌱 One.</p>"}
    found = await fold(page, *start, preview, sentence(2, 0, "🌱 One.\n\n"), delta(19, "ee"))
    assert found["path"][0]["reply"] == "🌱 One.\n\nTwo and three"
    assert found["path"][0]["preview"] == {"upto": 8, "html": "<p>🌱 One.</p>"}
    assert (found["lastSeq"], found["gap"]) == (2, False)


async def test_branches(page: Page) -> None:
    frames = [
        welcome(), ready(),
        message(1, "a"), finished(2, "A", "a"),
        message(3, "b", "a"), finished(4, "B", "b"),
        message(5, "b2", "a", edit_of="b"), finished(6, "B2", "b2"),
        message(7, "c", "b2"),
    ]  # fmt: skip
    found = await fold(page, *frames)
    assert [t["id"] for t in found["path"]] == ["a", "b2", "c"]
    assert found["siblings"] == {"a": ["a"], "b": ["b", "b2"], "b2": ["b", "b2"], "c": ["c"]}
    back = await fold(page, *frames, choices=("b",))
    assert [t["id"] for t in back["path"]] == ["a", "b"]
    forth = await fold(page, *frames, choices=("b", "b2"))
    assert [t["id"] for t in forth["path"]] == ["a", "b2", "c"]


async def test_interruption_replaces_the_partial_text(page: Page) -> None:
    stopped = {
        "type": "interrupted",
        "seq": 4,
        "at": AT,
        "turn": "t1",
        "reason": "x",
        "retryable": True,
        "message": "m",
    }
    found = await fold(page, welcome(), ready(), message(1, "t1"), sentence(2, 0, "Half a "), stopped)
    turn = found["path"][0]
    assert (turn["status"], turn["reply"], turn["message"], turn["retryable"]) == ("interrupted", "", "m", True)


def item(seq: int, turn: str, name: str, hint: str = "") -> Frame:
    return {"type": "item", "seq": seq, "at": AT, "turn": turn, "item": name, "hint": hint, "prompt_html": "<p>?</p>",
            "card": {"type": "short_answer", "lines": 3}, "reason": "", "purpose": "practice"}  # fmt: skip


def graded(seq: int, turn: str, name: str, verdict: str, hint: str = "") -> Frame:
    return {"type": "graded", "seq": seq, "at": AT, "turn": turn, "item": name, "hint": hint, "verdict": verdict,
            "note": "", "reading": "", "covered": 0, "total": 0, "shifts": []}  # fmt: skip


QUESTIONS = """async ([frames, choices]) => {
  const { EMPTY, reduce, choose, path, questions } = await import("/static/chat/state.js");
  let state = frames.reduce(reduce, EMPTY);
  for (const id of choices) state = choose(state, id);
  const { asked, open } = questions(path(state));
  return [open?.id ?? null, [...asked].map(([id, { answer, skipped }]) => [id, answer?.id ?? null, skipped])];
}"""


async def test_what_became_of_the_questions(page: Page) -> None:
    async def found(*frames: Frame, choices: tuple[str, ...] = ()) -> Any:
        return await page.evaluate(QUESTIONS, [[welcome(), ready(), *frames], list(choices)])

    first = [message(1, "a"), item(2, "a", "one"), finished(3, "A", "a")]
    assert await found(*first[:2]) == [None, []]
    assert await found(*first) == ["a", [["a", None, False]]]
    # A free question leaves it open; a wrong answer too; a right one closes it.
    free = [message(4, "b", "a"), finished(5, "B", "b")]
    assert await found(*first, *free) == ["a", [["a", None, False]]]
    wrong = [message(6, "c", "b"), graded(7, "c", "one", "incorrect"), finished(8, "C", "c")]
    assert await found(*first, *free, *wrong) == ["a", [["a", "c", False]]]
    right = [message(9, "d", "c"), graded(10, "d", "one", "correct")]
    assert await found(*first, *free, *wrong, *right) == [None, [["a", "d", False]]]
    # A sub-question hands back; the answer to the question itself ends both.
    step = [message(4, "b", "a"), item(5, "b", "one", "h1"), finished(6, "B", "b")]
    assert await found(*first, *step) == ["b", [["a", None, False], ["b", None, False]]]
    done = [message(7, "c", "b"), graded(8, "c", "one", "correct", "h1"), finished(9, "C", "c")]
    assert (await found(*first, *step, *done))[0] == "a"
    both = [message(7, "c", "b"), graded(8, "c", "one", "correct"), finished(9, "C", "c")]
    assert (await found(*first, *step, *both))[0] is None
    # Skipping closes, and so does a tutor that offers to go on. An interrupted turn asked nothing.
    skip = [message(4, "b", "a", reply={"item": "one", "hint": "", "selected": [], "action": "skip"})]
    assert await found(*first, *skip) == [None, [["a", None, True]]]
    onward = [message(4, "b", "a"), {**finished(5, "B", "b"), "actions": ["next"]}]
    assert (await found(*first, *onward))[0] is None
    told = [message(4, "b", "a"), {"type": "closed", "seq": 5, "at": AT, "turn": "b"}, finished(6, "B", "b")]
    assert (await found(*first, *told))[0] is None
    fresh = [*told[:2], item(6, "b", "two"), finished(7, "B", "b")]
    assert (await found(*first, *fresh))[0] == "b"
    broken = {"type": "interrupted", "seq": 3, "at": AT, "turn": "a", "reason": "x", "retryable": True, "message": "m"}
    assert await found(*first[:2], broken) == [None, []]
    # Each branch has its own; a person's verdict counts before the tutor's.
    branch = [message(9, "c2", "b"), graded(10, "c2", "one", "correct"), finished(11, "C2", "c2")]
    assert (await found(*first, *free, *wrong, *branch))[0] is None
    assert (await found(*first, *free, *wrong, *branch, choices=("c",)))[0] == "a"
    reviewed = {"type": "reviewed", "seq": 12, "at": AT, "turn": "c", "verdict": "correct"}
    assert (await found(*first, *free, *wrong, *branch, reviewed, choices=("c",)))[0] is None


async def test_a_restored_server_begins_anew(page: Page) -> None:
    frames = [welcome(), ready(), message(1, "t1"), finished(2, "A"), message(3, "t2", "t1"), finished(4, "B", "t2")]
    found = await fold(page, *frames, welcome(2), message(1, "t1"), finished(2, "A"), ready(2))
    assert found["lastSeq"] == 2
    assert found["order"] == ["t1"]


async def test_names_ratings_and_the_end(page: Page) -> None:
    rated = {"type": "feedback", "seq": 3, "at": AT, "turn": "t1", "rating": -1}
    renamed = {"type": "renamed", "seq": 4, "at": AT, "title": "Leaves"}
    unknown = {"type": "something_new", "seq": 5, "at": AT}
    frames = [welcome(title="First"), ready(), message(1, "t1"), finished(2, "A"), rated, renamed, unknown]
    found = await fold(page, *frames)
    assert (found["title"], found["path"][0]["rating"], found["lastSeq"]) == ("Leaves", -1, 5)
    gone = await fold(page, *frames, {"type": "deleted", "seq": 6, "at": AT})
    assert (gone["deleted"], gone["path"]) == (True, [])


def stream(rng: random.Random, text: str) -> list[Frame]:
    """``text`` as a server might send it: sentences on the log, deltas between, a line that breaks and comes back."""
    durable: list[Frame] = [message(1, "t1")]
    frames: list[Frame] = [welcome(), ready(), durable[0]]
    at = spoken = 0
    while at < len(text):
        size = min(len(text) - at, rng.randint(1, 7))
        at += size
        frames.append(delta(at - size, text[at - size : at]))
        kind = rng.random()
        if kind < 0.2:
            durable.append(sentence(len(durable) + 1, spoken, text[spoken:at]))
            spoken = at
            frames.append(durable[-1])
        elif kind < 0.4:
            # The line broke: some frames never came, then the replay and the running text.
            lost = rng.randint(0, 3)
            known = max((f["seq"] for f in frames[: len(frames) - lost] if "seq" in f), default=0)
            frames = frames[: len(frames) - lost] if lost else frames
            replay = [f for f in durable if f["seq"] > known]
            frames += [welcome(len(durable)), *replay, ready(len(durable)), delta(0, text[:at])]
        elif kind < 0.5 and len(frames) > 4:
            frames.append(rng.choice(durable))
    return frames


async def test_however_it_arrives_the_text_is_whole(page: Page) -> None:
    rng = random.Random(20250301)
    for _ in range(60):
        text = "".join(rng.choice(["word ", "é", "🌿", "\n\n", "**x**", "كلمة "]) for _ in range(rng.randint(1, 40)))
        found = await fold(page, *stream(rng, text))
        assert found["path"][0]["reply"] == text
        assert found["gap"] is False


async def test_waiting_times_grow_and_stay_within_bounds(page: Page) -> None:
    waits = await page.evaluate(
        """async () => {
          const { delay } = await import("/static/chat/connection.js");
          return [1, 2, 3, 8, 50].map((attempt) => [delay(attempt, 0), delay(attempt, 1)]);
        }"""
    )
    assert waits == [[250, 500], [500, 1000], [1000, 2000], [10_000, 20_000], [10_000, 20_000]]


async def test_an_event_stream_may_arrive_in_any_pieces(page: Page) -> None:
    found = await page.evaluate(
        """async () => {
          const { eventsIn } = await import("/static/chat/connection.js");
          const text = ': open\\nretry: 2000\\n\\nid: 1\\ndata: {"a":1}\\n\\ndata: x\\r\\ndata: y\\r\\n\\r\\n';
          const all = [];
          for (let size = 1; size < 12; size += 1) {
            let rest = "";
            const got = [];
            for (let i = 0; i < text.length; i += size) {
              const found = eventsIn(rest + text.slice(i, i + size));
              rest = found.rest;
              got.push(...found.data);
            }
            all.push(got);
          }
          return all;
        }"""
    )
    assert all(each == ['{"a":1}', "x\ny"] for each in found)


async def test_the_outbox_sends_one_at_a_time_and_in_order(page: Page) -> None:
    found = await page.evaluate(
        """async () => {
          const { nextFrame, Outbox } = await import("/static/chat/outbox.js");
          const outbox = new Outbox(localStorage, "me");
          const item = (client_id, more) => ({ client_id, conversation: "c", type: "send", text: client_id, turn: null,
            parent: null, after: null, error: null, ...more });
          outbox.add(item("m1"));
          outbox.add(item("m2", { after: "m1", reply: { item: "one" } }));
          outbox.add(item("other", { conversation: "d" }));
          const sent = {};
          const as = (id) => sent[id] ?? null;
          const seen = [nextFrame(outbox.of("c"), as, true), nextFrame(outbox.of("c"), as, false)];
          sent.m1 = { id: "t1" };
          seen.push(nextFrame(outbox.of("c"), as, false));
          outbox.change("m2", { error: "refused" });
          seen.push(nextFrame(outbox.of("c"), as, false));
          outbox.remove("m1");
          outbox.remove("m2");
          const left = new Outbox(localStorage, "me").all().map((each) => each.client_id);
          return { seen, left, stranger: new Outbox(localStorage, "you").all() };
        }"""
    )
    assert found["seen"] == [
        None,
        {"type": "send", "client_id": "m1", "text": "m1"},
        {"type": "send", "client_id": "m2", "text": "m2", "parent": "t1", "reply": {"item": "one"}},
        None,
    ]
    assert found["left"] == ["other"]
    assert found["stranger"] == []
