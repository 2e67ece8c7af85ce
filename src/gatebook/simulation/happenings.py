"""Plays scenes through the days, and tells of each event in the order in which reports of them arrive."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple
from zlib import crc32

from gatebook.domain.times import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from gatebook.simulation.clock import Stretch, stretches
from gatebook.simulation.marks import Mark
from gatebook.simulation.scenes import NOBODY, SLOTS, SOMEBODY, Scene, Scenes, scenes_of
from gatebook.simulation.settings import Settings
from gatebook.simulation.world import VARIANTS, World

WORDS = 4_096
"""Random words drawn at a time, two for each scene."""
LATE_NS = 6 * 60 * MINUTE_NS
AHEAD_NS = 90 * MINUTE_NS
AGAIN_NS = 5 * MINUTE_NS
DOWN_NS = (2 * MINUTE_NS, 40 * MINUTE_NS)
"""How long a device is cut off, at least and at most."""
MISSED_NS = 45 * SECOND_NS
"""After so long it is missed, and others tell that it is cut off."""
UP = (1 << 63, 0)
LATE, LOST, AHEAD, AGAIN, MISREAD, UNSURE = (int(mark) for mark in Mark)
"""As plain integers, since a flag is slow to make."""


class Happening(NamedTuple):
    """One report, in the order in which it arrives.  Device, class and person count from 0; person -1 is nobody.

    The last three are what the simulation knows and no report says.
    """

    received: int
    serial: int
    """The sender's own number for it; a repeat has that of the first."""
    occurred: int
    device: int
    event_class: int
    person: int
    credential: str | None
    data: bytes | None
    happened: int
    """When it really happened."""
    marks: int
    """What is odd about it: the `Mark`s."""
    car: int
    """The car whose plate was really there, counted from 0; -1 is none."""


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
        self._unsure = self._misread + round(settings.unsure * 256)
        self._scenes = scenes
        self._end = settings.start + settings.span_ns
        self._day = -1
        self._down: dict[int, tuple[int, int]] = {}
        """By device, from when until when it is cut off on this day."""

    def play(self, stretch: Stretch, waiting: list[Happening]) -> Iterator[int]:
        """Adds what happens in a stretch to `waiting`; yields, now and then, the instant before which all is told."""
        since, until, target = stretch
        begun, length = self._made, until - since
        self._present = [site[since % DAY_NS // HOUR_NS] for site in self._world.present]
        if since // DAY_NS != self._day:
            self._begin_day(since // DAY_NS, since, waiting)
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

    def _begin_day(self, day: int, since: int, waiting: list[Happening]) -> None:
        """Draws which devices are cut off on it, and tells that they were."""
        self._day, self._down = day, {}
        for device in range(len(self._world.devices)):
            chance = crc32(b"%d/%d/%d/%d" % (self._settings.seed, self._settings.first, device, day)) / (1 << 32)
            if chance >= self._settings.lost:
                continue
            odd = crc32(b"when/%d/%d/%d" % (self._settings.seed, device, day))
            begun = day * DAY_NS + (odd & 0xFFFF) * (DAY_NS - DOWN_NS[1]) // 0xFFFF
            ended = begun + DOWN_NS[0] + (odd >> 16) * (DOWN_NS[1] - DOWN_NS[0]) // 0xFFFF
            if begun < since or ended + SECOND_NS > self._end:
                continue  # what would be told after the last day is no history
            self._down[device] = (begun, ended)
            payload, unit = self._payload(device), self._world.devices[device].unit_ns
            for at, told, event_class in (
                (begun, begun + MISSED_NS, self._scenes.cut_off),
                (ended, ended + SECOND_NS, self._scenes.back),
            ):
                self._serial += 1
                self._made += 1
                waiting.append(
                    Happening(told, self._serial, at - at % unit, device, event_class, -1, None, payload, at, 0, -1)
                )

    def _payload(self, device: int) -> bytes | None:
        return self._world.devices[device].payloads[0] if self._settings.payload else None

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
        lateness = mark = 0
        if chance < self._late:
            lateness, mark = MINUTE_NS + (odd >> 20) * LATE_NS // (1 << 24), LATE
        elif chance < self._ahead:
            shift, mark = shift + 5 * MINUTE_NS + wait + (odd >> 20) * AHEAD_NS // (1 << 24), AHEAD
        gone, back = self._down.get(device, UP)
        serial = self._serial
        for event_class, after, whom in scene:
            person, credential, data, car, marks = -1, None, None, -1, mark
            if whom == SOMEBODY:
                person, credential = self._somebody(made.site, who)
            elif whom != NOBODY:
                car, credential, data, seen = self._vehicle(made.site, who)
                marks |= seen
            if data is None and self._settings.payload:
                data = made.payloads[(who + after) % VARIANTS]
            happened = at + after - lateness
            received = at + after + wait
            if gone <= received and happened < back and not lateness:
                received, marks = max(received, back + SECOND_NS + wait), marks | LOST
            serial += 1
            told = Happening(
                received, serial, happened + shift - (happened + shift) % unit, device, event_class, person,
                credential, data, happened, marks, car,
            )  # fmt: skip
            waiting.append(told)
        self._made += len(scene)
        self._serial = serial
        if self._ahead <= chance < self._ahead + self._repeated * len(scene):
            again = told.received + 1 + (odd >> 20) * AGAIN_NS // (1 << 24)
            waiting.append(told._replace(received=again, marks=told.marks | AGAIN))
            self._made += 1

    def _somebody(self, site: int, who: int) -> tuple[int, str | None]:
        if not self._settings.persons:
            return -1, None
        about = self._present[site]
        person = about[(who & 0xFFFF) * len(about) // SLOTS]
        return person, self._world.people[person].card

    def _vehicle(self, site: int, who: int) -> tuple[int, str | None, bytes | None, int]:
        """The car, the plate as read with its payload, and the marks."""
        about = self._world.driving[site]
        car = about[(who & 0xFFFF) * len(about) // SLOTS]
        made, chance, marks = self._world.cars[car], who >> 16 & 0xFF, 0
        plate, data = made.readings[0]
        if chance < self._misread:
            plate, data = made.readings[1 + (who >> 24) % (len(made.readings) - 1)]
            marks = MISREAD
        elif chance < self._unsure:
            (plate, data), marks = made.unsure, UNSURE
        return car, plate if self._settings.persons else None, data if self._settings.payload else None, marks
