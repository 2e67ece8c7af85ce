"""What a page costs: the first, a deep one, one by cursor, in each dialect that lists events."""

from __future__ import annotations

import json
import time
from pathlib import Path

from benchmarks.client import Request
from benchmarks.options import SERVER_CORE, pinned
from benchmarks.rows import Row, at_most, percentile, times
from benchmarks.running import Running, answered, get, sent, serving
from benchmarks.stage import Stage
from gatebook.domain.access import EVERYTHING
from gatebook.domain.places import DeviceKind
from gatebook.store.contract import Asked
from gatebook.store.sqlite.connection import open_reader

SIZE = 50
BARE = """SELECT e.seq, e.id, e.stream, e.version, e.class, e.occurred, e.received, e.reported, e.cause, e.tag, e.data,
p.person, p.person_name, p.credential, p.message, p.data, p.erased
FROM (SELECT seq, occurred FROM events INDEXED BY events_by_time WHERE org = ?
      ORDER BY occurred DESC, seq DESC LIMIT 50) x
JOIN events e ON e.org = ?1 AND e.seq = x.seq LEFT JOIN personal p ON p.org = ?1 AND p.seq = x.seq
ORDER BY x.occurred DESC, x.seq DESC"""
"""The newest page as bare SQL: whole rows off the index of time."""


def native(stage: Stage) -> list[Row]:
    """Page 1, a deep page, and the page after the deep one by its cursor, with exact totals."""
    deep = stage.options.deep
    with serving(stage.store) as server:
        settled(stage, server)
        page = json.loads(answered(server.port, f"/v1/events?page={deep}&size={SIZE}", {"X-API-Key": stage.key}))
        if len(page["items"]) != SIZE:
            raise ValueError(f"page {deep} has {len(page['items'])} events; give more events")
        asked = {"first": f"/v1/events?page=1&size={SIZE}", "deep": f"/v1/events?page={deep}&size={SIZE}"}
        if page.get("next"):
            asked["cursor"] = f"/v1/events?limit={SIZE}&cursor={page['next']}"
        found = timed(stage, server, asked | {"empty": "/healthz"})
        bare = bare_sql(stage)
    limit = percentile(bare, 0.5) + percentile(found["empty"], 0.5)
    rows = [
        Row(what="native: page 1 of 50 with exact total", load=stage.load, figure=times(found["first"]),
            limit=f"{limit * 1e3:.2f} ms", **at_most(percentile(found["first"], 0.5) / limit, 3),
            note=f"limit: p50 of bare SQL ({percentile(bare, 0.5) * 1e3:.2f}) and of an empty answer"),
        against_first(stage, f"native: page {deep:,} of 50 with exact total", found["deep"], found["first"]),
    ]  # fmt: skip
    if "cursor" in found:
        rows.append(against_first(stage, f"native: page {deep + 1:,} by cursor", found["cursor"], found["first"]))
    return rows


def smartphonekey(stage: Stage) -> list[Row]:
    """The page of the busiest lock that is as deep as can be, against its first."""
    device, events = busiest(stage, {DeviceKind.DOOR, DeviceKind.LOCK})
    path = f"/locks/{device}/events?page="
    with serving(stage.store) as server:
        settled(stage, server)
        found = timed(stage, server, {"first": f"{path}1", "deep": f"{path}{events // 20}"})
    return [against_first(stage, f"SmartphoneKey: lock page {events // 20:,} of 10", found["deep"], found["first"])]


def total(stage: Stage) -> list[Row]:
    """The exact total of all events against the first page, each in one snapshot in process."""
    asked = Asked(organisation=stage.org, grant=EVERYTHING, with_total=False)
    counts: list[float] = []
    pages: list[float] = []
    with stage.opened() as store, pinned(SERVER_CORE):
        for _ in range(stage.options.samples):
            begun = time.perf_counter()
            store.read_now(store.history.count, asked)
            between = time.perf_counter()
            store.read_now(store.history.page, asked)
            counts.append(between - begun)
            pages.append(time.perf_counter() - between)
    ratio = percentile(counts, 0.5) / percentile(pages, 0.5)
    return [
        Row(what="exact total of all events", load=stage.load, figure=times(counts), limit=times(pages),
            **at_most(ratio, 1), note="limit: page 1 without a total, in process")
    ]  # fmt: skip


def timed(stage: Stage, server: Running, paths: dict[str, str]) -> dict[str, list[float]]:
    """Seconds of each answer, one after the other on one connection, taking turns."""
    turn: list[Request] = [get(path, stage.key, label) for label, path in paths.items()]
    sent(server.port, [turn * 20])
    return sent(server.port, [turn * stage.options.samples]).times_s


def against_first(stage: Stage, what: str, deep: list[float], first: list[float]) -> Row:
    """A deep page beside the first: p99 against p99."""
    ratio = percentile(deep, 0.99) / percentile(first, 0.99)
    return Row(what=what, load=stage.load, figure=times(deep), limit=times(first), **at_most(ratio, 2),
               note="limit: page 1 in the same turns; ratio of p99")  # fmt: skip


def bare_sql(stage: Stage) -> list[float]:
    """Seconds of `BARE` on a reading connection like the server's."""
    connection = open_reader(Path(stage.store))
    found: list[float] = []
    with pinned(SERVER_CORE):
        for _ in range(stage.options.samples):
            begun = time.perf_counter()
            connection.execute(BARE, (stage.org,)).fetchall()
            found.append(time.perf_counter() - begun)
    connection.close()
    return found


def busiest(stage: Stage, kinds: set[DeviceKind]) -> tuple[int, int]:
    """The number of the device with the most events among these, and how many it has."""
    with stage.opened() as store:
        numbers = [store.read_now(store.directory.device, stage.org, made.id) for made in stage.world.devices]
        heads = [(store.read_now(store.history.versions, stage.org, device.stream, 0, 0).ceiling, device.number)
                 for device in numbers if device is not None and device.kind in kinds]  # fmt: skip
    events, number = max(heads)
    return number, events


def settled(stage: Stage, server: Running) -> None:
    """Back when the counts of single streams have caught up, so that nothing works beside what is measured."""
    del server
    connection = open_reader(stage.store)
    until = time.monotonic() + 600
    lag = (
        "SELECT h.last - f.seq FROM heads h JOIN followers f ON f.org = h.org AND f.name = 'tallies' "
        "WHERE h.org = ? AND h.stream = 0"
    )
    while connection.execute(lag, (stage.org,)).fetchone()[0] > 0 and time.monotonic() < until:
        time.sleep(0.2)
    connection.close()
