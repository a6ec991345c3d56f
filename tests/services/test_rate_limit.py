"""So many in any sixty seconds, for each key by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.domain.errors import RateLimited
from tutor.services.rate_limit import RateLimit


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_too_many_is_told_when_to_come_back() -> None:
    clock = Seconds()
    limit = RateLimit("messages", 2, clock)
    limit.hit("ada")
    clock.now += 10.5
    limit.hit("ada")
    with pytest.raises(RateLimited) as refused:
        limit.hit("ada")
    assert refused.value.data["retry_after"] == 50
    limit.hit("ben")  # somebody else
    clock.now += 49.5
    limit.hit("ada")
    with pytest.raises(RateLimited):
        limit.hit("ada")


@given(st.lists(st.floats(0, 90, allow_nan=False), max_size=60), st.integers(1, 5))
def test_no_sixty_seconds_hold_more_than_allowed(pauses: list[float], allowed: int) -> None:
    clock, passed = Seconds(), []
    limit = RateLimit("x", allowed, clock)
    for pause in pauses:
        clock.now += pause
        try:
            limit.hit("ada")
        except RateLimited as refused:
            clock.now += refused.data["retry_after"]
            limit.hit("ada")  # the advice is good
        passed.append(clock.now)
    for at in passed:
        assert sum(at <= other < at + 60 for other in passed) <= allowed


def test_keys_that_rest_are_forgotten() -> None:
    clock = Seconds()
    limit = RateLimit("x", 3, clock)
    for number in range(1000):
        limit.hit(f"address {number}")
    clock.now += 61
    limit.hit("ada")
    assert len(limit._hits) == 1
