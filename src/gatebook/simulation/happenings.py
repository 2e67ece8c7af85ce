"""Plays scenes through the days, and tells of each event in the order in which reports of them arrive."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from gatebook.domain.times import DAY_NS, HOUR_NS, MINUTE_NS
from gatebook.simulation.clock import Stretch, stretches
from gatebook.simulation.scenes import NOBODY, SLOTS, SOMEBODY, Scene, Scenes, scenes_of
from gatebook.simulation.settings import Settings
from gatebook.simulation.world import VARIANTS, World

WORDS = 4_096
"""Random words drawn at a time, two for each scene."""
LATE_NS = 6 * 60 * MINUTE_NS
AHEAD_NS = 90 * MINUTE_NS
AGAIN_NS = 5 * MINUTE_NS


class Happening(NamedTuple):
    """One report, in the order in which it arrives.  Device, class and person count from 0; person -1 is nobody."""

    received: int
    serial: int
    """The sender's own number for it; a repeat has that of the first."""
    occurred: int
    device: int
    event_class: int
    person: int
    credential: str | None
    data: bytes | None


def happenings(settings: Settings, world: World, scenes: Scenes | None = None) -> Iterator[list[Happening]]:
    """All of them, in lists of some thousands; `settings.events` in the end, repeats included."""
    stage = _Stage(settings, world, scenes or scenes_of(settings))
    waiting: list[Happening] = []
    left = settings.events
    for stretch in stretches(settings):
        for frontier in stage.play(stretch, waiting):
            waiting.sort()
            ready = min(bisect_left(waiting, (frontier,)), left)
            if ready:
                yield waiting[:ready]
                left -= ready
                del waiting[:ready]
    waiting.sort()
    if left:
        yield waiting[:left]


class _Stage:
    """Draws what happens.  All choices are bits of a few large random numbers, since a call for each would be slow."""

    def __init__(self, settings: Settings, world: World, scenes: Scenes) -> None:
        self._random = Random(f"events/{settings.seed}/{settings.first}")
        self._words = array("Q")
        self._at = 0
        self._made = 0
        self._serial = settings.first
        self._present: Sequence[Sequence[int]] = ()
        self._settings = settings
        self._world = world
        self._tables = [scenes.tables[device.kind] for device in world.devices]
        self._late = round(settings.late * (1 << 20))
        self._ahead = self._late + round(settings.ahead * (1 << 20))
        self._repeated = round(settings.repeated * (1 << 20)) if settings.keys else 0
        self._misread = round(settings.misread * 256)

    def play(self, stretch: Stretch, waiting: list[Happening]) -> Iterator[int]:
        """Adds what happens in a stretch to `waiting`; yields, now and then, the instant before which all is told."""
        since, until, target = stretch
        begun, length = self._made, until - since
        self._present = [site[since % DAY_NS // HOUR_NS] for site in self._world.present]
        activity, tables = self._world.activity, self._tables
        while self._made < target:
            if self._at + 2 > len(self._words):
                self._draw()
                yield since + (self._made - begun) * length // (target - begun)
            one, two = self._words[self._at], self._words[self._at + 1]
            self._at += 2
            place = since + (((self._made - begun) << 20) + (two & 0xFFFFF)) * length // ((target - begun) << 20)
            device = activity[one & 0xFFFF]
            scene = tables[device][one >> 16 & 0xFFFF]
            self._tell(waiting, min(place, until - 1), device, scene, one >> 32, two >> 20)

    def _draw(self) -> None:
        self._words = array("Q", self._random.randbytes(8 * WORDS))
        self._at = 0

    def _tell(self, waiting: list[Happening], at: int, device: int, scene: Scene, who: int, odd: int) -> None:
        """`who` has 32 random bits, `odd` 44."""
        made = self._world.devices[device]
        unit = made.unit_ns
        chance = odd & 0xFFFFF
        wait = 80_000_000 + (odd >> 20 & 0xFF) * 1_000_000
        shift = made.drift_ns * (at // DAY_NS % 7)
        if chance < self._late:
            shift -= MINUTE_NS + (odd >> 20) * LATE_NS // (1 << 24)
        elif chance < self._ahead:
            shift += 5 * MINUTE_NS + wait + (odd >> 20) * AHEAD_NS // (1 << 24)
        serial = self._serial
        for event_class, after, whom in scene:
            person, credential, data = -1, None, None
            if whom != NOBODY:
                person, credential, data = self._whom(whom, made.site, who)
            if data is None and self._settings.payload:
                data = made.payloads[(who + after) % VARIANTS]
            occurred = at + after
            serial += 1
            told = Happening(
                occurred + wait, serial, occurred + shift - (occurred + shift) % unit, device, event_class, person,
                credential, data,
            )  # fmt: skip
            waiting.append(told)
        self._made += len(scene)
        self._serial = serial
        if self._ahead <= chance < self._ahead + self._repeated * len(scene):
            waiting.append(told._replace(received=told.received + 1 + (odd >> 20) * AGAIN_NS // (1 << 24)))
            self._made += 1

    def _whom(self, whom: int, site: int, who: int) -> tuple[int, str | None, bytes | None]:
        world, settings = self._world, self._settings
        if whom == SOMEBODY:
            if not settings.persons:
                return -1, None, None
            about = self._present[site]
            person = about[(who & 0xFFFF) * len(about) // SLOTS]
            return person, world.people[person].card, None
        readings = world.cars[(who & 0xFFFF) * len(world.cars) // SLOTS].readings
        wrong = who >> 16 & 0xFF
        plate, data = readings[1 + (who >> 24) % (len(readings) - 1) if wrong < self._misread else 0]
        return -1, plate if settings.persons else None, data if settings.payload else None
