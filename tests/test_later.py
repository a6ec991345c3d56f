"""Parts that are made when they are first asked for: once, whoever asks."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tutor.later import made, made_once


class House:
    def __init__(self) -> None:
        self.built: list[str] = []

    @made_once
    def kitchen(self) -> str:
        self.built.append("kitchen")
        time.sleep(0.02)  # long enough for others to come
        return "kitchen"

    @made_once
    def dinner(self) -> str:
        self.built.append("dinner")
        return f"dinner from the {self.kitchen}"

    @made_once
    def roof(self) -> str:
        self.built.append("roof")
        if len(self.built) == 1:
            raise OSError("it rains")
        return "roof"


def test_nothing_is_made_before_it_is_asked_for() -> None:
    house = House()
    assert (house.built, made(house, "kitchen")) == ([], False)
    assert house.kitchen == "kitchen"
    assert (house.built, made(house, "kitchen")) == (["kitchen"], True)


def test_a_part_is_made_of_parts() -> None:
    house = House()
    assert house.dinner == "dinner from the kitchen"
    assert house.built == ["dinner", "kitchen"]


def test_many_threads_at_once_get_the_same_one() -> None:
    house, together = House(), threading.Barrier(8)

    def ask(_: int) -> str:
        together.wait()
        return house.kitchen

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert house.built == ["kitchen"]
    assert all(one is found[0] for one in found)


def test_each_object_has_its_own() -> None:
    first, second = House(), House()
    assert first.kitchen == second.kitchen
    assert (first.built, second.built) == (["kitchen"], ["kitchen"])


def test_what_fails_is_tried_again() -> None:
    house = House()
    with pytest.raises(OSError, match="rains"):
        _ = house.roof
    assert house.roof == "roof"


def test_a_part_can_be_replaced_before_its_first_use() -> None:
    house = House()
    house.kitchen = "camp fire"  # type: ignore[assignment]
    assert house.dinner == "dinner from the camp fire"
