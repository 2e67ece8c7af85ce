"""Whether a filter lets an event through, decided in memory: for live roads and rules.

The meaning of every comparison is told in `filters`; history asks the same of SQL, and both answer alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from gatebook.domain.comparisons import WHOLE, equal, matches, ordered
from gatebook.domain.events import Event, EventClass
from gatebook.domain.filters import (
    CLASS_FIELDS,
    PLACE_FIELDS,
    PLATE_KINDS,
    PLATE_METHOD,
    All,
    AnyOf,
    Condition,
    During,
    Field,
    Filter,
    Not,
    Operator,
    Path,
)
from gatebook.domain.places import DeviceKind
from gatebook.domain.timeprints import rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the directory says now of where an event happened and of whom it tells; None is not known."""

    stream: int = 0
    device: int | None = None
    device_id: UUID | None = None
    device_name: str | None = None
    device_kind: DeviceKind | None = None
    vendor_ids: tuple[str, ...] = ()
    site: int | None = None
    site_id: UUID | None = None
    site_name: str | None = None
    site_zone: str | None = None
    person_id: UUID | None = None
    """The id of the event's person: the only part that is not of the stream."""


def admits(wanted: Filter, event: Event, place: Place) -> bool:
    """True when the event, at this place, passes the filter."""
    return _decided(wanted, lambda leaf: _leaf(leaf, event, place))


def admits_class(wanted: Filter, event_class: EventClass) -> bool:
    """As `admits`, for a filter on `CLASS_FIELDS` alone (`Parts.classes`); no other field is met there."""
    return _decided(wanted, lambda leaf: not isinstance(leaf, During) and _in_class(leaf, event_class))


def admits_place(wanted: Filter, place: Place) -> bool:
    """As `admits`, for a filter on `PLACE_FIELDS` alone (`Parts.places`); no other field is met there."""
    return _decided(wanted, lambda leaf: not isinstance(leaf, During) and _at_place(leaf, place))


def plate_of(event: Event) -> str | None:
    """The number plate of an event: its credential, where that is a plate."""
    return event.credential if event.kind in PLATE_KINDS or event.method is PLATE_METHOD else None


def _decided(wanted: Filter, leaf: Callable[[Condition | During], bool]) -> bool:
    match wanted:
        case Condition() | During():
            return leaf(wanted)
        case Not(part):
            return not _decided(part, leaf)
        case All(parts):
            return all(_decided(part, leaf) for part in parts)
        case AnyOf(parts):
            return any(_decided(part, leaf) for part in parts)


def _leaf(leaf: Condition | During, event: Event, place: Place) -> bool:
    if isinstance(leaf, During):
        return leaf.window.holds(event.occurred if leaf.field is Field.OCCURRED else event.received)
    if leaf.field is Field.PERSON:
        return _referred(leaf, event.person, place.person_id, ())
    if leaf.field in PLACE_FIELDS:
        return _at_place(leaf, place)
    return _in_class(leaf, event) if leaf.field in CLASS_FIELDS else _compared(leaf, _of_event(leaf, event))


def _in_class(condition: Condition, of: Event | EventClass) -> bool:
    match condition.field:
        case Field.KIND:
            return _compared(condition, of.kind)
        case Field.METHOD:
            return _compared(condition, of.method)
        case Field.REASON:
            return _compared(condition, of.reason)
        case Field.TYPE:
            return _compared(condition, str(of.type or of.kind.type))
    return _compared(condition, of.listed)


def _of_event(condition: Condition, event: Event) -> object:
    match condition.field:
        case Field.DATA:
            return _found(event.data, condition.path)
        case Field.ID:
            return str(event.id)
        case Field.OCCURRED:
            return rfc3339(event.occurred, 7)
        case Field.RECEIVED:
            return rfc3339(event.received, 7)
        case Field.PLATE:
            return plate_of(event)
    found: object = getattr(event, condition.field.value)
    return found


def _at_place(condition: Condition, place: Place) -> bool:
    match condition.field:
        case Field.STREAM:
            return _compared(condition, place.stream)
        case Field.DEVICE_NAME:
            return _compared(condition, place.device_name)
        case Field.SITE_NAME:
            return _compared(condition, place.site_name)
        case Field.DEVICE:
            return _referred(condition, place.device, place.device_id, place.vendor_ids)
    return _referred(condition, place.site, place.site_id, ())


def _referred(condition: Condition, number: int | None, id: UUID | None, vendor_ids: tuple[str, ...]) -> bool:
    """A reference equals by number, id or vendor id; all else looks at the id's text."""
    if condition.operator not in (Operator.EQUALS, Operator.NOT_EQUALS, Operator.ONE_OF):
        return _compared(condition, None if id is None else str(id))
    found = any(
        value in vendor_ids if isinstance(value, str) else value == id if isinstance(value, UUID) else value == number
        for value in condition.values
    )
    return not found if condition.operator is Operator.NOT_EQUALS else found


def _compared(condition: Condition, actual: object) -> bool:
    field, operator, values = condition.field, condition.operator, condition.values
    match operator:
        case Operator.EQUALS | Operator.ONE_OF:
            if len(values) == 1:
                return equal(actual, values[0], field)
            return any(equal(actual, value, field) for value in values)
        case Operator.NOT_EQUALS:
            return not any(equal(actual, value, field) for value in values)
        case Operator.STARTS_WITH | Operator.CONTAINS | Operator.LIKE:
            return matches(operator, actual, values[0], field)
    return ordered(operator, actual, values[0], field)


def _found(data: bytes | None, path: Path) -> object:
    """What `data` holds at the path; None where it holds nothing, `WHOLE` for an object or array."""
    here = None if data is None else _tree(data)
    for step in path:
        if isinstance(step, str) and isinstance(here, dict):
            here = here.get(step)
        elif isinstance(step, int) and isinstance(here, list) and 0 <= step < len(here):
            here = here[step]
        else:
            return None
    return WHOLE if isinstance(here, dict | list) else here


@lru_cache(maxsize=4)
def _tree(data: bytes) -> object:
    """The JSON as a tree, kept while the conditions of many subscribers look at one event."""
    return json.loads(data, object_pairs_hook=_first_of)


def _first_of(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found
