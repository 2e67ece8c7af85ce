"""What it costs to trigger events in XProtect's words, beside the same events reported natively to the same server."""

from __future__ import annotations

import json

from benchmarks.client import Report, Request
from benchmarks.dialects import token_of
from benchmarks.ingest import BATCH, CONNECTIONS, POSTERS
from benchmarks.rows import Row, percentile, rate, ratio_of_pairs
from benchmarks.running import Running, answered, post, sent, serving
from benchmarks.stage import Stage

JSON = "application/json"
KIND, TYPE = "motion.started", "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"
"""Source of the type's id: mipsdk-samples-protocol 3f42081, event_types.py."""
MOST_PER_S = 16_000


def one_by_one(stage: Stage) -> list[Row]:
    """64 posters of one event, the two ways in turns."""
    ours: list[float] = []
    theirs: list[float] = []
    waits: list[float] = []
    with serving(stage.store) as server:
        triggered, reported = _ways(stage, server)
        for _ in range(stage.options.rounds):
            told = _posted(stage, server, triggered)
            waits += told.times_s["post"]
            ours.append(_rate(told))
            theirs.append(_rate(_posted(stage, server, reported)))
    note = f"p50 {percentile(waits, 0.5) * 1e3:.1f}, p99 {percentile(waits, 0.99) * 1e3:.1f} ms"
    return [_row(stage, f"XProtect: trigger, {POSTERS} posters of one event", ours, theirs, note)]


def in_bulk(stage: Stage) -> list[Row]:
    """Lists of 1,000 on four connections, the two ways in turns."""
    ours: list[float] = []
    theirs: list[float] = []
    waits: list[float] = []
    each = 1 if stage.options.quick else 10
    with serving(stage.store) as server:
        triggered, reported = _ways(stage, server, BATCH)
        for _ in range(stage.options.rounds):
            told = sent(server.port, [[triggered] * each] * CONNECTIONS)
            waits += told.times_s["post"]
            ours.append(_rate(told, BATCH))
            theirs.append(_rate(sent(server.port, [[reported] * each] * CONNECTIONS), BATCH))
    note = f"{CONNECTIONS} connections, p99 of a list {percentile(waits, 0.99) * 1e3:.0f} ms"
    return [_row(stage, f"XProtect: bulk, lists of {BATCH:,}, events", ours, theirs, note)]


def _ways(stage: Stage, server: Running, batch: int = 0) -> tuple[Request, Request]:
    """One event of a camera, or a list of it, as it is triggered and as it is reported; both with a token."""
    vendors, own = (token_of(server, stage.key, dialect) for dialect in ("xprotect", "native"))
    signed = {"Authorization": f"Bearer {vendors}"}
    camera = json.loads(answered(server.port, "/api/rest/v1/cameras?size=1", signed))["array"][0]["id"]
    triggered = json.dumps({"type": TYPE, "source": f"cameras/{camera}"}).encode()
    reported = json.dumps({"kind": KIND, "device": camera}).encode()
    if not batch:
        return (
            post("/api/rest/v1/events", "", triggered, JSON, token=vendors),
            post("/v1/events", "", reported, JSON, token=own),
        )
    many, more = (b"[" + b",".join([one] * batch) + b"]" for one in (triggered, reported))
    return (
        post("/api/rest/v1/events/bulk", "", many, JSON, token=vendors),
        post("/v1/events", "", more, JSON, token=own),
    )


def _posted(stage: Stage, server: Running, request: Request) -> Report:
    """As many as there is time for."""
    each = int(stage.options.turn_s * MOST_PER_S) // POSTERS
    return sent(server.port, [[request] * each] * POSTERS, stage.options.turn_s)


def _rate(report: Report, batch: int = 1) -> float:
    return len(report.times_s["post"]) * batch / report.took_s


def _row(stage: Stage, what: str, ours: list[float], theirs: list[float], note: str) -> Row:
    return Row(what=what, load=stage.load, figure=rate(ours), limit=rate(theirs), ratio=ratio_of_pairs(ours, theirs),
               note=f"limit: the same events reported natively, in turns; {note}")  # fmt: skip
