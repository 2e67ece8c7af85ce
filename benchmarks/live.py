"""How long it takes from the sending of a report to its arrival at every subscriber of the live stream."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from benchmarks.options import CLIENT_CORE, SERVER_CORE
from benchmarks.pages import settled
from benchmarks.rows import Row, below, percentile, times
from benchmarks.running import ROOT, serving
from benchmarks.stage import Stage
from benchmarks.subscribers import Plan

PER_SECOND = 5
ROADS = {"server-sent events": False, "WebSocket": True}


def delivery(stage: Stage) -> list[Row]:
    """1,000 subscribers (100 in a quick run), five events a second, for ten seconds, on each road and on none."""
    subscribers = 100 if stage.options.quick else 1_000
    events = 10 if stage.options.quick else 50
    lines, _ = stage.more(events, ago_s=120.0)
    bodies = [line[:-1] + b',"tag":"AT"}' for line in lines]
    with bare() as port:
        least = found(Plan(port, stage.key, subscribers, bodies, 1 / PER_SECOND, min(CLIENT_CORE)))
    rows = []
    for road, socket in ROADS.items():
        # A report with a key is taken once: each road has its own.
        told = [body.replace(b'"key":"', b'"key":"%d ' % socket) for body in bodies]
        with serving(stage.store) as server:
            settled(stage, server)
            met = found(Plan(server.port, stage.key, subscribers, told, 1 / PER_SECOND, min(CLIENT_CORE), socket))
        rows.append(
            Row(what=f"POST to live delivery by {road}, {subscribers:,} subscribers, {PER_SECOND} events/s",
                load=stage.load, figure=times(met), limit=times(least), **below(percentile(met, 0.99) * 1e3, 50, "ms"),
                ratio=percentile(met, 0.5) / percentile(least, 0.5),
                note="limit: a bare loop that writes what is posted to all; ratio of p50; subscribers and poster in one"
                " process on the other core")
        )  # fmt: skip
    return rows


def found(plan: Plan) -> list[float]:
    """The seconds of all deliveries; ConnectionError where one is missing."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.subscribers"],
        cwd=ROOT,
        input=msgspec.msgpack.encode(plan),
        stdout=subprocess.PIPE,
        check=True,
    )
    met = [units / 1e5 for units in msgspec.msgpack.decode(done.stdout, type=list[int])]
    if len(met) != plan.subscribers * len(plan.bodies):
        raise ConnectionError(f"{len(met)} deliveries of {plan.subscribers * len(plan.bodies)}")
    return met


@contextmanager
def bare() -> Iterator[int]:
    """The port of a loop that does nothing but write to all."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fanout", "--core", str(min(SERVER_CORE))], cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=60)
