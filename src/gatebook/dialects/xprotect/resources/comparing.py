"""Filters of the configuration: any displayed property, compared without regard to letter case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gatebook.domain.errors import BadInput
from gatebook.domain.filters import Operator
from gatebook.domain.terms import Term, read_terms
from gatebook.domain.times import parse_bound

DATES: Final = frozenset({"lastModified", "createdDate", "lastStatusHandshake", "time", "lastUpdatedTime"})
SPOKEN: Final = (
    Operator.EQUALS, Operator.NOT_EQUALS, Operator.LT, Operator.GT, Operator.STARTS_WITH, Operator.CONTAINS,
    Operator.ONE_OF,
)  # fmt: skip
"""Source: Configuration API, "Filters", 2026-11-21; `oneOf` from the Events REST API's page."""
Told = Mapping[str, object]
"""An object as it goes over the wire."""
Test = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one property must be: all tests hold."""

    property: str
    tests: tuple[Test, ...]

    def admits(self, told: Told) -> bool:
        """Whether the object's property passes; one that it does not have passes as the empty text."""
        actual = told.get(self.property, "")
        return all(test(actual) for test in self.tests)


def comparison(property: str, text: str) -> Comparison:
    """What `property=text` asks for; BadInput names the property."""
    return Comparison(property, tuple(_test(property, term) for term in read_terms(text, property)))


def _test(property: str, term: Term) -> Test:
    operator = term.operator or Operator.EQUALS
    if operator not in SPOKEN:
        raise BadInput(property, f"does not take {operator.value}", f"expected one of {', '.join(SPOKEN)}")
    texts = [value.text for value in term.values]
    single = _dated(property, operator, texts) if property in DATES else None
    one = single or _single(operator, [text.casefold() for text in texts])
    if operator is Operator.NOT_EQUALS:
        return lambda actual: all(one(each) for each in _each(actual))
    return lambda actual: any(one(each) for each in _each(actual))


def _each(actual: object) -> Sequence[object]:
    """An array is compared item by item; an empty one as the empty text."""
    return (actual or ("",)) if isinstance(actual, list | tuple) else (actual,)


def _single(operator: Operator, wanted: Sequence[str]) -> Test:
    match operator:
        case Operator.EQUALS | Operator.ONE_OF:
            return lambda actual: not set(_texts(actual)).isdisjoint(wanted)
        case Operator.NOT_EQUALS:
            return lambda actual: set(_texts(actual)).isdisjoint(wanted)
        case Operator.STARTS_WITH:
            return lambda actual: any(text.startswith(wanted[0]) for text in _texts(actual))
        case Operator.CONTAINS:
            return lambda actual: any(wanted[0] in text for text in _texts(actual))
    return lambda actual: _ordered(operator, actual, wanted[0])


def _texts(actual: object) -> tuple[str, ...]:
    """What a value may be called: a path by its id, or by its type and id."""
    if isinstance(actual, bool):
        return ("true" if actual else "false",)
    if isinstance(actual, Mapping):
        return (str(actual.get("id", "")), f"{actual.get('type', '')}/{actual.get('id', '')}".casefold())
    return (str(actual).casefold(),)


def _ordered(operator: Operator, actual: object, wanted: str) -> bool:
    if isinstance(actual, int) and not isinstance(actual, bool):
        try:
            limit = float(wanted)
        except ValueError:
            return False
        return actual < limit if operator is Operator.LT else actual > limit
    text = _texts(actual)[0]
    return text < wanted if operator is Operator.LT else text > wanted


def _dated(property: str, operator: Operator, texts: Sequence[str]) -> Test | None:
    """Times compare as times, at the precision that they are given in; None where they are compared as text."""
    if operator in (Operator.STARTS_WITH, Operator.CONTAINS):
        return None
    windows = [_window(property, text) for text in texts]
    since, until = windows[0]

    def held(actual: object) -> bool:
        instant = _window(property, str(actual))[0]
        match operator:
            case Operator.LT:
                return instant < since
            case Operator.GT:
                return instant >= until
        return any(start <= instant < end for start, end in windows) is not (operator is Operator.NOT_EQUALS)

    return held


def _window(property: str, text: str) -> tuple[int, int]:
    """All instants that print as this text; those of the null date come before all others."""
    if text.startswith("0001-01-01"):
        return -1, 0
    bound = parse_bound(text, field=property)
    return bound.instant, bound.end
