"""Patterns over time: so many within a window, one after another, or one that did not come.

An event is looked at when it arrives, in order of `seq`, together with what is remembered; windows are measured by
`occurred`.  The clock is the greatest time of receipt so far, so everything here follows from the log alone.

* An event is late when it occurred more than `lateness` before the clock: it counts for no window.
* `COUNT`: an arrival completes a run of `times` neighbours (by occurred, seq) that it belongs to, the first and the
  last no more than `within` apart; of several the earliest.  A run is used up: its events count for no other.
* `SEQUENCE`: an arrival completes a chain, one event for each step, each after the one before it (by occurred, seq),
  the last no more than `within` after the first; of several the one whose events come earliest, and it is used up.
* `ABSENCE`: the first step waits for the second to occur after it and within `within`.  When the clock is past that
  time by more than `lateness` and it has not come, the absence is a fact.  What answers is never too late before that.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from gatebook.domain.instants import Instant

MOST_REMEMBERED = 10_000
"""Events remembered for one group of one rule; beyond it the oldest are forgotten."""
FIRST, SECOND = 1, 2
"""Bits of the two steps of an absence."""


class Shape(StrEnum):
    """What a rule waits for."""

    EACH = "each"
    COUNT = "count"
    SEQUENCE = "sequence"
    ABSENCE = "absence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """`times` is for counts; `steps` says how many a sequence has."""

    shape: Shape = Shape.EACH
    times: int = 1
    steps: int = 1
    within_ns: int = 0
    lateness_ns: int = 0


class Seen(NamedTuple):
    """An event as it is remembered; bit n of `steps` is set where it passes step n."""

    occurred: int
    seq: int
    steps: int


class Match(NamedTuple):
    """What was completed, by which events in order, at the time that the last of them occurred or should have."""

    at: Instant
    events: tuple[Seen, ...]


@dataclass(slots=True)
class Memory:
    """What one group of one rule remembers."""

    seen: list[Seen] = field(default_factory=list)
    """In order."""
    fired: int | None = None
    """The latest time at which it fired."""

    def due(self, pattern: Pattern) -> int | None:
        """The clock must be past this for the first absence to be a fact; None where nothing waits."""
        waiting = (one.occurred for one in self.seen if one.steps & FIRST)
        first = next(waiting, None) if pattern.shape is Shape.ABSENCE else None
        return None if first is None else first + pattern.within_ns + pattern.lateness_ns


def arrived(pattern: Pattern, memory: Memory, event: Seen, clock: int) -> Match | None:
    """What the arrival of an event completes; the memory is changed.  `clock` counts its own receipt."""
    if pattern.shape is Shape.EACH:
        return Match(Instant(event.occurred), (event,))
    forget(pattern, memory, clock)
    late = event.occurred < clock - pattern.lateness_ns
    if pattern.shape is Shape.ABSENCE:
        _answer(pattern, memory, event, late=late)
        return None
    if late:
        return None
    insort(memory.seen, event)
    chosen = _run(pattern, memory.seen, event) if pattern.shape is Shape.COUNT else _chain(pattern, memory.seen, event)
    if chosen is None:
        return None
    used = set(chosen)
    memory.seen = [one for one in memory.seen if one not in used]
    return Match(Instant(chosen[-1].occurred), tuple(chosen))


def overdue(pattern: Pattern, memory: Memory, clock: int) -> list[Match]:
    """The absences that have become facts by this clock, in order; none of them is told again."""
    found: list[Match] = []
    left: list[Seen] = []
    for one in memory.seen:
        if one.steps & FIRST and one.occurred + pattern.within_ns + pattern.lateness_ns < clock:
            found.append(Match(Instant(one.occurred + pattern.within_ns), (one,)))
            one = one._replace(steps=one.steps & ~FIRST)
        if one.steps:
            left.append(one)
    memory.seen = left
    return found


def is_quiet(memory: Memory, at: int, quiet_ns: int) -> bool:
    """Whether it fired so shortly before or after that this is the same happening; else remembers that it fired."""
    if memory.fired is not None and abs(at - memory.fired) < quiet_ns:
        return True
    memory.fired = at if memory.fired is None else max(memory.fired, at)
    return False


def forget(pattern: Pattern, memory: Memory, clock: int) -> None:
    """Lets go of what no event that may still come can belong to."""
    if pattern.shape is Shape.ABSENCE:
        oldest = clock - pattern.lateness_ns
        memory.seen = [one for one in memory.seen if one.steps & FIRST or one.occurred >= oldest]
    else:
        oldest = clock - pattern.lateness_ns - pattern.within_ns
        del memory.seen[: bisect_left(memory.seen, (oldest,))]
    if len(memory.seen) >= MOST_REMEMBERED:
        del memory.seen[: len(memory.seen) - MOST_REMEMBERED + 1]


def _answer(pattern: Pattern, memory: Memory, event: Seen, *, late: bool) -> None:
    """Takes an event into the memory of an absence: it answers those before it, and may itself wait."""
    steps = event.steps
    if steps & SECOND:
        memory.seen = [
            kept
            for one in memory.seen
            if (kept := one._replace(steps=one.steps & ~FIRST) if _answers(pattern, event, one) else one).steps
        ]
    if steps & FIRST and (late or any(one.steps & SECOND and _answers(pattern, one, event) for one in memory.seen)):
        steps &= ~FIRST
    if steps:
        insort(memory.seen, event._replace(steps=steps))


def _answers(pattern: Pattern, answer: Seen, asked: Seen) -> bool:
    return asked[:2] < answer[:2] and answer.occurred <= asked.occurred + pattern.within_ns


def _run(pattern: Pattern, seen: Sequence[Seen], event: Seen) -> Sequence[Seen] | None:
    here = bisect_left(seen, event)
    for start in range(max(0, here - pattern.times + 1), here + 1):
        run = seen[start : start + pattern.times]
        if len(run) == pattern.times and run[-1].occurred - run[0].occurred <= pattern.within_ns:
            return run
    return None


def _chain(pattern: Pattern, seen: Sequence[Seen], event: Seen) -> Sequence[Seen] | None:
    """The earliest chain with the event in it: for each step that it can be, the earliest first event that leads on."""
    found = [
        chain for step in range(pattern.steps) if event.steps >> step & 1
        for chain in [_chain_by(pattern, seen, event, step)] if chain is not None
    ]  # fmt: skip
    return min(found, default=None)


def _chain_by(pattern: Pattern, seen: Sequence[Seen], event: Seen, step: int) -> list[Seen] | None:
    lowest = bisect_left(seen, (event.occurred - pattern.within_ns,))
    here = bisect_left(seen, event)
    for start in range(lowest, here + 1) if step else [here]:
        chain = _from(pattern, seen, start, event, step)
        if chain is not None and chain[-1].occurred - chain[0].occurred <= pattern.within_ns:
            return chain
    return None


def _from(pattern: Pattern, seen: Sequence[Seen], start: int, event: Seen, step: int) -> list[Seen] | None:
    """The chain that begins at `start`, takes the next that fits for each step, and has the event at its step."""
    chain: list[Seen] = []
    at = start
    for number in range(pattern.steps):
        if number == step:
            if chain and chain[-1] >= event:
                return None
            chain.append(event)
            at = bisect_right(seen, event)
            continue
        while at < len(seen) and not seen[at].steps >> number & 1:
            if number == 0:
                return None  # another beginning is another chain
            at += 1
        if at == len(seen):
            return None
        chain.append(seen[at])
        at += 1
    return chain
