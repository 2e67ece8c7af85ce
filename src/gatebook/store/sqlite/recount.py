"""Counts the log again, and compares the tallies with it or writes them anew: every grain and stream, every burst."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import apsw

from gatebook.domain.times import ALWAYS, Grain, Instant, Window, bucket_of, bucket_window, rfc3339
from gatebook.store.contract import Fault
from gatebook.store.sql import load
from gatebook.store.sqlite import directory
from gatebook.store.sqlite.checks import FOLLOWERS, SHOWN, SQL
from gatebook.store.sqlite.connection import carray, fetch, first
from gatebook.store.sqlite.tallies import (
    EVERY_CLASS,
    FINER,
    LIMIT,
    ORGANISATION,
    ORGANISATION_GRAINS,
    STREAM_GRAINS,
    refine,
)
from gatebook.store.sqlite.transaction import TALLIES_FOLLOWER

Counts = Counter[tuple[int, int]]
"""`(bucket, class)` to a number of events; class 0 counts them all."""
TALLIES = load("sqlite", "tallies")
REMEDY = "the log is whole and this count is not: run `gatebook doctor --recount`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is counted at a time: one tally stream in one window."""

    org: int
    stream: int
    window: Window = ALWAYS
    is_site: bool = False


def parts(connection: apsw.Connection, org: int) -> list[Part]:
    """The organisation month by month, then each stream and each site whole."""
    _, members = directory.site_streams(connection, org)
    streams = [stream for (stream,) in fetch(connection, SQL["tally_streams"], {"org": org})]
    return [
        *(Part(org=org, stream=ORGANISATION, window=month) for month in months(connection, org)),
        *(Part(org=org, stream=stream, is_site=stream in members) for stream in streams),
    ]


def months(connection: apsw.Connection, org: int) -> Iterator[Window]:
    """Every month that has events or tallies of the organisation, and those between them."""
    low, high = fetch(connection, SQL["time_span"], {"org": org})[0]
    ends = [] if low is None else [low, high]
    for grain in Grain:
        low, high = fetch(connection, SQL["bucket_span"], {"org": org, "grain": grain})[0]
        if low is not None:
            ends += [bucket_window(low, grain).since, bucket_window(high, grain).since]
    if ends:
        first_month, last_month = bucket_of(min(ends), Grain.MONTH), bucket_of(max(ends), Grain.MONTH)
        for month in range(first_month, last_month + 1):
            yield bucket_window(month, Grain.MONTH)


def compare(connection: apsw.Connection, part: Part) -> list[Fault]:
    """The first faults in the tallies of this part, coarsest first; all of it is to be read in one snapshot."""
    faults: list[Fault] = []
    for fault in _compare(connection, part):
        faults.append(fault)
        if len(faults) == SHOWN:
            break
    return faults


def _compare(connection: apsw.Connection, part: Part) -> Iterator[Fault]:
    grains = ORGANISATION_GRAINS if part.stream == ORGANISATION else STREAM_GRAINS
    counts = recount(connection, part, grains[-1])
    for grain in grains:
        yield from _differences(connection, part, grain, coarser(counts, grains[-1], grain))
    named = {"org": part.org, "stream": part.stream}
    marks = {
        (Grain(grain), bucket)
        for grain, bucket in fetch(connection, SQL["refined"], named)
        if not bucket_window(bucket, Grain(grain)).meet(part.window).is_empty
    }
    for grain, bucket in sorted(marks):
        window = bucket_window(bucket, grain).meet(part.window)
        finer = replace(part, window=window)
        yield from _differences(connection, finer, FINER[grain], recount(connection, finer, FINER[grain]))
    yield from _unrefined(connection, part, grains[-1], marks)


def _unrefined(
    connection: apsw.Connection, part: Part, finest: Grain, marks: set[tuple[Grain, int]]
) -> Iterator[Fault]:
    """Buckets past the limit without finer rows, and finer rows of buckets that are not marked."""
    for grain, finer in FINER.items():
        if grain < finest:
            continue
        named = {"org": part.org, "grain": grain, "stream": part.stream, "limit": LIMIT}
        for bucket, n in fetch(connection, SQL["outgrown"], named):
            window = bucket_window(bucket, grain)
            if (grain, bucket) not in marks and not window.meet(part.window).is_empty:
                yield _fault(part, grain, bucket, f"{n} events, and no finer counts are kept")
        for bucket, n in fetch(connection, SQL["finer"], {**named, "grain": finer}):
            since = bucket_window(bucket, finer).since
            if part.window.holds(since) and (grain, bucket_of(since, grain)) not in marks:
                yield _fault(part, finer, bucket, f"counts {n} events where no finer counts are kept")


