"""Windows against slow oracles that forget nothing and try everything; input is late, shuffled and of equal times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.domain.schedules import Hours, Schedule, holds
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.domain.windows import FIRST, SECOND, Memory, Pattern, Seen, Shape, arrived, is_quiet, overdue

Story = list[tuple[int, int, int]]
"""(received, how long before that it occurred, steps), in order of seq."""
MOMENTS = st.integers(0, 30)
DELAYS = st.sampled_from([0, 0, 0, 1, 2, 5, 9, 20, -3])


def stories(steps: int) -> st.SearchStrategy[Story]:
    """Receipt mostly rises; a report that waited in quarantine keeps its first one."""
    one = st.tuples(MOMENTS, DELAYS, st.integers(1, 2**steps - 1))
    nearly = st.lists(one, max_size=14).map(lambda told: sorted(told, key=lambda item: item[0] // 3))
    return st.one_of(nearly, st.lists(one, max_size=10))


def told_of(story: Story) -> list[tuple[Seen, int]]:
    """Each event with the clock at its arrival."""
    clock, told = 0, []
    for seq, (received, delay, steps) in enumerate(story, 1):
        clock = max(clock, received + 100)
        told.append((Seen(received + 100 - delay, seq, steps), clock))
    return told


def fired(pattern: Pattern, story: Story) -> list[tuple[int, ...]]:
    """What the code says: the seqs of each firing."""
    memory, found = Memory(), []
    for event, clock in told_of(story):
        match = arrived(pattern, memory, event, clock)
        if match is not None:
            assert match.at == match.events[-1].occurred
            found.append(tuple(one.seq for one in match.events))
    return found


def by_trying_all(pattern: Pattern, story: Story) -> list[tuple[int, ...]]:
    """The oracle: nothing is forgotten, every choice of events is tried."""
    unused: list[Seen] = []
    found = []
    for event, clock in told_of(story):
        if event.occurred < clock - pattern.lateness_ns:
            continue
        unused = sorted([*unused, event])
        size = pattern.times if pattern.shape is Shape.COUNT else pattern.steps
        choices = [
            choice
            for choice in combinations(unused, size)
            if event in choice and choice[-1].occurred - choice[0].occurred <= pattern.within_ns
            and (_are_neighbours(choice, unused) if pattern.shape is Shape.COUNT else _fit(choice))
        ]  # fmt: skip
        if choices:
            chosen = min(choices)
            unused = [one for one in unused if one not in chosen]
            found.append(tuple(one.seq for one in chosen))
    return found


def _are_neighbours(choice: tuple[Seen, ...], seen: list[Seen]) -> bool:
    start = seen.index(choice[0])
    return seen[start : start + len(choice)] == list(choice)


def _fit(choice: tuple[Seen, ...]) -> bool:
    return all(one.steps >> number & 1 for number, one in enumerate(choice))


@settings(max_examples=300, deadline=None)
@given(stories(1), st.integers(2, 4), st.integers(0, 8), st.integers(0, 10))
def test_counts_are_what_trying_every_run_finds(story: Story, times: int, within: int, late: int) -> None:
    pattern = Pattern(shape=Shape.COUNT, times=times, within_ns=within, lateness_ns=late)

    assert fired(pattern, story) == by_trying_all(pattern, story)


@settings(max_examples=400, deadline=None)
@given(st.integers(2, 3).flatmap(lambda n: st.tuples(st.just(n), stories(n))), st.integers(0, 12), st.integers(0, 10))
def test_sequences_are_what_trying_every_chain_finds(told: tuple[int, Story], within: int, late: int) -> None:
    steps, story = told
    pattern = Pattern(shape=Shape.SEQUENCE, steps=steps, within_ns=within, lateness_ns=late)

    assert fired(pattern, story) == by_trying_all(pattern, story)


def absences(pattern: Pattern, story: Story, cuts: frozenset[int], end: int) -> list[tuple[int, int]]:
    """What the code says, with ticks wherever `cuts` has them: (when, seq) in order."""
    memory, found = Memory(), []
    for event, clock in told_of(story):
        if event.seq in cuts:
            found += overdue(pattern, memory, clock - 1)  # a tick just before
        found += overdue(pattern, memory, clock)
        assert arrived(pattern, memory, event, clock) is None
    found += overdue(pattern, memory, end)
    return [(match.at, match.events[0].seq) for match in found]


@settings(max_examples=400, deadline=None)
@given(stories(2), st.integers(0, 8), st.integers(0, 10), st.frozensets(st.integers(1, 14)), st.sampled_from([0, 500]))
def test_an_absence_is_told_once_unless_the_answer_came_in_time_ticks_or_none(
    story: Story, within: int, late: int, cuts: frozenset[int], end: int
) -> None:
    pattern = Pattern(shape=Shape.ABSENCE, steps=2, within_ns=within, lateness_ns=late)
    told = told_of(story)
    last = max([end, *(clock for _, clock in told)])
    expected = []
    for asked, clock in told:
        due = asked.occurred + within
        answered = any(
            one.steps & SECOND and one[:2] > asked[:2] and one.occurred <= due and at <= due + late for one, at in told
        )
        if asked.steps & FIRST and asked.occurred >= clock - late and not answered and due + late < last:
            expected.append((due, asked.seq))

    found = absences(pattern, story, cuts, last)

    assert sorted(found) == sorted(expected)
    assert len(set(found)) == len(found)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=12), st.integers(0, 10))
def test_who_has_fired_is_quiet_before_and_after(times: list[int], quiet: int) -> None:
    memory, fired_at, latest = Memory(), [], None
    for at in times:
        if not is_quiet(memory, at, quiet):
            assert latest is None or abs(at - latest) >= quiet
            fired_at.append(at)
            latest = at if latest is None else max(latest, at)

    assert memory.fired == max(fired_at, default=None)
    assert bool(fired_at) == bool(times)


ZONES = [ZoneInfo("Europe/Zurich"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")]
HALF_HOURS = st.integers(0, 47)
HOURS = st.lists(st.tuples(HALF_HOURS, st.integers(1, 48)), max_size=3).map(
    lambda told: tuple(Hours(since * 1_800, (since + length) * 1_800) for since, length in told)
)
DATES = st.integers(0, 12).map(lambda days: date(2026, 3, 24) + timedelta(days=days))


@dataclass(frozen=True)
class Written:
    """The same schedule as plain lists of dates."""

    schedule: Schedule

    def holds(self, local: datetime) -> bool:
        """By laying the hours of each date out one after another."""
        told = self.schedule
        for back in (0, 1):
            day = local.date() - timedelta(days=back)
            hours = told.week.get(day.weekday(), ())
            hours = told.on_holidays if day in told.holidays else hours
            hours = told.exceptions.get(day, hours)
            midnight = datetime(day.year, day.month, day.day)
            for since, until in hours:
                if midnight + timedelta(seconds=since) <= local < midnight + timedelta(seconds=until):
                    return not told.outside
        return told.outside


@settings(max_examples=300, deadline=None)
@given(
    week=st.dictionaries(st.integers(0, 6), HOURS), holidays=st.frozensets(DATES, max_size=3), on_holidays=HOURS,
    exceptions=st.dictionaries(DATES, HOURS, max_size=3), outside=st.booleans(), zone=st.sampled_from(ZONES),
    minutes=st.lists(st.integers(0, 12 * 48), min_size=1, max_size=20),
)  # fmt: skip
def test_a_schedule_holds_as_its_hours_laid_out_day_by_day_say(
    week: dict[int, tuple[Hours, ...]], holidays: frozenset[date], on_holidays: tuple[Hours, ...],
    exceptions: dict[date, tuple[Hours, ...]], outside: bool, zone: ZoneInfo, minutes: list[int],
) -> None:  # fmt: skip
    schedule = Schedule(week=week, holidays=holidays, on_holidays=on_holidays, exceptions=exceptions, outside=outside)
    start = datetime(2026, 3, 24, tzinfo=zone)
    for half_hours in minutes:
        at = Instant((int(start.timestamp()) + half_hours * 1_800) * SECOND_NS)
        local = datetime.fromtimestamp(at // SECOND_NS, zone).replace(tzinfo=None, fold=0)

        assert holds(schedule, at, zone) == Written(schedule).holds(local)
        assert holds(replace(schedule, outside=not outside), at, zone) != holds(schedule, at, zone)
