"""How many events a selection holds in each bucket: sums of tallies, exact even where a follower is behind.

A selection's streams are all (stream 0 of the tallies), all but a few (stream 0 less those), or some (their own rows,
whole sites by their roll-up). Past the follower's watermark, events of single streams are counted from the log.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

import apsw

from gatebook.domain.times import Grain, Window, bucket_of, bucket_window
from gatebook.store.contract import Chosen, Selection
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import carray, fetch, first
from gatebook.store.sqlite.reading import FEW_STREAMS
from gatebook.store.sqlite.tallies import LIMIT

SQL = load("sqlite", "counts")
FOLLOWERS = load("sqlite", "followers")
CROWD = 12
"""So many times the events that a bucket may hold before it has finer rows are read through at once."""
Sums = dict[int, int]
"""Bucket to a number of events, where there are any."""


class Counts:
    """The counts of one selection within one snapshot."""

    def __init__(
        self,
        connection: apsw.Connection,
        selection: Selection,
        members: dict[int, frozenset[int]],
        *,
        ceiling: int | None = None,
        burst: int = LIMIT,
    ) -> None:
        """`members`: for each site's tally stream, the event streams of its devices.

        Nothing beyond the seq `ceiling` is counted.  A bucket of more than `burst` events has finer rows.
        """
        self._connection = connection
        self._selection = selection
        self._members = members
        self._ceiling = ceiling
        self._burst = burst
        self._org = selection.organisation
        counted = selection.counted
        self._whole = counted.but
        self.listed = sorted(counted.ids)
        """The tally streams that are counted one by one, whether they are chosen or left out."""
        self.of_log = sorted({stream for found in counted.ids for stream in members.get(found, (found,))})
        """The streams of events that these stand for."""
        self._tally_sql, self._tally_classes = tally_classes(selection.classes)
        self._event_sql, self._event_classes = event_classes(selection.classes)

    def sums(self, grain: Grain, within: Window, parent: int | None = None) -> Sums:
        """Events by bucket of this grain, for every bucket that meets the window.

        Finer than the day, the window lies in one bucket of the next coarser grain, `parent`.
        """
        if within.is_empty:
            return {}
        first_, beyond = bucket_of(within.since, grain), bucket_of(within.until - 1, grain) + 1
        named: dict[str, Any] = {"org": self._org, "grain": grain, "first": first_, "beyond": beyond}
        named |= self._tally_classes
        if not self._whole:
            sums = self._single(grain, named, parent)
        else:
            sums = Counter(dict(fetch(self._connection, self._tallies("organisation_sums"), named)))
            if self.listed:
                sums.subtract(self._single(grain, named, parent))
        for occurred in self._above:
            bucket = bucket_of(occurred, grain)
            if first_ <= bucket < beyond:
                sums[bucket] -= 1
        return {bucket: n for bucket, n in sums.items() if n}

    def divides(self, grain: Grain, bucket: int, n: int) -> bool:
        """Whether a bucket of `n` events can and should be looked at in finer buckets."""
        if grain is Grain.SECOND:
            return False
        if self._read_by_time(grain, bucket):
            return False
        if not self._whole:
            return grain is Grain.MONTH or n > self._burst
        if grain < Grain.QUARTER:
            return True
        named = {"org": self._org, "grain": grain, "bucket": bucket}
        return first(self._connection, SQL["is_refined"], named) is not None

    def _read_by_time(self, grain: Grain, bucket: int) -> bool:
        """Whether many streams' events are sooner picked out of all in the bucket than counted stream by stream."""
        if len(self.of_log) <= FEW_STREAMS:
            return False
        row = first(self._connection, SQL["crowd"], {"org": self._org, "grain": grain, "bucket": bucket})
        return row is None or row[0] <= CROWD * self._burst

    def in_log(self, window: Window) -> int:
        """Counted one by one on an index: for the ragged ends of a window."""
        named: dict[str, Any] = {"org": self._org, "since": window.since, "until": window.until}
        named |= self._event_classes
        streams = self._selection.streams
        day = bucket_of(window.since, Grain.DAY)
        by_time = window.until <= bucket_window(day, Grain.DAY).until and self._read_by_time(Grain.DAY, day)
        if streams.but or by_time:
            words = SQL["but_streams" if streams.but else "some_streams"] if streams.ids else ""
            sql = SQL["count_by_time"].format(streams=words, classes=self._event_sql)
        else:
            sql = SQL["count_by_stream"].format(classes=self._event_sql)
        if streams.ids or not streams.but:
            named["streams"] = carray(sorted(streams.ids))
        row = first(self._connection, sql, named)
        return (0 if row is None else int(row[0])) - sum(window.holds(occurred) for occurred in self._above)

    def parted(self, grain: Grain, parent: int | None) -> tuple[list[int], list[int]]:
        """`(tally streams, event streams)`: those listed that have rows this fine, and what the rest stands for."""
        if grain <= Grain.DAY:
            return self.listed, []
        coarser: dict[str, Any] = {"org": self._org, "grain": grain - 1, "bucket": parent}
        coarser["streams"] = carray(self.listed)
        fine = {stream for (stream,) in fetch(self._connection, SQL["refined_streams"], coarser)}
        rest = [stream for stream in self.listed if stream not in fine]
        return sorted(fine), sorted({stream for found in rest for stream in self._members.get(found, (found,))})

    @cached_property
    def watermark(self) -> int:
        """The seq up to which the follower has counted single streams."""
        row = first(self._connection, FOLLOWERS["followed"], {"org": self._org, "name": "tallies"})
        return 0 if row is None else int(row[0])

    @cached_property
    def tail(self) -> list[tuple[int, int, int]]:
        """`(stream, occurred, class)` of the listed streams' events that the follower has not come to."""
        mine, classes = frozenset(self.of_log), self._selection.classes
        return [row for row in self._after(self.watermark) if row[0] in mine and classes.holds(row[2])]

    @cached_property
    def _above(self) -> list[int]:
        """When the selection's events beyond the ceiling happened."""
        if self._ceiling is None:
            return []
        streams, classes = self._selection.streams, self._selection.classes
        rows = self._after(self._ceiling)
        return [occurred for stream, occurred, class_ in rows if streams.holds(stream) and classes.holds(class_)]

    def _after(self, seq: int) -> list[Any]:
        return fetch(self._connection, SQL["tail"], {"org": self._org, "watermark": seq})

    def _single(self, grain: Grain, named: dict[str, Any], parent: int | None) -> Counter[int]:
        """The sums of the streams that are listed, whether they are chosen or left out."""
        sums: Counter[int] = Counter()
        tallied, logged = self.parted(grain, parent)
        if tallied:
            rows = fetch(self._connection, self._tallies("stream_sums"), {**named, "streams": carray(tallied)})
            sums.update(dict(rows))
        if logged:
            self._count_logged(sums, grain, named, logged)
        for _, occurred, _ in self.tail:
            bucket = bucket_of(occurred, grain)
            if named["first"] <= bucket < named["beyond"]:
                sums[bucket] += 1
        return sums

    def _count_logged(self, sums: Counter[int], grain: Grain, named: dict[str, Any], logged: list[int]) -> None:
        opening = bucket_window(named["first"], grain)
        closing = bucket_window(named["beyond"] - 1, grain)
        bounds: dict[str, Any] = {"org": self._org, "since": opening.since, "until": closing.until}
        bounds |= {"watermark": self.watermark, "length": opening.until - opening.since}
        sql = SQL["stream_log"].format(classes=self._event_sql)
        bounds |= {**self._event_classes, "streams": carray(logged)}
        sums.update(dict(fetch(self._connection, sql, bounds)))

    def _tallies(self, query: str) -> str:
        return SQL[query].format(sum=sum_of(self._tally_sql), classes=SQL[self._tally_sql])


def sum_of(classes: str) -> str:
    """The sum that goes with a fragment of `tally_classes`."""
    return SQL["but_sum"] if classes == "but_classes" else SQL["plain_sum"]


def tally_classes(classes: Chosen) -> tuple[str, dict[str, Any]]:
    """`(name of the fragment, its bindings)` for a choice of classes in the tallies."""
    if classes.is_all:
        return "all_classes", {}
    return ("but_classes" if classes.but else "some_classes"), {"classes": carray(sorted(classes.ids))}


def event_classes(classes: Chosen) -> tuple[str, dict[str, Any]]:
    """`(fragment, its bindings)` for a choice of classes in the log."""
    if classes.is_all:
        return "", {}
    name = "event_but_classes" if classes.but else "event_classes"
    return SQL[name], {"classes": carray(sorted(classes.ids))}
