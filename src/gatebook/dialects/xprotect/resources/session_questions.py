"""What an event session is about: its conditions as a filter, and the order of its additions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from gatebook.dialects.xprotect.mapping import source_at
from gatebook.dialects.xprotect.resources.filters import SEVEN, Asking
from gatebook.dialects.xprotect.words.catalogue import type_of
from gatebook.domain.access import Principal
from gatebook.domain.admits import Place
from gatebook.domain.comparisons import folded
from gatebook.domain.errors import BadInput
from gatebook.domain.excerpts import excerpt
from gatebook.domain.filters import AnyOf, Condition, Field, Filter, Not, Operator, all_of
from gatebook.domain.places import Organisation
from gatebook.domain.properties import EQUALITY
from gatebook.domain.terms import MOST_TERMS, MOST_VALUES, Literal, Term
from gatebook.services import Services
from gatebook.services.event_sessions import Question
from gatebook.store.event_sessions import Member, Sortable, Sorted

OPERATORS: Final = {**{one.lower(): one for one in SEVEN}, "beginswith": Operator.STARTS_WITH}
"""Source: Events REST API, "Filters", 2026-11-21; BeginsWith from mipsdk-samples-component 1d967e6."""
TARGETS: Final = ("id", "localId", "type", "source", "source.id", "source.name", "time", "tag")
"""Source: the sample body for `id`; mipsdk-samples-component 1d967e6 for Type and Timestamp.  Assumed: the rest."""
_TARGETS: Final = {one.lower(): one for one in TARGETS} | {"timestamp": "time"}
MOST_ORDERS: Final = 8
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
    organisation = await services.directory.organisation(reader)
    asking = Asking(services, reader, organisation)
    found = [await _condition(asking, one) for one in body.filter_by]
    return Question(wanted=all_of(*found), sort=_sorting(orders, organisation) if orders else None)


def _target(word: str) -> str:
    found = _TARGETS.get(word.lower())
    if found is None:
        raise BadInput("target", f"unknown target {excerpt(word)}", f"expected one of {', '.join(TARGETS)}")
    return found


def _descending(word: str) -> bool:
    if word.lower() not in ("asc", "desc"):
        raise BadInput("direction", f"unknown direction {excerpt(word)}", "expected asc or desc")
    return word.lower() == "desc"


# -- conditions ------------------------------------------------------------------------------------------------------


async def _condition(asking: Asking, one: FilterBy) -> Filter:
    """What the list of events would find by it.  Null equals what is not there, and of these only a tag can be so."""
    target, operator = _target(one.target), OPERATORS.get(one.operator.lower())
    if operator is None:
        words = sorted({known.value for known in OPERATORS.values()} | {"beginsWith"})
        raise BadInput("operator", f"unknown operator {excerpt(one.operator)}", f"expected one of {', '.join(words)}")
    values = one.value if isinstance(one.value, list) else [one.value]
    if operator is not Operator.ONE_OF and len(values) != 1:
        raise BadInput(one.target[:64], f"{operator.value} takes one value", "give one, or use oneOf")
    if len(values) > MOST_VALUES:
        raise BadInput(one.target[:64], f"has more than {MOST_VALUES} values", "give fewer")
    texts = tuple(Literal(_text(value), quoted=True) for value in values if value is not None)
    if len(texts) == len(values) and texts:
        return await asking.condition(target, Term(operator, texts))
    either = [await asking.condition(target, Term(Operator.ONE_OF, texts))] if texts else []
    if target == "tag" and operator in EQUALITY and None in values:
        either.append(Condition(Field.TAG, Operator.EQUALS, (None,)))
    found = AnyOf(tuple(either))
    return Not(found) if operator is Operator.NOT_EQUALS else found


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


# -- the order of additions ------------------------------------------------------------------------------------------

Key = Callable[[Member, Sortable, Place | None, Organisation], object]


def _sorting(
    orders: Sequence[tuple[str, bool]], organisation: Organisation
) -> Callable[[list[Member], Sorted], list[Member]]:
    def sort(members: list[Member], known: Sorted) -> list[Member]:
        there = [one for one in members if one.seq in known.events]
        for target, descending in reversed(orders):
            key = _KEYS[target]

            def keyed(one: Member, key: Key = key) -> Any:
                event = known.events[one.seq]
                return key(one, event, known.places.get(event.stream), organisation)

            there.sort(key=keyed, reverse=descending)
        return there

    return sort


def _name(place: Place | None, organisation: Organisation) -> str:
    """What happened at no device happened at the organisation."""
    if place is None or place.device_kind is None:
        return folded(organisation.name)
    return folded(place.device_name or "")


_KEYS: Final[dict[str, Key]] = {
    "id": lambda one, _event, _place, _organisation: one.id,
    "localId": lambda one, _event, _place, _organisation: one.seq,
    "time": lambda one, _event, _place, _organisation: (one.occurred, one.seq),
    "type": lambda _one, event, _place, _organisation: str(type_of(event.event_class)),
    "source": lambda _one, _event, place, organisation: source_at(place, organisation.id),
    "source.id": lambda _one, _event, place, organisation: source_at(place, organisation.id).partition("/")[2],
    "source.name": lambda _one, _event, place, organisation: _name(place, organisation),
    "tag": lambda _one, event, _place, _organisation: (event.tag is not None, folded(event.tag or "")),
}
