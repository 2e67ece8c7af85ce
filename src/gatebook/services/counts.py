"""Counts of what a principal may see: by class and what makes it, by device and site, by hour, day and month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import pairwise
from typing import Final, Literal
from uuid import UUID

from gatebook.domain.access import Principal, Scope
from gatebook.domain.admits import Place
from gatebook.domain.errors import BadInput
from gatebook.domain.events import EventClass
from gatebook.domain.filters import Filter
from gatebook.domain.kinds import Kind, Method, Reason
from gatebook.domain.parts import normalise
from gatebook.domain.times import Instant, Span, Window, edges
from gatebook.services.audit import Audit
from gatebook.store import Store
from gatebook.store.contract import Asked, Bars, Group, Total

MOST_BARS: Final = 1_000
"""Hours, days or months in one answer."""

Word = Literal["class", "kind", "method", "reason", "type"]
Where = Literal["device", "site"]
When = Literal["hour", "day", "month"]
By = Word | Where | When
Value = EventClass | Kind | Method | Reason | UUID | Place | None

_WORDS: Final[dict[Word, Callable[[EventClass], Value]]] = {
    "class": lambda of: of,
    "kind": lambda of: of.kind,
    "method": lambda of: of.method,
    "reason": lambda of: of.reason,
    "type": lambda of: of.type or of.kind.type,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many events have one value, and lie in one bar where there are bars.

    `value` is None for events that have none (no method, no device) and where only bars were asked for.  A device or
    site is told by a `Place`, of which a site fills only its own part.
    """

    n: int
    value: Value = None
    window: Window | None = None
    """The bar: a whole hour, day or month of the zone, even where the filter's window ends within it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The counts asked for, in one snapshot, and their sum; not `exact`: there are at least so many."""

    counts: Sequence[Count]
    total: Total
    bars: Sequence[Window] = ()
    """Every bar in order, empty ones too, where bars were asked for; `counts` names only those that hold events."""


class Counts:
    """Facets and histograms, on behalf of a principal."""

    def __init__(self, store: Store, audit: Audit) -> None:
        """Reads from this store; `audit` learns of searches for somebody before they are answered."""
        self._store = store
        self._audit = audit

    async def bars(
        self,
        principal: Principal,
        wanted: Filter,
        *,
        by: By | tuple[When, Word],
        zone: tzinfo,
        vendor: bool = False,
    ) -> Counted:
        """Counts by one thing, or in bars of time each by class.

        Bars come in order of time, within one the most frequent first.  More than 1,000 bars are BadInput: the filter
        has to bound `occurred`.  Exact where time, classes, devices, sites and rights alone are asked for; other
        filters are counted within a budget.
        """
        when, what = _taken_apart(by)
        marks = [] if when is None else _edges(wanted, Span(when), zone)
        spans = [Window(one, other) for one, other in pairwise(marks)]
        if when is not None and not spans:
            return Counted(counts=(), total=Total(0))
        await self._audit.searched(principal, wanted, vendor=vendor)
        asked = Asked(
            organisation=principal.organisation,
            grant=principal.grant,
            filter=wanted,
            records=not vendor and principal.may(Scope.AUDIT_READ),
        )
        found = await self._store.read(self._store.history.bars, asked, _group(what), marks)
        return Counted(
            counts=_counts(found, what, spans),
            total=Total(sum(bar.n for bar in found.counted), found.exact),
            bars=spans,
        )


def _taken_apart(by: By | tuple[When, Word]) -> tuple[When | None, Word | Where | None]:
    if isinstance(by, tuple):
        return by
    if by == "hour" or by == "day" or by == "month":
        return by, None
    return None, by


def _group(what: Word | Where | None) -> Group:
    if what is None:
        return Group.NOTHING
    return Group.STREAM if what in ("device", "site") else Group.CLASS


def _edges(wanted: Filter, span: Span, zone: tzinfo) -> list[Instant]:
    parts = normalise(wanted)
    if parts.impossible:
        return []
    found = edges(parts.occurred, span, zone, limit=MOST_BARS)
    if len(found) > MOST_BARS + 1:
        raise BadInput("window", f"has more than {MOST_BARS} {span}s", "ask for a shorter window or a longer span")
    return found


def _counts(found: Bars, what: Word | Where | None, spans: Sequence[Window]) -> list[Count]:
    summed: Counter[tuple[int, Value]] = Counter()
    for bar, group, n in found.counted:
        summed[bar, _value(found, what, group)] += n
    order = sorted(summed.items(), key=lambda item: (item[0][0], -item[1], str(item[0][1])))
    return [Count(n=n, value=value, window=spans[bar] if spans else None) for (bar, value), n in order]


def _value(found: Bars, what: Word | Where | None, group: int) -> Value:
    if what is None:
        return None
    if what == "device":
        return found.places.get(group)
    if what == "site":
        place = found.places.get(group)
        if place is None or place.site is None:
            return None
        return Place(site=place.site, site_id=place.site_id, site_name=place.site_name)
    return _WORDS[what](found.classes[group])
