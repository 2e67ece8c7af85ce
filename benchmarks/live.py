"""How long it takes from the sending of a report to its arrival at every subscriber of the live stream."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from benchmarks.options import CLIENT_CORE
from benchmarks.pages import settled
from benchmarks.rows import Row, below, percentile, times
from benchmarks.running import ROOT, serving
from benchmarks.stage import Stage
from benchmarks.subscribers import Plan

PER_SECOND = 5


def delivery(stage: Stage) -> list[Row]:
    """1,000 subscribers (100 in a quick run), five events a second, for ten seconds."""
    subscribers = 100 if stage.options.quick else 1_000
    events = 10 if stage.options.quick else 50
    lines, _ = stage.more(events, ago_s=120.0)
    bodies = [line[:-1] + b',"tag":"AT"}' for line in lines]
    with serving(stage.store) as server:
        settled(stage, server)
        plan = Plan(server.port, stage.key, subscribers, bodies, 1 / PER_SECOND, min(CLIENT_CORE))
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.subscribers"],
            cwd=ROOT,
            input=msgspec.msgpack.encode(plan),
            stdout=subprocess.PIPE,
            check=True,
        )
    found = msgspec.msgpack.decode(done.stdout, type=list[float])
    if len(found) != subscribers * events:
        raise ConnectionError(f"{len(found)} deliveries of {subscribers * events}")
    return [
        Row(what=f"POST to live delivery, {subscribers:,} subscribers, {PER_SECOND} events/s", load=stage.load,
            figure=times(found), **below(percentile(found, 0.99) * 1e3, 50, "ms"),
            note="server-sent events; subscribers and poster in one process on the other core")
    ]  # fmt: skip
