"""How often a simulation did what it was asked to do: named rates, each with the tolerance that it keeps to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import pi, sqrt
from typing import Final

from msgspec import Struct

from gatebook.domain.kinds import Kind, Method
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import DAY_NS, HOUR_NS
from gatebook.simulation.clock import hourly_shares
from gatebook.simulation.happenings import Happening
from gatebook.simulation.marks import Mark
from gatebook.simulation.scenes import Scenes
from gatebook.simulation.settings import Settings
from gatebook.simulation.world import World

STEPS: Final = 256
"""Chances about plates are drawn in so many steps."""
WITHIN: Final = 0.05
"""Of the asked rate, beyond what chance explains: scenes are cut off at the end."""
SIGMAS: Final = 4.0
"""How far chance may take a rate, in standard deviations."""
TOGETHER: Final = 2.4
"""Events of one scene are odd, and in one hour, together: so many count as one."""
CURVE: Final = 2.0
"""How many times as far from the daily curve as chance alone has it a door may be."""


class Rate(Struct, frozen=True):
    """`seen` of `among` cases; `asked` is what the settings say, `tolerance` how far the two may be apart."""

    name: str
    among: int
    asked: float
    seen: float
    tolerance: float

    @property
    def kept(self) -> bool:
        """Whether they are near enough."""
        return abs(self.seen - self.asked) <= self.tolerance


class Census:
    """Counts happenings as they go by."""

    def __init__(self, world: World, scenes: Scenes) -> None:
        """All of one simulation."""
        self._world = world
        self._classes = scenes.classes
        self._kinds: Counter[tuple[DeviceKind, Kind]] = Counter()
        self._marks: Counter[int] = Counter()
        self._hours: dict[int, list[int]] = {}
        self._manual = 0
        self.events = 0

    def count(self, told: Iterable[Happening]) -> None:
        """Some more."""
        for one in told:
            self.events += 1
            self._marks[one.marks] += 1
            if one.marks & Mark.AGAIN:
                continue
            made, found = self._world.devices[one.device], self._classes[one.event_class]
            self._kinds[made.kind, found.kind] += 1
            self._manual += found.kind is Kind.ACCESS_GRANTED and found.method is Method.MANUAL
            if made.kind is DeviceKind.DOOR and not one.marks & (Mark.LATE | Mark.LOST):
                self._hours.setdefault(one.device, [0] * 24)[one.happened % DAY_NS // HOUR_NS] += 1

    def rates(self, asked: Settings) -> list[Rate]:
        """Each rate that has a name, beside what these settings ask for."""
        granted = self._of(Kind.ACCESS_GRANTED) - self._manual
        denied, reads = self._of(Kind.ACCESS_DENIED), self._of(Kind.PLATE_READ)
        at_doors = self._doors(Kind.ACCESS_GRANTED, Kind.ACCESS_DENIED, Kind.EXIT_REQUESTED, Kind.DOOR_FORCED)
        passed = round(0.9 * (self._doors(Kind.ACCESS_GRANTED) - self._manual))
        days = len(self._world.devices) * asked.days
        return [
            _rate("denied", denied, granted + denied, asked.denied),
            _rate("held", self._doors(Kind.DOOR_HELD), passed, asked.held),
            _rate("forced", self._doors(Kind.DOOR_FORCED), at_doors, asked.forced),
            _rate("misread", self._marked(Mark.MISREAD), reads, round(asked.misread * STEPS) / STEPS),
            _rate("unsure", self._marked(Mark.UNSURE), reads, round(asked.unsure * STEPS) / STEPS),
            _rate("late", self._marked(Mark.LATE), self.events, asked.late, TOGETHER),
            _rate("lost", self._of(Kind.DEVICE_DISCONNECTED), days, asked.lost),
            _rate("ahead", self._marked(Mark.AHEAD), self.events, asked.ahead, TOGETHER),
            _rate("repeated", self._marked(Mark.AGAIN), self.events, asked.repeated if asked.keys else 0.0),
            _rate("drifting", sum(one.drift_ns != 0 for one in self._world.devices), len(self._world.devices),
                  asked.drifting),
        ]  # fmt: skip

    def curves(self, least: int = 500) -> list[Rate]:
        """For each door with so many events: what part of its day lies in other hours than the daily curve says."""
        shares = hourly_shares()
        return [
            Rate(self._world.devices[door].name, sum(hours), 0.0, _apart(hours, shares),
                 CURVE * _by_chance(sum(hours) / TOGETHER, shares))
            for door, hours in sorted(self._hours.items())
            if sum(hours) >= least
        ]  # fmt: skip

    def _of(self, kind: Kind) -> int:
        return sum(n for (_, one), n in self._kinds.items() if one is kind)

    def _doors(self, *kinds: Kind) -> int:
        return sum(self._kinds[DeviceKind.DOOR, kind] for kind in kinds)

    def _marked(self, mark: Mark) -> int:
        return sum(n for marks, n in self._marks.items() if marks & mark)


def _rate(name: str, n: int, among: int, asked: float, together: float = 1.0) -> Rate:
    by_chance = sqrt(together * max(asked * (1 - asked), 0.0) / among) if among else 1.0
    return Rate(name, among, asked, n / among if among else 0.0, WITHIN * asked + SIGMAS * by_chance)


def _apart(hours: Sequence[int], shares: Sequence[float]) -> float:
    whole = sum(hours)
    return sum(abs(n / whole - share) for n, share in zip(hours, shares, strict=True)) / 2


def _by_chance(n: float, shares: Sequence[float]) -> float:
    """How far apart a sample of n is from its shares, on average."""
    return sum(sqrt(2 * share * (1 - share) / (pi * n)) for share in shares) / 2
