"""Packets are kept whole or made anew."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen.film.packets import PacketCache, Packets, name_of

NAME = name_of("a", 1)


def never() -> Packets:
    raise AssertionError("it is there already")


@given(groups=st.lists(st.lists(st.binary(max_size=40), max_size=4).map(tuple), max_size=4).map(tuple))
def test_what_is_kept_comes_back(
    tmp_path_factory: pytest.TempPathFactory, groups: tuple[tuple[bytes, ...], ...]
) -> None:
    packets = Packets(b"\x00head\n", groups)
    folder = tmp_path_factory.mktemp("cache")
    assert PacketCache(folder).get(NAME, lambda: packets) == packets
    assert PacketCache(folder).get(NAME, never) == packets


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:30], lambda data: b"", bytes.swapcase])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    packets = Packets(b"head", ((b"one", b"two"),))
    PacketCache(tmp_path).get(NAME, lambda: packets)
    (path,) = tmp_path.rglob(NAME)
    path.write_bytes(damage(path.read_bytes()))
    cache = PacketCache(tmp_path)
    assert cache.get(NAME, lambda: packets) == packets
    assert cache.made == 1
    assert PacketCache(tmp_path).get(NAME, never) == packets


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> Packets:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        PacketCache(tmp_path).get(NAME, fail)
    assert not list(tmp_path.rglob("*"))


def test_names_tell_their_inputs_apart() -> None:
    assert len({name_of("ab", "c"), name_of("a", "bc"), name_of("abc"), name_of(b"abc"), name_of("a", "b", "c")}) == 5
