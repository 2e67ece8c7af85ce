"""A filter taken apart into what a store has an index, a tally or a set for, and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gatebook.domain.filters import (
    CLASS_FIELDS,
    NONE,
    PLACE_FIELDS,
    All,
    AnyOf,
    Condition,
    During,
    Field,
    Filter,
    Not,
    Operator,
    fields_of,
)
from gatebook.domain.instants import ALWAYS, Window

_KEYS: Final = frozenset({Field.ID, Field.SEQ})
_INDEXED: Final = frozenset({Field.PERSON, Field.CREDENTIAL, Field.PLATE, Field.TAG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A conjunction: an event passes the filter when it passes every part."""

    occurred: Window = ALWAYS
    received: Window = ALWAYS
    classes: tuple[Filter, ...] = ()
    """On `CLASS_FIELDS` alone, of any shape: ask `admits_class` of each class, and look for the set of those."""
    places: tuple[Filter, ...] = ()
    """On `PLACE_FIELDS` alone, of any shape: ask `admits_place` of each device, and look for the set of streams."""
    keys: tuple[Condition, ...] = ()
    """`equals` and `oneOf` on `id` and `seq`: at most a handful of events."""
    indexed: tuple[Condition, ...] = ()
    """`equals` and `oneOf`, without null, on person, credential, plate and tag."""
    rest: tuple[Filter, ...] = ()
    """What must be looked at event by event."""
    impossible: bool = False
    """True when nothing can pass, whatever the log holds."""

    @property
    def is_countable(self) -> bool:
        """True when tallies alone answer it: nothing but a window on `occurred`, classes and places."""
        return self.received == ALWAYS and not (self.keys or self.indexed or self.rest)


def normalise(wanted: Filter) -> Parts:
    """The filter as `Parts`, which together admit exactly what it admits."""
    occurred, received, impossible = ALWAYS, ALWAYS, False
    found: dict[str, list[Filter]] = {"classes": [], "places": [], "rest": []}
    keys: list[Condition] = []
    indexed: list[Condition] = []
    for part in _conjuncts(wanted):
        match part:
            case During(Field.OCCURRED, window):
                occurred = occurred.meet(window)
            case During(window=window):
                received = received.meet(window)
            case AnyOf(()):
                impossible = True
            case Condition(field=field) if field in _KEYS and _is_lookup(part):
                keys.append(part)
            case Condition(field=field) if field in _INDEXED and _is_lookup(part):
                indexed.append(part)
            case _:
                found[_heap(part)].append(part)
    return Parts(occurred=occurred, received=received, classes=tuple(found["classes"]), places=tuple(found["places"]),
                 keys=tuple(keys), indexed=tuple(indexed), rest=tuple(found["rest"]),
                 impossible=impossible or occurred.is_empty or received.is_empty)  # fmt: skip


def _conjuncts(wanted: Filter) -> list[Filter]:
    """What must all hold, each part as simple as it can be said."""
    match wanted:
        case All(parts):
            return [inner for part in parts for inner in _conjuncts(part)]
        case AnyOf((part,)) | Not(Not(part)):
            return _conjuncts(part)
        case Not(AnyOf(parts)):
            return [inner for part in parts for inner in _conjuncts(Not(part))]
        case Not(All(())) | Condition(operator=Operator.ONE_OF, values=()):
            return [NONE]
        case Not(Condition(field, Operator.NOT_EQUALS, values, path)):
            return [Condition(field, Operator.EQUALS, values, path)]
        case Not(Condition(field, Operator.EQUALS, values, path)):
            return [Condition(field, Operator.NOT_EQUALS, values, path)]
    return [wanted]


def _is_lookup(condition: Condition) -> bool:
    return condition.operator in (Operator.EQUALS, Operator.ONE_OF) and None not in condition.values


def _heap(part: Filter) -> str:
    fields = fields_of(part)
    if fields and fields <= CLASS_FIELDS:
        return "classes"
    return "places" if fields and fields <= PLACE_FIELDS else "rest"
