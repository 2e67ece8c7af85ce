"""Which classes and streams a filter chooses, by what the directory says: worked out once, not row by row."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from uuid import UUID

from gatebook.domain.admits import Place, admits_class, admits_place
from gatebook.domain.events import EventClass
from gatebook.domain.filters import All, AnyOf, Condition, During, Field, Filter, Not, Operator
from gatebook.store.contract import ALL, Chosen

EQUALITY = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.ONE_OF})
_NOWHERE = Place()
CHOICES_LIMIT = 256
"""Choices of classes that are remembered of one directory."""
_BEYOND = 2**63
"""No stream has so high a number."""


@dataclass(frozen=True, kw_only=True)
class Directory:
    """What one snapshot's directory says of one organisation; good for as long as the directory is unchanged."""

    org: int
    classes: Mapping[int, EventClass]
    """Every class by its number."""
    places: Mapping[int, Place]
    """Every device by its stream, removed ones too.  Events of other streams happened at no place."""
    last_stream: int
    """Streams are numbered from 1 to this one."""
    chosen: dict[tuple[int, ...], tuple[tuple[Filter, ...], Chosen]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What filters on classes came to, by who they are and not by what they say, since True equals 1: most questions of
    a dialect ask by the same object."""

    @cached_property
    def by_device(self) -> Mapping[Hashable, int]:
        """Streams by number and by id of the device."""
        found: dict[Hashable, int] = {}
        for stream, place in self.places.items():
            found[place.device] = found[place.device_id] = stream
        return found


def classes_of(parts: tuple[Filter, ...], directory: Directory) -> Chosen:
    """The classes that pass every part, each on `CLASS_FIELDS` alone; told by whichever is fewer, in or out."""
    if not parts:
        return ALL
    name = tuple(map(id, parts))
    found = directory.chosen.get(name)
    if found is None:
        if len(directory.chosen) >= CHOICES_LIMIT:
            directory.chosen.clear()
        found = directory.chosen[name] = parts, _classes(parts, directory.classes)
    return found[1]


def _classes(parts: tuple[Filter, ...], known: Mapping[int, EventClass]) -> Chosen:
    inside = frozenset(number for number, found in known.items() if all(admits_class(part, found) for part in parts))
    if len(inside) * 2 > len(known):
        return Chosen(frozenset(known) - inside)
    return Chosen(inside, but=False)


def streams_of(parts: tuple[Filter, ...], directory: Directory) -> Chosen:
    """The streams that pass every part, each on `PLACE_FIELDS` alone.

    A stream that is no device's (the organisation's, a person's) is judged as `Place(stream=...)`; where all such pass,
    the choice tells what is left out.
    """
    return reduce(Chosen.meet, (_streams(part, directory) for part in parts), ALL)


def _streams(wanted: Filter, directory: Directory) -> Chosen:
    match wanted:
        case Not(part):
            return _others(_streams(part, directory))
        case All(parts):
            return streams_of(parts, directory)
        case AnyOf(parts):
            left_out = (_others(_streams(part, directory)) for part in parts)
            return _others(reduce(Chosen.meet, left_out, ALL))
        case Condition(operator=Operator.NOT_EQUALS):
            return _others(_equal(wanted, directory))
        case Condition(operator=operator) if operator in EQUALITY:
            return _equal(wanted, directory)
        case Condition(field=Field.STREAM):
            numbers = range(1, directory.last_stream + 1)
            return Chosen(frozenset(n for n in numbers if admits_place(wanted, Place(stream=n))), but=False)
        case Condition():
            return _judged(wanted, directory)
        case During():
            raise AssertionError("a time is decided by no place")


def _others(chosen: Chosen) -> Chosen:
    return Chosen(chosen.ids, not chosen.but)


def _equal(condition: Condition, directory: Directory) -> Chosen:
    """The streams that equal one of the values: by sets, since most queries name a device or a site."""
    values = condition.values
    numbers = {value for value in values if not isinstance(value, str | UUID)}
    ids = {value for value in values if isinstance(value, UUID)}
    places = directory.places.items()
    match condition.field:
        case Field.STREAM:
            counts = [n for n in values if isinstance(n, int | float) and not isinstance(n, bool) and 0 < n < _BEYOND]
            return Chosen(frozenset(int(n) for n in counts if n == int(n)), but=False)
        case Field.DEVICE:
            texts = {value for value in values if isinstance(value, str)}
            by_device = directory.by_device
            inside = {by_device[value] for value in (*numbers, *ids) if value in by_device}
            if texts:
                inside |= {stream for stream, place in places if not texts.isdisjoint(place.vendor_ids)}
        case Field.SITE:
            inside = {stream for stream, place in places if numbers and place.site in numbers}
            inside |= {stream for stream, place in places if ids and place.site_id in ids}
        case _:
            positive = Condition(condition.field, Operator.ONE_OF, values)
            return _judged(positive, directory)
    return _with_nowhere(inside, directory, None in values)


def _judged(condition: Condition, directory: Directory) -> Chosen:
    """Each device asked in turn: names, and parts and order of ids."""
    inside = {stream for stream, place in directory.places.items() if admits_place(condition, place)}
    return _with_nowhere(inside, directory, admits_place(condition, _NOWHERE))


def _with_nowhere(inside: set[int], directory: Directory, nowhere: bool) -> Chosen:
    """These devices' streams, and (`nowhere`) every stream that is no device's."""
    return Chosen(frozenset(directory.places.keys() - inside)) if nowhere else Chosen(frozenset(inside), but=False)
