"""The letters of the filter grammar: `gt:'a',lt:'b'` into operators and words, and back; no meaning yet.

    conditions = term *( "," term )              the operator may be left out of the first term alone
    term       = [ operator ":" ] ( value | "(" value *( "," value ) ")" )
    value      = "'" text with "''" for "'" "'" | bare text

A bare value ends where a comma is followed by a known operator and a colon; any other comma is its own.  In a list it
ends at the next comma or bracket.  Operators are known in any letter case; one is taken once, so that
`equals:gt:5` is the text `gt:5`.  Every reading takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from gatebook.domain.errors import BadInput
from gatebook.domain.filters import Operator

MOST_TERMS: Final = 64
"""Conditions in one filter."""
MOST_VALUES: Final = 1_000
"""Values of one `oneOf`."""

_OPERATORS: Final = {operator.value.lower(): operator for operator in Operator}
_WORDS: Final = "|".join(_OPERATORS)
_OPERATOR: Final = re.compile(rf" *({_WORDS}):", re.IGNORECASE | re.ASCII)
_NEXT: Final = re.compile(rf", *(?:{_WORDS}):", re.IGNORECASE | re.ASCII)
_ITEM_END: Final = re.compile(r"[,)]")


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was written: its text without quotes, and whether it had them."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison as it was written; `operator` is None where none stood."""

    operator: Operator | None
    values: tuple[Literal, ...]


def operator_of(word: str) -> Operator | None:
    """The operator of this name, in any letter case; None for another word."""
    return _OPERATORS.get(word.lower())


def read_terms(text: str, name: str) -> tuple[Term, ...]:
    """The terms of one property, as written; BadInput names the property and the character, from 1."""
    return _Reader(text, name).terms()


def unparse(terms: Sequence[Term]) -> str:
    """Text that reads as these terms, the first alone without an operator; a bare value that could be misread as
    something else must be a quoted one in them."""
    return ",".join(map(_written, terms))


def _written(term: Term) -> str:
    words = ",".join("'" + value.text.replace("'", "''") + "'" if value.quoted else value.text for value in term.values)
    operator = "" if term.operator is None else f"{term.operator.value}:"
    return f"{operator}({words})" if term.operator is Operator.ONE_OF else operator + words


class _Reader:
    """Walks once over the text; `at` is the next character to be read."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name, self.at = text, name, 0

    def terms(self) -> tuple[Term, ...]:
        found = [self._term(first=True)]
        while self.at < len(self.text):
            self.at += 1  # the comma
            if len(found) == MOST_TERMS:
                raise BadInput(self.name, f"has more than {MOST_TERMS} conditions", "ask for fewer at a time")
            found.append(self._term(first=False))
        return tuple(found)

    def _term(self, *, first: bool) -> Term:
        match = _OPERATOR.match(self.text, self.at)
        if match is None and not first:
            self._refuse("no operator after the comma", "expected operator:value; for several values write oneOf:(...)")
        if match is not None:
            self.at = match.end()
        self._skip()
        operator = None if match is None else _OPERATORS[match[1].lower()]
        if operator is Operator.ONE_OF:
            values = self._list()
        elif self._sees("'"):
            values = (self._quoted(),)
        else:
            values = (self._bare(),)
        self._skip()
        if self.at < len(self.text) and self.text[self.at] != ",":
            self._refuse("unexpected text after the value", "expected a comma or the end; within quotes write ''")
        return Term(operator, values)

    def _bare(self) -> Literal:
        end = _NEXT.search(self.text, self.at)
        return self._taken(len(self.text) if end is None else end.start())

    def _taken(self, end: int) -> Literal:
        word = self.text[self.at : end].strip(" ")
        if not word:
            self._refuse("an empty value", "expected a value; the empty text is written ''")
        self.at = end
        return Literal(word, quoted=False)

    def _quoted(self) -> Literal:
        opened, pieces = self.at, []
        while True:
            end = self.text.find("'", self.at + 1)
            if end < 0:
                self.at = opened
                self._refuse("a quote that is not closed", "expected ' at the end; a quote in the text is written ''")
            pieces.append(self.text[self.at + 1 : end])
            self.at = end + 1
            if not self._sees("'"):
                return Literal("'".join(pieces), quoted=True)

    def _list(self) -> tuple[Literal, ...]:
        opened = self.at
        if not self._sees("("):
            self._refuse("no list", "expected oneOf:(a,b)")
        found: list[Literal] = []
        while not found or self._sees(","):
            if len(found) == MOST_VALUES:
                raise BadInput(self.name, f"oneOf has more than {MOST_VALUES} values", "ask for fewer at a time")
            self.at += 1
            self._skip()
            found.append(self._quoted() if self._sees("'") else self._item(opened))
            self._skip()
        if not self._sees(")"):
            self._refuse("a list that is not closed", "expected a comma or ) after the value")
        self.at += 1
        return tuple(found)

    def _item(self, opened: int) -> Literal:
        end = _ITEM_END.search(self.text, self.at)
        if end is None:
            self.at = opened
            self._refuse("a list that is not closed", "expected ) at the end")
        return self._taken(end.start())

    def _sees(self, character: str) -> bool:
        return self.text.startswith(character, self.at)

    def _skip(self) -> None:
        while self._sees(" "):
            self.at += 1

    def _refuse(self, fault: str, remedy: str) -> NoReturn:
        raise BadInput(self.name, f"{fault} at character {self.at + 1}", remedy)
