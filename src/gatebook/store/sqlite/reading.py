"""Reads places off an index, and whole events at those places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw

from gatebook.domain.events import Event, EventClass
from gatebook.domain.times import Window
from gatebook.store.contract import Chosen, Position, Selection
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import carray, fetch, first
from gatebook.store.sqlite.rows import events_of

FOLLOWERS = load("sqlite", "followers")
_RAW = load("sqlite", "events")
SQL = {
    name: sql.replace("{columns}", _RAW["columns"]).replace("{joined}", _RAW["joined"]) for name, sql in _RAW.items()
}
FEW_STREAMS = 32
"""Up to so many streams are read each from its own index and merged; more are picked out of the index by time."""


class Clauses:
    """Conditions joined by AND, with their bindings in order."""

    def __init__(self) -> None:
        """Empty: holds for every event."""
        self.words: list[str] = []
        self.bindings: list[object] = []

    def add(self, words: str, *bindings: object) -> Clauses:
        """One more condition."""
        self.words.append(words)
        self.bindings += bindings
        return self

    def choose(self, column: str, chosen: Chosen) -> Clauses:
        """The column is one of the chosen numbers."""
        if not chosen.is_all:
            self.add(f"{column} {'NOT IN' if chosen.but else 'IN'} carray(?)", carray(sorted(chosen.ids)))
        return self

    def after(self, position: Position | None, *, descending: bool, prefix: str = "") -> Clauses:
        """Beyond a position in the order of reading."""
        if position is not None:
            sign = "<" if descending else ">"
            self.add(f"({prefix}occurred, {prefix}seq) {sign} (?, ?)", position.occurred, position.seq)
        return self

    @property
    def sql(self) -> str:
        """Ready to stand after a WHERE that has a condition."""
        return "".join(f" AND {words}" for words in self.words)


def read_places(
    connection: apsw.Connection,
    selection: Selection,
    window: Window,
    *,
    descending: bool,
    limit: int,
    offset: int = 0,
    after: Position | None = None,
    ceiling: int | None = None,
) -> list[Position]:
    """Up to `limit` places of the selection in one stretch of time, in order."""
    streams = selection.streams
    clauses = Clauses().after(after, descending=descending)
    if ceiling is not None:
        clauses.add("seq <= ?", ceiling)
    query = "by_time"
    opening: list[object] = [selection.organisation]
    if not streams.but and len(streams.ids) == 1:
        query, opening = "by_one_stream", [selection.organisation, *streams.ids]
    elif not streams.but and len(streams.ids) <= FEW_STREAMS:
        query, opening = "by_stream", [selection.organisation, carray(sorted(streams.ids))]
    else:
        clauses.choose("stream", streams)
    clauses.choose("class", selection.classes)
    sql = SQL[query].format(conditions=clauses.sql, order="DESC" if descending else "ASC")
    bindings: tuple[Any, ...] = (*opening, window.since, window.until, *clauses.bindings, limit, offset)
    return [Position(occurred, seq) for seq, occurred in fetch(connection, sql, bindings)]


def read_page(
    connection: apsw.Connection,
    selection: Selection,
    window: Window,
    classes: dict[int, EventClass],
    *,
    descending: bool,
    limit: int,
    after: Position | None = None,
    ceiling: int | None = None,
) -> list[Event]:
    """As `read_places` by time, and the events there: for a page of which nothing is passed over."""
    clauses = Clauses().after(after, descending=descending)
    if ceiling is not None:
        clauses.add("seq <= ?", ceiling)
    clauses.choose("stream", selection.streams).choose("class", selection.classes)
    sql = SQL["page_by_time"].format(conditions=clauses.sql, order="DESC" if descending else "ASC")
    org = selection.organisation
    return events_of(fetch(connection, sql, (org, window.since, window.until, *clauses.bindings, limit, org)), classes)


def read_events(
    connection: apsw.Connection, org: int, places: Sequence[Position], classes: dict[int, EventClass]
) -> list[Event]:
    """The events at these places, in the same order."""
    found = fetch(connection, SQL["rows_of"], (org, carray(place.seq for place in places)))
    by_seq = {event.seq: event for event in events_of(found, classes)}
    return [by_seq[place.seq] for place in places]


def head(connection: apsw.Connection, org: int, stream: int = 0) -> int:
    """The last number handed out: `seq` for stream 0, else the stream's version; 0 before the first."""
    row = first(connection, FOLLOWERS["head"], {"org": org, "stream": stream})
    return 0 if row is None else int(row[0])
