"""The contract of ``Servers``."""

from tutor.ports import Store


def test_each_server_raises_its_own_count(store: Store) -> None:
    store.servers.join("a", "seat 1")
    store.servers.join("b", "seat 2")
    assert store.servers.counts() == {"a": 0, "b": 0}
    store.servers.beat("a")
    assert store.servers.beat("a") == {"a": 2, "b": 0}
    assert store.servers.counts() == {"a": 2, "b": 0}


def test_who_takes_a_seat_puts_out_who_sat_there(store: Store) -> None:
    store.servers.join("killed", "seat 1")
    store.servers.join("beside", "seat 2")
    store.servers.join("next", "seat 1")
    assert set(store.servers.counts()) == {"next", "beside"}


def test_without_a_seat_nobody_is_put_out(store: Store) -> None:
    for name in ("a", "b"):
        store.servers.join(name, "")
    assert set(store.servers.counts()) == {"a", "b"}


def test_who_is_alone_knows_that_all_others_are_gone(store: Store) -> None:
    store.servers.join("a", "seat 1")
    store.servers.join("b", "")
    store.servers.join("c", "seat 3", alone=True)
    assert store.servers.counts() == {"c": 0}


def test_who_was_given_up_and_beats_is_there_again(store: Store) -> None:
    store.servers.join("a", "seat 1")
    store.servers.leave("a")
    store.servers.leave("a")
    assert store.servers.counts() == {}
    assert set(store.servers.beat("a")) == {"a"}
