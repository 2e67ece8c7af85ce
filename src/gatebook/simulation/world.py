"""Who and what there is in a simulation: sites with devices of several sorts, people with cards, cars with plates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from gatebook.domain.places import DeviceKind
from gatebook.simulation.scenes import slots_of
from gatebook.simulation.settings import Settings

ZONES = ("Europe/London", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Adelaide", "UTC")
KINDS = ((DeviceKind.DOOR, 58, 1.0), (DeviceKind.LOCK, 14, 0.4), (DeviceKind.READER, 10, 0.8),
         (DeviceKind.CAMERA, 10, 0.6), (DeviceKind.HUB, 5, 0.2), (DeviceKind.RECORDER, 3, 0.2))  # fmt: skip
"""Sort of device, how many in a hundred, and how busy beside a door."""
UNITS = (1_000_000_000, 1_000_000, 1_000_000, 100)
"""What device clocks tell time in, nanoseconds: whole seconds make equal times."""
FIRST = ("Ada", "Ben", "Chloe", "Dev", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jun", "Kofi", "Lena", "Maya", "Noor",
         "Otto", "Priya", "Quinn", "Rosa", "Sven", "Uma", "Wen", "Zoë")  # fmt: skip
LAST = ("Abbott", "Bauer", "Castro", "Dubois", "Eriksen", "Fofana", "García", "Haddad", "Ito", "Jensen", "Khan",
        "Lund", "Okafor", "Patel", "Rossi", "Tanaka")  # fmt: skip
LETTERS = "ABCDEFGHJKLMNPRSTUVWXY"
LOOKALIKE = str.maketrans("B8S5G6Z2D0", "8B5S6G2ZQD")
VARIANTS = 16
"""Payloads that one device sends in turn."""


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
    name: str
    vendor_id: str
    site: int
    unit_ns: int
    payloads: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class MadePerson:
    """A person, numbered from 1, with a card."""

    id: UUID
    name: str
    card: str


@dataclass(frozen=True, slots=True)
class MadeCar:
    """A number plate and how cameras read it: `(text, payload)`, first the right one, then misreadings."""

    plate: str
    readings: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class World:
    """All there is.  `regulars[site]` are the people, counted from 0, who come and go there."""

    sites: Sequence[MadeSite]
    devices: Sequence[MadeDevice]
    people: Sequence[MadePerson]
    cars: Sequence[MadeCar]
    regulars: Sequence[Sequence[int]]
    activity: Sequence[int]
    """A device, counted from 0, for each of 2^16 slots: the busy ones have more."""


def world_of(settings: Settings) -> World:
    """The world of these settings."""
    random = Random(f"world/{settings.seed}/{settings.sites}/{settings.devices}/{settings.people}")
    sites = [MadeSite(_id(random), f"Site {n + 1}", ZONES[n % len(ZONES)]) for n in range(settings.sites)]
    devices = [_device(random, n, settings.sites) for n in range(settings.devices)]
    people = [_person(random, n) for n in range(settings.people)]
    regulars: list[list[int]] = [[] for _ in sites]
    for number in range(settings.people):
        regulars[random.randrange(settings.sites)].append(number)
    for site in regulars:
        site += [random.randrange(settings.people) for _ in range(1 + len(site) // 20)]
    return World(sites, devices, people, _cars(random, 1 + settings.people // 3), regulars, _activity(random, devices))


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def _device(random: Random, number: int, sites: int) -> MadeDevice:
    kind = (
        random.choices([kind for kind, _, _ in KINDS], [share for _, share, _ in KINDS])[0]
        if number
        else DeviceKind.DOOR
    )
    payloads = [
        b'{"controller":"c-%04d","battery":%d,"rssi":-%d,"line":%d}'
        % (number // 8, random.randint(10, 99), random.randint(40, 89), random.randint(1, 4))
        for _ in range(VARIANTS)
    ]
    name = f"{kind.value.capitalize()} {number + 1}"
    site = number % sites if number < sites else random.randrange(sites)
    return MadeDevice(_id(random), kind, name, f"sim-{number + 1:05}", site, random.choice(UNITS), payloads)


def _person(random: Random, number: int) -> MadePerson:
    name = f"{random.choice(FIRST)} {random.choice(LAST)}"
    return MadePerson(_id(random), name, f"{10_000_000 + number * 7 + random.randrange(7)}")


def _cars(random: Random, number: int) -> list[MadeCar]:
    plates: dict[str, None] = {}
    while len(plates) < number:
        begun, ended = ("".join(random.choices(LETTERS, k=size)) for size in (2, 3))
        plates[f"{begun}{random.randrange(100):02} {ended}"] = None
    return [_car(random, plate, plates) for plate in plates]


def _car(random: Random, plate: str, plates: dict[str, None]) -> MadeCar:
    wrong = {plate[:at] + plate[at].translate(LOOKALIKE) + plate[at + 1 :] for at in range(len(plate))} - plates.keys()
    wrong |= {plate[:-1]}
    texts = [plate, *sorted(wrong)]
    return MadeCar(plate, [(text, _reading(random, text, right=text == plate)) for text in texts])


def _reading(random: Random, text: str, *, right: bool) -> bytes:
    confidence = random.uniform(0.85, 0.995) if right else random.uniform(0.4, 0.9)
    return json.dumps(
        {"plate": text, "confidence": round(confidence, 3), "lane": random.randint(1, 3)}, separators=(",", ":")
    ).encode()


def _activity(random: Random, devices: Sequence[MadeDevice]) -> list[int]:
    """A few devices see most of what happens, as the front door does."""
    busy = {kind: weight for kind, _, weight in KINDS}
    ranks = list(range(len(devices)))
    random.shuffle(ranks)
    return slots_of((busy[device.kind] / (ranks[n] + 8) ** 0.7, n) for n, device in enumerate(devices))
