"""Makes up a small organisation, and what happens at its doors: the same for the same random seed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from msgspec import Struct

from gatebook.domain.kinds import Kind, Method, Reason
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import HOUR_NS, SECOND_NS, Instant, rfc3339


class MadeUpDevice(NamedTuple):
    """A device, and the name of its site."""

    number: int
    kind: DeviceKind
    name: str
    site: str


SITES = {"Harbour House": "Europe/London", "Mill Lane Depot": "Europe/Berlin"}
"""Name -> time zone."""

DEVICES = (
    MadeUpDevice(1, DeviceKind.LOCK, "Main entrance", "Harbour House"),
    MadeUpDevice(2, DeviceKind.LOCK, "Server room", "Harbour House"),
    MadeUpDevice(3, DeviceKind.READER, "Lift lobby", "Harbour House"),
    MadeUpDevice(4, DeviceKind.DOOR, "Goods gate", "Mill Lane Depot"),
    MadeUpDevice(5, DeviceKind.LOCK, "Workshop", "Mill Lane Depot"),
)

PEOPLE = ("Ada Moreau", "Ben Okafor", "Chiara Rossi", "Dev Patel", "Eva Lindqvist", "Femi Adeyemi")
"""Their numbers are 1, 2, 3 …"""

METHODS = (Method.CARD, Method.CARD, Method.CARD, Method.PIN, Method.APPLICATION, Method.APPLE_WALLET)
REASONS = (Reason.UNAUTHORISED, Reason.OUT_OF_HOURS, Reason.WRONG_PIN)
SHARE_DENIED = 0.12
PASSAGE_S = 10
"""No passage takes longer."""


class MadeUp(Struct, frozen=True, omit_defaults=True):
    """A report as `POST /v1/events` takes it."""

    kind: Kind
    device: int
    occurred: str
    key: str
    method: Method | None = None
    reason: Reason | None = None
    person: int | None = None


def passage(random: Random, at: Instant) -> list[MadeUp]:
    """Somebody comes to a door at that time, and is let in or not."""
    device, person = random.choice(DEVICES).number, random.randint(1, len(PEOPLE))
    method = random.choice(METHODS)

    def report(kind: Kind, after_s: int, who: int | None = None, reason: Reason | None = None) -> MadeUp:
        occurred = rfc3339(Instant(at + after_s * SECOND_NS))
        how = None if who is None else method
        key = f"{at:x}-{after_s}"
        return MadeUp(kind=kind, device=device, occurred=occurred, key=key, method=how, reason=reason, person=who)

    if random.random() < SHARE_DENIED:
        return [report(Kind.ACCESS_DENIED, 0, person, random.choice(REASONS))]
    return [
        report(Kind.ACCESS_GRANTED, 0, person),
        report(Kind.DOOR_OPENED, random.randint(1, 3)),
        report(Kind.DOOR_CLOSED, random.randint(4, PASSAGE_S)),
    ]


def past(random: Random, until: Instant, hours: int = 24, passages: int = 200) -> Iterator[MadeUp]:
    """What happened before: so many passages in so many hours, in order of time, all of it over by `until`."""
    last = until - PASSAGE_S * SECOND_NS
    starts = sorted(random.randrange(last - hours * HOUR_NS, last) for _ in range(passages))
    for at in starts:
        yield from passage(random, Instant(at))
