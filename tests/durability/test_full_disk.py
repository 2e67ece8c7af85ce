"""A disk that is full or fails is an answer: nothing acknowledged is lost, reading goes on, writing resumes."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import apsw
import pytest

from gatebook.domain.errors import StoreFull
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import Instant
from gatebook.store.contract import Outcome
from gatebook.store.sqlite.store import SqliteStore
from gatebook.store.sqlite.transaction import Transaction
from tests.durability.posters import Ledger, add_devices, line_to
from tests.durability.test_crash import check_ledger, wait_for_followers
from tests.durability.whole import wrongs
from tests.processes import RunningServer, running_server

LIMIT_BYTES = 1_500_000
POSTERS = 8
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def small_files() -> None:
    """In the child: no file may grow beyond the limit, until the parent raises it."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, resource.RLIM_INFINITY))


async def post(server: RunningServer, ledger: Ledger, poster: int, *, until_refused: int = 0, times: int = 0) -> None:
    """Posts so many times, or until so many posts were refused."""
    refused = sent = 0
    async with line_to(server) as line:
        while sent < times or refused < until_refused:
            one = ledger.next_post(poster)
            answer = await line.post(one)
            ledger.note(one, answer)
            sent, refused = sent + 1, refused + (answer.status >= 300)


async def everybody(server: RunningServer, ledger: Ledger, *, until_refused: int = 0, times: int = 0) -> None:
    posting = (post(server, ledger, number, until_refused=until_refused, times=times) for number in range(POSTERS))
    await asyncio.gather(*posting)


async def total_of(server: RunningServer) -> int:
    """How many posted events a reader is told of."""
    async with line_to(server) as line:
        answer = await line.ask("GET", "/v1/events?size=5&kind=door.opened")
    assert answer.status == 200, answer
    total: int = json.loads(answer.body)["total"]["n"]
    return total


def check_refusals(ledger: Ledger) -> None:
    """Each refusal is a 503 that says when to try again."""
    assert ledger.refused
    assert {answer.status for answer in ledger.refused} == {503}
    assert all(int(answer.retry_after or 0) >= 1 for answer in ledger.refused)


def stored_in(path: Path) -> int:
    """How many posted events there are."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    [(count,)] = connection.execute("SELECT count(*) FROM events WHERE data ->> 'number' IS NOT NULL")
    connection.close()
    return int(count)


def test_a_full_disk_refuses_and_takes_reports_again_when_there_is_room(tmp_path: Path) -> None:
    ledger = Ledger()
    with running_server(tmp_path, preexec=small_files) as server:
        asyncio.run(add_devices(server))
        asyncio.run(everybody(server, ledger, until_refused=3))
        acknowledged, told = len(ledger.stored), asyncio.run(total_of(server))
        check_refusals(ledger)

        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, UNLIMITED)
        ledger.refused.clear()
        asyncio.run(everybody(server, ledger, times=5))
        wait_for_followers(server.store)

        assert told == acknowledged > 0
        assert ledger.refused == []
        assert stored_in(server.store) == len(ledger.stored) > acknowledged
        check_ledger(server.store, ledger)
        assert wrongs(server.store) == []


def test_a_server_that_dies_on_a_full_disk_has_lost_nothing(tmp_path: Path) -> None:
    ledger = Ledger()
    with running_server(tmp_path, preexec=small_files) as server:
        asyncio.run(add_devices(server))
        asyncio.run(everybody(server, ledger, until_refused=1))
        server.process.kill()

    with running_server(tmp_path) as server:
        check_ledger(server.store, ledger)
        wait_for_followers(server.store)

        assert wrongs(server.store) == []


@contextmanager
def failing(server: RunningServer, call: str, error: str) -> Iterator[None]:
    """Every such call of the server fails with this error for as long as the block runs."""
    tracing = subprocess.Popen(
        ["strace", "-f", "-p", str(server.process.pid), "-o", "/dev/null", "-e", f"inject={call}:error={error}"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert tracing.stderr is not None
    with tracing.stderr as told:
        assert "attached" in told.readline()
        try:
            yield
        finally:
            tracing.terminate()
            told.read()
            tracing.wait()


@pytest.mark.parametrize(
    ("call", "error"),
    [("pwrite64", "ENOSPC"), ("pwrite64", "EROFS"), ("pwrite64", "EIO"), ("fdatasync", "EIO")],
    ids=["no space", "read-only", "a failing disk", "a failing sync"],
)
def test_a_disk_that_fails_for_a_while_is_never_taken_for_one_that_stored(
    call: str, error: str, tmp_path: Path
) -> None:
    before, during, after = Ledger(), Ledger(), Ledger()
    during.numbers, after.numbers = iter(range(1_000, 2_000)), iter(range(2_000, 3_000))
    with running_server(tmp_path) as server:
        asyncio.run(add_devices(server))
        asyncio.run(everybody(server, before, times=2))
        with failing(server, call, error):
            asyncio.run(everybody(server, during, until_refused=2))
            told = asyncio.run(total_of(server))

        asyncio.run(everybody(server, after, times=2))
        wait_for_followers(server.store)

        check_refusals(during)
        assert during.stored == {}
        assert told == len(before.stored)
        assert after.refused == []
        assert stored_in(server.store) == len(before.stored) + len(after.stored)
        check_ledger(server.store, before)
        check_ledger(server.store, after)
        assert wrongs(server.store) == []


def draft(number: int) -> Draft:
    at = Instant(1_780_000_000_000_000_000 + number)
    return Draft(stream=2, event_class=1, occurred=at, received=at, message="m" * 2_000, key=number.to_bytes(16, "big"))


def limit_pages(store: SqliteStore, pages: int) -> None:
    store.write_now(lambda transaction: transaction.connection.pragma("max_page_count", pages))


def pages_of(store: SqliteStore) -> int:
    """How many it has now."""
    return int(store.write_now(lambda transaction: transaction.connection.pragma("page_count")))


def fill(store: SqliteStore, numbers: range) -> list[Future[list[Outcome]]]:
    return [store.submit(lambda transaction, n=n: transaction.append(1, [draft(n)])) for n in numbers]  # type: ignore[misc]


def outcomes(waiting: list[Future[list[Outcome]]]) -> list[Outcome]:
    """Of those that were stored."""
    found: list[Outcome] = []
    for future in waiting:
        with suppress(StoreFull):
            found += future.result()
    return found


def test_a_store_at_its_limit_of_pages_refuses_and_takes_reports_again_when_it_is_raised(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")

    def found(transaction: Transaction) -> None:
        transaction.add_organisation(uuid4(), "Test", "UTC")
        transaction.add_device(1, uuid4(), DeviceKind.DOOR, "a door")
        transaction.class_of(1, EventClass(Kind.DOOR_OPENED))

    store.write_now(found)
    limit_pages(store, pages_of(store) + 60)
    stored: list[Outcome] = []
    for start in range(0, 1_000, 10):
        stored += outcomes(fill(store, range(start, start + 10)))
    head = store.read_now(store.history.head, 1)
    limit_pages(store, 10_000)
    again = outcomes(fill(store, range(1_000)))
    store.close()

    assert 0 < len(stored) < 1_000
    assert head == len(stored)
    assert [outcome.seq for outcome in stored] == list(range(1, head + 1))
    assert sorted(outcome.seq for outcome in again) == list(range(1, 1_001))
    assert wrongs(tmp_path / "store.db") == []
