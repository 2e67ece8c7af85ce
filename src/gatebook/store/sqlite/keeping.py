"""Removal of what is kept no longer: in SQL, each batch within one transaction.

Removing events leaves their numbers behind as ranges, takes them out of every count, and is itself an event.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import apsw

from gatebook.domain.kinds import Kind
from gatebook.domain.times import Instant
from gatebook.store.contract import Due, RetentionRule, Span
from gatebook.store.sql import load
from gatebook.store.sqlite import directory, tallies
from gatebook.store.sqlite.connection import Row, carray, fetch, first

SQL = load("sqlite", "keeping")
FOLLOWERS = load("sqlite", "followers")


def rules(connection: apsw.Connection, org: int) -> list[RetentionRule]:
    """The organisation's rules; none: everything is kept."""
    return [_rule(row) for row in fetch(connection, SQL["rules"], {"org": org})]


def due(connection: apsw.Connection, org: int, rule: RetentionRule, before: Instant) -> Due:
    """What a rule would remove: events that occurred before, as far as every follower has come."""
    named = {"org": org, "before": before, "classes": carray(_classes(connection, org, rule))}
    named["followed"] = _followed(connection, org)
    n, oldest, newest = fetch(connection, SQL["due_count"], named)[0]
    return Due(n, oldest, newest)


def removed(connection: apsw.Connection, org: int, stream: int = 0) -> list[Span]:
    """Ranges of numbers that are gone: of `seq` for stream 0, else of the stream's versions."""
    return [Span(*row) for row in fetch(connection, SQL["removed_of"], {"org": org, "stream": stream})]


class KeepingChanges:
    """Removals within a transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def put_rule(self, org: int, rule: RetentionRule) -> None:
        """Makes or changes a rule."""
        kinds = None if rule.kinds is None else json.dumps(sorted(rule.kinds))
        named = {"org": org, "uuid": rule.id.bytes, "name": rule.name, "kinds": kinds, "days": rule.days}
        self._connection.execute(SQL["put_rule"], {**named, "type": rule.type and rule.type.bytes})

    def drop_rule(self, org: int, id: UUID) -> bool:
        """Removes a rule; False when it is not there."""
        return bool(fetch(self._connection, SQL["drop_rule"], {"org": org, "uuid": id.bytes}))

    def take_due(self, org: int, rule: RetentionRule, before: Instant, limit: int) -> dict[int, list[Span]]:
        """Removes up to `limit` events that a rule is done with; by stream (0: seq) the ranges that are gone.

        `by_seq` of the ranges is 0: `mark` is told the event that names them.
        """
        classes = carray(_classes(self._connection, org, rule))
        named = {"org": org, "before": before, "classes": classes, "followed": _followed(self._connection, org)}
        rows = fetch(self._connection, SQL["due"], {**named, "limit": limit})
        if not rows:
            return {}
        seqs = [row[0] for row in rows]
        gone = self._gone(org, seqs)
        self._uncount(org, rows)
        for query in ("remove_events", "remove_personal"):
            self._connection.execute(SQL[query], {"org": org, "seqs": carray(seqs)})
        return gone

    def forget_keys(self, org: int, slice_: int) -> None:
        """Forgets what made repeats of events that are gone; keys are taken in 255 slices, 0 to 254."""
        bounds = {"since": bytes([slice_]), "before": bytes([slice_ + 1]) if slice_ < 254 else b"\xff" * 17}
        self._connection.execute(SQL["forget_keys"], {"org": org, **bounds})

    def mark(self, org: int, gone: dict[int, list[Span]], by_seq: int) -> None:
        """Keeps the ranges, joined with those beside them, under the event that names them."""
        for stream, spans in gone.items():
            for span in spans:
                self._mark(org, stream, span, by_seq)

    def give_back(self, pages: int) -> int:
        """Gives free pages back to the file system; how many are left."""
        self._connection.execute(f"PRAGMA incremental_vacuum({int(pages)})").fetchall()
        return int(fetch(self._connection, SQL["free_pages"], ())[0][0])

    def _gone(self, org: int, seqs: Sequence[int]) -> dict[int, list[Span]]:
        versions: dict[int, list[int]] = defaultdict(list)
        for stream, version in fetch(self._connection, SQL["versions_of"], {"org": org, "seqs": carray(seqs)}):
            versions[stream].append(version)
        return {stream: spans_of(numbers) for stream, numbers in ({0: list(seqs)} | versions).items()}

    def _uncount(self, org: int, rows: Sequence[Row]) -> None:
        """Takes events out of the organisation's counts, and out of those of streams as far as these were counted."""
        connection = self._connection
        watermark = first(connection, FOLLOWERS["followed"], {"org": org, "name": "tallies"})
        counted = 0 if watermark is None else int(watermark[0])
        events = [(occurred, class_) for _, _, occurred, class_ in rows]
        tallies.add(connection, org, tallies.ORGANISATION, (), events, tallies.ORGANISATION_GRAINS, counted, sign=-1)
        site_of, members = directory.site_streams(connection, org)
        followed = [(stream, occurred, class_) for seq, stream, occurred, class_ in rows if seq <= counted]
        tallies.follow(connection, org, followed, site_of, members, counted, sign=-1)
        streams = {row[1] for row in rows}
        touched = {tallies.ORGANISATION, *streams, *(site_of[stream] for stream in streams if stream in site_of)}
        tallies.drop_empty(connection, org, touched, [occurred for _, _, occurred, _ in rows])

    def _mark(self, org: int, stream: int, span: Span, by_seq: int) -> None:
        """One range, joined with the one right before it and the one right after it."""
        start, end = span.first, span.last
        before = first(self._connection, SQL["range_before"], {"org": org, "stream": stream, "number": start})
        after = first(self._connection, SQL["range_after"], {"org": org, "stream": stream, "number": end})
        if after is not None:
            self._connection.execute(SQL["drop_range"], {"org": org, "stream": stream, "first": end + 1})
            end = after[0]
        if before is not None:
            start = before[0]
        named = {"org": org, "stream": stream, "first": start, "last": end, "by_seq": by_seq}
        self._connection.execute(SQL["put_range"], named)


def spans_of(numbers: Iterable[int]) -> list[Span]:
    """The numbers as ranges, each as long as can be."""
    spans: list[Span] = []
    for number in sorted(numbers):
        if spans and spans[-1].last == number - 1:
            spans[-1] = Span(spans[-1].first, number)
        else:
            spans.append(Span(number, number))
    return spans


def _classes(connection: apsw.Connection, org: int, rule: RetentionRule) -> list[int]:
    """The classes that a rule is for; the record of removals and erasures itself is never removed by age."""
    return [
        number
        for number, found in directory.classes(connection, org).items()
        if (rule.kinds is None or found.kind in rule.kinds)
        and (rule.type is None or (found.type or found.kind.type) == rule.type)
        and found.kind not in (Kind.RECORD_REMOVED, Kind.RECORD_ERASED)
    ]


def _followed(connection: apsw.Connection, org: int) -> int:
    """The seq that every follower has come to: nothing is removed that somebody has yet to read."""
    row = first(connection, SQL["slowest_follower"], {"org": org})
    return 0 if row is None or row[0] is None else int(row[0])


def _rule(row: Row) -> RetentionRule:
    uuid, name, kinds, type_, days, revision = row
    return RetentionRule(
        id=UUID(bytes=uuid),
        name=name,
        kinds=None if kinds is None else frozenset(Kind(word) for word in json.loads(kinds)),
        type=None if type_ is None else UUID(bytes=type_),
        days=days,
        revision=revision,
    )
