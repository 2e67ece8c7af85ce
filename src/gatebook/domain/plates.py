"""Number plates as text: how they are compared, which characters look alike, and what was forgiven in a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple
from unicodedata import normalize

SHORTEST_EDITED: Final = 5
"""Plates of fewer characters are not found by one edit: too many others lie that near."""
MOST_FORGIVEN: Final = 2
"""Characters of one plate that may be others which look alike.  Assumed: a reader seldom mistakes more of them."""

CLOSE: Final = 1
FAINT: Final = 2
_CLOSE_PAIRS: Final = (("O", "0"), ("I", "1"), ("B", "8"), ("S", "5"), ("Z", "2"), ("G", "6"))
_FAINT_PAIRS: Final = (("O", "D"), ("O", "Q"), ("0", "D"), ("0", "Q"), ("D", "Q"), ("I", "L"), ("1", "L"))
WEIGHTS: Final[Mapping[tuple[str, str], int]] = {
    pair: weight
    for pairs, weight in ((_CLOSE_PAIRS, CLOSE), (_FAINT_PAIRS, FAINT))
    for first, second in pairs
    for pair in ((first, second), (second, first))
}
"""How much is forgiven for each pair, whichever was read: a letter and its digit look most alike."""

_FOLD: Final = str.maketrans("0DQ1L8526", "OOOIIBSZG")


class Forgiven(NamedTuple):
    """One character that was read, and the one that the plate has at that place; empty where there is none."""

    at: int
    """From 1, in the plate as it is registered."""
    read: str
    plate: str


def normalise(plate: str) -> str:
    """Upper case, letters and digits alone: spaces, dashes and dots say nothing."""
    return "".join(letter for letter in normalize("NFKC", plate).upper() if letter.isalnum())


def folded(plate: str) -> str:
    """The same for all plates that look alike, and for some that differ in too many places."""
    return plate.translate(_FOLD)


def look_alike(read: str, plate: str) -> int | None:
    """What must be forgiven for one to be taken for the other, 0 for the same; None where they do not look alike."""
    if len(read) != len(plate):
        return None
    weight = places = 0
    for one, other in zip(read, plate, strict=True):
        if one != other:
            found = WEIGHTS.get((one, other))
            if found is None:
                return None
            weight, places = weight + found, places + 1
    return weight if places <= MOST_FORGIVEN else None


def one_edit(read: str, plate: str) -> bool:
    """Whether one character more, less or other makes the one of the other; both of five characters and more."""
    if min(len(read), len(plate)) < SHORTEST_EDITED or read == plate or abs(len(read) - len(plate)) > 1:
        return False
    at = _apart(read, plate)
    if len(read) == len(plate):
        return read[at + 1 :] == plate[at + 1 :]
    shorter, longer = sorted((read, plate), key=len)
    return shorter[at:] == longer[at + 1 :]


def forgiven(read: str, plate: str) -> tuple[Forgiven, ...]:
    """Which characters differ, of two that look alike or are one edit apart."""
    if len(read) == len(plate):
        pairs = enumerate(zip(read, plate, strict=True), 1)
        return tuple(Forgiven(at, one, other) for at, (one, other) in pairs if one != other)
    at = _apart(read, plate)
    if len(read) > len(plate):
        return (Forgiven(at + 1, read[at], ""),)
    return (Forgiven(at + 1, "", plate[at]),)


def _apart(read: str, plate: str) -> int:
    """How many characters both begin with."""
    at = 0
    for one, other in zip(read, plate, strict=False):
        if one != other:
            break
        at += 1
    return at