def rewrite(connection: apsw.Connection, org: int) -> None:
    """Writes every tally of the organisation anew, in the open transaction; followers stay where they are."""
    connection.execute(SQL["drop_tallies"], {"org": org})
    connection.execute(SQL["drop_refined"], {"org": org})
    row = first(connection, FOLLOWERS["head"], {"org": org, "stream": ORGANISATION})
    head = 0 if row is None else int(row[0])
    for part in parts(connection, org):
        whole = part.stream == ORGANISATION
        grains = ORGANISATION_GRAINS if whole else STREAM_GRAINS
        counts = recount(connection, part, grains[-1])
        for grain in grains:
            rows = coarser(counts, grains[-1], grain).items()
            named = ((org, grain, part.stream, bucket, class_, n) for (bucket, class_), n in sorted(rows))
            connection.executemany(TALLIES["add"], named)
        members, ceiling = ((), head) if whole else (_members(connection, part), _ceiling(connection, org))
        for (bucket, class_), n in counts.items():
            if class_ == EVERY_CLASS and n > LIMIT:
                refine(connection, org, part.stream, members, grains[-1], bucket, ceiling)


def recount(connection: apsw.Connection, part: Part, grain: Grain) -> Counts:
    """Counts the part from the log by a grain of fixed length."""
    window = part.window
    length = bucket_window(0, grain).until
    named: dict[str, object] = {"org": part.org, "length": length, "since": window.since, "until": window.until}
    if part.stream == ORGANISATION:
        rows = fetch(connection, SQL["recount_organisation"], named)
    else:
        named |= {"streams": carray(_members(connection, part)), "ceiling": _ceiling(connection, part.org)}
        rows = fetch(connection, SQL["recount_streams"], named)
    counts: Counts = Counter()
    for bucket, class_, n in rows:
        counts[bucket, class_] += n
        counts[bucket, EVERY_CLASS] += n
    return counts


def _members(connection: apsw.Connection, part: Part) -> Sequence[int]:
    """The streams of the events that a tally stream counts."""
    return directory.site_streams(connection, part.org)[1][part.stream] if part.is_site else (part.stream,)


def _ceiling(connection: apsw.Connection, org: int) -> int:
    """The seq beyond which single streams are not counted yet, in this snapshot."""
    row = first(connection, FOLLOWERS["followed"], {"org": org, "name": TALLIES_FOLLOWER})
    return 0 if row is None else int(row[0])


def coarser(counts: Counts, grain: Grain, wanted: Grain) -> Counts:
    """The same counts by a coarser grain."""
    if grain is wanted:
        return counts
    summed: Counts = Counter()
    for (bucket, class_), n in counts.items():
        summed[bucket_of(bucket_window(bucket, grain).since, wanted), class_] += n
    return summed


def _differences(connection: apsw.Connection, part: Part, grain: Grain, right: Counts) -> Iterator[Fault]:
    last = Instant(part.window.until - 1)
    named = {
        "org": part.org,
        "grain": grain,
        "stream": part.stream,
        "first": bucket_of(part.window.since, grain),
        "beyond": bucket_of(last, grain) + 1,
    }
    kept = {(bucket, class_): n for bucket, class_, n in fetch(connection, SQL["tallied"], named)}
    for bucket, class_ in sorted(kept.keys() | right.keys()):
        told, counted = kept.get((bucket, class_), 0), right[bucket, class_]
        if told != counted:
            what = "all classes" if class_ == EVERY_CLASS else f"class {class_}"
            yield _fault(part, grain, bucket, f"{what}: the tally says {told}, the log {counted}")


def _fault(part: Part, grain: Grain, bucket: int, what: str) -> Fault:
    stream = "" if part.stream == ORGANISATION else f", stream {part.stream}"
    begin = rfc3339(bucket_window(bucket, grain).since)
    where = f"organisation {part.org}{stream}, {grain.name.lower().replace('_', ' ')} from {begin}"
    return Fault(check="tallies", where=where, what=what, remedy=REMEDY)
