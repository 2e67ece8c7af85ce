"""What of an event its reader may see, and what a filter over it may therefore ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Forbidden
from gatebook.domain.filters import (
    PLATE_KINDS,
    PLATE_METHOD,
    All,
    AnyOf,
    Condition,
    Field,
    Filter,
    Not,
    Operator,
    all_of,
    fields_of,
    one_of,
)
from gatebook.domain.kinds import PERSONAL_DATA_KINDS, Kind

PEOPLES_DATA_KINDS: Final = frozenset(
    kind for kind in PERSONAL_DATA_KINDS if kind not in PLATE_KINDS and not kind.is_record
)
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
class View:
    """What of an event its reader may see."""

    people: bool
    credentials: bool
    plates: bool
    order: bool
    """Whether the event's place in the whole log is shown: only where all of it is."""


def view_of(principal: Principal) -> View:
    """What this principal sees of the events that the grant shows."""
    return View(
        people=principal.may(Scope.PEOPLE_READ),
        credentials=principal.may(Scope.CREDENTIALS_READ),
        plates=principal.may(Scope.PLATES_READ),
        order=principal.grant.everything,
    )


def hides_data(kind: Kind, is_plate: bool, view: View) -> bool:
    """Whether `data` is a personal part that this reader may not see."""
    return (is_plate and not view.plates) or (kind in PEOPLES_DATA_KINDS and not view.people)


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
