"""Rules as they are evaluated: which events they look at, what they wait for, and in which groups.  Pure.

`Watch` takes events in order of `seq` and says what fired.  What it remembers is handed in and out, so the same code
follows the log and tries a draft on history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from heapq import heappop, heappush
from typing import NamedTuple
from uuid import UUID

from gatebook.domain.admits import Place, admits, admits_class
from gatebook.domain.events import Event, EventClass
from gatebook.domain.filters import AnyOf, Filter
from gatebook.domain.instants import DAY_NS, Instant
from gatebook.domain.parts import normalise
from gatebook.domain.schedules import MINUTE_NS, Schedule, holds, moments
from gatebook.domain.windows import Match, Memory, Pattern, Seen, Shape, arrived, is_quiet, overdue


class GroupBy(StrEnum):
    """What has a window and a quiet time of its own."""

    NOTHING = "nothing"
    DEVICE = "device"
    PERSON = "person"
    SITE = "site"


class Boundary(StrEnum):
    """The two ends of a schedule."""

    BEGIN = "begin"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One revision of a rule, ready to be evaluated."""

    id: UUID
    revision: int
    steps: tuple[Filter, ...]
    """The condition; for a sequence one for each step, for an absence what is waited after and what is waited for."""
    pattern: Pattern
    schedule: Schedule | None = None
    by: GroupBy = GroupBy.NOTHING
    quiet_ns: int = 0
    at: Boundary | None = None
    """It fires by the clock alone, when its schedule begins or ends."""
    since: int = 0
    """It fires by no time before this instant."""
    clear: Filter | None = None
    """What clears the alarms that it raised."""
    classes: dict[EventClass, bool] = field(default_factory=dict, repr=False)
    """Remembers for which classes a step or the clearing condition can hold at all."""

    def interests(self, event_class: EventClass) -> bool:
        """False where no event of this class can matter."""
        found = self.classes.get(event_class)
        if found is None:
            wanted = [*self.steps, *([] if self.clear is None else [self.clear])]
            found = self.classes[event_class] = any(may_pass(one, event_class) for one in wanted)
        return found


class Group(NamedTuple):
    """One group of one rule: `key` is empty, or such as `person/12`."""

    rule: UUID
    key: str


class Firing(NamedTuple):
    """A rule that fired: when, for which group, by which events in order of time; `cause` is the one that completed it,
    0 where it was the clock alone.

    `quiet`: it fired so shortly before that nothing is done now.
    """

    rule: Rule
    key: str
    at: Instant
    events: tuple[int, ...]
    cause: int
    quiet: bool


Zones = Callable[[Place], tzinfo]
Remember = Callable[[Group], Memory]


