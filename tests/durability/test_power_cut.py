"""What was acknowledged is there after a power cut at any moment, on a disk that forgets what was not synced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from random import Random
from uuid import uuid4

import apsw
import pytest

from gatebook.domain.errors import StoreFull
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import Instant
from gatebook.store.contract import Appended, Outcome
from gatebook.store.migrate import migrate
from gatebook.store.sqlite.connection import open_writer
from gatebook.store.sqlite.store import SqliteStore
from gatebook.store.sqlite.transaction import Transaction
from gatebook.store.sqlite.writer import Writer
from tests.durability.power import MAIN, Disk, File, mounted
from tests.durability.whole import wrongs

ORG = 1
STREAMS = (2, 3)
JOBS = 60
MOVE_AFTER_PAGES = 30
"""The log is moved into the file so often that many cuts fall into a move."""
Plant = Callable[[apsw.Connection], None]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A store with an organisation, two devices and a class, as it lies in its file."""
    path = tmp_path_factory.mktemp("image") / "store.db"
    store = SqliteStore(path)

    def found(transaction: Transaction) -> None:
        org = transaction.add_organisation(uuid4(), "Test", "UTC")
        for number in (1, 2):
            transaction.add_device(org, uuid4(), DeviceKind.DOOR, "a door", number=number)
        transaction.class_of(org, EventClass(Kind.DOOR_OPENED))

    store.write_now(found)
    store.close()
    return path.read_bytes()


def draft(number: int) -> Draft:
    """The `number`-th report, with a key; it fills a good part of a page."""
    at = Instant(1_780_000_000_000_000_000 + number * 1_000_000_000)
    key = number.to_bytes(16, "big")
    return Draft(
        stream=STREAMS[number % 2], event_class=1, occurred=at, received=at, key=key, body=b"12345678",
        message="m" * 500, data=b'"%d"' % number,
    )  # fmt: skip


def run(disk: Disk, plant: Plant = lambda _: None) -> dict[int, Outcome]:
    """Reports to a writer on this disk until all are in or the power goes; what was acknowledged, by number."""
    acknowledged: dict[int, Outcome] = {}
    with mounted(disk) as vfs:
        try:
            connection = open_writer(Path(MAIN), vfs=vfs, exclusive=True)
        except StoreFull:
            return acknowledged
        connection.pragma("wal_autocheckpoint", MOVE_AFTER_PAGES)
        plant(connection)
        writer = Writer(connection, Path(MAIN))
        for group in groups():
            waiting: dict[int, Future[list[Outcome]]] = {}
            for number in group:
                waiting[number] = writer.submit(lambda transaction, n=number: transaction.append(ORG, [draft(n)]))
            for number, future in waiting.items():
                with suppress(StoreFull):
                    acknowledged[number] = future.result()[0]
        writer.close()
        disk.off = True
        with suppress(apsw.Error):
            connection.close()
    return acknowledged


def groups() -> Iterator[range]:
    """The numbers of reports that are under way at the same time."""
    random, start = Random(7), 0
    while start < JOBS:
        size = random.choice((1, 1, 2, 5))
        yield range(start, min(JOBS, start + size))
        start += size


def steps_of(image: bytes) -> int:
    """How many steps a run takes that is not cut off."""
    disk = Disk({MAIN: File(image)})
    assert len(run(disk)) == JOBS
    assert disk.files[MAIN].kept != image, "nothing was moved into the file"
    return disk.steps


def lost(path: Path, acknowledged: dict[int, Outcome]) -> list[int]:
    """The acknowledged reports that are not in the store where they were said to be."""
    connection = apsw.Connection(str(path))
    stored = {
        (seq, id_, data)
        for seq, id_, data in connection.execute("SELECT seq, id, data FROM events WHERE org = ?", (ORG,))
    }
    connection.close()
    return [
        number
        for number, outcome in acknowledged.items()
        if not isinstance(outcome, Appended) or (outcome.seq, outcome.id.bytes, b'"%d"' % number) not in stored
    ]


def check(image: bytes, folder: Path, seed: int, rounds: int) -> None:
    random = Random(seed)
    steps = steps_of(image)
    for number in range(rounds):
        disk = Disk({MAIN: File(image)}, cut_at=random.randint(1, steps))
        acknowledged = run(disk)
        path = disk.leave(folder / str(number), random if number % 2 else None)
        told = f"seed {seed}, round {number}, cut at step {disk.cut_at} of {steps}"

        reopened = SqliteStore(path)
        again = reopened.write_now(lambda transaction: transaction.append(ORG, [draft(n) for n in range(JOBS)]))
        reopened.close()

        assert lost(path, acknowledged) == [], told
        assert wrongs(path) == [], told
        assert sorted(outcome.seq for outcome in again) == list(range(1, JOBS + 1)), told


def test_what_was_acknowledged_survives_a_power_cut(image: bytes, tmp_path: Path) -> None:
    check(image, tmp_path, seed=1, rounds=200)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_what_was_acknowledged_survives_a_thousand_power_cuts(image: bytes, tmp_path: Path) -> None:
    check(image, tmp_path, seed=2, rounds=1_000)


def test_the_check_notices_commits_that_are_not_synced(image: bytes, tmp_path: Path) -> None:
    def unsafe(connection: apsw.Connection) -> None:
        connection.pragma("synchronous", "OFF")

    disk = Disk({MAIN: File(image)}, cut_at=steps_of(image) // 3)

    acknowledged = run(disk, unsafe)
    path = disk.leave(tmp_path / "left", None)

    assert acknowledged
    assert lost(path, acknowledged)


def test_the_check_notices_a_log_that_is_synced_only_when_it_is_moved(image: bytes, tmp_path: Path) -> None:
    def unsafe(connection: apsw.Connection) -> None:
        connection.pragma("synchronous", "NORMAL")

    noticed = []
    for ninth in range(2, 9):  # a cut right after the log was moved loses nothing
        disk = Disk({MAIN: File(image)}, cut_at=steps_of(image) * ninth // 9)
        acknowledged = run(disk, unsafe)
        noticed.append(bool(lost(disk.leave(tmp_path / f"left-{ninth}", None), acknowledged)))

    assert any(noticed)


def set_up(disk: Disk) -> bool:
    """Makes a store on the disk; False when the power went before it was done."""
    with mounted(disk) as vfs:
        try:
            connection = open_writer(Path(MAIN), vfs=vfs, exclusive=True)
        except StoreFull:
            return False
        try:
            migrate(connection)
            return True
        except apsw.IOError:
            return False
        finally:
            disk.off = True
            with suppress(apsw.Error):
                connection.close()


def test_a_store_whose_making_was_cut_off_can_be_made_again(tmp_path: Path) -> None:
    whole = Disk()
    assert set_up(whole)
    random = Random(5)
    for number in range(60):
        disk = Disk(cut_at=random.randint(1, whole.steps))
        done = set_up(disk)
        path = disk.leave(tmp_path / str(number), random if number % 2 else None)

        store = SqliteStore(path)
        store.close()

        assert not done or store.applied == []
        assert wrongs(path) == [], f"cut at step {disk.cut_at} of {whole.steps}"
