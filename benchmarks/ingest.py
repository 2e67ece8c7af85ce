"""How fast reports are taken in over HTTP, all on disk when they are answered."""

from __future__ import annotations

from itertools import islice

from benchmarks.client import Report, Request
from benchmarks.options import SERVER_CORE, pinned
from benchmarks.rows import Row, at_least, percentile, rate, ratio_of_pairs
from benchmarks.running import Running, post, sent, serving
from benchmarks.stage import Stage

NDJSON = "application/x-ndjson"
BATCH = 1_000
POSTERS = 64
CONNECTIONS = 4
COMMIT_MS = 5


def batches(stage: Stage) -> list[Row]:
    """Batches of 1,000 on four connections against raw SQLite, which commits each batch by itself."""
    ours: list[float] = []
    theirs: list[float] = []
    per_turn = 2 * CONNECTIONS if stage.options.quick else 10 * CONNECTIONS
    waits: list[float] = []
    with serving(stage.store) as server:
        for _ in range(stage.options.rounds):
            lines, drafts = stage.more(per_turn * BATCH)
            requests = [
                post("/v1/events", stage.key, b"\n".join(lines[start : start + BATCH]), NDJSON)
                for start in range(0, len(lines), BATCH)
            ]
            report = sent(server.port, [requests[n::CONNECTIONS] for n in range(CONNECTIONS)])
            ours.append(len(lines) / report.took_s)
            waits += report.times_s["post"]
            prepared = stage.raw.prepare(drafts, BATCH)
            with pinned(SERVER_CORE):
                theirs.append(len(lines) / stage.raw.write(prepared))
    note = f"{CONNECTIONS} connections, p99 of a batch {percentile(waits, 0.99) * 1e3:.0f} ms; server on one core"
    return [
        Row(what="durable ingest over HTTP, batches of 1,000, events", load=stage.load, figure=rate(ours),
            limit=rate(theirs), **at_least(ratio_of_pairs(ours, theirs), 0.5), note=f"limit: raw SQLite; {note}")
    ]  # fmt: skip


def posters(stage: Stage) -> list[Row]:
    """64 posters of one event against the same server with an append in memory."""
    ours: list[float] = []
    theirs: list[float] = []
    waits: list[float] = []
    with serving(stage.store) as durable, serving(stage.store, "--memory") as memory:
        for _ in range(stage.options.rounds):
            report = _posted(stage, durable, POSTERS)
            ours.append(_rate(report))
            waits += report.times_s["post"]
            theirs.append(_rate(_posted(stage, memory, POSTERS)))
    note = f"p50 {percentile(waits, 0.5) * 1e3:.1f}, p99 {percentile(waits, 0.99) * 1e3:.1f} ms"
    return [
        Row(what="durable ingest over HTTP, 64 posters of one event", load=stage.load, figure=rate(ours),
            limit=rate(theirs), **at_least(ratio_of_pairs(ours, theirs), 0.5),
            note=f"limit: the same server, append in memory; {note}")
    ]  # fmt: skip


def slow_disk(stage: Stage) -> list[Row]:
    """64 posters against one, on a disk that takes 5 ms more for each commit."""
    many: list[float] = []
    one: list[float] = []
    with serving(stage.store, "--commit-ms", str(COMMIT_MS)) as server:
        for _ in range(stage.options.rounds):
            many.append(_rate(_posted(stage, server, POSTERS)))
            one.append(_rate(_posted(stage, server, 1)))
    return [
        Row(what=f"64 posters with a commit {COMMIT_MS} ms slower", load=stage.load, figure=rate(many),
            limit=rate(one), **at_least(ratio_of_pairs(many, one), 20), note="limit: one poster on the same server")
    ]  # fmt: skip


def _posted(stage: Stage, server: Running, posters: int) -> Report:
    """As many as there is time for, one event each."""
    most = int(stage.options.turn_s * (16_000 if posters > 1 else 3_000))
    lines, _ = stage.more(most)
    requests = iter([post("/v1/events", stage.key, line, "application/json") for line in lines])
    shares: list[list[Request]] = [list(islice(requests, most // posters)) for _ in range(posters)]
    return sent(server.port, shares, stage.options.turn_s)


def _rate(report: Report) -> float:
    return len(report.times_s["post"]) / report.took_s
