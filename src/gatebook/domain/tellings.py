"""Filters told in words, for the record of who looked; and whether a filter looks for somebody."""

from __future__ import annotations

from typing import Final

from gatebook.domain.filters import All, AnyOf, Condition, During, Field, Filter, Not, fields_of
from gatebook.domain.timeprints import rfc3339

SOMEBODY: Final = frozenset({Field.PERSON, Field.PERSON_NAME, Field.CREDENTIAL, Field.PLATE})
"""Fields that name a person, or what a person carries or drives."""


def names_somebody(wanted: Filter) -> bool:
    """Whether a filter looks for a person, a credential or a plate."""
    return not SOMEBODY.isdisjoint(fields_of(wanted))


def told(wanted: Filter) -> str:
    """A filter on one line, as the grammar would say its conditions."""
    match wanted:
        case Condition(field, operator, values, path):
            where = ".".join((field.value, *map(str, path)))
            listed = ",".join("null" if value is None else str(value) for value in values)
            return f"{where}={operator.value}:{listed}" if len(values) == 1 else f"{where}={operator.value}:({listed})"
        case During(field, window):
            return f"{field.value}=[{rfc3339(window.since)},{rfc3339(window.until)})"
        case Not(part):
            return f"not({told(part)})"
        case AnyOf(parts):
            return "any(" + " ".join(map(told, parts)) + ")"
        case All(parts):
            return " ".join(map(told, parts))
