"""What an act makes of an alarm, against a machine that is told in plain words."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.domain.alarms import (
    Act,
    Alarm,
    AlarmState,
    Assignee,
    CloseReason,
    Priority,
    Raising,
    after,
    cleared,
    escalated,
    raised_again,
)
from gatebook.domain.errors import Conflict
from gatebook.domain.times import SECOND_NS, Instant, parse_instant

NOW = parse_instant("2026-05-29T12:00:00Z")
ADA = Assignee(id=UUID(int=1), name="Ada")
MAY_FOLLOW = {
    ("new", "in_progress"), ("new", "on_hold"), ("new", "closed"), ("in_progress", "on_hold"),
    ("in_progress", "closed"), ("on_hold", "in_progress"), ("on_hold", "closed"),
}  # fmt: skip


def later(seconds: int) -> Instant:
    return Instant(NOW + seconds * SECOND_NS)


def alarm_in(state: AlarmState = AlarmState.NEW, **fields: object) -> Alarm:
    alarm = Alarm(
        number=1, id=UUID(int=7), stream=2, device=1, rule=UUID(int=9), rule_revision=1, key="", name="Forced",
        message=None, priority=Priority.MEDIUM, category="", state=state, assignee=None, count=1, raised=NOW, last=NOW,
        updated=NOW, cause=1, seq=2,
    )  # fmt: skip
    return replace(alarm, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("before", AlarmState)
@pytest.mark.parametrize("wanted", AlarmState)
def test_a_state_follows_only_where_it_may(before: AlarmState, wanted: AlarmState) -> None:
    alarm = alarm_in(before)

    try:
        found = after(alarm, Act(state=wanted), later(5))
    except Conflict:
        found = None

    if (before.value, wanted.value) in MAY_FOLLOW:
        assert found is not None
        assert (found.state, found.revision, found.updated) == (wanted, 2, later(5))
    elif before is wanted and before is not AlarmState.CLOSED:
        assert found is alarm
    else:
        assert found is None


acts = st.one_of(
    st.builds(Act, state=st.sampled_from(AlarmState)),
    st.builds(Act, priority=st.sampled_from(Priority)),
    st.builds(Act, comment=st.just("seen")),
    st.just(Act(assignee=ADA)),
    st.just(Act(unassign=True)),
    st.just("again"),
    st.just("clear"),
)


@given(steps=st.lists(st.tuples(acts, st.integers(0, 100)), max_size=30), clearing=st.booleans())
def test_no_course_of_acts_closes_what_is_not_cleared_or_opens_what_is_closed(
    steps: list[tuple[Act | str, int]], clearing: bool
) -> None:
    alarm = alarm_in(needs_clearing=clearing)
    second, raised, clear = 0, 1, False

    for act, pause in steps:
        second += pause
        before = alarm
        if act == "again":
            if alarm.is_open:
                raising = Raising(name="Forced", stream=2, occurred=later(second))
                alarm, raised, clear = raised_again(alarm, raising, later(second)), raised + 1, False
        elif act == "clear":
            alarm = cleared(alarm, later(second), later(second))
            clear = clear or before.is_open
        else:
            assert isinstance(act, Act)
            try:
                alarm = after(alarm, act, later(second))
            except Conflict:
                assert alarm is before

        assert alarm.count == raised
        assert alarm.is_open or clear or not clearing
        assert before.is_open or not alarm.is_open
        assert (alarm.reason is None) is alarm.is_open
        assert alarm.revision - before.revision in (0, 1)
        assert alarm.updated >= before.updated


def test_who_takes_a_new_alarm_begins_with_it() -> None:
    found = after(alarm_in(escalates=later(60)), Act(assignee=ADA), later(1))

    assert (found.state, found.assignee, found.escalates) == (AlarmState.IN_PROGRESS, ADA, None)


def test_a_closed_alarm_can_still_be_commented_on() -> None:
    found = after(alarm_in(AlarmState.CLOSED, reason=CloseReason.TEST), Act(comment="It was the drill"), later(1))

    assert (found.state, found.revision) == (AlarmState.CLOSED, 2)


def test_an_alarm_that_nobody_takes_is_escalated_once() -> None:
    alarm = alarm_in(escalates=later(60))

    early, due = escalated(alarm, later(59)), escalated(alarm, later(60))

    assert early is alarm
    assert (due.priority, due.escalated) == (Priority.HIGH, later(60))
    assert escalated(due, later(1_000)) is due


def test_an_old_clearing_event_clears_nothing() -> None:
    alarm = alarm_in(needs_clearing=True, last=later(10))

    assert cleared(alarm, later(9), later(20)) is alarm
    assert cleared(alarm, later(10), later(20)).cleared == later(10)


@given(
    happened=st.lists(st.tuples(st.sampled_from(["raise", "clear"]), st.integers(0, 20)), max_size=12),
    doubled=st.lists(st.integers(0, 11), max_size=6),
    random=st.randoms(use_true_random=False),
)
def test_in_whatever_order_raisings_and_clearings_come_the_latest_decides(
    happened: list[tuple[str, int]], doubled: list[int], random: Random
) -> None:
    """The slow way: look at all of them at once.  A doubled raising is set aside by its source before it comes here."""
    again = [happened[n] for n in doubled if n < len(happened) and happened[n][0] == "clear"]
    story = [*happened, *again]
    random.shuffle(story)
    alarm = alarm_in(needs_clearing=True)

    for n, (what, at) in enumerate(story):
        if what == "raise":
            alarm = raised_again(alarm, Raising(name="x", stream=2, occurred=later(at)), later(100 + n))
        else:
            alarm = cleared(alarm, later(at), later(100 + n))

    raises = [0, *(at for what, at in story if what == "raise")]
    clears = [at for what, at in story if what == "clear"]
    expected = max(clears) if clears and max(clears) >= max(raises) else None
    assert (alarm.count, alarm.last) == (len(raises), later(max(raises)))
    assert alarm.cleared == (None if expected is None else later(expected))
    closing = Act(state=AlarmState.CLOSED)
    if expected is None:
        with pytest.raises(Conflict):
            after(alarm, closing, later(500))
    else:
        assert after(alarm, closing, later(500)).state is AlarmState.CLOSED
