"""What tells of somebody who is to be forgotten: in what was reported, and in the record of who looked for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from gatebook.domain.filters import Field, Operator
from gatebook.domain.gates import bare_plate

GONE: Final = "(erased)"
"""What stands in the record where somebody was named."""
NAMING: Final = (Field.PERSON_NAME.value, Field.CREDENTIAL.value, Field.PLATE.value, "email")
"""Fields of a search on record that may hold a name, or what somebody carries or is reached by."""
_CONDITION: Final = re.compile(rf"\b({'|'.join(NAMING)})=([A-Za-z]+):(\([^()]*\)|.*?(?=\)|\s[a-z_.]+=|$))")
_EXACT: Final = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.ONE_OF})


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """By what somebody is found: a person's number and name; what they carry or drive, and where they are reached, in
    capitals without blanks and dashes.

    With a person, a credential counts only where nobody else is named beside it.
    """

    person: int | None = None
    name: str | None = field(default=None, repr=False)
    texts: frozenset[str] = field(default=frozenset(), repr=False)

    def in_value(self, value: object) -> bool:
        """Whether JSON holds one of the texts, at any depth."""
        return any(bare_plate(text) in self.texts for text in _texts(value))

    def struck(self, told: str) -> str:
        """A filter as the record tells it, without what names them there."""
        return _CONDITION.sub(self._struck, told)

    def _struck(self, found: re.Match[str]) -> str:
        field_, operator, operand = found.groups()
        pieces = operand[1:-1].split(",") if operand.startswith("(") else [operand]
        left = [GONE if self._means(field_, operator, piece) else piece for piece in pieces]
        if left == pieces:
            return found[0]
        said = ",".join(left)
        return f"{field_}={operator}:" + (f"({said})" if operand.startswith("(") else said)

    def _means(self, field_: str, operator: str, piece: str) -> bool:
        """Whether somebody who looks for this means them; a part of a name or plate counts as the whole."""
        named = field_ == Field.PERSON_NAME
        wanted = piece.casefold() if named else bare_plate(piece)
        meant = ([] if self.name is None else [self.name.casefold()]) if named else sorted(self.texts)
        if operator in _EXACT:
            return wanted in meant
        if operator == Operator.LIKE:
            return any(fnmatchcase(one, wanted.replace("[", "[[]")) for one in meant)
        return bool(wanted) and any(wanted in one for one in meant)


def _texts(value: object) -> Iterator[str]:
    """Every text in JSON, at any depth; numbers are measures."""
    match value:
        case str():
            yield value
        case Mapping():
            for part in value.values():
                yield from _texts(part)
        case Sequence():
            for part in value:
                yield from _texts(part)
