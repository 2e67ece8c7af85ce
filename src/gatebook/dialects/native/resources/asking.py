"""What a query asks of events: conditions into a filter that its reader may ask, and which page of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from gatebook.dialects.native.mapping import PEOPLES_DATA_KINDS, View, view_of
from gatebook.dialects.native.resources.reading import is_local
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, Forbidden
from gatebook.domain.filters import (
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
    all_of,
    fields_of,
    one_of,
)
from gatebook.domain.grammar import parse_filter, property_of
from gatebook.domain.properties import PROPERTIES
from gatebook.domain.times import parse_bound, window_of
from gatebook.http import Request
from gatebook.http.faults import nearest
from gatebook.http.wire import pairs_of, raw_query
from gatebook.services import Services

WINDOW: Final = ("from", "to")
ORGANISATION: Final = "organisation"
BESIDE: Final = (*WINDOW, ORGANISATION)
PLATES: Final = AnyOf((one_of(Field.KIND, sorted(PLATE_KINDS)), one_of(Field.METHOD, (PLATE_METHOD,))))
PEOPLES_DATA: Final = one_of(Field.KIND, sorted(PEOPLES_DATA_KINDS))
NEEDS: Final = {
    Field.PERSON: Scope.PEOPLE_READ,
    Field.PERSON_NAME: Scope.PEOPLE_READ,
    Field.CREDENTIAL: Scope.CREDENTIALS_READ,
    Field.PLATE: Scope.PLATES_READ,
}
ORDERED: Final = (Field.SEQ, Field.CAUSE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter, and the parameters beside it, each given at most once."""

    reader: Principal
    """Who asks, as they read the organisation that is asked for."""
    filter: Filter
    """As its reader may ask it."""
    said: Filter
    """As it was asked."""
    paging: dict[str, str]

    def whole(self, name: str, least: int, most: int) -> int | None:
        """The whole number that a parameter gives, if it is given."""
        text = self.paging.get(name)
        if text is None:
            return None
        if text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most:
            return int(text)
        raise BadInput(name, f"got {text[:40]!r}", f"expected a whole number from {least} to {most}")

    def word(self, name: str, words: tuple[str, ...]) -> str | None:
        """The word that a parameter gives, if it is given."""
        text = self.paging.get(name)
        if text is None or text in words:
            return text
        raise BadInput(name, f"got {text[:40]!r}", f"expected one of {', '.join(words)}")


async def read_asked(request: Request, services: Services, who: Principal, paging: tuple[str, ...]) -> Asked:
    """The query's filter, and those of its parameters that `paging` names; BadInput names any other.

    NotFound where the organisation that it names is absent or not to be read by who asks.
    """
    beside: dict[str, str] = {}
    conditions: list[tuple[str, str]] = []
    for name, text in pairs_of(raw_query(request)):
        if name in paging or name in BESIDE:
            if name in beside:
                raise BadInput(name, "is given twice", "give it once")
            beside[name] = text
        elif property_of(name, PROPERTIES) is None:
            raise BadInput(name[:60], "is not known here", nearest(name, (*paging, *BESIDE, *PROPERTIES)))
        else:
            conditions.append((name, text))
    who = await services.access.reading(who, beside.get(ORGANISATION))
    timed = any(is_local(text) for name, text in beside.items() if name in WINDOW)
    timed = timed or any(name in ("occurred", "received") for name, _text in conditions)
    zone = await services.directory.zone(who) if timed else UTC
    wanted = parse_filter(conditions, PROPERTIES, zone)
    bounds = [parse_bound(beside[name], zone, name) if name in beside else None for name in WINDOW]
    if any(bounds):
        window = window_of(*bounds)
        if window.is_empty:
            raise BadInput("from", "is after to", "give the earlier time as from")
        wanted = all_of(wanted, During(Field.OCCURRED, window))
    return Asked(who, permitted(wanted, who), wanted, beside)


def permitted(wanted: Filter, who: Principal) -> Filter:
    """The filter over what its reader sees: Forbidden where it looks at what is hidden altogether.

    What is hidden in some events alone is null in them, to the filter as to the eye.
    """
    looked_at = fields_of(wanted)
    for field, scope in NEEDS.items():
        if field in looked_at and not who.may(scope):
            raise Forbidden(f"{field.value}: a filter on it needs the scope {scope.value}, which {who.name} lacks")
    for field in ORDERED:
        if field in looked_at and not who.grant.everything:
            raise Forbidden(f"{field.value}: a filter on it needs a grant of the whole organisation")
    view = view_of(who)
    return _mapped(wanted, lambda leaf: _masked(leaf, view)) if Field.DATA in looked_at or not view.plates else wanted


def _mapped(wanted: Filter, change: Callable[[Condition], Filter]) -> Filter:
    match wanted:
        case Condition():
            return change(wanted)
        case All(parts):
            return all_of(*(_mapped(part, change) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_mapped(part, change) for part in parts))
        case Not(part):
            return Not(_mapped(part, change))
    return wanted


def _masked(leaf: Condition, view: View) -> Filter:
    hidden: list[Filter] = []
    if leaf.field in (Field.DATA, Field.CREDENTIAL) and not view.plates:
        hidden.append(PLATES)
    if leaf.field is Field.DATA and not view.people:
        hidden.append(PEOPLES_DATA)
    return leaf if not hidden else _null_in(leaf, hidden)


def _null_in(leaf: Condition, hidden: Iterable[Filter]) -> Filter:
    """The condition, as if its field were null in events that pass any of `hidden`."""
    if leaf.operator is Operator.NOT_EQUALS:
        admits_null = None not in leaf.values
    else:
        admits_null = leaf.operator in (Operator.EQUALS, Operator.ONE_OF) and None in leaf.values
    return AnyOf((leaf, *hidden)) if admits_null else all_of(leaf, *(Not(part) for part in hidden))
