"""How fast a file of reports is imported, from the start of the process that reads it until all of it is on disk."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.rows import Row, at_least, rate, ratio_of_pairs
from benchmarks.stage import Stage
from gatebook.app.clock import now
from gatebook.app.importing import BATCH, Tally, filed, taken
from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.events import Draft
from gatebook.services.imports import Imports
from gatebook.services.names import new_id
from gatebook.simulation import happenings
from gatebook.simulation.bulk import MEMORY_MB
from gatebook.simulation.drafts import Drafts
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.wire import Wire
from gatebook.store import Store
from gatebook.store.sqlite.connection import CACHE_MB

ROUNDS = 3
UTC = ZoneInfo("UTC")


def files(stage: Stage) -> list[Row]:
    """Files of lines against raw SQLite, which has the same rows ready-made, in transactions of the same size."""
    ours: list[float] = []
    theirs: list[float] = []
    again: list[float] = []
    events = min(stage.options.events, BATCH // 2 if stage.options.quick else 4 * BATCH)
    file = stage.store.parent / "import.ndjson"
    stage.raw.keep_in_memory(MEMORY_MB)
    with stage.opened() as store:
        for _ in range(ROUNDS):
            drafts = written(stage, events, file)
            ours.append(_rate(stage, store, file))
            prepared = stage.raw.prepare(drafts, BATCH)
            theirs.append(sum(batch.events for batch in prepared) / stage.raw.write(prepared))
        again.append(_rate(stage, store, file))
    stage.raw.keep_in_memory(CACHE_MB)
    file.unlink()
    note = (
        f"limit: raw SQLite, {BATCH:,} a transaction; files of {events:,} lines, the reading process's start included"
    )
    return [
        Row(what="import of NDJSON, events", load=stage.load, figure=rate(ours), limit=rate(theirs),
            **at_least(ratio_of_pairs(ours, theirs), 0.6), note=note),
        Row(what="import of a file that is there already, events", load=stage.load, figure=rate(again),
            note="what an import does again that goes on after an interruption"),
    ]  # fmt: skip


def written(stage: Stage, events: int, file: Path) -> list[Draft]:
    """A file of reports that were not made before, spread as the load is; the same as drafts."""
    first = stage.settings.events * 2 + stage.sent
    simulation = replace(stage.settings, events=events, first=first, repeated=0.0)
    stage.sent += events + 10
    scenes = scenes_of(simulation)
    wire = Wire(simulation, stage.world, scenes)
    drafts = Drafts(simulation, stage.world, scenes, stage.known, stage.secret)
    told = list(chain.from_iterable(happenings(simulation, stage.world, scenes)))
    with file.open("wb") as lines:
        lines.writelines(wire.line(one) + b"\n" for one in told)
    return [drafts.draft(one) for one in told]


def _rate(stage: Stage, store: Store, file: Path) -> float:
    who = Principal(
        organisation=stage.org, kind=PrincipalKind.SERVICE, id=new_id(), name="benchmark", grant=EVERYTHING,
        scopes=frozenset({Scope.ADMIN}),
    )  # fmt: skip
    imports = Imports(store, now, stage.secret)

    async def run() -> Tally:
        with filed(file, UTC, 0) as batches:
            return [tally async for tally in taken(imports, who, batches, triggers_rules=False)][-1]

    begun = time.perf_counter()
    tally = asyncio.run(run())
    took_s = time.perf_counter() - begun
    assert tally.refused == 0, tally.faults[:3]
    return tally.lines / took_s
