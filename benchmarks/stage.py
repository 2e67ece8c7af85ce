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
import msgspec
from msgspec import Struct, structs

from benchmarks.options import Options
from benchmarks.raw import Raw
from benchmarks.rows import Row, at_least, rate, ratio_of_pairs
from benchmarks.standing import as_it_stands
from gatebook.app.founding import found
from gatebook.app.secrets import derived, secret_of
from gatebook.app.settings import Store as StoreSettings
from gatebook.app.stores import made
from gatebook.domain.events import Draft
from gatebook.simulation import Settings, World, happenings, world_of
from gatebook.simulation.bulk import MEMORY_MB, append_all, count_streams, know
from gatebook.simulation.directory import Known, make_known
from gatebook.simulation.drafts import Drafts
from gatebook.simulation.feed import TRANSACTION, Packed, fed, unpacked
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.wire import Wire
from gatebook.store import Store, open_store
from gatebook.store.sqlite.connection import CACHE_MB

TURNS = 6
"""So many turns on each side, when all but what they write is there."""


STORE, RAW, KEPT = "gatebook.db", "raw.db", "kept.json"
WHEN = "; measured when these stores were loaded"


class Kept(Struct, frozen=True):
    """What a later run has to know of stores that were kept."""

    events: int
    org: int
    key: str
    sent: int
    rows: list[Row]


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
    """Both stores with the same events, written in turns; removed in the end unless they are to be kept."""
    folder = options.folder / load
    if is_kept(options, load):
        stage = _reopened(options, load, folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        stage = _loaded(options, load, folder)
    try:
        yield stage
    finally:
        stage.raw.close()
        if options.keep:
            _keep(stage)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def is_kept(options: Options, load: str) -> bool:
    """Whether an earlier run left this load; ValueError where it left one of another size."""
    note = options.folder / load / KEPT
    if not (options.keep and note.is_file()):
        return False
    events = msgspec.json.decode(note.read_bytes(), type=Kept).events
    if events != options.events:
        raise ValueError(f"{note.parent} holds {events:,} events; say --events {events}, or remove the folder")
    return True


def _loaded(options: Options, load: str, folder: Path) -> Stage:
    begun_with = made(StoreSettings(url=str(folder / STORE)))
    founded, secret = found(begun_with.store, "Benchmark", "Europe/London"), derived(begun_with.secret, "source keys")
    begun_with.store.close()
    store = open_store(str(folder / STORE), queue_limit=200_000)
    try:
        settings = options.simulation(load)
        known = know(store, founded.organisation, settings)
        with fed(settings, known, secret) as batches:
            turns = max(1, min(TURNS, settings.events // TRANSACTION // 4))
            before = max(0, settings.events // TRANSACTION - turns)
            begun = time.perf_counter()
            written = append_all(store, founded.organisation, islice(batches, before))
            alone = written / (time.perf_counter() - begun)
            raw = _copied(store, founded.organisation, folder / RAW, burst=load == "burst")
            stage = Stage(options, load, store.path, raw, founded.organisation, founded.key, secret, known,
                          world_of(settings), settings)  # fmt: skip
            stage.rows += _in_turns(stage, store, batches, alone)
    finally:
        store.close()
    if options.keep:
        _keep(stage)
    return stage


def _reopened(options: Options, load: str, folder: Path) -> Stage:
    """What an earlier run loaded, with the rows that it measured while loading."""
    kept = msgspec.json.decode((folder / KEPT).read_bytes(), type=Kept)
    settings = options.simulation(load)
    secret = derived(secret_of(folder / STORE), "source keys")
    world, scenes = as_it_stands(folder / STORE, kept.org, world_of(settings)), scenes_of(settings)
    store = open_store(str(folder / STORE))
    try:
        known = store.write_now(lambda transaction: make_known(transaction, kept.org, world, scenes))
        count_streams(store, kept.org)
    finally:
        store.close()
    raw = Raw(folder / RAW, kept.org, burst=load == "burst")
    return Stage(options, load, folder / STORE, raw, kept.org, kept.key, secret, known, world, settings,
                 kept.rows, kept.sent)  # fmt: skip


def _keep(stage: Stage) -> None:
    """Written last, so that a load that was broken off is begun anew; it holds a key, and nobody else may read it."""
    told = [structs.replace(row, note=row.note if WHEN in row.note else f"{row.note}{WHEN}") for row in stage.rows]
    kept = Kept(stage.options.events, stage.org, stage.key, stage.sent, told)
    note = stage.store.parent / KEPT
    note.touch(mode=0o600)
    note.write_bytes(msgspec.json.encode(kept))


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
