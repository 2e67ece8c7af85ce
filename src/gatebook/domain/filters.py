"""What may be asked of events: one tree for history, sessions, rules and live roads.

The meaning is given here once, in words that plain Python (`admits`) and SQL can both keep exactly.

* A condition is true or false, never unknown: SQL wraps each in `(...) IS TRUE` before NOT, AND and OR.
* Null is what is not there: no device, no tag, no such path in `data`, a JSON null, an erased part.  It equals the
  value None and nothing else, and fails `lt le gt ge startsWith contains like`.  `notEquals` is the opposite of
  `equals`, so null passes `notEquals:'x'`.  `oneOf` is `equals` any of its values.
* Text is compared by code point (SQLite's BINARY), and in the fields of `FOLDED` after A-Z have become a-z and nothing
  else (NOCASE, `lower()`).  `startsWith` is `substr(x, 1, length(v)) = v`, `contains` is `instr(x, v) > 0`; the empty
  text is a part of every text.
* `like` matches the whole text; `?` is any one character, `*` any number, all else is itself (GLOB, with `[` as `[[]`).
* A UUID is its lower-case text with hyphens, which sorts as its bytes do; a whole number compares as a number, and as
  decimal text under `startsWith contains like`.
* A reference (device, site, person) equals by what its value is: an int the number, a UUID the id, text one of the
  device's vendor ids, exactly.  All other operators look at the id's text.
* In `data` numbers compare with numbers, text with text, true and false with themselves, by `equals` only; unlike types
  never match, nor do objects and arrays match anything (they are not null either).  Of equal names in an object the
  first counts, as in SQLite.  Fractions agree to 15 significant digits.
* The plate of an event is its credential, where its kind is `plate.*` or its method is `plate`; else null.
* A time is compared by windows (`During`); under `contains` and `like` it is its UTC text with 7 digits, folded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Final
from uuid import UUID

from gatebook.domain.instants import Window
from gatebook.domain.kinds import Kind, Method


class Field(StrEnum):
    """What a condition looks at."""

    ID = "id"
    SEQ = "seq"
    VERSION = "version"
    STREAM = "stream"
    OCCURRED = "occurred"
    RECEIVED = "received"
    DEVICE = "device"
    DEVICE_NAME = "device_name"
    SITE = "site"
    SITE_NAME = "site_name"
    KIND = "kind"
    METHOD = "method"
    REASON = "reason"
    TYPE = "type"
    LISTED = "listed"
    PERSON = "person"
    PERSON_NAME = "person_name"
    CREDENTIAL = "credential"
    PLATE = "plate"
    TAG = "tag"
    MESSAGE = "message"
    CAUSE = "cause"
    DATA = "data"


CLASS_FIELDS: Final = frozenset({Field.KIND, Field.METHOD, Field.REASON, Field.TYPE, Field.LISTED})
"""Decided by an event's class alone."""
PLACE_FIELDS: Final = frozenset({Field.STREAM, Field.DEVICE, Field.DEVICE_NAME, Field.SITE, Field.SITE_NAME})
"""Decided by an event's stream alone, and by what the directory says of it now."""
TIME_FIELDS: Final = frozenset({Field.OCCURRED, Field.RECEIVED})
UUID_FIELDS: Final = frozenset({Field.ID, Field.TYPE})
REFERENCES: Final = frozenset({Field.DEVICE, Field.SITE, Field.PERSON})
FOLDED: Final = (
    frozenset({Field.DEVICE_NAME, Field.SITE_NAME, Field.PLATE, Field.TAG}) | UUID_FIELDS | REFERENCES | TIME_FIELDS
)
"""Fields whose text is compared without regard to the case of A-Z (a reference's vendor ids are not)."""
PLATE_KINDS: Final = frozenset(kind for kind in Kind if kind.value.startswith("plate."))
PLATE_METHOD: Final = Method.PLATE


class Operator(StrEnum):
    """How a condition compares."""

    EQUALS = "equals"
    NOT_EQUALS = "notEquals"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    STARTS_WITH = "startsWith"
    CONTAINS = "contains"
    ONE_OF = "oneOf"
    LIKE = "like"


Value = str | int | float | bool | UUID | None
Path = tuple[str | int, ...]
"""Names and indices into `data`; a name has no quotation mark, backslash or control character."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; `values` holds one value, for `oneOf` any number; `path` is for `data` only."""

    field: Field
    operator: Operator
    values: tuple[Value, ...]
    path: Path = ()


@dataclass(frozen=True, slots=True)
class During:
    """The time (`occurred` or `received`) lies in the half-open window."""

    field: Field
    window: Window


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; none is true of everything."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; none is true of nothing."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Filter


Filter = Condition | During | All | AnyOf | Not

EVERY: Final = All(())
"""Admits every event."""
NONE: Final = AnyOf(())
"""Admits no event."""


def all_of(*parts: Filter) -> Filter:
    """Every part holds: nested `All` are opened, and a single part stands alone."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, All) else (part,)))
    return flat[0] if len(flat) == 1 else All(flat)


def one_of(field: Field, values: Iterable[Value]) -> Condition:
    """The field equals one of the values."""
    return Condition(field, Operator.ONE_OF, tuple(values))


def fields_of(wanted: Filter) -> frozenset[Field]:
    """Every field that the filter looks at."""
    match wanted:
        case Condition(field=field) | During(field=field):
            return frozenset({field})
        case Not(part=part):
            return fields_of(part)
        case All(parts=parts) | AnyOf(parts=parts):
            return frozenset().union(*map(fields_of, parts))


def fingerprint(wanted: Filter) -> bytes:
    """16 bytes that bind a cursor to its filter: the same for the same conditions in any order or nesting of `All`."""
    return blake2b(_canonical(wanted), digest_size=16, person=b"gatebook.filter").digest()


def _canonical(wanted: Filter) -> bytes:
    match wanted:
        case Condition(field, operator, values, path):
            if operator is Operator.EQUALS:
                operator = Operator.ONE_OF
            where = _frame(b"p", map(_literal, path))
            return _frame(b"c", [field.encode(), operator.encode(), where, *sorted(set(map(_literal, values)))])
        case During(field, window):
            return _frame(b"d", [field.encode(), b"%d" % window.since, b"%d" % window.until])
        case Not(part):
            return _frame(b"n", [_canonical(part)])
        case All():
            found = sorted(set(map(_canonical, _opened(wanted))))
            return found[0] if len(found) == 1 else _frame(b"a", found)
        case AnyOf(parts):
            found = sorted(set(map(_canonical, parts)))
            return found[0] if len(found) == 1 else _frame(b"o", found)


def _opened(wanted: All) -> list[Filter]:
    return [inner for part in wanted.parts for inner in (_opened(part) if isinstance(part, All) else [part])]


def _frame(tag: bytes, parts: Iterable[bytes]) -> bytes:
    return tag + b"".join(b"%d:%b" % (len(part), part) for part in parts) + b";"


def _literal(value: Value) -> bytes:
    """The value and what it is, so that 1, '1', 1.0 and true differ."""
    if isinstance(value, str):
        return b"s" + value.encode("utf-8", "surrogatepass")
    if isinstance(value, float):
        return b"f" + value.hex().encode()
    return type(value).__name__.encode() + b" " + str(value).encode()
