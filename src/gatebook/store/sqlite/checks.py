"""Looks for what is wrong in a store's file, without changing it and without bringing it up to date first.

Each check is to be run in one snapshot; each fault says where it is, what it is, and what would help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import apsw

from gatebook.domain.times import Instant
from gatebook.store.contract import Fault
from gatebook.store.migrate import migrations, version_of
from gatebook.store.sql import load
from gatebook.store.sqlite import directory, quarantine
from gatebook.store.sqlite.connection import BUSY_MS, fetch, first, named
from gatebook.store.sqlite.transaction import TALLIES_FOLLOWER

SQL = load("sqlite", "checks")
FOLLOWERS = load("sqlite", "followers")
REMOVALS_SINCE = 5
"""The version of the tables that knows of removals; older ones are told to be migrated first."""
SHOWN = 10
"""Faults of one kind and place that are told one by one."""
RESTORE = "stop the server, keep a copy of the file, and restore a backup"


def open_checked(path: Path) -> apsw.Connection:
    """A connection that changes nothing, not even by moving the write-ahead log when it closes."""
    with named(path):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(BUSY_MS)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.pragma("cache_size", -32_768)
    return connection


def organisations(connection: apsw.Connection) -> list[int]:
    """The numbers of all organisations."""
    return directory.organisation_numbers(connection)


def pages(connection: apsw.Connection) -> Iterator[Fault]:
    """Pages, rows and indexes that the engine finds damaged."""
    for (line,) in fetch(connection, f"PRAGMA integrity_check({SHOWN})", ()):
        if line != "ok":
            yield Fault(check="pages", where="the store's file", what=str(line), remedy=RESTORE)


def tables(connection: apsw.Connection) -> Iterator[Fault]:
    """A store that is older or newer than this program."""
    known = migrations("sqlite")
    version = version_of(connection)
    where = f"version {version} of the tables"
    if version > known[-1][0]:
        remedy = "install the newer Gatebook that wrote it"
        yield Fault(check="tables", where=where, what=f"this Gatebook knows up to {known[-1][0]}", remedy=remedy)
    missing = [f"{number:04d}_{name}" for number, name, _sql in known if number > version]
    if missing:
        what = f"not applied yet: {', '.join(missing)}"
        yield Fault(check="tables", where=where, what=what, remedy="run `gatebook migrate`")


def page_limit(connection: apsw.Connection, share: float) -> Iterator[Fault]:
    """A file that has used more than `share` of the pages it may have."""
    used, limit = int(connection.pragma("page_count")), int(connection.pragma("max_page_count"))
    if used > share * limit:
        what = f"{used} of at most {limit} pages are used"
        yield Fault(check="space", where="the store's file", what=what, remedy="raise the limit, or remove old events")


def numbers(connection: apsw.Connection, org: int) -> Iterator[Fault]:
    """Gaps in `seq` and in `version` that no removal explains, removals that are in the log, and heads that differ."""
    if version_of(connection) < REMOVALS_SINCE:
        return
    count, low, high, *_ = fetch(connection, SQL["log_sizes"], {"org": org, "now": 0})[0]
    heads: dict[int, int] = dict(fetch(connection, SQL["heads"], {"org": org}))
    if count and (low, high) != (1, count):
        for before, seq in fetch(connection, SQL["seq_gaps"], {"org": org, "limit": SHOWN}):
            yield _gap(f"organisation {org}", "seq", before, seq)
    yield from _head(connection, org, 0, heads.pop(0, 0), high or 0)
    for stream, size, lowest, highest in fetch(connection, SQL["stream_sizes"], {"org": org}):
        if (lowest, highest) != (1, size):
            named = {"org": org, "stream": stream, "limit": SHOWN}
            for before, version in fetch(connection, SQL["version_gaps"], named):
                yield _gap(f"organisation {org}, stream {stream}", "version", before, version)
        yield from _head(connection, org, stream, heads.pop(stream, 0), highest)
    for stream, last in heads.items():
        yield from _head(connection, org, stream, last, 0)
    yield from _not_gone(connection, org)
    for (stream,) in fetch(connection, SQL["unknown_streams"], {"org": org}):
        where = f"organisation {org}, stream {stream}"
        yield Fault(check="numbers", where=where, what="has events and belongs to nothing", remedy=RESTORE)


def _not_gone(connection: apsw.Connection, org: int) -> Iterator[Fault]:
    named = {"org": org, "limit": SHOWN}
    for first_, last, met in fetch(connection, SQL["seqs_not_gone"], named):
        what = f"seq {first_} to {last} are said to be removed, and {met} is in the log"
        yield Fault(check="numbers", where=f"organisation {org}", what=what, remedy=RESTORE)
    for stream, first_, last, met in fetch(connection, SQL["versions_not_gone"], named):
        what = f"version {first_} to {last} are said to be removed, and {met} is in the log"
        yield Fault(check="numbers", where=f"organisation {org}, stream {stream}", what=what, remedy=RESTORE)


def _gap(where: str, number: str, before: int, after: int) -> Fault:
    lost = f"{before + 1}" if after == before + 2 else f"{before + 1} to {after - 1}"
    what = f"{number} {lost} is missing" if after > before else f"{number} {after} follows {before}"
    return Fault(check="numbers", where=where, what=what, remedy=f"events were removed past Gatebook; {RESTORE}")


def _head(connection: apsw.Connection, org: int, stream: int, head: int, last: int) -> Iterator[Fault]:
    """A head stands at the newest number, which is in the log or was removed."""
    number = "version" if stream else "seq"
    gone = first(connection, SQL["removed_upto"], {"org": org, "stream": stream, "number": last + 1})
    if head != (last if gone is None else int(gone[0])):
        side = "behind" if head < last else "ahead of"
        what = f"the head stands at {number} {head}, {side} the log, which ends at {last}"
        where = f"organisation {org}, stream {stream}" if stream else f"organisation {org}"
        yield Fault(check="numbers", where=where, what=what, remedy=RESTORE)


def references(connection: apsw.Connection, org: int) -> Iterator[Fault]:
    """Keys and personal parts of events that are not there."""
    if version_of(connection) < REMOVALS_SINCE:
        return
    for query, what in (("lost_keys", "keys of repeats"), ("lost_personal", "personal parts")):
        count, seq = fetch(connection, SQL[query], {"org": org})[0]
        if count:
            told = f"{count} {what} name events that are not there, the first seq {seq}"
            yield Fault(check="references", where=f"organisation {org}", what=told, remedy=RESTORE)


def clock(connection: apsw.Connection, org: int, read_clock: Callable[[], Instant]) -> Iterator[Fault]:
    """Events received later than now; devices whose newest event came from the future."""
    fetch(connection, SQL["heads"], {"org": org})  # the snapshot stands now: what it holds was received before
    now = read_clock()
    _count, _low, _high, ahead, newest = fetch(connection, SQL["log_sizes"], {"org": org, "now": now})[0]
    if ahead:
        what = f"{ahead} events were received in the future, the newest {_seconds(newest - now)} from now"
        remedy = "this machine's clock is behind now or was ahead then; check its time service"
        yield Fault(check="clock", where=f"organisation {org}", what=what, remedy=remedy)
    for device, name, ns in fetch(connection, SQL["devices_ahead"], {"org": org, "limit": SHOWN}):
        what = f"its clock was {_seconds(ns)} ahead at its newest event"
        where = f"organisation {org}, device {device} ({name})"
        yield Fault(check="clock", where=where, what=what, remedy="set the device's clock")


def _seconds(ns: int) -> str:
    return f"{ns / 1e9:,.0f} s"


def followers(connection: apsw.Connection, org: int, lag: int) -> Iterator[Fault]:
    """Followers more than `lag` events behind, and what they parked."""
    row = first(connection, FOLLOWERS["head"], {"org": org, "stream": 0})
    last = 0 if row is None else int(row[0])
    found = {name: seq for name, seq, *_ in fetch(connection, FOLLOWERS["followers"], {"org": org})}
    for name, seq in ({TALLIES_FOLLOWER: 0} | found).items():
        where = f"organisation {org}, follower {name}"
        if last - seq > lag:
            what = f"it is {last - seq} events behind"
            yield Fault(check="followers", where=where, what=what, remedy="run the server, and look into its log")
        if seq > last:
            what = f"it stands at seq {seq}, and the log ends at {last}"
            yield Fault(check="followers", where=where, what=what, remedy=RESTORE)
    for name, count, seq, reason in fetch(connection, SQL["parked"], {"org": org}):
        where = f"organisation {org}, follower {name}"
        what = f"{count} events are parked, the first seq {seq}: {reason}"
        yield Fault(check="followers", where=where, what=what, remedy="mend the cause, and report it to Gatebook")


def quarantined(connection: apsw.Connection, org: int, share: float) -> Iterator[Fault]:
    """A quarantine that is more than `share` full, or is counted wrongly."""
    waiting, counted = fetch(connection, SQL["quarantined"], {"org": org})[0]
    where = f"organisation {org}"
    if waiting > share * quarantine.LIMIT:
        what = f"{waiting} reports of at most {quarantine.LIMIT} are in quarantine"
        remedy = "see `gatebook quarantine list`, make the devices known, then `gatebook quarantine replay --all`"
        yield Fault(check="quarantine", where=where, what=what, remedy=remedy)
    if waiting != counted:
        what = f"{waiting} reports wait, and {counted} are counted"
        yield Fault(check="quarantine", where=where, what=what, remedy=RESTORE)
