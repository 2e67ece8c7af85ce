"""The limit for writing: the same rows in the same tables, indexes and tallies, as straight as SQLite takes them.

Rows are made before the clock starts, with `seq`, `version`, ids and counts already worked out.  What is timed is, for
each batch: BEGIN IMMEDIATE, one `executemany` for each table, COMMIT; with the store's own settings (WAL,
synchronous=FULL) and the store's own checkpoints on a thread beside it.  Nothing is looked up, checked or answered.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from uuid_utils import uuid7

from gatebook.domain.events import Draft
from gatebook.domain.times import Grain, bucket_of
from gatebook.store.sql import load
from gatebook.store.sqlite.checkpoints import Checkpointer
from gatebook.store.sqlite.connection import open_writer

APPEND, TALLIES = load("sqlite", "append"), load("sqlite", "tallies")
STATEMENTS = (APPEND["insert_events"], APPEND["insert_personal"], APPEND["insert_keys"], APPEND["raise_heads"],
              TALLIES["add"])  # fmt: skip
GRAINS = (Grain.MONTH, Grain.DAY, Grain.QUARTER)
FINER = (Grain.MINUTE, Grain.TEN_SECONDS, Grain.SECOND)

SEEN = "SELECT 1 FROM keys_seen WHERE org = ? AND key = ?"

Rows = list[tuple[Any, ...]]


class Batch(NamedTuple):
    """Finished rows for each of `STATEMENTS`."""

    tables: tuple[Rows, ...]
    events: int


class Raw:
    """A second store of the same tables, filled with finished rows; open it as a store once before, to make them."""

    def __init__(self, path: Path, org: int, *, burst: bool) -> None:
        """`burst`: finer tallies are kept for every event, as the store does in a burst."""
        self.path = path
        self._org = org
        self._grains = GRAINS + (FINER if burst else ())
        self._connection = open_writer(path)
        self._checkpoints = Checkpointer(open_writer(path))
        self._connection.set_wal_hook(self._checkpoints.notice)
        self._heads = Counter(dict(self._connection.execute("SELECT stream, last FROM heads WHERE org = ?", (org,))))
        self._seen: set[bytes] = set()

    def prepare(self, drafts: Sequence[Draft], size: int) -> list[Batch]:
        """Finished rows in batches of `size`; a repeat has none."""
        return [self._batch(drafts[start : start + size]) for start in range(0, len(drafts), size)]

    def keep_in_memory(self, megabytes: int) -> None:
        """As the store's writer is told to."""
        self._connection.pragma("cache_size", -1024 * megabytes)

    def write(self, batches: Sequence[Batch]) -> float:
        """Seconds until all are on disk."""
        begun = time.perf_counter()
        for batch in batches:
            self._connection.execute("BEGIN IMMEDIATE")
            for statement, rows in zip(STATEMENTS, batch.tables, strict=True):
                self._connection.executemany(statement, rows)
            self._connection.execute("COMMIT")
        return time.perf_counter() - begun

    def close(self) -> None:
        """Lets go of the file."""
        self._checkpoints.close()
        self._connection.close()

    def _batch(self, drafts: Sequence[Draft]) -> Batch:
        org, heads = self._org, self._heads
        events: Rows = []
        personal: Rows = []
        keys: Rows = []
        touched = {0}
        for draft in drafts:
            if draft.key is not None:
                if draft.key in self._seen or self._connection.execute(SEEN, (org, draft.key)).fetchone():
                    continue
                self._seen.add(draft.key)
                keys.append((org, draft.key, draft.body, heads[0] + 1))
            heads[0] += 1
            heads[draft.stream] += 1
            touched.add(draft.stream)
            apart = draft.data_is_personal
            events.append((org, heads[0], uuid7().bytes, draft.stream, heads[draft.stream], draft.event_class,
                           draft.occurred, draft.received, draft.reported, draft.cause, draft.tag,
                           None if apart else draft.data))  # fmt: skip
            if draft.person is not None or draft.credential is not None or apart:
                personal.append((org, heads[0], os.urandom(16), draft.occurred, draft.person, draft.person_name,
                                 draft.credential, draft.message, draft.data if apart else None))  # fmt: skip
        raised: Rows = [(org, stream, heads[stream]) for stream in sorted(touched)]
        return Batch((events, personal, keys, raised, self._tallies(events)), len(events))

    def _tallies(self, events: Rows) -> Rows:
        counts: Counter[tuple[int, int, int]] = Counter()
        for row in events:
            for grain in self._grains:
                bucket = bucket_of(row[6], grain)
                counts[grain, bucket, row[5]] += 1
                counts[grain, bucket, 0] += 1
        return [(self._org, grain, 0, bucket, class_, n) for (grain, bucket, class_), n in sorted(counts.items())]
