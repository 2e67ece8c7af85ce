"""Who and what there is in a simulation: sites with devices of several sorts, people with cards, cars with plates."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID, uuid5

from gatebook.domain.places import DeviceKind
from gatebook.simulation.brands import Brand, brand_of
from gatebook.simulation.names import DEVICES, FIRST, LAST, SITES, nth
from gatebook.simulation.scenes import slots_of
from gatebook.simulation.settings import Settings

KINDS = ((DeviceKind.DOOR, 58, 1.0), (DeviceKind.LOCK, 14, 0.4), (DeviceKind.READER, 10, 0.8),
         (DeviceKind.CAMERA, 10, 0.6), (DeviceKind.HUB, 5, 0.2), (DeviceKind.RECORDER, 3, 0.2))  # fmt: skip
"""Sort of device, how many in a hundred, and how busy beside a door."""
UNITS = (1_000_000_000, 1_000_000, 1_000_000, 100)
"""What device clocks tell time in, nanoseconds: whole seconds make equal times."""
LETTERS = "ABCDEFGHJKLMNPRSTUVWXY"
LOOKALIKE = str.maketrans("B8S5G6Z2D0", "8B5S6G2ZQD")
VARIANTS = 16
"""Payloads that one device sends in turn."""
SHIFTS = ((6, 8, 18), (8, 9, 62), (14, 8, 13), (22, 8, 7))
"""The hour (UTC) at which people's days begin, how many hours they have, and how many in a hundred people."""
SURE, WRONG, UNSURE = (0.85, 0.995), (0.4, 0.9), (0.45, 0.79)
"""Between which confidences a plate is read rightly, wrongly, and rightly without being sure."""
DELIVERIES = 10
"""One car in so many only delivers."""
VISITORS, VISITS = 25, (9, 8, 100)
"""One person in so many is a visitor, who comes to any site within these hours."""
HOURS = 24
DRIFT_NS = 3_000_000_000
"""The most that a clock which drifts gains or loses in a day; it is set right at the beginning of each week."""


@dataclass(frozen=True, slots=True)
class MadeSite:
    """A site, numbered from 1."""

    id: UUID
    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class MadeDevice:
    """A device, numbered from 1; `site` counts from 0; `unit_ns` is the precision of its clock."""

    id: UUID
    kind: DeviceKind
    brand: Brand
    name: str
    vendor_id: str
    site: int
    unit_ns: int
    payloads: Sequence[bytes]
    drift_ns: int = 0
    """What its clock gains in a day; it loses where this is below 0."""


@dataclass(frozen=True, slots=True)
class MadePerson:
    """A person, numbered from 1, with a card, who comes and goes within hours of their own (UTC)."""

    id: UUID
    name: str
    card: str
    begins: int
    hours: int
    home: int
    """The site where they are at home, counted from 0."""

    @property
    def card_id(self) -> UUID:
        """What the card is known by."""
        return uuid5(self.id, "card")

    def is_here(self, hour: int) -> bool:
        """Whether they may be met at a site in this hour of a day."""
        return (hour - self.begins) % HOURS <= self.hours


@dataclass(frozen=True, slots=True)
class MadeCar:
    """A number plate and how cameras read it: `(text, payload)`, first the right one, then misreadings."""

    plate: str
    owner: int
    """The person whose car it is, counted from 0; -1 where it only calls, as a delivery does: its plate is unknown."""
    readings: Sequence[tuple[str, bytes]]
    unsure: tuple[str, bytes]
    """The right one, with less confidence than opens."""

    def plate_id(self, owner: MadePerson) -> UUID:
        """What the plate is known by."""
        return uuid5(owner.id, f"plate {self.plate}")


@dataclass(frozen=True, slots=True)
class World:
    """All there is.  `present[site][hour]` are the people, counted from 0, who come and go there at that hour (UTC)."""

    sites: Sequence[MadeSite]
    devices: Sequence[MadeDevice]
    people: Sequence[MadePerson]
    cars: Sequence[MadeCar]
    driving: Sequence[Sequence[int]]
    """The cars, counted from 0, that come to each site."""
    present: Sequence[Sequence[Sequence[int]]]
    activity: Sequence[int]
    """A device, counted from 0, for each of 2^16 slots: the busy ones have more."""

    @property
    def gates(self) -> Sequence[tuple[int, int]]:
        """Each camera with the lock that it opens, the first one of its site; both counted from 0."""
        locks: dict[int, int] = {}
        for number, made in enumerate(self.devices):
            if made.kind is DeviceKind.LOCK:
                locks.setdefault(made.site, number)
        return [
            (number, locks[made.site])
            for number, made in enumerate(self.devices)
            if made.kind is DeviceKind.CAMERA and made.site in locks
        ]


