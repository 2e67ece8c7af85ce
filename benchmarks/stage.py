"""What is measured on: a store with its history, a second one that raw SQLite wrote, and how to ask them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

import apsw

from benchmarks.options import Options
from benchmarks.raw import Raw
from benchmarks.rows import Row, at_least, rate, ratio_of_pairs
from gatebook.app.founding import found
from gatebook.app.secrets import derived
from gatebook.app.settings import Store as StoreSettings
from gatebook.app.stores import made
from gatebook.domain.events import Draft
from gatebook.simulation import Settings, World, happenings, world_of
from gatebook.simulation.bulk import MEMORY_MB, append_all, count_streams, know
from gatebook.simulation.directory import Known
from gatebook.simulation.drafts import Drafts
from gatebook.simulation.feed import TRANSACTION, Packed, fed, unpacked
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.wire import Wire
from gatebook.store import Store, open_store
from gatebook.store.sqlite.connection import CACHE_MB

TURNS = 6
"""So many turns on each side, when all but what they write is there."""


@dataclass(slots=True)
class Stage:
    """One load; `rows` is what building it measured."""

    options: Options
    load: str
    store: Path
    raw: Raw
    org: int
    key: str
    secret: bytes = field(repr=False)
    known: Known
    world: World
    settings: Settings
    rows: list[Row] = field(default_factory=list)
    sent: int = 0
    """Reports made after the history, so that none is made twice."""

    def more(self, events: int, *, ago_s: float = 60.0) -> tuple[list[bytes], list[Draft]]:
        """Reports that follow on the history, a minute ago: as lines to be sent, and as drafts."""
        simulation = replace(
            self.settings, events=events, first=self.settings.events * 2 + self.sent, days=1, burst_share=1.0,
            start=time.time_ns() - int(ago_s * 1e9) - 43_200 * 10**9, burst_ns=60 * 10**9, late=0.0, ahead=0.0,
            repeated=0.0,
        )  # fmt: skip
        self.sent += events + 10
        scenes = scenes_of(simulation)
        wire = Wire(simulation, self.world, scenes)
        drafts = Drafts(simulation, self.world, scenes, self.known, self.secret)
        told = list(chain.from_iterable(happenings(simulation, self.world, scenes)))
        return [wire.line(one) for one in told], [drafts.draft(one) for one in told]

    @contextmanager
    def opened(self) -> Iterator[Store]:
        """The store, in this process."""
        store = open_store(str(self.store), queue_limit=200_000)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def staged(options: Options, load: str) -> Iterator[Stage]:
    """Both stores with the same events, written in turns; removed in the end."""
    folder = options.folder / load
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    begun_with = made(StoreSettings(url=str(folder / "gatebook.db")))
    founded, secret = found(begun_with.store, "Benchmark", "Europe/London"), derived(begun_with.secret, "source keys")
    begun_with.store.close()
    store = open_store(str(folder / "gatebook.db"), queue_limit=200_000)
    try:
        settings = options.simulation(load)
        known = know(store, founded.organisation, settings)
        with fed(settings, known, secret) as batches:
            turns = max(1, min(TURNS, settings.events // TRANSACTION // 4))
            before = max(0, settings.events // TRANSACTION - turns)
            begun = time.perf_counter()
            written = append_all(store, founded.organisation, islice(batches, before))
            alone = written / (time.perf_counter() - begun)
            raw = _copied(store, founded.organisation, folder / "raw.db", burst=load == "burst")
            stage = Stage(options, load, store.path, raw, founded.organisation, founded.key, secret, known,
                          world_of(settings), settings)  # fmt: skip
            stage.rows += _in_turns(stage, store, batches, alone)
    finally:
        store.close()
    try:
        yield stage
    finally:
        raw.close()
        shutil.rmtree(folder, ignore_errors=True)


def _copied(store: Store, org: int, path: Path, *, burst: bool) -> Raw:
    """The second file: the first as it stands."""
    with (
        closing(apsw.Connection(str(store.path))) as source,
        closing(apsw.Connection(str(path))) as copy,
        copy.backup("main", source, "main") as backup,
    ):
        while not backup.done:
            backup.step(100_000)
    return Raw(path, org, burst=burst)


def _in_turns(stage: Stage, store: Store, batches: Iterable[Packed], alone: float) -> list[Row]:
    """The rest of the history on both sides; then the counts of single streams, which raw SQLite has not."""
    ours: list[float] = []
    theirs: list[float] = []
    stage.raw.keep_in_memory(MEMORY_MB)
    while True:
        kept: list[Packed] = []
        begun = time.perf_counter()
        written = append_all(store, stage.org, _kept(islice(batches, 1), kept))
        if not kept:
            break
        ours.append(written / (time.perf_counter() - begun))
        prepared = stage.raw.prepare([draft for batch in kept for draft in unpacked(batch)], TRANSACTION)
        theirs.append(sum(batch.events for batch in prepared) / stage.raw.write(prepared))
    stage.raw.keep_in_memory(CACHE_MB)
    begun = time.perf_counter()
    count_streams(store, stage.org)
    counted = stage.settings.events / (time.perf_counter() - begun)
    return [
        Row(what="bulk load of history, events", load=stage.load, figure=rate(ours), limit=rate(theirs),
            **at_least(ratio_of_pairs(ours, theirs), 0.6),
            note=f"limit: raw SQLite, {TRANSACTION:,} a transaction; the history before the turns: {alone:,.0f}/s"),
        Row(what="counts of single streams caught up, events", load=stage.load, figure=rate([counted]),
            note="in the background; not part of the load"),
    ]  # fmt: skip


def _kept(batches: Iterable[Packed], kept: list[Packed]) -> Iterator[Packed]:
    """The same, remembered as they pass."""
    for batch in batches:
        kept.append(batch)
        yield batch
