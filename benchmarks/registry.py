"""Every measurement, in the order of the table: what only asks first, since what posts changes what there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from benchmarks import decisions, dialects, grants, imports, ingest, life, live, pages, rules, triggering, watching
from benchmarks.peers import races
from benchmarks.rows import Row
from benchmarks.stage import Stage


class Measure(NamedTuple):
    """A function that measures on a stage, and the loads that it is for."""

    name: str
    run: Callable[[Stage], list[Row]]
    loads: tuple[str, ...] = ("uniform", "burst")


MEASURES = (
    Measure("load", lambda stage: stage.rows),
    Measure("bytes", life.bytes_each, ("uniform", "burst", "lean")),
    Measure("memory", life.memory),
    Measure("native", pages.native),
    Measure("smartphonekey", pages.smartphonekey),
    Measure("plates", decisions.lpr, ("uniform",)),
    Measure("doorflow", dialects.doorflow),
    Measure("xprotect", dialects.xprotect),
    Measure("doordeck", dialects.doordeck, ("uniform",)),
    Measure("total", pages.total),
    Measure("grants", grants.cost),
    Measure("grants-twelve", grants.of_twelve, ("uniform",)),
    Measure("hidden", grants.hidden, ("uniform",)),
    Measure("datasette", races.pages),
    Measure("batches", ingest.batches),
    Measure("posters", ingest.posters, ("uniform",)),
    Measure("slow-disk", ingest.slow_disk, ("uniform",)),
    Measure("trigger", triggering.one_by_one, ("uniform",)),
    Measure("bulk", triggering.in_bulk, ("uniform",)),
    Measure("session", watching.session, ("uniform",)),
    Measure("states", watching.states, ("uniform",)),
    Measure("import", imports.files),
    Measure("eventsourcing", races.appends, ("uniform",)),
    Measure("live", live.delivery, ("uniform",)),
    Measure("rules", rules.followed, ("uniform",)),
    Measure("rules-lag", rules.lag, ("uniform",)),
    Measure("rules-trial", rules.trial, ("uniform",)),
    Measure("restart", life.restart, ("uniform",)),
)
