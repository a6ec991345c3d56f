"""An index is closed only when nobody is inside it."""

import threading
from pathlib import Path

import pytest

from retrieval.errors import IndexUnavailable
from retrieval.text_file import TextFile
from retrieval.usage import Usage


def test_closing_waits_for_the_last_user() -> None:
    usage, entered, leave, closed = Usage("text"), threading.Event(), threading.Event(), threading.Event()

    def use() -> None:
        with usage.inside():
            entered.set()
            leave.wait(10)

    def close() -> None:
        usage.close()
        closed.set()

    threads = [threading.Thread(target=use), threading.Thread(target=close)]
    threads[0].start()
    assert entered.wait(10)
    threads[1].start()
    assert not closed.wait(0.05)
    leave.set()
    assert closed.wait(10)
    for thread in threads:
        thread.join()


def test_nobody_enters_what_is_closed() -> None:
    usage = Usage("text")
    assert usage.close()
    with pytest.raises(IndexUnavailable), usage.inside():
        pass


def _read(file: TextFile, started: threading.Barrier, failures: list[BaseException]) -> None:
    started.wait()
    try:
        while True:
            with file.read() as db:
                db.execute("SELECT count(*) FROM model_answers WHERE question LIKE '%7%'").fetchone()
    except IndexUnavailable:
        pass
    except BaseException as error:
        failures.append(error)


def test_a_file_closed_while_threads_read_it_ends_them_with_a_typed_error(tmp_path: Path) -> None:
    for round_ in range(5):
        file = TextFile(tmp_path / f"{round_}.db")
        with file.write() as db:
            db.executemany("INSERT INTO model_answers VALUES (1, ?, '')", [(str(n),) for n in range(2000)])
        failures: list[BaseException] = []
        started = threading.Barrier(5)

        threads = [threading.Thread(target=_read, args=(file, started, failures)) for _ in range(4)]
        for thread in threads:
            thread.start()
        started.wait()
        file.close()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()
        assert failures == []


def test_who_is_alone_waits_for_those_inside_and_keeps_the_others_out() -> None:
    usage, inside, leave, order = Usage("vectors"), threading.Event(), threading.Event(), []

    def first() -> None:
        with usage.inside():
            inside.set()
            leave.wait(20)
            order.append("first left")

    def later() -> None:
        with usage.inside():
            order.append("later came in")

    threads = [threading.Thread(target=first)]
    threads[0].start()
    inside.wait(20)
    threading.Timer(0.05, leave.set).start()
    with usage.alone():
        order.append("alone")
        threads.append(threading.Thread(target=later))
        threads[1].start()
        order.append("still alone")
    for thread in threads:
        thread.join(20)
    assert order == ["first left", "alone", "still alone", "later came in"]
