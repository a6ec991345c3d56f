"""The contract of ``JobQueue``."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.conftest import Backend, StillClock
from tutor.domain.jobs import LONGEST_LEASE, Job
from tutor.ports import Store


def test_a_job_is_done_step_by_step(store: Store, clock: StillClock) -> None:
    job = store.jobs.enqueue("ingest", "k1", {"path": "/course", "name": "Biología"}, owner="ada")
    created = clock.now
    assert job == Job(
        job.id, "ingest", "k1", {"path": "/course", "name": "Biología"}, "pending", created, created, owners=("ada",)
    )
    assert store.jobs.get(job.id) == job
    clock.advance(1)
    claimed = store.jobs.claim("w1", 30)
    assert claimed is not None
    assert (claimed.id, claimed.status, claimed.worker, claimed.attempts) == (job.id, "running", "w1", 1)
    assert claimed.lease_until == clock.now + timedelta(seconds=30)
    assert store.jobs.get(job.id) == claimed
    clock.advance(1)
    assert store.jobs.progress(job.id, "w1", 30, stage="reading", done=1, total=4, message="a.pdf: no loader")
    assert store.jobs.progress(job.id, "w1", 60, stage="embedding", done=2, total=4, message="b.pdf: no loader")
    under_way = store.jobs.get(job.id)
    assert under_way is not None
    assert (under_way.stage, under_way.done, under_way.total) == ("embedding", 2, 4)
    assert under_way.messages == ("a.pdf: no loader", "b.pdf: no loader")
    assert under_way.lease_until == clock.now + timedelta(seconds=60)
    store.jobs.finish(job.id, "w1", "done")
    done = store.jobs.get(job.id)
    assert done is not None
    assert (done.status, done.error, done.lease_until, done.updated_at) == ("done", None, None, clock.now)
    assert not store.jobs.progress(job.id, "w1", 30, stage="x", done=9, total=9)
    assert store.jobs.claim("w2", 30) is None


def test_a_key_gives_the_same_job_while_it_is_active(store: Store) -> None:
    job = store.jobs.enqueue("ingest", "k", {"n": "1"})
    assert store.jobs.enqueue("ingest", "k", {"n": "2"}) == job
    claimed = store.jobs.claim("w", 30)
    assert store.jobs.enqueue("ingest", "k", {}) == claimed
    assert store.jobs.enqueue("reindex", "k", {}).id != job.id
    store.jobs.finish(job.id, "w", "failed", "disk_full")
    again = store.jobs.enqueue("ingest", "k", {})
    assert again.id != job.id
    assert again.status == "pending"
    failed = store.jobs.get(job.id)
    assert failed is not None
    assert (failed.status, failed.error) == ("failed", "disk_full")


def test_jobs_are_claimed_oldest_first_and_listed_newest_first(store: Store) -> None:
    names = [store.jobs.enqueue(kind, kind, {}).id for kind in ("a", "b", "c")]
    assert [job.id for job in store.jobs.listed()] == names[::-1]
    assert [job.id for job in store.jobs.listed(limit=2)] == names[:0:-1]
    assert [job.id for job in store.jobs.listed("b")] == [names[1]]
    assert _claimed(store, ["c", "b"]) == names[1]
    assert _claimed(store, []) is None
    assert [_claimed(store) for _ in range(3)] == [names[0], names[2], None]


def _claimed(store: Store, kinds: list[str] | None = None, worker: str = "w") -> str | None:
    job = store.jobs.claim(worker, 30, kinds)
    return job.id if job else None


def test_a_lapsed_lease_is_taken_over(store: Store, clock: StillClock) -> None:
    job = store.jobs.enqueue("ingest", "k", {})
    assert _claimed(store, worker="w1") == job.id
    clock.advance(29)
    assert _claimed(store, worker="w2") is None
    assert store.jobs.progress(job.id, "w1", 30, stage="s", done=1, total=2)
    clock.advance(29)
    assert _claimed(store, worker="w2") is None
    clock.advance(2)
    assert _claimed(store, worker="w2") == job.id
    assert not store.jobs.progress(job.id, "w1", 30, stage="late", done=2, total=2)
    store.jobs.finish(job.id, "w1", "done")
    held = store.jobs.get(job.id)
    assert held is not None
    assert (held.status, held.worker, held.attempts, held.stage) == ("running", "w2", 2, "s")


def test_a_job_that_keeps_losing_its_workers_fails(store: Store, clock: StillClock) -> None:
    job = store.jobs.enqueue("ingest", "bad", {})
    for attempt in range(3):
        assert _claimed(store, worker=f"w{attempt}") == job.id
        clock.advance(31)
    behind = store.jobs.enqueue("ingest", "good", {})
    assert _claimed(store, worker="w9") == behind.id
    failed = store.jobs.get(job.id)
    assert failed is not None
    assert (failed.status, failed.error, failed.attempts, failed.lease_until) == (
        "failed",
        "attempts_exhausted",
        3,
        None,
    )


def test_a_job_that_is_handed_back_loses_no_attempt(store: Store) -> None:
    """Stopping a server again and again must not fail what it was indexing."""
    job = store.jobs.enqueue("embed", "long", {})
    for start in range(5):
        assert _claimed(store, worker=f"w{start}") == job.id
        store.jobs.finish(job.id, f"w{start}", "pending")
    assert _claimed(store, worker="w5") == job.id
    found = store.jobs.get(job.id)
    assert found is not None
    assert (found.status, found.attempts) == ("running", 1)


def test_a_cancelled_job_stops(store: Store) -> None:
    waiting, running = store.jobs.enqueue("a", "1", {}), store.jobs.enqueue("b", "2", {})
    assert _claimed(store, ["b"]) == running.id
    store.jobs.cancel(waiting.id)
    store.jobs.cancel(running.id)
    store.jobs.cancel("unknown")
    assert _claimed(store) is None
    assert not store.jobs.progress(running.id, "w", 30, stage="s", done=1, total=1)
    store.jobs.finish(running.id, "w", "done")
    assert [job.status for job in store.jobs.listed()] == ["cancelled", "cancelled"]
    done = store.jobs.enqueue("b", "2", {})
    assert _claimed(store) == done.id
    store.jobs.finish(done.id, "w", "done")
    store.jobs.cancel(done.id)
    found = store.jobs.get(done.id)
    assert found is not None
    assert found.status == "done"


def test_a_persons_jobs_are_forgotten(store: Store) -> None:
    for key, owner in [("1", "ada"), ("2", "ben"), ("3", None), ("4", "ada")]:
        store.jobs.enqueue("ingest", key, {}, owner)
    assert store.jobs.forget("ada") == 2
    assert store.jobs.forget("ada") == 0
    assert [job.owner for job in store.jobs.listed()] == [None, "ben"]


@pytest.mark.parametrize("lapsed", [False, True])
def test_two_workers_never_get_the_same_job(backend: Backend, clock: StillClock, lapsed: bool) -> None:
    stores = [backend.open(), backend.open()]
    names = {stores[0].jobs.enqueue("ingest", str(n), {}).id for n in range(12)}
    if lapsed:
        for _ in names:
            assert _claimed(stores[0]) is not None
        clock.advance(31)
    together = threading.Barrier(4)

    def work(worker: int) -> list[str]:
        together.wait()
        mine = []
        while (name := _claimed(stores[worker % 2], worker=f"w{worker}")) is not None:
            mine.append(name)
        return mine

    with ThreadPoolExecutor(4) as pool:
        claimed = [name for mine in pool.map(work, range(4)) for name in mine]
    assert len(claimed) == len(names)
    assert set(claimed) == names


def test_many_enqueue_one_job(backend: Backend) -> None:
    stores = [backend.open(), backend.open()]
    together = threading.Barrier(4)

    def enqueue(n: int) -> str:
        together.wait()
        return stores[n % 2].jobs.enqueue("ingest", "k", {}).id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(enqueue, range(4)))) == 1
    assert len(stores[0].jobs.listed()) == 1


# -- several who ask ---------------------------------------------------------------------------------------------------


def test_who_asks_for_the_same_gets_a_share_in_one_job(store: Store) -> None:
    job = store.jobs.enqueue("film", "k", {"n": "1"}, "ada")
    assert job.owners == ("ada",)
    both = store.jobs.enqueue("film", "k", {}, "ben")
    assert (both.id, both.owners, both.owner, both.arguments) == (job.id, ("ada", "ben"), "ada", {"n": "1"})
    assert store.jobs.enqueue("film", "k", {}, "ada").owners == ("ada", "ben")
    assert store.jobs.enqueue("film", "k", {}).owners == ("ada", "ben")
    store.jobs.enqueue("film", "other", {}, "ben")
    assert [found.key for found in store.jobs.listed(owner="ada")] == ["k"]
    assert [found.key for found in store.jobs.listed("film", owner="ben")] == ["other", "k"]
    assert [found.key for found in store.jobs.listed("film", limit=1, owner="ben")] == ["other"]
    assert store.jobs.listed("ingest", owner="ben") == store.jobs.listed(owner="nobody") == ()
    assert [found.id for found in store.jobs.listed("film", key="k")] == [job.id]


def test_one_who_leaves_does_not_stop_it_for_the_other(store: Store) -> None:
    job = store.jobs.enqueue("film", "k", {}, "ada")
    store.jobs.enqueue("film", "k", {}, "ben")
    assert _claimed(store) == job.id
    store.jobs.cancel(job.id, "ada")
    left = store.jobs.get(job.id)
    assert left is not None
    assert (left.status, left.owners) == ("running", ("ben",))
    store.jobs.cancel(job.id, "somebody")
    store.jobs.cancel(job.id, "ada")
    assert store.jobs.renew(job.id, "w", 30)
    store.jobs.cancel(job.id, "ben")
    over = store.jobs.get(job.id)
    assert over is not None
    assert (over.status, over.owners) == ("cancelled", ("ben",))  # who stopped it may see so
    assert not store.jobs.renew(job.id, "w", 30)


def test_a_persons_share_is_forgotten_and_the_job_when_it_is_nobodys(store: Store) -> None:
    both = store.jobs.enqueue("film", "both", {}, "ada")
    store.jobs.enqueue("film", "both", {}, "ben")
    mine = store.jobs.enqueue("film", "mine", {}, "ada")
    nobodys = store.jobs.enqueue("film", "nobodys", {})
    assert store.jobs.forget("ada") == 2
    assert store.jobs.get(mine.id) is None
    kept = store.jobs.get(both.id)
    assert kept is not None
    assert kept.owners == ("ben",)
    assert store.jobs.get(nobodys.id) == nobodys
    assert store.jobs.listed(owner="ada") == ()


def test_what_is_done_counts_where_that_is_asked(store: Store) -> None:
    job = store.jobs.enqueue("film", "k", {}, "ada")
    assert _claimed(store) == job.id
    store.jobs.finish(job.id, "w", "done")
    shared = store.jobs.enqueue("film", "k", {}, "ben", done_counts=True)
    assert (shared.id, shared.status, shared.owners) == (job.id, "done", ("ada", "ben"))
    anew = store.jobs.enqueue("film", "k", {}, "ben")
    assert anew.id != job.id
    assert store.jobs.enqueue("film", "k", {}, "ada", done_counts=True).id == anew.id  # what is under way counts first


def test_many_join_one_job_at_once(backend: Backend) -> None:
    stores = [backend.open(), backend.open()]
    together = threading.Barrier(4)

    def join(n: int) -> str:
        together.wait()
        return stores[n % 2].jobs.enqueue("film", "k", {}, f"person{n}").id

    with ThreadPoolExecutor(4) as pool:
        names = set(pool.map(join, range(4)))
    assert len(names) == 1
    job = stores[0].jobs.get(names.pop())
    assert job is not None
    assert sorted(job.owners) == [f"person{n}" for n in range(4)]


# -- whose turn it is --------------------------------------------------------------------------------------------------


def test_higher_priority_goes_first_and_then_the_oldest(store: Store) -> None:
    batch = [store.jobs.enqueue("film", f"batch{n}", {}) for n in range(2)]
    waiting = [store.jobs.enqueue("film", f"waiting{n}", {}, priority=20) for n in range(2)]
    # Somebody waits for what was asked for in a batch: it no longer waits behind the others, and never falls back.
    store.jobs.enqueue("film", "batch1", {}, "ada", priority=30)
    risen = store.jobs.enqueue("film", "batch1", {}, "ben", priority=5)
    assert risen.priority == 30
    assert [_claimed(store) for _ in range(5)] == [batch[1].id, waiting[0].id, waiting[1].id, batch[0].id, None]


def test_a_job_is_left_to_workers_of_its_version(store: Store, clock: StillClock) -> None:
    newer = store.jobs.enqueue("film", "new", {}, version="2", priority=9)
    anybodys = store.jobs.enqueue("ingest", "any", {})
    assert _claimed(store) == anybodys.id
    assert store.jobs.claim("w1", 30, version="1") is None
    taken = store.jobs.claim("w2", 30, version="2")
    assert taken is not None
    assert (taken.id, taken.version) == (newer.id, "2")
    clock.advance(31)
    taken_over = store.jobs.claim("w1", 30, version="1")
    assert taken_over is not None
    assert taken_over.id == anybodys.id
    assert store.jobs.claim("w1", 30, version="1") is None


# -- attempts ----------------------------------------------------------------------------------------------------------


def test_a_lease_is_kept_without_progress(store: Store, clock: StillClock) -> None:
    job = store.jobs.enqueue("film", "k", {})
    assert _claimed(store, worker="w1") == job.id
    for _ in range(5):
        clock.advance(29)
        assert store.jobs.renew(job.id, "w1", 30)
    assert _claimed(store, worker="w2") is None
    assert not store.jobs.renew(job.id, "w2", 30)
    assert not store.jobs.renew("unknown", "w1", 30)


def test_a_job_that_gets_further_has_all_its_attempts_again(store: Store, clock: StillClock) -> None:
    """A long render survives any number of dead workers, as long as each gets beyond where the last one fell."""
    job = store.jobs.enqueue("film", "long", {})
    for reached in range(1, 9):
        assert _claimed(store, worker=f"w{reached}") == job.id
        assert store.jobs.progress(job.id, f"w{reached}", 30, stage="speech", done=1, total=10)
        assert store.jobs.progress(job.id, f"w{reached}", 30, stage="speech", done=reached, total=10)
        clock.advance(31)
    for lost in range(2):  # besides the one that reached 8
        assert _claimed(store, worker=f"lost{lost}") == job.id
        assert store.jobs.progress(job.id, f"lost{lost}", 30, stage="speech", done=8, total=10)
        clock.advance(31)
    assert _claimed(store, worker="last") is None
    failed = store.jobs.get(job.id)
    assert failed is not None
    assert (failed.status, failed.error, failed.furthest) == ("failed", "attempts_exhausted", 8)


def test_an_attempt_that_failed_counts_where_it_should(store: Store) -> None:
    job = store.jobs.enqueue("film", "k", {})
    for attempt in range(3):
        assert _claimed(store) == job.id
        store.jobs.finish(job.id, "w", "pending", "render_crashed", counts=True)
        found = store.jobs.get(job.id)
        assert found is not None
        assert (found.status, found.error) == ("failed" if attempt == 2 else "pending", "render_crashed")
    assert _claimed(store) is None


@pytest.mark.parametrize("ended", ["failed", "cancelled", "done"])
def test_what_is_over_is_done_again_when_asked(store: Store, ended: str) -> None:
    job = store.jobs.enqueue("film", "k", {"a": "1"}, "ada")
    assert _claimed(store) == job.id
    assert store.jobs.retry(job.id) == store.jobs.get(job.id)  # nothing to do: it is running
    store.jobs.progress(job.id, "w", 30, stage="speech", done=7, total=9)
    if ended == "cancelled":
        store.jobs.cancel(job.id, "ada")
    else:
        store.jobs.finish(job.id, "w", "failed" if ended == "failed" else "done", ended)
    again = store.jobs.retry(job.id)
    assert again is not None
    assert (again.id, again.status, again.error, again.attempts, again.owners) == (job.id, "pending", None, 0, ("ada",))
    assert _claimed(store) == job.id
    assert store.jobs.retry("unknown") is None
    assert _claimed(store) is None


def test_a_retry_joins_what_was_asked_for_meanwhile(store: Store) -> None:
    old = store.jobs.enqueue("film", "k", {})
    store.jobs.cancel(old.id)
    new = store.jobs.enqueue("film", "k", {})
    assert store.jobs.retry(old.id) == new
    cancelled = store.jobs.get(old.id)
    assert cancelled is not None
    assert cancelled.status == "cancelled"


def test_parts_are_told_as_they_come(store: Store) -> None:
    job = store.jobs.enqueue("film", "k", {})
    assert job.detail == {}
    assert _claimed(store) == job.id
    parts = {"stages": {"slides": [3, 12]}, "language": "العربية"}
    assert store.jobs.progress(job.id, "w", 30, stage="slides", done=1, total=9, detail=parts)
    assert store.jobs.progress(job.id, "w", 30, stage="slides", done=2, total=9)
    found = store.jobs.get(job.id)
    assert found is not None
    assert found.detail == parts


def test_jobs_are_counted_by_kind_and_status(store: Store) -> None:
    assert dict(store.jobs.counts()) == {}
    for key in ("a", "b", "c"):
        store.jobs.enqueue("film", key, {}, owner="ada")
    store.jobs.enqueue("ingest", "a", {})
    claimed = store.jobs.claim("w1", 30, ("film",))
    assert claimed is not None
    store.jobs.finish(claimed.id, "w1", "done")
    store.jobs.claim("w1", 30, ("film",))
    assert dict(store.jobs.counts()) == {
        ("film", "done"): 1,
        ("film", "running"): 1,
        ("film", "pending"): 1,
        ("ingest", "pending"): 1,
    }


def test_a_clock_that_is_put_back_keeps_nobody_waiting_for_a_dead_worker(store: Store, clock: StillClock) -> None:
    job = store.jobs.enqueue("ingest", "k", {})
    assert store.jobs.claim("dead", 30) is not None
    clock.advance(-24 * 3600)  # the lease now ends tomorrow
    assert store.jobs.claim("w", 30) is None
    clock.advance(LONGEST_LEASE + 1)
    taken = store.jobs.claim("w", 30)
    assert taken is not None
    assert (taken.id, taken.worker) == (job.id, "w")


def test_a_clock_that_is_put_back_takes_no_job_from_a_living_worker(store: Store, clock: StillClock) -> None:
    job = store.jobs.enqueue("ingest", "k", {})
    assert store.jobs.claim("living", 30) is not None
    clock.advance(-24 * 3600)
    for _ in range(5):
        assert store.jobs.claim("other", 30) is None
        clock.advance(20)
        assert store.jobs.renew(job.id, "living", 30)
    clock.advance(31)  # and when it has died, it is missed as soon as ever
    assert store.jobs.claim("other", 30) is not None
