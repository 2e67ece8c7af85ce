"""Finds every pair of routes that could be taken for one another, before the first request does."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from gatebook.http.dialect import PARAMETER


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path as it is served: prefix included, with the host it is bound to, if any."""

    dialect: str
    root: str
    """The root it stands under; a longer one wins over a shorter one."""
    method: str
    path: str
    fold_case: bool = False
    host: str | None = None

    def __str__(self) -> str:
        """As a message names it."""
        return f"{self.dialect} {self.method} {self.host or ''}{self.path}"


def overlaps(routes: Iterable[Route]) -> list[str]:
    """One sentence for each pair of routes that can match one path with nothing to decide between them.

    Within a dialect the more special path decides (`/a/b` beside `/a/{x}`), between dialects the longer root.
    """
    groups: dict[tuple[str, str | None], list[Route]] = defaultdict(list)
    for route in routes:
        groups[route.method, route.host].append(route)
    found = []
    for group in groups.values():
        split = [(route, route.path.split("/")[1:]) for route in group]
        for (one, left), (other, right) in combinations(split, 2):
            fold = one.fold_case or other.fold_case
            if not _decided(one, other, left, right) and _meet(left, right, fold):
                found.append(f"{one} and {other} can match the same path")
    return found


def _decided(one: Route, other: Route, left: Sequence[str], right: Sequence[str]) -> bool:
    if one.dialect == other.dialect:
        return _ordered(left, right)
    return one.root.rstrip("/").count("/") != other.root.rstrip("/").count("/")


def _rest(segment: str) -> bool:
    return segment.endswith(":rest}")


def _pattern(segment: str, fold: bool) -> re.Pattern[str]:
    pieces = PARAMETER.split(segment)[::3]
    return re.compile(".+".join(re.escape(piece) for piece in pieces), re.IGNORECASE if fold else 0)


def _segments_meet(left: str, right: str, fold: bool) -> bool:
    """Whether one text can be both; two that both hold parameters and differ around them are compared by their ends."""
    if "{" not in left and "{" not in right:
        return left.lower() == right.lower() if fold else left == right
    if "{" not in left:
        return bool(_pattern(right, fold).fullmatch(left))
    if "{" not in right:
        return bool(_pattern(left, fold).fullmatch(right))
    starts = [segment[: segment.index("{")] for segment in (left, right)]
    ends = [segment[segment.rindex("}") + 1 :] for segment in (left, right)]
    if fold:
        starts, ends = [s.lower() for s in starts], [e.lower() for e in ends]
    return (starts[0].startswith(starts[1]) or starts[1].startswith(starts[0])) and (
        ends[0].endswith(ends[1]) or ends[1].endswith(ends[0])
    )


def _meet(left: Sequence[str], right: Sequence[str], fold: bool) -> bool:
    for at in range(max(len(left), len(right))):
        if at >= len(left) or at >= len(right):
            return False
        if _rest(left[at]) or _rest(right[at]):
            return True
        if not _segments_meet(left[at], right[at], fold):
            return False
    return True


def _rank(segment: str) -> int:
    """How special a segment is: what the router prefers comes first."""
    if "{" not in segment:
        return 0
    if _rest(segment):
        return 3
    return 2 if PARAMETER.fullmatch(segment) else 1


def _ordered(left: Sequence[str], right: Sequence[str]) -> bool:
    """True when one of two meeting paths is everywhere at least as special as the other, and somewhere more."""
    ranks = [(_rank(one), _rank(other)) for one, other in zip(left, right, strict=False)]
    smaller, greater = any(a < b for a, b in ranks), any(a > b for a, b in ranks)
    return smaller != greater
