"""Keeps the counts: of the whole organisation in the event's own transaction, of single streams by a follower.

A bucket that outgrows `LIMIT` events gets rows of the next finer grain, down to seconds, so that a page in the middle
of a burst costs what a page in a quiet week costs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import apsw

from gatebook.domain.times import Grain, bucket_of, bucket_window
from gatebook.store.sql import load, many
from gatebook.store.sqlite.connection import carray, fetch

SQL = load("sqlite", "tallies")
LIMIT = 4096
"""Events in a bucket beyond which finer rows are kept."""
GRAINS = tuple(Grain)
FINER: dict[Grain, Grain] = dict(pairwise(GRAINS))
ORGANISATION = 0
"""The tally stream of the whole organisation."""
EVERY_CLASS = 0
ORGANISATION_GRAINS = (Grain.MONTH, Grain.DAY, Grain.QUARTER)
STREAM_GRAINS = (Grain.MONTH, Grain.DAY)

Counts = Counter[tuple[int, int]]
"""`(bucket, class)` to a number of events; class 0 counts them all."""

TallyRow = tuple[int, int, int, int, int, int]
"""(org, grain, stream, bucket, class, n)."""


def count_appended(
    connection: apsw.Connection, org: int, events: Sequence[tuple[int, int]], ceiling: int, burst: int = LIMIT
) -> None:
    """Adds `(occurred, class)` of events just inserted to the organisation's rows."""
    add(connection, org, ORGANISATION, (), events, ORGANISATION_GRAINS, ceiling, burst=burst)


