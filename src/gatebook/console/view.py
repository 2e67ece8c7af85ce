"""Between an address and what its page shows: every link of the console is made here, so that Back always works."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput
from gatebook.domain.filters import During, Field, Filter, all_of, one_of
from gatebook.domain.grammar import parse_filter, property_of
from gatebook.domain.kinds import Kind
from gatebook.domain.properties import PROPERTIES
from gatebook.domain.sentences import WEIGHTS, Weight
from gatebook.domain.times import DAY_NS, END_OF_TIME, Instant, Window, parse_bound, window_of
from gatebook.http import Request
from gatebook.http.wire import pairs_of, raw_query
from gatebook.services.views import permitted

EVENTS: Final = "/console/events"
ROWS: Final = 100
MOST_ROWS: Final = 1_000
DAYS: Final = 7
"""What is shown when no time is asked for."""
SEARCH_CHARACTERS: Final = 1_000
PARAMETERS: Final = ("q", "from", "to", "show", "page", "rows", "event", "scale")


class Group(StrEnum):
    """What is told apart in the histogram, and can be shown alone."""

    PASSAGE = "passage"
    DENIED = "denied"
    TROUBLE = "trouble"
    OTHER = "other"


PASSAGES: Final = frozenset(
    {Kind.ACCESS_GRANTED, Kind.DOOR_OPENED, Kind.DOOR_CLOSED, Kind.LOCK_LOCKED, Kind.LOCK_UNLOCKED, Kind.EXIT_REQUESTED}
)


def group_of(kind: Kind) -> Group:
    """The group that a kind belongs to."""
    match WEIGHTS.get(kind):
        case Weight.DENIED:
            return Group.DENIED
        case Weight.TROUBLE | Weight.ALARM:
            return Group.TROUBLE
    return Group.PASSAGE if kind in PASSAGES else Group.OTHER


KIND_WORDS: Final = frozenset(kind.value for kind in Kind)
KINDS_OF: Final = {group: tuple(kind for kind in Kind if group_of(kind) is group) for group in Group}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What an address asks for; the texts are as they stand in it."""

    q: str = ""
    since: str = ""
    to: str = ""
    show: tuple[Group, ...] = ()
    page: int = 1
    rows: int = ROWS
    event: UUID | None = None
    scale: str = "linear"

    def address(self, path: str = EVENTS, **change: Any) -> str:
        """The address of this page with something changed; whatever narrows the list goes back to its first page."""
        view = replace(self, **change)
        if any(name in change for name in ("q", "since", "to", "show", "rows")):
            view = replace(view, page=1, event=None)
        given = {
            "q": view.q,
            "from": view.since,
            "to": view.to,
            "show": ",".join(view.show),
            "page": str(view.page) if view.page > 1 else "",
            "rows": str(view.rows) if view.rows != ROWS else "",
            "scale": view.scale if view.scale != "linear" else "",
            "event": str(view.event or ""),
        }
        told = urlencode({name: value for name, value in given.items() if value}, safe=":,*")
        return f"{path}?{told}" if told else path

    @property
    def is_live(self) -> bool:
        """True where what happens now belongs on this page."""
        return self.page == 1 and not self.to


def view_of(request: Request) -> View:
    """What the address asks for; what it says beside is no matter.  BadInput names what cannot be read."""
    return view_from(dict(pairs_of(raw_query(request))))


def view_from(told: Mapping[str, str]) -> View:
    """The same from parameters; those that no page knows are no matter."""
    given = {name: text for name, text in told.items() if name in PARAMETERS}
    q = given.get("q", "").strip()
    if len(q) > SEARCH_CHARACTERS:
        raise BadInput("q", f"has {len(q)} characters", f"give at most {SEARCH_CHARACTERS}")
    try:
        show = tuple(Group(word) for word in given.get("show", "").split(",") if word)
        event = UUID(given["event"]) if given.get("event") else None
    except ValueError as error:
        raise BadInput("show or event", "cannot be read", f"give some of {', '.join(Group)}, and a UUID") from error
    return View(
        q=q,
        since=given.get("from", "").strip(),
        to=given.get("to", "").strip(),
        show=show,
        page=whole("page", given.get("page"), 1, 10**9),
        rows=whole("rows", given.get("rows"), ROWS, MOST_ROWS),
        event=event,
        scale="root" if given.get("scale") == "root" else "linear",
    )


def whole(name: str, text: str | None, default: int, most: int) -> int:
    """A whole number from 1."""
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= most:
        return int(text)
    raise BadInput(name, f"got {text[:40]!r}", f"expected a whole number from 1 to {most}")


def conditions_of(q: str) -> list[tuple[str, str]]:
    """What is written in the search box, as conditions of the filter grammar.

    `kind=door.forced device_name=contains:gate`; a word alone is a kind, a plate if it has `?` or `*`, else a part of
    a device's name.  BadInput where it cannot be read.
    """
    try:
        words = shlex.split(q.replace("\\", "\\\\"))
    except ValueError as error:
        raise BadInput("q", "has a quotation mark without its other one", "close it") from error
    found = []
    for word in words:
        name, equals, condition = word.partition("=")
        if equals:
            if property_of(name, PROPERTIES) is None:
                raise BadInput("q", f"{name[:40]} is no property", f"use one of {', '.join(PROPERTIES)}")
            found.append((name, condition))
        elif word in KIND_WORDS:
            found.append(("kind", word))
        elif "?" in word or "*" in word:
            found.append(("plate", word))
        else:
            found.append(("device_name", f"contains:{word}"))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An address as a question: `said` as it stands there, `filter` as its reader may ask it, and over what time."""

    said: Filter
    filter: Filter
    window: Window
    bounded: bool
    """False: the time is the page's own choice, not the reader's."""


def wanted_of(view: View, who: Principal, zone: tzinfo, now: Instant) -> Wanted:
    """What a page asks of history; BadInput and Forbidden name what cannot be asked."""
    parts = [parse_filter(conditions_of(view.q), PROPERTIES, zone)]
    if view.show:
        parts.append(one_of(Field.KIND, sorted(kind for group in view.show for kind in KINDS_OF[group])))
    since = parse_bound(view.since, zone, "from") if view.since else None
    until = parse_bound(view.to, zone, "to") if view.to else None
    window = window_of(since, until)
    if window.is_empty:
        raise BadInput("from", "is after to", "give the earlier time as from")
    bounded = since is not None or until is not None
    if bounded:
        parts.append(During(Field.OCCURRED, window))
    said = all_of(*parts)
    ends = now if window.until == END_OF_TIME else window.until
    begins = window.since if since is not None else Instant(max(0, ends - DAYS * DAY_NS))
    return Wanted(said=said, filter=permitted(said, who), window=Window(begins, Instant(max(ends, begins + 1))),
                  bounded=bounded)  # fmt: skip
