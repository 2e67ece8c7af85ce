"""What can be chosen about a run, and what follows from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gatebook.domain.times import HOUR_NS, MINUTE_NS
from gatebook.simulation import Settings

LOADS = ("uniform", "burst")
DAYS_OF_TEN_MILLION = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`events` in each store; everything else is in proportion."""

    events: int
    quick: bool
    folder: Path
    keep: bool = False
    """Stores stay in `folder` when they were measured, and what an earlier run left there is measured again."""
    loads: tuple[str, ...] = LOADS
    only: tuple[str, ...] = ()

    @property
    def rounds(self) -> int:
        """Pairs of turns in a comparison of rates."""
        return 3 if self.quick else 5

    @property
    def samples(self) -> int:
        """Requests of each sort in a comparison of latencies."""
        return 100 if self.quick else 1_000

    @property
    def turn_s(self) -> float:
        """How long a turn of many posters lasts."""
        return 0.5 if self.quick else 2.0

    @property
    def deep(self) -> int:
        """The page that is called deep: number 100,000 in ten million events, else the middle one."""
        return max(2, min(100_000, self.events // 100))

    def simulation(self, load: str) -> Settings:
        """The events of one store; `lean` has neither keys nor people, and is for its size alone."""
        small = self.events < 100_000
        return Settings(
            seed=1,
            events=self.events,
            days=max(1, self.events * DAYS_OF_TEN_MILLION // 10_000_000),
            burst_share=1.0 if load == "burst" else 0.0,
            burst_ns=max(MINUTE_NS, self.events * HOUR_NS // 10_000_000),
            keys=load != "lean",
            persons=load != "lean",
            sites=4 if small else 40,
            devices=60 if small else 2_000,
            people=100 if small else 10_000,
        )


def cores() -> tuple[set[int], set[int]]:
    """One for servers and one for clients; the same for both where there is only one."""
    free = sorted(os.sched_getaffinity(0))
    return {free[0]}, {free[-1]}


SERVER_CORE, CLIENT_CORE = cores()


@contextmanager
def pinned(core: set[int]) -> Iterator[None]:
    """The calling thread, and those that it starts, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