class Watch:
    """Takes events one by one."""

    def __init__(self, rules: Sequence[Rule], zones: Zones, remember: Remember, clock: int = 0) -> None:
        """`remember` gives the memory of a group, always the same one; `clock` is the greatest receipt so far."""
        self.rules: Mapping[UUID, Rule] = {rule.id: rule for rule in rules}
        self.clock = clock
        self.touched: set[Group] = set()
        """Groups whose memory may have changed."""
        self._zones = zones
        self._remember = remember
        self._due: list[tuple[int, bytes, str]] = []
        self._by_class: dict[EventClass, list[Rule]] = {}
        self._by_clock = [(rule, rule.schedule) for rule in rules if rule.at is not None and rule.schedule is not None]

    def interested(self, event_class: EventClass) -> list[Rule]:
        """The rules to which an event of this class can matter."""
        found = self._by_class.get(event_class)
        if found is None:
            found = self._by_class[event_class] = [one for one in self.rules.values() if one.interests(event_class)]
        return found

    def expect(self, group: Group, due: int) -> None:
        """A group's memory holds an absence that is a fact when the clock is past `due`."""
        heappush(self._due, (due, group.rule.bytes, group.key))

    def is_awaited(self, clock: int) -> bool:
        """Whether something may fire when the clock is set on to this; where not, it is set on by that."""
        if (self._due and self._due[0][0] < clock) or self._by_clock:
            return True
        self.clock = max(self.clock, clock)
        return False

    def until(self, clock: int) -> Iterator[Firing]:
        """Sets the clock on; the absences that have become facts, and the times that have come."""
        before, self.clock = self.clock, max(self.clock, clock)
        yield from self._timed(before)
        while self._due and self._due[0][0] < self.clock:
            _, rule_id, key = heappop(self._due)
            group = Group(UUID(bytes=rule_id), key)
            rule = self.rules.get(group.rule)
            if rule is None:
                continue
            memory = self._remember(group)
            self.touched.add(group)
            for match in overdue(rule.pattern, memory, self.clock):
                quiet = is_quiet(memory, match.at, rule.quiet_ns)
                yield Firing(rule, key, match.at, seqs_of(match), match.events[-1].seq, quiet)
            due = memory.due(rule.pattern)
            if due is not None:
                self.expect(group, due)

    def _timed(self, before: int) -> Iterator[Firing]:
        """What fires by the clock; what was missed for longer than a day is not made up for."""
        if before // MINUTE_NS == self.clock // MINUTE_NS:
            return
        zone = self._zones(Place())
        for rule, schedule in self._by_clock:
            after = Instant(max(before, rule.since, self.clock - DAY_NS))
            begins = rule.at is Boundary.BEGIN
            for at in moments(schedule, after, Instant(self.clock), zone, begins=begins):
                yield Firing(rule, "", at, (), 0, False)

    def steps(self, rule: Rule, event: Event, place: Place) -> int:
        """Which steps of the rule the event passes, as bits, by its conditions and its schedule."""
        bits = 0
        for number, wanted in enumerate(rule.steps):
            if admits(wanted, event, place):
                bits |= 1 << number
        if not bits or rule.schedule is None or holds(rule.schedule, event.occurred, self._zones(place)):
            return bits
        return bits & ~1 if rule.pattern.shape is Shape.ABSENCE else 0  # what answers may come at any hour

    def take(self, rule: Rule, event: Event, place: Place, steps: int) -> Firing | None:
        """What an event completes that passes these steps; call `until` with its receipt before."""
        key = key_of(rule.by, event, place)
        if key is None:
            return None
        if rule.pattern.shape is Shape.EACH and not rule.quiet_ns:
            return Firing(rule, key, event.occurred, (event.seq,), event.seq, False)
        group = Group(rule.id, key)
        memory = self._remember(group)
        self.touched.add(group)
        before = memory.due(rule.pattern)
        match = arrived(rule.pattern, memory, Seen(event.occurred, event.seq, steps), self.clock)
        due = memory.due(rule.pattern)
        if due is not None and due != before:
            self.expect(group, due)
        if match is None:
            return None
        quiet = is_quiet(memory, match.at, rule.quiet_ns)
        return Firing(rule, key, match.at, seqs_of(match), event.seq, quiet)


def seqs_of(match: Match) -> tuple[int, ...]:
    """The events of a match, in order of time."""
    return tuple(one.seq for one in match.events)


def key_of(by: GroupBy, event: Event, place: Place) -> str | None:
    """The group of an event; None where it tells of no such thing, and so counts for none."""
    number: int | None
    match by:
        case GroupBy.NOTHING:
            return ""
        case GroupBy.DEVICE:
            number = place.device
        case GroupBy.PERSON:
            number = event.person
        case GroupBy.SITE:
            number = place.site
    return None if number is None else f"{by.value}/{number}"


def may_pass(wanted: Filter, event_class: EventClass) -> bool:
    """False where no event of this class can pass the filter, whatever else it says."""
    if isinstance(wanted, AnyOf):
        return any(may_pass(part, event_class) for part in wanted.parts)
    parts = normalise(wanted)
    return not parts.impossible and all(admits_class(part, event_class) for part in parts.classes)
