"""The one place where a filter becomes SQL for SQLite; what each comparison means is told in `domain/filters`.

A fragment is true of an event that passes, and false or null of one that does not: null is set right wherever it is
turned round.  Only sub-trees on classes or places are decided here, in Python, and asked for as sets.
"""

from __future__ import annotations

from uuid import UUID

from gatebook.domain.comparisons import folded
from gatebook.domain.filters import (
    CLASS_FIELDS,
    FOLDED,
    PLACE_FIELDS,
    All,
    AnyOf,
    Condition,
    During,
    Field,
    Filter,
    Not,
    Operator,
    Value,
    fields_of,
)
from gatebook.store.sqlite.choices import EQUALITY, Directory, classes_of, streams_of
from gatebook.store.sqlite.fragments import (
    FALSE,
    Fragment,
    among_blobs,
    among_numbers,
    among_texts,
    bound,
    chosen,
    either,
    every,
    negated,
    number,
    put,
    text,
    utf8,
)
from gatebook.store.sqlite.operands import COLUMNS, NULL, operand_of

__all__ = ["Directory", "Fragment", "classes_of", "condition_of", "streams_of"]

_ORDER = {Operator.LT: "<", Operator.LE: "<=", Operator.GT: ">", Operator.GE: ">="}
_TEXTUAL = frozenset({Operator.STARTS_WITH, Operator.CONTAINS, Operator.LIKE})


def condition_of(wanted: Filter, directory: Directory) -> Fragment:
    """The filter as one expression, to stand in the WHERE of a query on one organisation."""
    fields = fields_of(wanted)
    if fields and fields <= CLASS_FIELDS:
        return chosen("e.class", classes_of((wanted,), directory))
    if fields and fields <= PLACE_FIELDS:
        return chosen("e.stream", streams_of((wanted,), directory))
    match wanted:
        case During(field, (since, until)):
            column = COLUMNS[field]
            return Fragment(f"({column} >= ? AND {column} < ?)", (number(since), number(until)))
        case Not(part):
            return negated(condition_of(part, directory))
        case All(parts):
            return every([condition_of(part, directory) for part in parts])
        case AnyOf(parts):
            return either([condition_of(part, directory) for part in parts])
        case Condition(operator=Operator.NOT_EQUALS):
            return negated(_equal(wanted, directory))
        case Condition(operator=operator):
            return _equal(wanted, directory) if operator in EQUALITY else _compared(wanted, directory)


def _equal(condition: Condition, directory: Directory) -> Fragment:
    """The field equals one of the values."""
    values, field = condition.values, condition.field
    if field is Field.PERSON:
        return _refers(values, directory.org)
    if field is Field.ID:
        return among_blobs(Fragment("e.id"), [id.bytes for value in values if (id := _uuid_of(value)) is not None])
    operand = operand_of(condition, directory)
    texts = [_folded(str(value), field) for value in values if isinstance(value, str | UUID)]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    same_text = among_texts(operand.text, texts) if operand.text != NULL else FALSE
    if operand.indexed is not None and texts:
        sought = among_texts(Fragment(f"{operand.indexed} COLLATE NOCASE"), texts)
        same_text = every([Fragment(f"{operand.indexed} IS NOT NULL"), sought, same_text])
    flags = {str(value).lower() for value in values if isinstance(value, bool)}
    pieces = [
        operand.absent if None in values else FALSE,
        same_text,
        among_numbers(operand.number, numbers) if operand.number != NULL else FALSE,
        among_texts(operand.flag, sorted(flags)) if operand.flag != NULL else FALSE,
    ]
    return either([piece for piece in pieces if piece != FALSE])


def _refers(values: tuple[Value, ...], org: int) -> Fragment:
    """The event's person is one of these, by number or id; people have no vendor's ids.

    Only by `IS NOT NULL` does the engine see, beside a bound list, that the personal row must be there.
    """
    ids = [value.bytes for value in values if isinstance(value, UUID)]
    one = "p.person = " if len(set(ids)) == 1 else "p.person IN "
    listed = among_blobs(Fragment("uuid"), ids)
    pieces = [
        among_numbers(Fragment("p.person"), [value for value in values if isinstance(value, int | float)]),
        put(one + "(SELECT person FROM people WHERE org = {} AND {})", bound(org), listed) if ids else FALSE,
    ]
    known = [every([Fragment("p.person IS NOT NULL"), piece]) for piece in pieces if piece != FALSE]
    return either([*known, Fragment("p.person IS NULL")] if None in values else known)


def _compared(condition: Condition, directory: Directory) -> Fragment:
    """Order, and parts of texts: by the first value, as there is only one."""
    field, operator, value = condition.field, condition.operator, condition.values[0]
    if operator in _TEXTUAL and not isinstance(value, str):
        return FALSE
    id = _uuid_of(value) if field is Field.ID and operator in _ORDER else None
    if id is not None:
        return Fragment(f"e.id {_ORDER[operator]} ?", (id.bytes,))
    operand = operand_of(condition, directory)
    if isinstance(value, str) and operator in _TEXTUAL:
        return _part(operator, operand.shown or operand.text, _folded(value, field))
    if isinstance(value, str | UUID):
        return put(f"{{}} {_ORDER[operator]} {{}}", operand.text, text(_folded(str(value), field)))
    if value is None or isinstance(value, bool):
        return FALSE
    return put(f"{{}} {_ORDER[operator]} {{}}", operand.number, bound(number(value)))


def _part(operator: Operator, operand: Fragment, value: str) -> Fragment:
    """Beginnings and parts are sought in the bytes, so that a NUL ends nothing.

    The empty text is a part of every text; of an empty blob the engine would make null.
    """
    if not value and operator is not Operator.LIKE:
        return operand.within("(", ") IS NOT NULL")
    match operator:
        case Operator.STARTS_WITH:
            part = utf8(value)
            return put("substr(CAST({} AS BLOB), 1, {}) = {}", operand, bound(len(part)), bound(part))
        case Operator.CONTAINS:
            return put("instr(CAST({} AS BLOB), {}) > 0", operand, bound(utf8(value)))
    return put("{} GLOB {}", operand, text(value.replace("[", "[[]")))


def _uuid_of(value: Value) -> UUID | None:
    """The id that the value is, or is the text of; None for any other text, which no id's text equals."""
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        found = UUID(value)
    except ValueError:
        return None
    return found if str(found) == folded(value) else None


def _folded(value: str, field: Field) -> str:
    return folded(value) if field in FOLDED else value
