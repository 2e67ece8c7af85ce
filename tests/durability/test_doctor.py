"""The doctor finds each fault that is planted in a store, says what would help, and finds none in a healthy one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from uuid import uuid4

import apsw
import pytest

from gatebook.app.clock import now
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import Instant
from gatebook.services.doctor import CHECKS, examine, recount
from gatebook.services.followers import TALLIES, advance
from gatebook.store.contract import Fault, Held
from gatebook.store.sqlite import checks
from gatebook.store.sqlite.examination import Limits
from gatebook.store.sqlite.store import SqliteStore
from gatebook.store.sqlite.tallies import LIMIT
from gatebook.store.sqlite.transaction import Transaction
from tests.durability.whole import wrongs

ROOMY = Limits(free_bytes=0)
DAY = 86_400_000_000_000
START = 1_780_000_000_000_000_000 // DAY * DAY


def found(transaction: Transaction) -> None:
    """An organisation, a site with two doors, one door without a site, two classes."""
    org = transaction.add_organisation(uuid4(), "Test", "UTC")
    transaction.add_site(org, uuid4(), "a site", "UTC", number=1)
    for number in (1, 2, 3):
        transaction.add_device(org, uuid4(), DeviceKind.DOOR, "a door", site=1 if number < 3 else None, number=number)
    for kind in (Kind.DOOR_OPENED, Kind.DOOR_CLOSED):
        transaction.class_of(org, EventClass(kind))
    transaction.quarantine(org, b"d" * 16, Held("9", "no such device", b"{}", None, Instant(START)))


def drafts() -> list[Draft]:
    """Four days of events, a burst that is counted down to seconds among them."""
    random = Random(3)
    times = [START + random.randrange(4 * DAY) for _ in range(1_000)]
    times += [START + DAY + random.randrange(40_000_000_000) for _ in range(2 * LIMIT)]
    return [
        Draft(
            stream=random.choice((3, 4, 5)), event_class=random.choice((1, 2)), occurred=Instant(at),
            received=Instant(START + 5 * DAY), message="hello", key=number.to_bytes(16, "big"), body=b"12345678",
        )
        for number, at in enumerate(times)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("healthy") / "store.db"
    store = SqliteStore(path)
    store.write_now(found)
    store.write_now(lambda transaction: transaction.append(1, drafts()))
    while store.write_now(lambda transaction: advance(transaction, TALLIES, 1, 3_000)):
        pass
    store.close()
    return path


@pytest.fixture
def copy(healthy: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(healthy, tmp_path / "store.db"))


def change(path: Path, sql: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    assert connection.changes() > 0
    connection.close()


def faults(path: Path, limits: Limits = ROOMY, at: Callable[[], Instant] = now) -> list[Fault]:
    return list(examine(path, now=at, secret=lambda: None, limits=limits))


def test_a_healthy_store_passes(copy: Path) -> None:
    before = copy.read_bytes()

    assert faults(copy) == []
    assert wrongs(copy) == []
    assert copy.read_bytes() == before


PLANTED = {
    "a gap in seq": (
        "DELETE FROM events WHERE seq = 500", "numbers", "organisation 1", "seq 500 is missing",
    ),
    "a gap in version": (
        "UPDATE events SET version = 9999 WHERE stream = 3 AND version = 7",
        "numbers", "organisation 1, stream 3", "version 7 is missing",
    ),
    "a head behind the log": (
        "UPDATE heads SET last = last - 1 WHERE stream = 0", "numbers", "organisation 1", "behind the log",
    ),
    "a head ahead of the log": (
        "UPDATE heads SET last = last + 1 WHERE stream = 4", "numbers", "stream 4", "ahead of the log",
    ),
    "a head of nothing": (
        "INSERT INTO heads VALUES (1, 77, 5)", "numbers", "stream 77", "belongs to nothing",
    ),
    "a wrong month": (
        "UPDATE tallies SET n = n + 1 WHERE grain = 1 AND stream = 0 AND class = 1", "tallies", "month", "class 1:",
    ),
    "a wrong day": (
        "UPDATE tallies SET n = n - 1 WHERE grain = 2 AND stream = 0 AND class = 2",
        "tallies", "day from 20", "class 2:",
    ),
    "a wrong quarter": (
        "DELETE FROM tallies WHERE grain = 3 AND stream = 0 AND class = 1", "tallies", "quarter", "the tally says 0",
    ),
    "classes that do not add up": (
        "UPDATE tallies SET n = n + 1 WHERE grain = 2 AND stream = 0 AND class = 0",
        "tallies", "day", "all classes: the tally says",
    ),
    "a wrong count of a burst": (
        "UPDATE tallies SET n = n + 1 WHERE grain = 5 AND stream = 0", "tallies", "ten seconds from", "the tally says",
    ),
    "a wrong count of a device": (
        "UPDATE tallies SET n = n + 1 WHERE grain = 2 AND stream = 5 AND class = 1",
        "tallies", "stream 5, day", "class 1:",
    ),
    "a wrong count of a site": (
        "UPDATE tallies SET n = n + 1 WHERE grain = 1 AND stream = 2 AND class = 1",
        "tallies", "stream 2, month", "class 1:",
    ),
    "a count of a device that is nowhere": (
        "INSERT INTO tallies VALUES (1, 2, 99, 20000, 1, 3)", "tallies", "stream 99, day", "the log 0",
    ),
    "a count before all events": (
        "INSERT INTO tallies VALUES (1, 3, 0, 1000000, 1, 3)", "tallies", "quarter from 1998", "the log 0",
    ),
    "a burst whose finer counts are forgotten": (
        "DELETE FROM refined WHERE grain = 4 AND stream = 0", "tallies", "minute", "no finer counts are kept",
    ),
    "a key of nothing": (
        "UPDATE keys_seen SET seq = 88888 WHERE seq = 88", "references", "organisation 1", "first seq 88888",
    ),
    "a personal part of nothing": (
        "UPDATE personal SET seq = 88888 WHERE seq = 88", "references", "organisation 1", "first seq 88888",
    ),
    "a clock ahead": (
        f"UPDATE events SET received = {START + 400_000 * DAY // 100} WHERE seq = 800",
        "clock", "organisation 1", "1 events were received in the future",
    ),
    "a device's clock ahead": (
        "UPDATE events SET reported = received + 3600000000000 WHERE stream = 3 AND version = "
        "(SELECT last FROM heads WHERE stream = 3)",
        "clock", "device 1 (a door)", "3,600 s ahead",
    ),
    "a parked event": (
        "INSERT INTO parked VALUES (1, 'tallies', 5, 'ValueError: no', 0)", "followers", "tallies",
        "1 events are parked",
    ),
    "a follower beyond the log": (
        "UPDATE followers SET seq = 99999", "followers", "tallies", "stands at seq 99999",
    ),
    "a quarantine counted wrongly": (
        "UPDATE quarantine_sizes SET n = 7", "quarantine", "organisation 1", "1 reports wait, and 7 are counted",
    ),
    "a migration that is missing": (
        "PRAGMA user_version = 1", "tables", "version 1", "not applied yet: 0002_principals",
    ),
    "a newer store": ("PRAGMA user_version = 9999", "tables", "version 9999", "knows up to"),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "check", "where", "what"), PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_found(sql: str, check: str, where: str, what: str, copy: Path) -> None:
    if sql.startswith("PRAGMA"):
        apsw.Connection(str(copy)).execute(sql)
    else:
        change(copy, sql)

    told = faults(copy)

    assert any(fault.check == check and where in fault.where and what in fault.what for fault in told), told
    assert all(fault.remedy for fault in told)
    if check in ("numbers", "tallies", "references"):
        assert wrongs(copy) != [], "the judge of crashes sees it, too"
    if check == "tallies":
        store = SqliteStore(copy)
        recount(store)
        store.close()
        assert faults(copy) == []
        assert wrongs(copy) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_corrupt_page_is_found(seed: int, copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    start = Random(seed).randrange(3, len(content) // 8192) * 8192
    content[start : start + 64] = Random(seed).randbytes(64)
    copy.write_bytes(content)

    told = faults(copy)

    assert any(fault.check == "pages" for fault in told), told


def test_a_file_that_is_no_store_is_found(copy: Path) -> None:
    copy.write_bytes(b"something else entirely" * 1_000)

    told = faults(copy)

    assert [fault.check for fault in told][:1] == ["pages"]
    assert "restore a backup" in told[0].remedy


def test_a_disk_that_is_nearly_full_is_found(copy: Path) -> None:
    free = shutil.disk_usage(copy.parent).free

    [fault] = faults(copy, Limits(free_bytes=free * 2))

    assert (fault.check, fault.remedy) == ("space", "free disk space")


def test_a_file_that_is_near_its_limit_of_pages_is_found(copy: Path) -> None:
    connection = checks.open_checked(copy)
    connection.pragma("max_page_count", int(connection.pragma("page_count")) + 1)

    [fault] = checks.page_limit(connection, 0.9)
    connection.close()

    assert fault.check == "space"


def test_a_follower_that_stays_behind_is_found(copy: Path) -> None:
    change(copy, "DELETE FROM followers")
    change(copy, "DELETE FROM tallies WHERE stream <> 0")
    change(copy, "DELETE FROM refined WHERE stream <> 0")

    [fault] = faults(copy, Limits(free_bytes=0, lag=1_000))

    assert fault.what == f"it is {1_000 + 2 * LIMIT} events behind"


def test_a_full_quarantine_is_found(copy: Path) -> None:
    [fault] = faults(copy, Limits(free_bytes=0, quarantine_share=0.000_001))

    assert fault.check == "quarantine"
    assert "gatebook quarantine replay" in fault.remedy


def test_a_log_that_is_not_moved_is_found(copy: Path) -> None:
    log = copy.with_name("store.db-wal")
    with log.open("wb") as file:
        file.truncate(ROOMY.log_bytes + 1)

    assert [fault.check for fault in faults(copy)] == ["log"]


def test_every_check_is_told_before_it_is_done(copy: Path) -> None:
    told: list[str] = []

    list(examine(copy, now=now, secret=lambda: None, limits=ROOMY, told=lambda check, _done, _of: told.append(check)))

    assert set(told) == CHECKS.keys()
