"""Conversations over a line that breaks, with messages sent twice: a small ``python -m bench.chat``.

The server is a process of its own, on SQLite; the client folds its frames as the page does.
"""

import asyncio
from pathlib import Path

from bench._chat_room import Served, furnish
from bench._chat_state import Fold
from bench._chat_torture import plans, torture

TURNS, DROPS, DUPLICATES = 150, 20, 10


async def test_nothing_is_lost_doubled_or_reordered_over_a_bad_line(tmp_path: Path) -> None:
    learners = await asyncio.to_thread(furnish, tmp_path, 10)
    changes = {"DIOTIMA_CHAT_ADAPTER": "scripted", "DIOTIMA_SCRIPTED_SECONDS_PER_WORD": "0.003"}
    with Served(tmp_path, changes) as server:
        url = f"ws://{server.address}/ws/chat"
        found = await torture(url, learners, TURNS, DROPS, DUPLICATES, seed=3, at_once=10)
    assert found["turns"] == TURNS
    assert found["drops"] >= DROPS
    assert found["sent again"] >= DUPLICATES
    faults = {name: found[name] for name in ("lost", "doubled", "reordered", "torn", "different")}
    assert faults == dict.fromkeys(faults, 0)


def test_plans_are_as_many_as_asked_and_the_same_for_a_seed() -> None:
    found = plans(100, 20, 10, seed=1)
    assert (sum(bool(plan.cut) for plan in found), sum(bool(plan.twice) for plan in found)) == (20, 10)
    assert found == plans(100, 20, 10, seed=1)


def test_the_fold_notices_what_must_not_happen() -> None:
    at = "2030-01-01T00:00:00+00:00"
    message = {"type": "message", "seq": 2, "at": at, "turn": "t", "parent": None, "client_id": "m", "text": "Hi"}
    message |= {"edit_of": None, "retry_of": None}
    fold = Fold(ready=True)
    fold.take(message)
    fold.take(message)  # again
    fold.take({**message, "seq": 3, "turn": "u"})  # a second turn for one message
    fold.take({"type": "delta", "turn": "t", "offset": 3, "text": "hole"})
    ending = {"outcome": "complete", "source": "model", "text": "Whole.", "html": "", "citations": []}
    fold.take({"type": "finished", "seq": 4, "at": at, "turn": "t", "retryable": False, "actions": [], **ending})
    assert (fold.again, fold.doubled, fold.holes, fold.torn) == (1, 1, 1, 1)
