"""The contract of ``JobQueue``."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.conftest import Backend, StillClock
from tutor.domain.jobs import Job
from tutor.ports import Store


def test_a_job_is_done_step_by_step(store: Store, clock: StillClock) -> None:
    job = store.jobs.enqueue("ingest", "k1", {"path": "/course", "name": "Biología"}, owner="ada")
    created = clock.now
    assert job == Job(
        job.id, "ingest", "k1", {"path": "/course", "name": "Biología"}, "pending", created, created, owner="ada"
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
