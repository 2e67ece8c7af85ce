"""One value against another, as `filters` defines it: equality, order, and parts of texts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from uuid import UUID

from gatebook.domain.filters import FOLDED, Field, Operator, Value

WHOLE: Final = object()
"""Stands for an object or array in `data`: not null, and equal to nothing."""

_FOLD: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def folded(text: str) -> str:
    """The text with A-Z as a-z and nothing else changed, as SQLite's `lower()` does."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


def equal(actual: object, value: Value, field: Field) -> bool:
    """`equals`; `actual` is what the event has: text (UUIDs too), a number, a bool, None or `WHOLE`."""
    if actual is None or value is None or isinstance(actual, bool) or isinstance(value, bool):
        return actual is value
    if isinstance(actual, str):
        return isinstance(value, str | UUID) and _text(actual, field) == _text(str(value), field)
    return isinstance(actual, int | float) and isinstance(value, int | float) and actual == value


def matches(operator: Operator, actual: object, value: Value, field: Field) -> bool:
    """`startsWith`, `contains` and `like`; whole numbers by their decimal text, but for those in `data`."""
    if isinstance(actual, int) and not isinstance(actual, bool) and field is not Field.DATA:
        actual = str(actual)
    if not isinstance(actual, str) or not isinstance(value, str):
        return False
    text, part = _text(actual, field), _text(value, field)
    if operator is Operator.STARTS_WITH:
        return text.startswith(part)
    return part in text if operator is Operator.CONTAINS else glob(part).fullmatch(text) is not None


def ordered(operator: Operator, actual: object, value: Value, field: Field) -> bool:
    """`lt`, `le`, `gt` and `ge`, between two texts or two numbers."""
    if isinstance(actual, bool) or isinstance(value, bool):
        return False
    if isinstance(actual, str) and isinstance(value, str | UUID):
        left, right = _text(actual, field), _text(str(value), field)
        return _in_order(operator, left < right, left == right)
    if isinstance(actual, int | float) and isinstance(value, int | float):
        return _in_order(operator, actual < value, actual == value)
    return False


@lru_cache(maxsize=4_096)
def glob(pattern: str) -> re.Pattern[str]:
    """`?` and `*` as an expression that cannot backtrack: each star takes the least it can, once and for all."""
    pieces = re.sub(r"\*+", "*", pattern).split("*")
    first, *rest = (re.escape(piece).replace(r"\?", ".") for piece in pieces)
    if not rest:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)


def _in_order(operator: Operator, less: bool, same: bool) -> bool:
    match operator:
        case Operator.LT:
            return less
        case Operator.LE:
            return less or same
        case Operator.GT:
            return not less and not same
    return not less


def _text(text: str, field: Field) -> str:
    return folded(text) if field in FOLDED else text
