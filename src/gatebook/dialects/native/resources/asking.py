"""What a query asks of events: conditions into a filter that its reader may ask, and which page of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Final

from gatebook.dialects.native.resources.reading import is_local
from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput
from gatebook.domain.filters import (
    During,
    Field,
    Filter,
    all_of,
)
from gatebook.domain.grammar import parse_filter, property_of
from gatebook.domain.properties import PROPERTIES
from gatebook.domain.times import parse_bound, window_of
from gatebook.http import Request
from gatebook.http.faults import nearest
from gatebook.http.wire import pairs_of, raw_query
from gatebook.services import Services
from gatebook.services.views import permitted

WINDOW: Final = ("from", "to")
ORGANISATION: Final = "organisation"
BESIDE: Final = (*WINDOW, ORGANISATION)


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter, and the parameters beside it, each given at most once."""

    reader: Principal
    """Who asks, as they read the organisation that is asked for."""
    filter: Filter
    """As its reader may ask it."""
    said: Filter
    """As it was asked."""
    paging: dict[str, str]

    def whole(self, name: str, least: int, most: int) -> int | None:
        """The whole number that a parameter gives, if it is given."""
        text = self.paging.get(name)
        if text is None:
            return None
        if text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most:
            return int(text)
        raise BadInput(name, f"got {text[:40]!r}", f"expected a whole number from {least} to {most}")

    def word(self, name: str, words: tuple[str, ...]) -> str | None:
        """The word that a parameter gives, if it is given."""
        text = self.paging.get(name)
        if text is None or text in words:
            return text
        raise BadInput(name, f"got {text[:40]!r}", f"expected one of {', '.join(words)}")


async def read_asked(request: Request, services: Services, who: Principal, paging: tuple[str, ...]) -> Asked:
    """The query's filter, and those of its parameters that `paging` names; BadInput names any other.

    NotFound where the organisation that it names is absent or not to be read by who asks.
    """
    beside: dict[str, str] = {}
    conditions: list[tuple[str, str]] = []
    for name, text in pairs_of(raw_query(request)):
        if name in paging or name in BESIDE:
            if name in beside:
                raise BadInput(name, "is given twice", "give it once")
            beside[name] = text
        elif property_of(name, PROPERTIES) is None:
            raise BadInput(name[:60], "is not known here", nearest(name, (*paging, *BESIDE, *PROPERTIES)))
        else:
            conditions.append((name, text))
    who = await services.access.reading(who, beside.get(ORGANISATION))
    timed = any(is_local(text) for name, text in beside.items() if name in WINDOW)
    timed = timed or any(name in ("occurred", "received") for name, _text in conditions)
    zone = await services.directory.zone(who) if timed else UTC
    wanted = parse_filter(conditions, PROPERTIES, zone)
    bounds = [parse_bound(beside[name], zone, name) if name in beside else None for name in WINDOW]
    if any(bounds):
        window = window_of(*bounds)
        if window.is_empty:
            raise BadInput("from", "is after to", "give the earlier time as from")
        wanted = all_of(wanted, During(Field.OCCURRED, window))
    return Asked(who, permitted(wanted, who), wanted, beside)
