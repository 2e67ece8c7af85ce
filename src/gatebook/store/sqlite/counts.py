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

SQL = load("sqlite", "counts")
FOLLOWERS = load("sqlite", "followers")
Sums = dict[int, int]
"""Bucket to a number of events, where there are any."""


class Counts:
    """The counts of one selection within one snapshot."""

    def __init__(self, connection: apsw.Connection, selection: Selection, members: dict[int, frozenset[int]]) -> None:
        """`members`: for each site's tally stream, the event streams of its devices."""
        self._connection = connection
        self._selection = selection
        self._members = members
        self._org = selection.organisation
        counted = selection.counted
        self._whole = counted.but
        self._tallied = sorted(counted.ids)
        self._of_log = sorted({stream for found in counted.ids for stream in members.get(found, (found,))})
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
            return self._single(grain, named, parent)
        sums = {bucket: n for bucket, n in fetch(self._connection, self._tallies("organisation_sums"), named) if n}
        if self._tallied:
            for bucket, n in self._single(grain, named, parent).items():
                sums[bucket] = sums.get(bucket, 0) - n
        return {bucket: n for bucket, n in sums.items() if n}

    def divides(self, grain: Grain, bucket: int, n: int, limit: int) -> bool:
        """Whether a bucket of `n` events can and should be looked at in finer buckets."""
        if grain is Grain.SECOND:
            return False
        if not self._whole:
            return grain is Grain.MONTH or n > limit
        if grain < Grain.QUARTER:
            return True
        named = {"org": self._org, "grain": grain, "bucket": bucket}
        return first(self._connection, SQL["is_refined"], named) is not None

    def in_log(self, window: Window) -> int:
        """Counted one by one on an index: for the ragged ends of a window."""
        named: dict[str, Any] = {"org": self._org, "since": window.since, "until": window.until}
        named |= self._event_classes
        streams = self._selection.streams
        if streams.but:
            words = SQL["but_streams"] if streams.ids else ""
            sql = SQL["count_by_time"].format(streams=words, classes=self._event_sql)
        else:
            sql = SQL["count_by_stream"].format(classes=self._event_sql)
        if streams.ids or not streams.but:
            named["streams"] = carray(sorted(streams.ids))
        row = first(self._connection, sql, named)
        return 0 if row is None else int(row[0])

    def _single(self, grain: Grain, named: dict[str, Any], parent: int | None) -> Sums:
        """The sums of the streams that are listed, whether they are chosen or left out."""
        sums: Counter[int] = Counter()
        tallied, logged = self._tallied, []
        if grain > Grain.DAY:
            coarser: dict[str, Any] = {
                "org": self._org,
                "grain": grain - 1,
                "bucket": parent,
                "streams": carray(self._tallied),
            }
            fine = {stream for (stream,) in fetch(self._connection, SQL["refined_streams"], coarser)}
            tallied = sorted(fine)
            rest = [stream for stream in self._tallied if stream not in fine]
            logged = sorted({stream for found in rest for stream in self._members.get(found, (found,))})
        if tallied:
            rows = fetch(self._connection, self._tallies("stream_sums"), {**named, "streams": carray(tallied)})
            sums.update(dict(rows))
        if logged:
            self._count_logged(sums, grain, named, logged)
        for occurred in self._tail:
            bucket = bucket_of(occurred, grain)
            if named["first"] <= bucket < named["beyond"]:
                sums[bucket] += 1
        return {bucket: n for bucket, n in sums.items() if n}

    def _count_logged(self, sums: Counter[int], grain: Grain, named: dict[str, Any], logged: list[int]) -> None:
        opening = bucket_window(named["first"], grain)
        closing = bucket_window(named["beyond"] - 1, grain)
        bounds: dict[str, Any] = {"org": self._org, "since": opening.since, "until": closing.until}
        bounds |= {"watermark": self._watermark, "length": opening.until - opening.since}
        sql = SQL["stream_log"].format(classes=self._event_sql)
        bounds |= {**self._event_classes, "streams": carray(logged)}
        sums.update(dict(fetch(self._connection, sql, bounds)))

    def _tallies(self, query: str) -> str:
        words = SQL["but_sum"] if "but" in self._tally_sql else SQL["plain_sum"]
        return SQL[query].format(sum=words, classes=SQL[self._tally_sql])

    @cached_property
    def _watermark(self) -> int:
        row = first(self._connection, FOLLOWERS["followed"], {"org": self._org, "name": "tallies"})
        return 0 if row is None else int(row[0])

    @cached_property
    def _tail(self) -> list[int]:
        """When the events happened that the follower has not come to."""
        mine, classes = frozenset(self._of_log), self._selection.classes
        named = {"org": self._org, "watermark": self._watermark}
        rows = fetch(self._connection, SQL["tail"], named)
        return [occurred for stream, occurred, class_ in rows if stream in mine and classes.holds(class_)]


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
