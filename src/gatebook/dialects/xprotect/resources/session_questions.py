"""What an event session is about: its conditions as a filter, and the order of its additions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct

from gatebook.dialects.xprotect.mapping import UNIT_NS, source_at, source_of
from gatebook.dialects.xprotect.words.catalogue import BUILT_IN, kind_of, type_of
from gatebook.dialects.xprotect.words.estate import COLLECTIONS
from gatebook.domain.access import Principal
from gatebook.domain.admits import Place
from gatebook.domain.comparisons import folded
from gatebook.domain.errors import BadInput
from gatebook.domain.excerpts import excerpt
from gatebook.domain.filters import AnyOf, Condition, Field, Filter, Not, Operator, Value, all_of, one_of
from gatebook.domain.grammar import filter_of
from gatebook.domain.properties import EQUALITY, Property, ValueKind
from gatebook.domain.terms import MOST_TERMS, MOST_VALUES, Literal, Term
from gatebook.services import Services
from gatebook.services.event_sessions import Question
from gatebook.store.event_sessions import Member, Sortable, Sorted

OPERATORS: Final = {
    **{one.lower(): one for one in Operator if one not in (Operator.LE, Operator.GE, Operator.LIKE)},
    "beginswith": Operator.STARTS_WITH,
}
"""Source: Events REST API, "Filters", 2026-11-21; BeginsWith from mipsdk-samples-component 1d967e6."""
ALL: Final = frozenset(OPERATORS.values())
SPEC: Final = {
    "id": Property(field=Field.ID, kind=ValueKind.UUID, operators=ALL),
    "localid": Property(field=Field.SEQ, kind=ValueKind.INT, operators=ALL),
    "source.name": Property(field=Field.DEVICE_NAME, kind=ValueKind.TEXT, operators=ALL),
    "time": Property(field=Field.OCCURRED, kind=ValueKind.TIME, operators=ALL),
    "tag": Property(field=Field.TAG, kind=ValueKind.TEXT, operators=ALL),
}
ALIASES: Final = {"timestamp": "time"}
TARGETS: Final = ("id", "localId", "type", "source", "source.id", "source.name", "time", "tag")
"""Source: the sample body for `id`; mipsdk-samples-component 1d967e6 for Type and Timestamp.  Assumed: the rest."""
_TARGETS: Final = {one.lower(): one for one in TARGETS} | {"timestamp": "time"}
FIELDS: Final = {
    "id": Field.ID, "localid": Field.SEQ, "type": Field.TYPE, "source": Field.DEVICE, "source.id": Field.DEVICE,
    "source.name": Field.DEVICE_NAME, "time": Field.OCCURRED, "tag": Field.TAG,
}  # fmt: skip
MOST_ORDERS: Final = 8
NOWHERE: Final = UUID(int=0)
Scalar = str | int | float | bool | None


class FilterBy(Struct, frozen=True, kw_only=True):
    """One condition; all must hold.  Source: Events REST API, EventSessionFilter, 2026-11-21."""

    operator: str
    target: str
    value: Scalar | list[Scalar] = None


class OrderBy(Struct, frozen=True, kw_only=True):
    """Source: Events REST API, EventSessionOrderBy, 2026-11-21."""

    target: str
    direction: str = "asc"


class NewSession(Struct, frozen=True, kw_only=True, rename="camel"):
    """Both lists are there, and may be empty."""

    filter_by: list[FilterBy]
    order_by: list[OrderBy]


async def question_of(services: Services, reader: Principal, body: NewSession) -> Question:
    """What is asked, as the directory is now; BadInput names what cannot be."""
    if len(body.filter_by) > MOST_TERMS:
        raise BadInput("filterBy", f"has more than {MOST_TERMS} conditions", "ask for fewer")
    if len(body.order_by) > MOST_ORDERS:
        raise BadInput("orderBy", f"has more than {MOST_ORDERS} targets", "give fewer")
    orders = [(_target(one.target), _descending(one.direction)) for one in body.order_by]
    found = [await _condition(services, reader, one) for one in body.filter_by]
    return Question(wanted=all_of(*found), sort=_sorting(orders) if orders else None)


def _target(word: str) -> str:
    found = _TARGETS.get(word.lower())
    if found is None:
        raise BadInput("target", f"unknown target {excerpt(word)}", f"expected one of {', '.join(TARGETS)}")
    return found.lower()


def _descending(word: str) -> bool:
    if word.lower() not in ("asc", "desc"):
        raise BadInput("direction", f"unknown direction {excerpt(word)}", "expected asc or desc")
    return word.lower() == "desc"


# -- conditions ------------------------------------------------------------------------------------------------------


async def _condition(services: Services, reader: Principal, one: FilterBy) -> Filter:
    target, operator = _target(one.target), OPERATORS.get(one.operator.lower())
    if operator is None:
        words = sorted({known.value for known in OPERATORS.values()} | {"beginsWith"})
        raise BadInput("operator", f"unknown operator {excerpt(one.operator)}", f"expected one of {', '.join(words)}")
    values = one.value if isinstance(one.value, list) else [one.value]
    if operator is not Operator.ONE_OF and len(values) != 1:
        raise BadInput(one.target[:64], f"{operator.value} takes one value", "give one, or use oneOf")
    if len(values) > MOST_VALUES:
        raise BadInput(one.target[:64], f"has more than {MOST_VALUES} values", "give fewer")
    if operator in EQUALITY:
        given: list[Filter] = [_equal(target, value) for value in values]
        return Not(AnyOf(tuple(given))) if operator is Operator.NOT_EQUALS else AnyOf(tuple(given))
    if values[0] is None:
        return AnyOf(())
    text = _text(values[0])
    if target == "type":
        return _types(operator, text)
    if target in ("source", "source.id"):
        return await _sources(services, reader, target, operator, text)
    return filter_of(target, Term(operator, (Literal(text, True),)), SPEC, unit_ns=UNIT_NS)


def _equal(target: str, value: Scalar) -> Filter:
    """Null equals what is not there."""
    if value is None:
        return Condition(FIELDS[target], Operator.EQUALS, (None,))
    text = _text(value)
    if target == "type":
        id_ = _uuid(target, text)
        kind = kind_of(id_)
        return Condition(Field.TYPE, Operator.EQUALS, (id_ if kind is None else kind.type,))
    if target in ("source", "source.id"):
        return _source(target, text)
    return filter_of(target, Term(Operator.EQUALS, (Literal(text, True),)), SPEC, unit_ns=UNIT_NS)


def _source(target: str, text: str) -> Filter:
    """An id, or a collection and an id; what happened at no device has a site for its source."""
    collection, slash, rest = text.rpartition("/")
    id_ = _uuid(target, rest)
    if not slash:
        return Condition(Field.DEVICE, Operator.EQUALS, (id_,))
    if collection.lower() == "sites":
        return Condition(Field.DEVICE, Operator.EQUALS, (None,))
    known = {one.lower() for one in COLLECTIONS.values()}
    return Condition(Field.DEVICE, Operator.EQUALS, (id_,)) if collection.lower() in known else AnyOf(())


def _types(operator: Operator, text: str) -> Filter:
    """Built-in types by their ids on the wire, those that were made by their own."""
    matches = _test(operator, text)
    own = [one.kind.type for one in BUILT_IN.values()]
    passing: list[Value] = [one.kind.type for one in BUILT_IN.values() if matches(str(one.id))]
    made = Condition(Field.TYPE, operator, (text,))
    return AnyOf((one_of(Field.TYPE, passing), all_of(made, Not(one_of(Field.TYPE, own)))))


async def _sources(services: Services, reader: Principal, target: str, operator: Operator, text: str) -> Filter:
    """The devices of which the source passes, as they are now."""
    matches = _test(operator, text)
    devices = await services.directory.every_device(reader, *COLLECTIONS, removed=True)
    passing: list[Value] = []
    for one in devices:
        told = source_of(one) if target == "source" else str(one.id)
        if matches(told):
            passing.append(one.id)
    return one_of(Field.DEVICE, passing)


def _test(operator: Operator, text: str) -> Callable[[str], bool]:
    wanted = folded(text)
    match operator:
        case Operator.STARTS_WITH:
            return lambda told: folded(told).startswith(wanted)
        case Operator.CONTAINS:
            return lambda told: wanted in folded(told)
        case Operator.LT:
            return lambda told: folded(told) < wanted
    return lambda told: folded(told) > wanted


def _uuid(target: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput(target, f"{excerpt(text)} is no GUID", "expected 8-4-4-4-12 hexadecimal digits") from error


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


# -- the order of additions ------------------------------------------------------------------------------------------

Key = Callable[[Member, Sortable, Place | None], tuple[object, ...]]


def _sorting(orders: Sequence[tuple[str, bool]]) -> Callable[[list[Member], Sorted], list[Member]]:
    def sort(members: list[Member], known: Sorted) -> list[Member]:
        there = [one for one in members if one.seq in known.events]
        for target, descending in reversed(orders):
            key = _KEYS[target]
            there.sort(key=_keyed(key, known), reverse=descending)
        return there

    return sort


def _keyed(key: Key, known: Sorted) -> Callable[[Member], tuple[object, ...]]:
    def keyed(one: Member) -> tuple[object, ...]:
        event = known.events[one.seq]
        return key(one, event, known.places.get(event.stream))

    return keyed


def _id(place: Place | None) -> str:
    return str(place.device_id) if place is not None and place.device_id else ""


_KEYS: Final[dict[str, Key]] = {
    "id": lambda one, _event, _place: (one.id,),
    "localid": lambda one, _event, _place: (one.seq,),
    "time": lambda one, _event, _place: (one.occurred, one.seq),
    "type": lambda _one, event, _place: (str(type_of(event.event_class)),),
    "source": lambda _one, _event, place: (source_at(place, NOWHERE),),
    "source.id": lambda _one, _event, place: (_id(place),),
    "source.name": lambda _one, _event, place: (folded(place.device_name or "") if place else "",),
    "tag": lambda _one, event, _place: (event.tag is not None, folded(event.tag or "")),
}
