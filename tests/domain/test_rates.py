"""A bucket lets through what its rate says, and no more, however it is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.domain.rates import FULL, Rate, taken, wait_s

TEN = Rate(10.0, 50.0)


def test_a_full_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket, given_at_once = FULL, 0
    while wait_s(bucket, TEN, 100.0) == 0:
        bucket = taken(bucket, TEN, 100.0, 1.0)
        given_at_once += 1

    assert given_at_once == 51
    assert wait_s(bucket, TEN, 100.0) == pytest.approx(0.1)
    assert wait_s(bucket, TEN, 100.1) == pytest.approx(0.0, abs=1e-6)


def test_what_costs_more_than_there_is_passes_once_and_the_next_waits() -> None:
    bucket = taken(FULL, TEN, 100.0, 1_000.0)

    assert wait_s(bucket, TEN, 100.0) == pytest.approx(95.0)


class Refilled:
    """The oracle: a bucket that counts what is in it, and is refilled by hand."""

    def __init__(self, rate: Rate) -> None:
        self.rate, self.left, self.at = rate, rate.burst, 0.0

    def take(self, now: float, cost: float) -> bool:
        """Whether it was let through."""
        self.left = min(self.rate.burst, self.left + (now - self.at) * self.rate.per_s)
        self.at = now
        if self.left < -1e-6:
            return False
        self.left -= cost
        return True


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 40)), max_size=100))
def test_it_is_the_bucket_that_is_refilled_by_hand(asked: list[tuple[int, int]]) -> None:
    rate, bucket, now = Rate(4.0, 32.0), FULL, 0.0
    oracle = Refilled(rate)

    for gap, cost in asked:
        now += gap / 4
        lets = wait_s(bucket, rate, now) == 0
        assert lets == oracle.take(now, float(cost))
        if lets:
            bucket = taken(bucket, rate, now, float(cost))
