"""Between DoorFlow's event codes and our classes, and an event as DoorFlow's clients read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

from gatebook.dialects.doorflow.schemas import EventItem
from gatebook.domain.admits import Place, plate_of
from gatebook.domain.events import Event
from gatebook.domain.filters import AnyOf, Condition, Field, Filter, Operator, all_of, one_of
from gatebook.domain.kinds import Kind, Method, Reason
from gatebook.domain.times import with_offset
from gatebook.services.views import View


class Code(NamedTuple):
    """What a code is called, and the class by which an event is reported so that it reads back as this code."""

    label: str
    kind: Kind
    method: Method | None = None
    reason: Reason | None = None


CODES: Final[Mapping[int, Code]] = {
    1:   Code("Channel started", Kind.DEVICE_STARTED),
    2:   Code("Channel stopped", Kind.DEVICE_STOPPED),
    3:   Code("Channel contact lost", Kind.DEVICE_DISCONNECTED),
    10:  Code("Admitted (Card/fob)", Kind.ACCESS_GRANTED, Method.CARD),
    11:  Code("Admitted (PIN)", Kind.ACCESS_GRANTED, Method.PIN),
    12:  Code("Admitted (Manual)", Kind.ACCESS_GRANTED, Method.MANUAL),
    13:  Code("Admitted (Request Exit)", Kind.ACCESS_GRANTED, Method.REQUEST_EXIT),
    14:  Code("Admitted (Auxiliary)", Kind.ACCESS_GRANTED, Method.AUXILIARY),
    15:  Code("Admitted (Application)", Kind.ACCESS_GRANTED, Method.APPLICATION),
    16:  Code("Admitted (While unlocked)", Kind.ACCESS_GRANTED, Method.WHILE_UNLOCKED),
    17:  Code("Admitted (Apple wallet)", Kind.ACCESS_GRANTED, Method.APPLE_WALLET),
    18:  Code("Admitted (Google wallet)", Kind.ACCESS_GRANTED, Method.GOOGLE_WALLET),
    20:  Code("Rejected (Unauthorised card/fob)", Kind.ACCESS_DENIED, Method.CARD, Reason.UNAUTHORISED),
    21:  Code("Rejected (Out of hours)", Kind.ACCESS_DENIED, None, Reason.OUT_OF_HOURS),
    22:  Code("Rejected (Lock down)", Kind.ACCESS_DENIED, None, Reason.LOCKDOWN),
    23:  Code("Rejected (Tamper)", Kind.ACCESS_DENIED, None, Reason.TAMPER),
    24:  Code("Rejected (Unauthorised PIN)", Kind.ACCESS_DENIED, Method.PIN, Reason.WRONG_PIN),
    25:  Code("Rejected (Timeout)", Kind.ACCESS_DENIED, None, Reason.TIMEOUT),
    26:  Code("Rejected (Invalid type)", Kind.ACCESS_DENIED, None, Reason.INVALID_TYPE),
    27:  Code("Rejected (Unauthorised)", Kind.ACCESS_DENIED, None, Reason.UNAUTHORISED),
    28:  Code("Rejected (Passback detected)", Kind.ACCESS_DENIED, None, Reason.PASSBACK),
    29:  Code("Rejected (Offline)", Kind.ACCESS_DENIED, None, Reason.OFFLINE),
    30:  Code("Request exit button pressed", Kind.EXIT_REQUESTED),
    31:  Code("Channel state normal", Kind.DOOR_RESTORED),
    32:  Code("Channel state forced-open", Kind.DOOR_FORCED),
    33:  Code("Channel state extended-open", Kind.DOOR_HELD),
    40:  Code("Automatic unlock shift started", Kind.SHIFT_STARTED),
    41:  Code("Automatic unlock shift ended", Kind.SHIFT_ENDED),
    70:  Code("Admitted (Multi-factor)", Kind.ACCESS_GRANTED, Method.MULTI_FACTOR),
    71:  Code("Rejected (Multi-factor unauthorised)", Kind.ACCESS_DENIED, Method.MULTI_FACTOR, Reason.UNAUTHORISED),
    72:  Code("Rejected (Multi-factor timeout)", Kind.ACCESS_DENIED, Method.MULTI_FACTOR, Reason.TIMEOUT),
    73:  Code("Rejected (Multi-factor wrong PIN)", Kind.ACCESS_DENIED, Method.MULTI_FACTOR, Reason.WRONG_PIN),
    90:  Code("Tamper detected", Kind.TAMPER_DETECTED),
    91:  Code("Tamper cleared", Kind.TAMPER_CLEARED),
    100: Code("Channel sync started", Kind.SYNC_STARTED),
    101: Code("Channel sync not required", Kind.SYNC_SKIPPED),
    105: Code("Channel sync completed", Kind.SYNC_COMPLETED),
    106: Code("Channel sync failed", Kind.SYNC_FAILED),
    107: Code("Channel sync timing out", Kind.SYNC_DELAYED),
}  # fmt: skip
"""Source: DoorFlow "Events", heading Event code reference, 2026-08-20, for the codes that it lists; the codes beside
them stand in DoorFlow's openapi.yaml (Event.event_code), 2026-08-20, as "card, PIN, manual, REX, AUX, application,
unlocked, Apple, Google" and "card, out of hours, lockdown, tamper, PIN, timeout, invalid type, unauthorized, pass-back,
offline".  Assumed: the labels of 15-18, 25-27, 29, 70-73 and 91, and what sets 71, 72 and 73 apart."""

