"""What a server needs while it rests, and how soon it is back after it was killed."""

from __future__ import annotations

import time

from benchmarks.pages import settled
from benchmarks.rows import Row, below
from benchmarks.running import answered, post, sent, serving
from benchmarks.stage import Stage
from gatebook.store.sqlite.connection import open_reader

NDJSON = "application/x-ndjson"


def memory(stage: Stage) -> list[Row]:
    """Resident memory after the first answers; pages of the store's file that it has mapped are told apart."""
    with serving(stage.store) as server:
        settled(stage, server)
        answered(server.port, "/v1/events", {"X-API-Key": stage.key})
        found = server.memory_mb()
    return [
        Row(what="idle server, resident memory", load=stage.load, figure=f"{found['VmRSS']:.0f} MB",
            **below(found["VmRSS"], 150, "MB"),
            note=f"its own {found['RssAnon']:.0f} MB, the rest pages of files")
    ]  # fmt: skip


def restart(stage: Stage) -> list[Row]:
    """From the start of the process to the first page, after a kill -9 in the middle of writing."""
    took: list[float] = []
    for _ in range(3):
        with serving(stage.store, pin=False) as server:
            lines, _ = stage.more(20_000)
            requests = [post("/v1/events", stage.key, b"\n".join(lines[at : at + 1_000]), NDJSON)
                        for at in range(0, len(lines), 1_000)]  # fmt: skip
            sent(server.port, [requests[:10], requests[10:]])
            server.kill()
        begun = time.perf_counter()
        with serving(stage.store, pin=False) as server:
            answered(server.port, "/v1/events", {"X-API-Key": stage.key})
            took.append(time.perf_counter() - begun)
    worst = max(took)
    return [
        Row(what="start after kill -9, to the first page", load=stage.load, figure=f"{worst:.2f} s (worst of 3)",
            **below(worst, 2, "s"), note="Python's own start included")
    ]  # fmt: skip


def bytes_each(stage: Stage) -> list[Row]:
    """Bytes of the file for an event that has all of it, indexes with their tables.

    Only some events tell of a person: what lies apart for those is divided by their number alone.
    """
    full = stage.settings.keys
    connection = open_reader(stage.store)
    (events,) = connection.execute("SELECT sum(last) FROM heads WHERE stream = 0").fetchone()
    (apart,) = connection.execute("SELECT count(*) FROM personal").fetchone()
    sizes = dict(connection.execute(
        "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema m ON m.name = d.name "
        "WHERE d.aggregate = TRUE GROUP BY 1 ORDER BY 2 DESC"))  # fmt: skip
    connection.close()
    each = {table: size / events for table, size in sizes.items() if table != "personal"}
    if full and apart:
        each["personal"] = sizes["personal"] / apart
    figure = sum(each.values())
    parts = ", ".join(f"{table} {size:.0f}" for table, size in each.items() if size >= 0.5)
    what = "with key, person and data" if full else "without key and person"
    note = f"{parts}; over all events {sum(sizes.values()) / events:.0f}, {apart / events:.0%} tell of somebody"
    return [Row(what=f"bytes per event, {what}", load=stage.load, figure=f"{figure:.0f} B",
                **below(figure, 400 if full else 300, "B"), note=note)]  # fmt: skip