def add(
    connection: apsw.Connection,
    org: int,
    stream: int,
    members: Sequence[int],
    events: Sequence[tuple[int, int]],
    grains: tuple[Grain, ...],
    ceiling: int,
    sign: int = 1,
    burst: int = LIMIT,
) -> None:
    """Adds (or with `sign` -1 takes away) events to the rows of a tally stream, finer rows where there are any.

    `members` are the event streams that a stream other than the organisation's stands for.  The events themselves are
    already in the log up to `ceiling` (or already out of it), since a bucket that outgrows its limit is counted there.
    """
    if not events:
        return
    _add_rows(connection, _rows(org, stream, grains, events, sign))
    grain, inside = grains[-1], events
    while grain in FINER and inside:
        length = _length(grain)
        buckets = carray({occurred // length for occurred, _ in inside})
        named = {"org": org, "grain": grain, "stream": stream, "buckets": buckets}
        fine = {bucket for (bucket,) in fetch(connection, SQL["refined_of"], named)}
        if sign > 0:
            for (bucket,) in fetch(connection, SQL["outgrown"], {**named, "limit": burst}):
                refine(connection, org, stream, members, grain, bucket, ceiling, burst)
        inside = [event for event in inside if event[0] // length in fine] if fine else []
        grain = FINER[grain]
        if not inside:
            break
        _add_rows(connection, _rows(org, stream, (grain,), inside, sign))


def refine(
    connection: apsw.Connection,
    org: int,
    stream: int,
    members: Sequence[int],
    grain: Grain,
    bucket: int,
    ceiling: int,
    burst: int = LIMIT,
) -> None:
    """Counts the finer rows of one bucket from the log, and of those that are too full in turn."""
    if grain not in FINER:
        return
    finer = FINER[grain]
    since, until = bucket_window(bucket, grain)
    first, beyond = bucket_of(since, finer), bucket_of(until, finer)
    named: dict[str, Any] = {"org": org, "finer": finer, "stream": stream, "since": since, "until": until}
    named["ceiling"] = ceiling
    connection.execute(SQL["drop_bucket"], {**named, "first": first, "beyond": beyond})
    length = bucket_window(first, finer)
    named["length"] = length.until - length.since
    if stream == ORGANISATION:
        connection.execute(SQL["refine_organisation"], named)
    else:
        connection.execute(SQL["refine_streams"], {**named, "streams": carray(members)})
    connection.execute(SQL["mark_refined"], {"org": org, "grain": grain, "stream": stream, "bucket": bucket})
    named |= {"grain": finer, "buckets": carray(range(first, beyond)), "limit": burst}
    for (full,) in fetch(connection, SQL["outgrown"], named):
        refine(connection, org, stream, members, finer, full, ceiling, burst)


def follow(
    connection: apsw.Connection,
    org: int,
    events: Iterable[tuple[int, int, int]],
    site_of: dict[int, int],
    members: dict[int, Sequence[int]],
    ceiling: int,
    sign: int = 1,
    burst: int = LIMIT,
) -> None:
    """Adds (`sign` -1: takes away) `(stream, occurred, class)` of followed events: to the rows of stream and site.

    `site_of` gives a device stream's site stream; `members` a site stream's device streams.  `ceiling` is the seq that
    the follower has come to with these events: refinements count no further.
    """
    by_stream: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for stream, occurred, class_ in events:
        by_stream[stream].append((occurred, class_))
        site = site_of.get(stream)
        if site is not None:
            by_stream[site].append((occurred, class_))
    for stream, inside in by_stream.items():
        of = members.get(stream, (stream,))
        add(connection, org, stream, of, inside, STREAM_GRAINS, ceiling, sign=sign, burst=burst)


def drop_empty(connection: apsw.Connection, org: int, streams: Iterable[int], occurred: Sequence[int]) -> None:
    """Removes rows that count nothing any more, in the buckets of these instants."""
    for grain in GRAINS:
        buckets = sorted({bucket_of(instant, grain) for instant in occurred})
        for stream in streams:
            named = {"org": org, "grain": grain, "stream": stream, "buckets": carray(buckets)}
            connection.execute(SQL["drop_empty"], named)


def move(
    connection: apsw.Connection,
    org: int,
    device: int,
    from_site: int | None,
    to_site: int | None,
    members: dict[int, Sequence[int]],
    ceiling: int,
    burst: int = LIMIT,
) -> None:
    """Re-counts two sites when a device moves: coarse rows by arithmetic, finer rows from the log."""
    for site, sign in ((from_site, -1), (to_site, 1)):
        if site is None:
            continue
        for grain in STREAM_GRAINS:
            named = {"org": org, "grain": grain, "site": site, "device": device, "sign": sign, "stream": site}
            connection.execute(SQL["move_rows"], named)
            connection.execute(SQL["drop_zero"], named)
        for grain in GRAINS[len(STREAM_GRAINS) :]:
            connection.execute(SQL["drop_finer"], {"org": org, "grain": grain, "stream": site})
        connection.execute(SQL["unmark_refined"], {"org": org, "stream": site})
        coarse = {"org": org, "grain": Grain.DAY, "stream": site, "limit": burst}
        for (bucket,) in fetch(connection, SQL["buckets_over"], coarse):
            refine(connection, org, site, members[site], Grain.DAY, bucket, ceiling, burst)


def _rows(
    org: int, stream: int, grains: Sequence[Grain], events: Iterable[tuple[int, int]], sign: int
) -> list[TallyRow]:
    """Rows of several grains, finest last: each coarser one is summed from the next finer, not from the events."""
    finest = grains[-1]
    length = _length(finest)
    counts: Counts = Counter([(occurred // length, class_) for occurred, class_ in events])
    for (bucket, _), n in list(counts.items()):
        counts[bucket, EVERY_CLASS] += n
    rows = _as_rows(org, finest, stream, counts, sign)
    for coarser in reversed(grains[:-1]):
        summed: Counts = Counter()
        for (bucket, class_), n in counts.items():
            summed[_within(bucket, finest, coarser), class_] += n
        rows += _as_rows(org, coarser, stream, summed, sign)
        counts, finest = summed, coarser
    return rows


def _length(grain: Grain) -> int:
    """Nanoseconds of a bucket; all grains but the month have one length."""
    return bucket_window(0, grain).until


@lru_cache(maxsize=16_384)
def _within(bucket: int, grain: Grain, coarser: Grain) -> int:
    """The coarser bucket in which this one lies."""
    return bucket_of(bucket_window(bucket, grain).since, coarser)


def _as_rows(org: int, grain: Grain, stream: int, counts: Counts, sign: int) -> list[TallyRow]:
    return [(org, grain, stream, bucket, class_, sign * n) for (bucket, class_), n in sorted(counts.items())]


def _add_rows(connection: apsw.Connection, rows: list[TallyRow]) -> None:
    start = 0
    for size in (200, 20, 4, 1):
        while len(rows) - start >= size:
            flat = tuple(cell for row in rows[start : start + size] for cell in row)
            connection.execute(many(SQL["add"], size), flat)
            start += size
