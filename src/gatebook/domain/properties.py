"""What can be filtered by: a table from a property's name on the wire to its field, values and operators.

Each dialect has a table of its own; `PROPERTIES` is Gatebook's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gatebook.domain.filters import Field, Operator, Value
from gatebook.domain.kinds import Kind, Method, Reason

EQUALITY: Final = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.ONE_OF})
ORDER: Final = frozenset({Operator.LT, Operator.LE, Operator.GT, Operator.GE})
TEXTUAL: Final = frozenset({Operator.STARTS_WITH, Operator.CONTAINS, Operator.LIKE})
EVERY_OPERATOR: Final = EQUALITY | ORDER | TEXTUAL


class ValueKind(StrEnum):
    """How a value is read."""

    TEXT = "text"
    INT = "a whole number"
    TIME = "a time"
    UUID = "a UUID"
    WORD = "a word"
    """One of `words`."""
    FLAG = "true or false"
    REF = "a reference"
    """Bare digits are a number, a UUID is an id, all else is a vendor's id."""
    JSON = "a JSON value"
    """By its looks: quoted text, a number, true, false or null; any other bare word is text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One name on the wire."""

    field: Field
    kind: ValueKind
    operators: frozenset[Operator]
    longest: int = 255
    """Characters of one value."""
    nullable: bool = False
    """True where a bare `null` means that there is none; the word itself is then quoted."""
    wildcards: bool = False
    """True where a bare value with `?` or `*`, without an operator, means `like`."""
    words: Mapping[str, Value] | None = None
    """Lower-case words and what each means; for `WORD`."""
    read: Callable[[str, str], Value] | None = None
    """(text, property's name) -> value or BadInput: a dialect's own way to read what `equals` compares with."""


Spec = Mapping[str, Property]


def words_of(enum: Iterable[StrEnum]) -> Mapping[str, Value]:
    """Each word of an enumeration, meaning itself."""
    return {member.value.lower(): member for member in enum}


def _text(field: Field, longest: int, *, nullable: bool = True, wildcards: bool = False) -> Property:
    return Property(field=field, kind=ValueKind.TEXT, operators=EVERY_OPERATOR, longest=longest, nullable=nullable,
                    wildcards=wildcards)  # fmt: skip


def _int(field: Field, *, nullable: bool = False) -> Property:
    return Property(field=field, kind=ValueKind.INT, operators=EQUALITY | ORDER, nullable=nullable)


def _time(field: Field) -> Property:
    return Property(field=field, kind=ValueKind.TIME, operators=EQUALITY | ORDER | {Operator.STARTS_WITH})


def _word(field: Field, enum: type[StrEnum], *, nullable: bool) -> Property:
    return Property(
        field=field, kind=ValueKind.WORD, operators=EQUALITY | TEXTUAL, nullable=nullable, words=words_of(enum)
    )


def _ref(field: Field) -> Property:
    return Property(field=field, kind=ValueKind.REF, operators=EQUALITY, nullable=True)


def _uuid(field: Field) -> Property:
    return Property(field=field, kind=ValueKind.UUID, operators=EQUALITY | ORDER | {Operator.STARTS_WITH})


PROPERTIES: Final[Spec] = {
    "id": _uuid(Field.ID),
    "seq": _int(Field.SEQ),
    "version": _int(Field.VERSION),
    "occurred": _time(Field.OCCURRED),
    "received": _time(Field.RECEIVED),
    "device": _ref(Field.DEVICE),
    "device_name": _text(Field.DEVICE_NAME, 200),
    "site": _ref(Field.SITE),
    "site_name": _text(Field.SITE_NAME, 200),
    "kind": _word(Field.KIND, Kind, nullable=False),
    "method": _word(Field.METHOD, Method, nullable=True),
    "reason": _word(Field.REASON, Reason, nullable=True),
    "type": _uuid(Field.TYPE),
    "listed": Property(field=Field.LISTED, kind=ValueKind.FLAG, operators=EQUALITY),
    "person": _ref(Field.PERSON),
    "person_name": _text(Field.PERSON_NAME, 200),
    "credential": _text(Field.CREDENTIAL, 64),
    "plate": _text(Field.PLATE, 16, wildcards=True),
    "tag": _text(Field.TAG, 255),
    "message": _text(Field.MESSAGE, 4_096),
    "cause": _int(Field.CAUSE, nullable=True),
    "data": Property(field=Field.DATA, kind=ValueKind.JSON, operators=EVERY_OPERATOR, longest=4_096, nullable=True),
}
"""Gatebook's own names, one for every field of an event but its stream; `data` takes a path: `data.path.to[0].x`."""