ACTIVITY: Final = frozenset({*range(10, 19), *range(20, 30), *range(30, 34), 40, 41, *range(70, 74), 90})
"""Source: DoorFlow "Events", heading Activity events, with the newer admissions and rejections of openapi.yaml."""
STATUS: Final = frozenset({1, 2, 3, 100, 101, 105, 106, 107})
"""What `level=debug` adds.  Source: DoorFlow "Events", headings Channel Status and Syncing."""
ALLOWED: Final = frozenset({*range(1, 4), *range(10, 19), *range(20, 30), *range(30, 38), 40, 41, 42,
                            *range(70, 74), 90, 91, *range(100, 108), 220, 223, 224, 225})  # fmt: skip
"""What `event_codes` takes; those without a line in `CODES` are of no event here.  Source: DoorFlow openapi.yaml,
listEvents, 2026-08-20."""

_GRANTED: Final[Mapping[Method | None, int]] = {
    **{code.method: number for number, code in CODES.items() if code.kind is Kind.ACCESS_GRANTED},
    None: 10,  # nothing tells how: the usual way
    Method.PLATE: 14,  # a plate comes in by an input beside the reader
}
_DENIED: Final[Mapping[tuple[Method | None, Reason | None], int]] = {
    (Method.CARD, None): 20,
    (Method.CARD, Reason.UNAUTHORISED): 20,
    (Method.PIN, None): 24,
    (Method.PIN, Reason.UNAUTHORISED): 24,
    (Method.MULTI_FACTOR, None): 71,
    (Method.MULTI_FACTOR, Reason.UNAUTHORISED): 71,
    (Method.MULTI_FACTOR, Reason.TIMEOUT): 72,
    (Method.MULTI_FACTOR, Reason.WRONG_PIN): 73,
}
_DENIED_FOR: Final[Mapping[Reason | None, int]] = {
    **{code.reason: number for number, code in CODES.items() if code.kind is Kind.ACCESS_DENIED and not code.method},
    None: 27,
    Reason.WRONG_PIN: 24,
}
_BY_KIND: Final[Mapping[Kind, int]] = {
    code.kind: number for number, code in CODES.items() if code.kind not in (Kind.ACCESS_GRANTED, Kind.ACCESS_DENIED)
}

_METHODS: Final[tuple[Method | None, ...]] = (None, *Method)
_REASONS: Final[tuple[Reason | None, ...]] = (None, *Reason)


