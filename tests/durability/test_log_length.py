"""The write-ahead log keeps its bound, a reader of old snapshots holds up nobody, and many writers share commits."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from uuid import uuid4

import apsw
import pytest

from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import Instant
from gatebook.store.contract import Appended
from gatebook.store.migrate import migrate
from gatebook.store.sqlite.checkpoints import Checkpointer
from gatebook.store.sqlite.connection import open_reader, open_writer
from gatebook.store.sqlite.transaction import Transaction
from gatebook.store.sqlite.writer import Writer
from tests.durability.whole import wrongs

SOON = 256 << 10
LATE = 2 << 20
SLACK = 6 << 20
"""What may be written while the log is being emptied."""
ROUNDS = 200
BATCH = 200


class Desk:
    """A writer with checkpoints of small bounds, and the greatest length that the log had."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path.with_name(path.name + "-wal")
        self.connection = open_writer(path)
        migrate(self.connection)
        self.checkpointer = Checkpointer(open_writer(path), soon_bytes=SOON, late_bytes=LATE)
        self.connection.set_wal_hook(self.checkpointer.notice)
        self.writer = Writer(self.connection, path)
        self.written = self.longest = 0
        self.writer.submit(found).result()

    def write(self, rounds: int) -> None:
        """Appends batches one after another."""
        for _ in range(rounds):
            drafts = [draft(self.written + number) for number in range(BATCH)]
            self.writer.submit(lambda transaction, drafts=drafts: transaction.append(1, drafts)).result()  # type: ignore[misc]
            self.written += BATCH
            self.longest = max(self.longest, self.length)

    @property
    def length(self) -> int:
        return self.log.stat().st_size

    def close(self) -> None:
        self.writer.close()
        self.checkpointer.close()
        self.connection.close()


def found(transaction: Transaction) -> None:
    transaction.add_organisation(uuid4(), "Test", "UTC")
    transaction.add_device(1, uuid4(), DeviceKind.DOOR, "a door")
    transaction.class_of(1, EventClass(Kind.DOOR_OPENED))


def draft(number: int) -> Draft:
    at = Instant(1_780_000_000_000_000_000 + number * 1_000_000_000)
    return Draft(stream=2, event_class=1, occurred=at, received=at, message="m" * 200)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "store.db")
    yield desk
    desk.close()


def test_the_log_keeps_its_bound_under_steady_writes(desk: Desk) -> None:
    desk.write(ROUNDS)

    assert 0 < desk.longest < LATE + SLACK  # the next test shows how much is written meanwhile


def test_a_reader_of_an_old_snapshot_holds_up_nobody_and_the_log_shrinks_when_it_ends(desk: Desk) -> None:
    reader = open_reader(desk.path)
    reader.execute("BEGIN")
    before = reader.execute("SELECT count(*) FROM events").get

    desk.write(ROUNDS)
    during = reader.execute("SELECT count(*) FROM events").get
    grown = desk.length
    reader.close()
    until = time.monotonic() + 20
    while desk.length > LATE + SLACK:
        assert time.monotonic() < until
        desk.write(1)

    assert before == during == 0
    assert grown > LATE + SLACK
    assert desk.length <= LATE + SLACK


def test_the_log_of_a_killed_writer_is_read_at_the_next_start(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store.db")
    desk.write(10)
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in (desk.path, desk.log):  # what a kill leaves: the file and its log, nothing tidied up
        (copy / path.name).write_bytes(path.read_bytes())
    desk.close()

    reopened = apsw.Connection(str(copy / "store.db"))
    count = reopened.execute("SELECT count(*) FROM events").get
    reopened.close()

    assert count == 10 * BATCH
    assert wrongs(copy / "store.db") == []


def test_all_that_waits_goes_into_one_commit(desk: Desk) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(_transaction: Transaction) -> None:
        begun.set()
        assert go.wait(10)

    first = desk.writer.submit(slow)
    assert begun.wait(10)
    before = desk.writer.measures.commits
    waiting: list[Future[list[Appended]]] = [
        desk.writer.submit(lambda transaction, n=number: transaction.append(1, [draft(n)]))  # type: ignore[misc]
        for number in range(64)
    ]
    go.set()
    first.result()
    seqs = [future.result()[0].seq for future in waiting]

    assert desk.writer.measures.commits == before + 2
    assert seqs == list(range(1, 65))


async def test_sixty_four_writers_share_commits(desk: Desk) -> None:
    before = desk.writer.measures.commits

    async def write(poster: int) -> None:
        for number in range(poster * 10, poster * 10 + 10):
            await desk.writer.append(1, lambda _transaction, n=number: [draft(n)], 1)  # type: ignore[misc]

    await asyncio.gather(*(write(poster) for poster in range(64)))

    assert desk.writer.measures.commits - before < 640 / 8
