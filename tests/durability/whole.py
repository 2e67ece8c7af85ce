"""Says what is wrong with a store by looking at every row of it; shares no code with what it judges.

Each list is counted one by one in plain Python: slow, and hard to get wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import apsw

SECOND = 1_000_000_000
GRAINS = {1: None, 2: 86_400, 3: 900, 4: 60, 5: 10, 6: 1}
"""Number of a grain -> its seconds; a month has none."""
KEPT = {True: (1, 2, 3), False: (1, 2)}
"""What is always kept: of the whole organisation, of one stream."""

Tally = tuple[int, int, int, int]
"""(grain, stream, bucket, class)."""


def wrongs(path: Path) -> list[str]:
    """Everything that is wrong with the store in this file; empty if it is whole."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_timeout(10_000)
    try:
        connection.execute("BEGIN")
        found = [f"page: {line}" for (line,) in connection.execute("PRAGMA integrity_check") if line != "ok"]
        for (org,) in connection.execute("SELECT org FROM organisations"):
            found += [f"organisation {org}: {wrong}" for wrong in _of_log(connection, org)]
            found += [f"organisation {org}: {wrong}" for wrong in _of_tallies(connection, org)]
        return found
    finally:
        connection.close()


def _of_log(connection: apsw.Connection, org: int) -> Iterator[str]:
    """Gaps, heads that lie, keys and personal parts of no event."""
    events = list(connection.execute("SELECT seq, stream, version FROM events WHERE org = ? ORDER BY seq", (org,)))
    numbers: dict[int, list[int]] = defaultdict(list)
    for seq, stream, version in events:
        numbers[0].append(seq)
        numbers[stream].append(version)
    for stream, given in numbers.items():
        if sorted(given) != list(range(1, len(given) + 1)):
            yield f"the numbers of stream {stream} are not 1 to {len(given)}"
    heads = dict(connection.execute("SELECT stream, last FROM heads WHERE org = ?", (org,)))
    if heads != {stream: len(given) for stream, given in numbers.items()}:
        yield "the heads are not the last numbers"
    stands = {seq for seq, _stream, _version in events}
    for table in ("keys_seen", "personal"):
        lost = {seq for (seq,) in connection.execute(f"SELECT seq FROM {table} WHERE org = ?", (org,))} - stands
        if lost:
            yield f"{table} names events that are not there: {sorted(lost)[:5]}"
    given = [seq for (seq,) in connection.execute("SELECT seq FROM keys_seen WHERE org = ?", (org,))]
    if len(given) != len(set(given)):
        yield "two keys name one event"


def _of_tallies(connection: apsw.Connection, org: int) -> Iterator[str]:
    actual: dict[Tally, int] = {
        (grain, stream, bucket, class_): n
        for grain, stream, bucket, class_, n in connection.execute(
            "SELECT grain, stream, bucket, class, n FROM tallies WHERE org = ? AND n <> 0", (org,)
        )
    }
    refined = set(connection.execute("SELECT grain, stream, bucket FROM refined WHERE org = ?", (org,)))
    expected = Counter[Tally]()
    needed: set[Tally] = set()
    for streams, occurred, class_ in _counted(connection, org):
        for stream in streams:
            buckets = {grain: bucket_of(occurred, grain) for grain in GRAINS}
            for coarser, grain in ((None, 1), *pairwise(GRAINS)):
                tallies = [(grain, stream, buckets[grain], each) for each in (0, class_)]
                expected.update(tallies)
                if grain in KEPT[stream == 0] or (coarser, stream, buckets.get(coarser)) in refined:
                    needed.update(tallies)
    for tally in sorted(needed | actual.keys()):
        right = expected[tally] if tally in needed else 0
        if actual.get(tally, 0) != right:
            yield f"tally (grain, stream, bucket, class) {tally} is {actual.get(tally, 0)} and not {right}"


def _counted(connection: apsw.Connection, org: int) -> Iterator[tuple[list[int], int, int]]:
    """Of each event: the tally streams that count it by now, when it occurred, its class."""
    followed = connection.execute("SELECT seq FROM followers WHERE org = ? AND name = 'tallies'", (org,)).fetchone()
    site_of = dict(
        connection.execute(
            "SELECT d.stream, s.stream FROM devices d JOIN sites s ON s.org = d.org AND s.site = d.site "
            "WHERE d.org = ?",
            (org,),
        )
    )
    rows = connection.execute("SELECT seq, stream, occurred, class FROM events WHERE org = ?", (org,))
    for seq, stream, occurred, class_ in rows:
        streams = [0]
        if followed is not None and seq <= followed[0]:
            streams += [stream, *([site_of[stream]] if stream in site_of else [])]
        yield streams, occurred, class_


def bucket_of(occurred: int, grain: int) -> int:
    """The bucket of a grain that an instant lies in."""
    seconds = GRAINS[grain]
    if seconds is not None:
        return occurred // (seconds * SECOND)
    moment = datetime.fromtimestamp(occurred // SECOND, UTC)
    return moment.year * 12 + moment.month - 1