def world_of(settings: Settings) -> World:
    """The world of these settings."""
    random = Random(f"world/{settings.seed}/{settings.sites}/{settings.devices}/{settings.people}")
    zones = settings.zones
    sites = [MadeSite(_id(random), nth(SITES, n), zones[n % len(zones)]) for n in range(settings.sites)]
    named: Counter[tuple[int, DeviceKind]] = Counter()
    devices = [_device(random, n, settings, named) for n in range(settings.devices)]
    people = [_person(random, n, settings.sites) for n in range(settings.people)]
    regulars: list[list[int]] = [[] for _ in sites]
    for number, one in enumerate(people):
        regulars[one.home].append(number)
    for site in regulars:
        site += [random.randrange(settings.people) for _ in range(1 + len(site) // 20)]
        site += [number for number in range(settings.people) if is_visitor(number)]
    present = [[_present(site, people, hour) for hour in range(HOURS)] for site in regulars]
    cars = _cars(random, 1 + settings.people // 3, settings.people)
    driving = [[n for n, car in enumerate(cars) if car.owner < 0 or people[car.owner].home == site]
               or list(range(len(cars))) for site in range(settings.sites)]  # fmt: skip
    return World(sites, devices, people, cars, driving, present, _activity(random, devices))


def is_visitor(number: int) -> bool:
    """Whether the person of this number, counted from 0, only visits."""
    return number % VISITORS == VISITORS - 1


def _present(regulars: Sequence[int], people: Sequence[MadePerson], hour: int) -> list[int]:
    """Those of a site who are about in an hour; at an hour that nobody has, all of them."""
    return [one for one in regulars if people[one].is_here(hour)] or list(regulars)


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def _device(random: Random, number: int, settings: Settings, named: Counter[tuple[int, DeviceKind]]) -> MadeDevice:
    """The first few are one of every kind."""
    kind = random.choices([kind for kind, _, _ in KINDS], [share for _, share, _ in KINDS])[0]
    if number < len(KINDS):
        kind = KINDS[number][0]
    payloads = [
        b'{"controller":"c-%04d","battery":%d,"rssi":-%d,"line":%d}'
        % (number // 8, random.randint(10, 99), random.randint(40, 89), random.randint(1, 4))
        for _ in range(VARIANTS)
    ]
    site = 0 if number < len(KINDS) else number % settings.sites if number < settings.sites else None
    site = random.randrange(settings.sites) if site is None else site
    unit, drifts = random.choice(UNITS), random.random() < settings.drifting
    drift = random.randint(-DRIFT_NS, DRIFT_NS) if drifts else 0
    name = nth(DEVICES[kind], named[site, kind])
    brand = brand_of(kind, sum(n for (_, one), n in named.items() if one is kind))
    named[site, kind] += 1
    return MadeDevice(_id(random), kind, brand, name, f"sim-{number + 1:05}", site, unit, payloads, drift)


def _person(random: Random, number: int, sites: int) -> MadePerson:
    name = f"{random.choice(FIRST)} {random.choice(LAST)}"
    begins, hours, _ = random.choices(SHIFTS, [share for _, _, share in SHIFTS])[0]
    begins = (begins + random.choice((-1, 0, 0, 1))) % HOURS
    if is_visitor(number):
        name, (begins, hours, _) = f"Visitor {1 + number // VISITORS}", VISITS
    card = f"{10_000_000 + number * 7 + random.randrange(7)}"
    return MadePerson(_id(random), name, card, begins, hours, random.randrange(sites))


def _cars(random: Random, number: int, people: int) -> list[MadeCar]:
    plates: dict[str, None] = {}
    while len(plates) < number:
        begun, ended = ("".join(random.choices(LETTERS, k=size)) for size in (2, 3))
        plates[f"{begun}{random.randrange(100):02} {ended}"] = None
    return [_car(random, plate, plates, _owner(n, people)) for n, plate in enumerate(plates)]


def _owner(number: int, people: int) -> int:
    """Every third person has a car; one car in ten only delivers."""
    owner = number * 3
    calls = number % DELIVERIES == DELIVERIES - 1 or owner >= people or is_visitor(owner)
    return -1 if calls else owner


def _car(random: Random, plate: str, plates: dict[str, None], owner: int) -> MadeCar:
    wrong = {plate[:at] + plate[at].translate(LOOKALIKE) + plate[at + 1 :] for at in range(len(plate))} - plates.keys()
    wrong |= {plate[:-1]}
    readings = [(text, _reading(random, text, *SURE if text == plate else WRONG)) for text in (plate, *sorted(wrong))]
    return MadeCar(plate, owner, readings, (plate, _reading(random, plate, *UNSURE)))


def _reading(random: Random, text: str, least: float, most: float) -> bytes:
    told = {"plate": text, "confidence": round(random.uniform(least, most), 3), "lane": random.randint(1, 3)}
    return json.dumps(told, separators=(",", ":")).encode()


def _activity(random: Random, devices: Sequence[MadeDevice]) -> list[int]:
    """A few devices see most of what happens, as the front door does."""
    busy = {kind: weight for kind, _, weight in KINDS}
    ranks = list(range(len(devices)))
    random.shuffle(ranks)
    return slots_of((busy[device.kind] / (ranks[n] + 8) ** 0.7, n) for n, device in enumerate(devices))
