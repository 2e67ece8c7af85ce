"""Pieces of SQL with their bindings: joined, turned round, and one value against others.

No piece holds anything a client wrote: values are bound.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

import apsw

from gatebook.store.contract import Chosen

_BEYOND = 2**63


@dataclass(frozen=True, slots=True)
class Fragment:
    """An expression over the aliases `e` (events) and `p` (personal, which may have no row)."""

    sql: str
    bindings: tuple[object, ...] = ()
    """One for each `?` of `sql`, in order; they may be bound any number of times."""

    def within(self, before: str, after: str = "") -> Fragment:
        """The same between two pieces of SQL that bind nothing."""
        return Fragment(f"{before}{self.sql}{after}", self.bindings)


TRUE = Fragment("1")
FALSE = Fragment("0")


def bound(value: object) -> Fragment:
    """A value of which the engine takes the type as it is."""
    return Fragment("?", (value,))


def put(sql: str, *pieces: Fragment) -> Fragment:
    """The SQL with each `{}` replaced by the next piece, bindings in the same order."""
    bindings = tuple(binding for piece in pieces for binding in piece.bindings)
    return Fragment(sql.format(*(piece.sql for piece in pieces)), bindings)


def every(pieces: Sequence[Fragment]) -> Fragment:
    """All are true."""
    return _tree("AND", pieces, TRUE)


def either(pieces: Sequence[Fragment]) -> Fragment:
    """At least one is true."""
    return _tree("OR", pieces, FALSE)


def negated(piece: Fragment) -> Fragment:
    """Not true: false, or null."""
    return piece.within("((", ") IS NOT TRUE)")


def _tree(word: str, pieces: Sequence[Fragment], nothing: Fragment) -> Fragment:
    """A balanced tree, since the engine limits how deep an expression is and a chain is as deep as it is long."""
    if len(pieces) < 2:
        return pieces[0] if pieces else nothing
    middle = len(pieces) // 2
    return put(f"({{}} {word} {{}})", _tree(word, pieces[:middle], nothing), _tree(word, pieces[middle:], nothing))


def text(value: str) -> Fragment:
    """A bound text, whatever it holds: a lone surrogate has no UTF-8, and is bound as the bytes that JSON makes it."""
    if value.isascii():
        return bound(value)
    try:
        value.encode()
    except UnicodeEncodeError:
        return Fragment("CAST(? AS TEXT)", (utf8(value),))
    return bound(value)


def utf8(value: str) -> bytes:
    """The text's bytes in the database."""
    return value.encode("utf-8", "surrogatepass")


def number(value: int | float) -> int | float:
    """What is bound for a number: the nearest fraction where it takes more than 64 bits, as the engine reads JSON."""
    if isinstance(value, float):
        return value
    if -_BEYOND <= value < _BEYOND:
        return int(value)
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def among_texts(operand: Fragment, values: Iterable[str]) -> Fragment:
    """The operand equals one of the texts.  A bound array ends its texts at NUL, so such are compared singly."""
    found = dict.fromkeys(map(str, values))
    listed = tuple(value for value in found if "\0" not in value and text(value).sql == "?")
    if len(listed) < 2:
        return either([put("{} = {}", operand, text(value)) for value in found])
    singly = [put("{} = {}", operand, text(value)) for value in found.keys() - set(listed)]
    return either([put("{} IN carray({})", operand, bound(apsw.carray(listed))), *singly])


def among_blobs(operand: Fragment, values: Iterable[bytes]) -> Fragment:
    """The operand equals one of the blobs."""
    found = tuple(dict.fromkeys(values))
    if len(found) < 2:
        return put("{} = {}", operand, bound(found[0])) if found else FALSE
    return put("{} IN carray({})", operand, bound(apsw.carray(found)))


def among_numbers(operand: Fragment, values: Iterable[int | float]) -> Fragment:
    """The operand equals one of the numbers."""
    found = [number(value) for value in values]
    pieces: list[Fragment] = []
    for code, kind in (("q", int), ("d", float)):
        alike = [value for value in found if isinstance(value, kind)]
        if len(alike) == 1:
            pieces.append(put("{} = {}", operand, bound(alike[0])))
        elif alike:
            pieces.append(put("{} IN carray({})", operand, bound(apsw.carray(array(code, alike)))))
    return either(pieces)


def chosen(column: str, choice: Chosen) -> Fragment:
    """The column, which is never null, holds a number that is chosen.  No bound array is ever empty."""
    if not choice.ids:
        return TRUE if choice.but else FALSE
    piece = among_numbers(Fragment(column), sorted(choice.ids))
    return piece.within("NOT (", ")") if choice.but else piece
