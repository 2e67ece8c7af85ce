"""Wrong passwords: what one costs, when the door shuts, and how many guesses anybody gets."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.domain.attempts import (
    FORGOTTEN_AFTER_S,
    LONGEST_DELAY_S,
    LONGEST_LOCK_S,
    NOTHING,
    WINDOW_S,
    WRONG_IN_WINDOW,
    Admitted,
    Record,
    Shut,
    attempted,
    lock_s,
    most_guesses,
)


def guessed(times: list[float]) -> list[float]:
    """When the attempts made at these times were admitted."""
    record, admitted = NOTHING, []
    for now in times:
        found = attempted(record, now)
        record = found.record
        if isinstance(found, Admitted):
            admitted.append(now)
    return admitted


def test_the_first_is_answered_at_once_and_each_further_one_later_than_the_last() -> None:
    record, delays = NOTHING, []
    for now in range(WRONG_IN_WINDOW):
        found = attempted(record, float(now))
        assert isinstance(found, Admitted)
        record = found.record
        delays.append(found.after_s)

    assert delays == [0.0, 0.25, 0.5, 1.0, 2.0]
    assert max(delays) <= LONGEST_DELAY_S


def test_past_five_in_five_minutes_the_door_is_shut_and_opens_again() -> None:
    times = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 304.9, 305.0, 306.0]

    admitted = guessed(times)

    assert admitted == [0.0, 1.0, 2.0, 3.0, 4.0, 305.0, 306.0]


def test_the_door_is_shut_for_longer_each_time_and_never_beyond_its_limit() -> None:
    record, now, locks = NOTHING, 0.0, []
    while len(locks) < 12:
        found = attempted(record, now)
        record = found.record
        if isinstance(found, Shut):
            locks.append(found.for_s)
            now += found.for_s

    assert locks[:5] == [300.0, 600.0, 1200.0, 2400.0, 4800.0]
    assert locks == sorted(locks)
    assert locks[-1] == LONGEST_LOCK_S


def test_whoever_goes_on_at_a_shut_door_does_not_shut_it_for_longer() -> None:
    patient = guessed([0.0] * 6 + [300.0])
    hasty = guessed([0.0] * 6 + [float(second) for second in range(1, 300)] + [300.0])

    assert patient == hasty == [0.0] * 5 + [300.0]


def test_slow_guesses_shut_the_door_too() -> None:
    slow = [at * WINDOW_S / (WRONG_IN_WINDOW - 1) for at in range(2000)]

    admitted = guessed(slow)

    assert len(admitted) < 25 + 2000 * 75 / LONGEST_LOCK_S + 10


def test_a_day_of_quiet_is_as_if_nothing_had_been() -> None:
    shut = attempted(Record(recent=(0.0,) * 5, row=30, locks=3, last=0.0), 0.0)
    assert isinstance(shut, Shut)

    later = attempted(shut.record, shut.for_s + FORGOTTEN_AFTER_S)

    assert isinstance(later, Admitted)
    assert later.record.row == 1
    assert later.record.locks == 0


steps = st.one_of(st.just(0.0), st.floats(0.0, 20.0), st.floats(0.0, 2 * LONGEST_LOCK_S), st.just(FORGOTTEN_AFTER_S))


@given(st.lists(steps, max_size=200))
@settings(max_examples=300)
def test_no_schedule_of_guesses_gets_more_than_the_bound(gaps: list[float]) -> None:
    times, now = [], 1.0
    for gap in gaps:
        now += gap
        times.extend([now] * 7)

    admitted = guessed(times)

    assert len(admitted) <= most_guesses(1, times[-1] - times[0] if times else 0.0)
    for at in admitted:
        assert sum(1 for other in admitted if at <= other < at + WINDOW_S) <= WRONG_IN_WINDOW


@given(st.integers(0, 30))
def test_locks_grow_by_the_double(before: int) -> None:
    assert lock_s(before) == min(LONGEST_LOCK_S, 300.0 * 2**before)


def test_the_greediest_gets_some_thirty_in_a_day() -> None:
    every_second = [float(second) for second in range(24 * 3600)]

    admitted = guessed(every_second)

    assert 25 <= len(admitted) <= 35
