"""The reading threads: whoever waits is told what was read or why not, and whoever stops waiting holds up nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import apsw
import pytest

from gatebook.domain.errors import NotFound, TookTooLong, Unavailable
from gatebook.store.sqlite.connection import open_writer
from gatebook.store.sqlite.readers import Readers
from gatebook.store.sqlite.store import SqliteStore

WITHIN_S = 60.0
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.fixture
async def readers(tmp_path: Path) -> AsyncIterator[Readers]:
    path = tmp_path / "store.db"
    open_writer(path).close()
    found = Readers(path, threads=1)
    yield found
    await asyncio.to_thread(found.close)


def seven(connection: apsw.Connection) -> int:
    ((found,),) = connection.execute("SELECT 7")
    assert isinstance(found, int)
    return found


async def held(readers: Readers, until: threading.Event) -> asyncio.Task[bool]:
    """A read under way on the only thread, which ends at the event."""
    busy = threading.Event()
    task = asyncio.create_task(readers.read(lambda _connection: (busy.set(), until.wait(WITHIN_S))[1]))
    assert await asyncio.to_thread(busy.wait, WITHIN_S)
    return task


async def test_what_is_read_or_raised_reaches_who_waits_and_the_next_is_read_all_the_same(readers: Readers) -> None:
    def refuse(_connection: apsw.Connection) -> None:
        raise NotFound("nothing there")

    with pytest.raises(NotFound):
        await readers.read(refuse)

    assert await readers.read(seven) == 7


async def test_a_read_beyond_its_time_is_stopped_and_its_thread_is_free(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_writer(path).close()
    readers = Readers(path, threads=1, limit_s=0.1)

    with pytest.raises(TookTooLong):
        await readers.read(lambda connection: connection.execute(ENDLESS).fetchall())

    assert await readers.read(lambda connection: connection.in_transaction) is True
    await asyncio.to_thread(readers.close)


async def test_what_nobody_waits_for_any_more_is_not_read(readers: Readers) -> None:
    free, read = threading.Event(), threading.Event()
    first = await held(readers, free)
    waiting = asyncio.create_task(readers.read(lambda _connection: read.set()))
    await asyncio.sleep(0)

    waiting.cancel()
    first.cancel()
    free.set()

    assert await readers.read(seven) == 7
    assert not read.is_set()


async def test_closing_answers_what_waits_and_then_takes_nothing(readers: Readers) -> None:
    free = threading.Event()
    first = await held(readers, free)
    waiting = asyncio.create_task(readers.read(seven))
    await asyncio.sleep(0)

    closing = asyncio.create_task(asyncio.to_thread(readers.close))
    free.set()

    assert (await first, await waiting) == (True, 7)
    await closing
    with pytest.raises(Unavailable):
        await readers.read(seven)


def test_a_reader_whose_loop_is_gone_harms_nobody(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_writer(path).close()
    readers, free = Readers(path, threads=1), threading.Event()

    async def leave() -> None:
        await held(readers, free)

    asyncio.run(leave())
    free.set()

    assert asyncio.run(readers.read(seven)) == 7
    readers.close()


async def test_what_is_answered_at_a_glance_waits_for_no_thread(tmp_path: Path) -> None:
    store, free = SqliteStore(tmp_path / "store.db", readers=1), threading.Event()
    found = store.write_now(lambda tx: tx.add_organisation(uuid4(), "Org", "UTC"))
    page = await held(store.readers, free)

    head = await asyncio.wait_for(store.read(store.history.head, found), WITHIN_S)

    assert head == 0
    assert not page.done()
    free.set()
    await page
    await store.aclose()
    with pytest.raises(Unavailable):
        await store.read(store.history.head, found)
