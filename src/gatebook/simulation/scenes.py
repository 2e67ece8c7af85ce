"""What happens at each sort of device: short scenes of a few events, and how often each is played."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from gatebook.domain.events import EventClass
from gatebook.domain.kinds import Kind, Method, Reason
from gatebook.domain.places import DeviceKind
from gatebook.simulation.settings import Settings

T = TypeVar("T")
SLOTS = 1 << 16
"""Every table of choices has so many slots: 16 random bits choose one."""
MS = 1_000_000
S = 1_000 * MS

NOBODY, SOMEBODY, VEHICLE = 0, 1, 2
"""Of whom a step tells."""

WAYS = (
    (Method.CARD, 70),
    (Method.APPLICATION, 14),
    (Method.PIN, 8),
    (Method.APPLE_WALLET, 5),
    (Method.GOOGLE_WALLET, 3),
)
REASONS = ((Reason.UNAUTHORISED, 50), (Reason.OUT_OF_HOURS, 30), (Reason.WRONG_PIN, 8), (Reason.PASSBACK, 7),
           (Reason.LOCKDOWN, 5))  # fmt: skip
TAMPER = (Kind.TAMPER_DETECTED, Kind.TAMPER_CLEARED, 40 * S)


class Step(NamedTuple):
    """One event of a scene: its class, how long after the scene's beginning, and of whom it tells."""

    event_class: int
    after_ns: int
    whom: int


Scene = tuple[Step, ...]
Weighted = list[tuple[float, list[tuple[EventClass, int, int]]]]


class Scenes(NamedTuple):
    """`classes` are all that can happen; `tables[kind]` has `SLOTS` scenes, each as often as it is played."""

    classes: tuple[EventClass, ...]
    tables: Mapping[DeviceKind, Sequence[Scene]]
    cut_off: int
    """The class that tells that a device is cut off."""
    back: int
    """The class that tells that it is back."""


def scenes_of(settings: Settings) -> Scenes:
    """The scenes with the settings' shares."""
    played = {
        DeviceKind.DOOR: _door(settings),
        DeviceKind.LOCK: _lock(settings),
        DeviceKind.READER: [*_asked(settings, 97), (1, _pair(*TAMPER))],
        DeviceKind.CAMERA: _camera(),
        DeviceKind.HUB: _hub(),
        DeviceKind.RECORDER: [(1.0, _pair(Kind.RECORDING_STARTED, Kind.RECORDING_STOPPED, 30 * S))],
    }
    cut_off, back = EventClass(Kind.DEVICE_DISCONNECTED), EventClass(Kind.DEVICE_CONNECTED)
    numbers: dict[EventClass, int] = {cut_off: 0, back: 1}
    for weighted in played.values():
        for _, steps in weighted:
            for event_class, _, _ in steps:
                numbers.setdefault(event_class, len(numbers))
    tables = {kind: slots_of([(w, _scene(steps, numbers)) for w, steps in found]) for kind, found in played.items()}
    return Scenes(tuple(numbers), tables, numbers[cut_off], numbers[back])


def slots_of(weighted: Iterable[tuple[float, T]]) -> list[T]:
    """Each value in as many of `SLOTS` slots as its weight asks for: cumulative shares, rounded."""
    found = list(weighted)
    whole = sum(weight for weight, _ in found)
    slots: list[T] = []
    passed = 0.0
    for weight, value in found:
        passed += weight
        slots += [value] * (round(SLOTS * passed / whole) - len(slots))
    return slots


def _scene(steps: Iterable[tuple[EventClass, int, int]], numbers: dict[EventClass, int]) -> Scene:
    return tuple(Step(numbers[event_class], after, whom) for event_class, after, whom in steps)


def _pair(begun: Kind, ended: Kind, after_ns: int) -> list[tuple[EventClass, int, int]]:
    return [(EventClass(begun), 0, NOBODY), (EventClass(ended), after_ns, NOBODY)]


def _asked(settings: Settings, weight: float) -> Weighted:
    """Somebody asks to pass, and is let in or refused."""
    found: Weighted = []
    for method, n in WAYS:
        share = weight * n / 100
        granted = EventClass(Kind.ACCESS_GRANTED, method)
        found.append((share * (1 - settings.denied), [(granted, 0, SOMEBODY)]))
        for reason, m in REASONS:
            denied = EventClass(Kind.ACCESS_DENIED, method, reason)
            found.append((share * settings.denied * m / 100, [(denied, 0, SOMEBODY)]))
    return found


def _door(settings: Settings) -> Weighted:
    opened, closed = EventClass(Kind.DOOR_OPENED), EventClass(Kind.DOOR_CLOSED)
    found: Weighted = []
    for weight, asked in _asked(settings, 75):
        if asked[0][0].kind is Kind.ACCESS_DENIED:
            found.append((weight, asked))
            continue
        passage = [*asked, (opened, 1_200 * MS, NOBODY)]
        held = [(EventClass(Kind.DOOR_HELD), 45 * S, NOBODY), (closed, 70 * S, NOBODY)]
        found.append((weight * 0.1, asked))
        found.append((weight * 0.9 * (1 - settings.held), [*passage, (closed, 4_800 * MS, NOBODY)]))
        found.append((weight * 0.9 * settings.held, [*passage, *held]))
    leaving = [(EventClass(Kind.EXIT_REQUESTED, Method.REQUEST_EXIT), 0, NOBODY)]
    found.append((20, [*leaving, (opened, 900 * MS, NOBODY), (closed, 4_100 * MS, NOBODY)]))
    let_in = EventClass(Kind.ACCESS_GRANTED, Method.MANUAL)  # a delivery: the guard opens, and nobody shows a card
    found.append((1, [(let_in, 0, NOBODY), (opened, 2 * S, NOBODY), (closed, 40 * S, NOBODY)]))
    whole = sum(weight for weight, _ in found)
    found.append((whole * settings.forced, _pair(Kind.DOOR_FORCED, Kind.DOOR_RESTORED, 35 * S)))
    return found


def _lock(settings: Settings) -> Weighted:
    unlocked, locked = EventClass(Kind.LOCK_UNLOCKED, Method.APPLICATION), EventClass(Kind.LOCK_LOCKED)
    found: Weighted = [(50, [(unlocked, 0, SOMEBODY), (locked, 12 * S, NOBODY)])]
    return [*found, *_asked(settings, 48), (2, _pair(*TAMPER))]


def _camera() -> Weighted:
    read = [(EventClass(Kind.PLATE_READ, Method.PLATE), 0, VEHICLE)]
    return [(30, read), (70, _pair(Kind.MOTION_STARTED, Kind.MOTION_STOPPED, 8 * S))]


def _hub() -> Weighted:
    synced = _pair(Kind.SYNC_STARTED, Kind.SYNC_COMPLETED, 3 * S)
    failed = _pair(Kind.SYNC_STARTED, Kind.SYNC_FAILED, 30 * S)
    return [(96, synced), (4, failed)]
