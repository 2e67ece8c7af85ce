"""How many events a question has in each bar of a histogram, by class or by stream: sums of tallies, exact.

A bar's edges may lie anywhere: whole buckets are taken whole, and of a bucket that an edge divides only the smaller
pieces are counted more finely, since what is left of the bucket is the largest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import apsw

from gatebook.domain.times import Grain, Instant, Window, bucket_of, bucket_window
from gatebook.store.contract import Bar, Chosen, Group, Position, Selection
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import carray, fetch
from gatebook.store.sqlite.counts import Counts, event_classes, sum_of, tally_classes
from gatebook.store.sqlite.pages import counted_places
from gatebook.store.sqlite.question import Question
from gatebook.store.sqlite.tallies import FINER

SQL = load("sqlite", "facets")
COUNTS = load("sqlite", "counts")
Groups = Counter[int]
"""A class or stream number (0: all together) to a number of events."""
FEW_PIECES = 6
"""A bucket in so few pieces is counted piece by piece, one in more by its finer buckets."""


def bars(
    connection: apsw.Connection, question: Question, streams: frozenset[int], by: Group, edges: Sequence[Instant]
) -> tuple[list[Bar], bool]:
    """The bars of a question, and whether they are exact; `streams` are all that events can belong to."""
    edges = edges or question.selection.window
    if not question.is_countable:
        places, exact = counted_places(connection, question)
        found = _looked_up(connection, question, places, by, edges)
    else:
        selection, exact = _each_stream(question.selection, streams) if by is Group.STREAM else question.selection, True
        counts = Counts(connection, selection, question.members, burst=question.burst)
        found = Histogram(connection, selection, counts, edges, by).count()
    return [Bar(bucket, group, n) for (bucket, group), n in sorted(found.items())], exact


def _each_stream(selection: Selection, streams: frozenset[int]) -> Selection:
    """The same selection with each of its streams listed."""
    chosen = selection.streams
    listed = Chosen(streams - chosen.ids if chosen.but else chosen.ids, but=False)
    return replace(selection, streams=listed, counted=listed)


def _looked_up(
    connection: apsw.Connection, question: Question, places: Sequence[Position], by: Group, edges: Sequence[Instant]
) -> Counter[tuple[int, int]]:
    named = {"org": question.selection.organisation, "seqs": carray(place.seq for place in places)}
    return Counter(
        (bisect_right(edges, occurred) - 1, {Group.NOTHING: 0, Group.CLASS: class_, Group.STREAM: stream}[by])
        for _, occurred, stream, class_ in fetch(connection, SQL["groups_of"], named)
        if edges[0] <= occurred < edges[-1]
    )


class Histogram:
    """The bars of one selection within one snapshot."""

    def __init__(
        self, connection: apsw.Connection, selection: Selection, counts: Counts, edges: Sequence[Instant], by: Group
    ) -> None:
        """`counts` of the same selection; `edges` rise, n + 1 for n bars, and bound the window.

        By stream, the selection must list its streams, each of them counted by itself.
        """
        self._connection = connection
        self._selection = selection
        self._counts = counts
        self._edges = edges
        self._by = by
        self._window = selection.window.meet(Window(edges[0], edges[-1]))
        self._found: Counter[tuple[int, int]] = Counter()
        self._whole = selection.counted.but

    def count(self) -> Counter[tuple[int, int]]:
        """`{(number of the bar, group): events}`, where there are any."""
        if self._window.is_empty:
            return Counter()
        self._fill(Grain.MONTH, self._window, None)
        sign = -1 if self._whole else 1
        for stream, occurred, class_ in self._counts.tail:
            if self._window.holds(occurred):
                group = {Group.NOTHING: 0, Group.CLASS: class_, Group.STREAM: stream}[self._by]
                self._found[self._bar(occurred), group] += sign
        return Counter({key: n for key, n in self._found.items() if n})

    def _bar(self, occurred: int) -> int:
        return bisect_right(self._edges, occurred) - 1

    def _fill(self, grain: Grain, within: Window, parent: int | None) -> None:
        for bucket, groups in self._rows(grain, within, parent).items():
            pieces = self._pieces(bucket_window(bucket, grain))
            if len(pieces) == 1:
                self._add(pieces[0], groups)
            elif len(pieces) <= FEW_PIECES or grain >= Grain.QUARTER:
                self._divide(grain, bucket, groups, pieces)
            else:
                self._fill(FINER[grain], bucket_window(bucket, grain).meet(self._window), bucket)

    def _divide(self, grain: Grain, bucket: int, groups: Groups, pieces: list[Window]) -> None:
        """All pieces but the largest are counted; the largest is what they leave."""
        largest = max(pieces, key=lambda piece: piece.until - piece.since)
        outside = not self._window.holds(largest.since)
        rest = Counter(groups)
        for piece in pieces:
            if piece is largest or (outside and not self._window.holds(piece.since)):
                continue
            held = self._held(grain, piece, bucket, groups.total())
            rest.subtract(held)
            self._add(piece, held)
        self._add(largest, rest)

    def _add(self, piece: Window, groups: Groups) -> None:
        if self._window.holds(piece.since):
            bar = self._bar(piece.since)
            for group, n in groups.items():
                self._found[bar, group] += n

    def _pieces(self, whole: Window) -> list[Window]:
        """The bucket, cut at every edge of a bar and at both ends of the window."""
        inside = self._edges[bisect_right(self._edges, whole.since) : bisect_right(self._edges, whole.until - 1)]
        ends = (end for end in self._window if whole.since < end < whole.until)
        cuts = sorted({whole.since, *inside, *ends, whole.until})
        return [Window(Instant(one), Instant(other)) for one, other in pairwise(cuts)]

    def _held(self, grain: Grain, piece: Window, bucket: int, n: int) -> Groups:
        """What a part of a bucket of `n` events holds."""
        if grain >= Grain.QUARTER and not self._counts.divides(grain, bucket, n):
            return self._in_log(piece)
        finer = FINER[grain]
        held: Groups = Counter()
        for inner, groups in self._rows(finer, piece, bucket).items():
            whole = bucket_window(inner, finer)
            inside = whole.meet(piece)
            held.update(groups if inside == whole else self._held(finer, inside, inner, groups.total()))
        return held

    # -- rows of one grain -------------------------------------------------------------------------------------------

    def _rows(self, grain: Grain, within: Window, parent: int | None) -> dict[int, Groups]:
        """Each bucket that meets the window, without what the follower has not come to."""
        first, beyond = bucket_of(within.since, grain), bucket_of(within.until - 1, grain) + 1
        named: dict[str, Any] = {"org": self._selection.organisation, "grain": grain, "first": first, "beyond": beyond}
        found: dict[int, Groups] = defaultdict(Counter)
        if self._whole:
            self._sum(found, self._tallied("organisation_rows"), {**named, **self._tally_classes[1]}, 1)
        if self._counts.listed:
            tallied, logged = self._counts.parted(grain, parent)
            sign = -1 if self._whole else 1
            if tallied:
                bindings = {**named, **self._tally_classes[1], "streams": carray(tallied)}
                self._sum(found, self._tallied("stream_rows"), bindings, sign)
            if logged:
                opening, closing = bucket_window(first, grain), bucket_window(beyond - 1, grain)
                bounds = self._bounds(Window(opening.since, closing.until)) | {"streams": carray(logged)}
                bounds["length"] = opening.until - opening.since
                self._sum(found, self._logged("stream_log"), bounds, sign)
        return found

    def _sum(self, found: dict[int, Groups], sql: str, bindings: dict[str, Any], sign: int) -> None:
        for bucket, group, n in fetch(self._connection, sql, bindings):
            found[bucket][group] += sign * n

    def _in_log(self, piece: Window) -> Groups:
        bounds = self._bounds(piece)
        streams = ""
        if self._counts.listed:
            bounds["streams"] = carray(self._counts.of_log)
            streams = SQL["but_streams"]
        sql = self._logged("piece_by_time" if self._whole else "piece_by_stream", streams)
        return Counter(dict(fetch(self._connection, sql, bounds)))

    def _bounds(self, window: Window) -> dict[str, Any]:
        bounds: dict[str, Any] = {"org": self._selection.organisation, "since": window.since, "until": window.until}
        return bounds | event_classes(self._selection.classes)[1] | {"watermark": self._counts.watermark}

    @property
    def _tally_classes(self) -> tuple[str, dict[str, Any]]:
        classes = self._selection.classes
        if self._by is not Group.CLASS:
            return tally_classes(classes)
        return each_class(classes)

    def _tallied(self, query: str) -> str:
        name = self._tally_classes[0]
        words, sum_ = (SQL[name], "sum(n)") if self._by is Group.CLASS else (COUNTS[name], sum_of(name))
        return SQL[query].format(group=SQL[f"by_{self._by}"], sum=sum_, classes=words)

    def _logged(self, query: str, streams: str = "") -> str:
        classes = event_classes(self._selection.classes)[0]
        return SQL[query].format(group=SQL[f"by_{self._by}"], streams=streams, classes=classes)


def each_class(classes: Chosen) -> tuple[str, dict[str, Any]]:
    """`(name of the fragment, its bindings)` for a choice of classes in the tallies, each by itself."""
    if classes.is_all:
        return "each_class", {}
    return ("each_of_other_classes" if classes.but else "each_of_some_classes"), {
        "classes": carray(sorted(classes.ids))
    }
