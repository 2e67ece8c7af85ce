"""The scoring of plates: what opens for the wrong car at the default level was read, letter for letter."""

from __future__ import annotations

import pytest

from benchmarks.plates import ARRIVALS, Score, run, wilson


def check(scores: list[Score]) -> None:
    exact, alike, edited = scores
    for _car, read, opened, step in exact.false:
        assert step in ("exact", "candidate")
        assert step == "candidate" or read == opened
    assert len(exact.false) <= len(alike.false) <= len(edited.false)
    assert exact.missed >= alike.missed >= edited.missed


def test_the_default_level_opens_for_nothing_that_is_only_near() -> None:
    check(run(arrivals=3_000, registered=1_000))


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_hundred_thousand_arrivals() -> None:
    scores = run()

    check(scores)
    assert wilson(len(scores[0].false), ARRIVALS)[1] < 0.002


def test_bounds_hold_what_they_are_about() -> None:
    low, high = wilson(50, 100)

    assert (round(low, 3), round(high, 3)) == (0.404, 0.596)
    assert wilson(0, 100)[0] == 0.0