def code_of(kind: Kind, method: Method | None, reason: Reason | None) -> int | None:
    """The one code of an event; None where DoorFlow has none for it."""
    if kind is Kind.ACCESS_GRANTED:
        return _GRANTED[method]
    if kind is Kind.ACCESS_DENIED:
        return _DENIED.get((method, reason)) or _DENIED_FOR[reason]
    return _BY_KIND.get(kind)


KINDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    kind: tuple(f"{number} {code.label}" for number, code in CODES.items() if code.kind is kind)
    for kind in Kind
    if any(code.kind is kind for code in CODES.values())
}
UNSPOKEN: Final = frozenset(kind for kind in Kind if kind not in KINDS)
"""Kinds without a code: their events are in no list and not to be had by id."""


@lru_cache(maxsize=256)
def coded(codes: frozenset[int]) -> Filter:
    """Admits the events whose code is one of these, by their class alone."""
    kinds = [kind for kind, code in _BY_KIND.items() if code in codes]
    parts: list[Filter] = [one_of(Field.KIND, kinds)] if kinds else []
    for kind in (Kind.ACCESS_GRANTED, Kind.ACCESS_DENIED):
        wanted: dict[Method | None, frozenset[Reason | None]] = {
            method: frozenset(reason for reason in _REASONS if code_of(kind, method, reason) in codes)
            for method in _METHODS
        }
        parts += [_of_class(kind, wanted, reasons) for reasons in set(wanted.values()) if reasons]
    return AnyOf(tuple(parts))


def _of_class(
    kind: Kind, wanted: Mapping[Method | None, frozenset[Reason | None]], reasons: frozenset[Reason | None]
) -> Filter:
    """The kind, by those methods of which just these reasons are wanted."""
    methods = [method for method, of in wanted.items() if of == reasons]
    parts: list[Filter] = [Condition(Field.KIND, Operator.EQUALS, (kind,))]
    if len(methods) < len(_METHODS):
        parts.append(one_of(Field.METHOD, methods))
    if len(reasons) < len(_REASONS):
        parts.append(one_of(Field.REASON, [reason for reason in _REASONS if reason in reasons]))
    return all_of(*parts)


def named(first: str, last: str) -> list[Filter]:
    """Conditions on the name that was shown: it begins with the words of `first`, and ends with those of `last`.

    `like` knows no escape for its two signs, so each stands there as any one character, and what is sought stands
    beside it, exactly.
    """
    parts: list[Filter] = []
    if first:
        alone = Condition(Field.PERSON_NAME, Operator.EQUALS, (first,))
        parts.append(AnyOf((alone, Condition(Field.PERSON_NAME, Operator.STARTS_WITH, (first + " ",)))))
    if last:
        pattern = "* " + last.replace("*", "?")
        parts.append(Condition(Field.PERSON_NAME, Operator.LIKE, (pattern,)))
        if "?" in pattern:
            parts.append(Condition(Field.PERSON_NAME, Operator.CONTAINS, (" " + last,)))
    return parts


def item_of(event: Event, place: Place | None, zone: tzinfo, view: View) -> EventItem | None:
    """An event as its reader sees it, None where DoorFlow has no code for it; `zone` is its site's."""
    number = code_of(event.kind, event.method, event.reason)
    if number is None:
        return None
    shows_person = view.people
    shows_credential = view.credentials if plate_of(event) is None else view.plates
    channel, name = (None, None) if place is None else (place.device, place.device_name)
    return EventItem(
        id=event.seq,
        event_id=event.seq,
        event_code=number,
        event_label=CODES[number].label,
        door_controller_id=channel,
        door_controller_name=name,
        channel_id=channel,
        channel_name=name,
        person_id=event.person if shows_person else None,
        person_name=event.person_name if shows_person else None,
        credentials_number=event.credential if shows_credential else None,
        created_at=with_offset(event.occurred, zone, 0),
        updated_at=with_offset(event.received, zone, 0),
    )
