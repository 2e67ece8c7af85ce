"""A real server is killed again and again while many post: what it acknowledged is there, once, and all is whole."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections import Counter
from pathlib import Path
from random import Random
from threading import Thread
from uuid import UUID

import apsw
import pytest

from tests.durability.posters import Ledger, Post, add_devices, keep_posting, line_to, post_again
from tests.durability.whole import wrongs
from tests.processes import GATEBOOK, RunningServer, environ_of, gatebook, running_server

POSTERS = 16
ROUNDS = 50
SETTLE_S = 20.0


def reader_of(path: Path) -> apsw.Connection:
    """A connection beside the server's."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_timeout(10_000)
    return connection


def check_ledger(path: Path, ledger: Ledger) -> None:
    """Everything acknowledged stands there under its id, and nothing stands there twice."""
    connection = reader_of(path)
    rows = connection.execute("SELECT data ->> 'number' AS number, id FROM events WHERE number IS NOT NULL")
    stored = [(number, str(UUID(bytes=id_))) for number, id_ in rows]
    connection.close()
    twice = [number for number, times in Counter(number for number, _ in stored).items() if times > 1]
    lost = ledger.stored.items() - set(stored)

    assert twice == []
    assert lost == set()


def wait_for_followers(path: Path) -> None:
    """Until the tallies of single streams have caught up with the log."""
    connection = reader_of(path)
    until = time.monotonic() + SETTLE_S
    lag = None
    while lag != 0:
        assert time.monotonic() < until, f"the follower stays {lag} behind"
        [(lag,)] = connection.execute(
            "SELECT coalesce((SELECT max(seq) FROM events), 0) - coalesce((SELECT min(seq) FROM followers), 0)"
        )
        time.sleep(0.02)
    connection.close()


async def post_until_killed(server: RunningServer, ledger: Ledger, kill_after_s: float) -> None:
    posting = [asyncio.create_task(keep_posting(server, ledger, number)) for number in range(POSTERS)]
    await asyncio.sleep(kill_after_s)  # the moment is what is tried
    server.process.kill()
    await asyncio.gather(*posting)


def kill_at_start(folder: Path, after_s: float) -> None:
    """A server that is killed while it starts, perhaps while it reads the log of the one before."""
    process = subprocess.Popen(
        [*GATEBOOK, "serve", "--port", "0"],
        cwd=folder,
        env=environ_of(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after_s)  # the moment is what is tried
    process.kill()
    process.wait()


def crash(folder: Path, seed: int, rounds: int) -> None:
    random, ledger = Random(seed), Ledger()
    for number in range(rounds):
        with running_server(folder) as server:
            if number == 0:
                assert gatebook(folder, "sites", "add", "--name", "a site", "--number", "1").returncode == 0
                asyncio.run(add_devices(server, site=1))
            asyncio.run(post_again_and_post(server, ledger, random.uniform(0.02, 0.4)))
        if number % 10 == 9:
            kill_at_start(folder, random.uniform(0.15, 0.4))
            with running_server(folder) as server:
                check_ledger(server.store, ledger)
                wait_for_followers(server.store)
                assert wrongs(server.store) == [], f"seed {seed}, round {number}"
    assert ledger.refused == []
    assert len(ledger.stored) > rounds * 10


async def post_again_and_post(server: RunningServer, ledger: Ledger, kill_after_s: float) -> None:
    await post_again(server, ledger)
    await post_until_killed(server, ledger, kill_after_s)


def test_a_server_killed_with_a_long_log_starts_within_seconds(tmp_path: Path) -> None:
    ledger, reports = Ledger(), 20_000
    with running_server(tmp_path) as server:
        asyncio.run(add_devices(server))
        asyncio.run(post_at_once(server, ledger, reports, batch=2_000))
        server.process.kill()
        server.process.wait()
        log = server.store.with_name("gatebook.db-wal").stat().st_size

    begun = time.monotonic()
    with running_server(tmp_path) as server:
        took_s = time.monotonic() - begun
        check_ledger(server.store, ledger)

    assert log > 5_000_000
    assert took_s < 8, "with room for a slow machine: it takes some tenths of a second"
    assert len(ledger.stored) == reports


async def post_at_once(server: RunningServer, ledger: Ledger, reports: int, batch: int) -> None:
    async with line_to(server) as line:
        for start in range(0, reports, batch):
            post = Post(tuple(range(start, start + batch)), None, False)
            ledger.note(post, await line.post(post))


def test_the_ledger_notices_what_is_lost_and_what_is_there_twice(tmp_path: Path) -> None:
    ledger = Ledger()
    with running_server(tmp_path) as server:
        asyncio.run(add_devices(server))
        asyncio.run(post_at_once(server, ledger, 2, batch=1))
        check_ledger(server.store, ledger)

        lost = Ledger(stored=ledger.stored | {2: str(UUID(int=2))})
        with pytest.raises(AssertionError):
            check_ledger(server.store, lost)
        asyncio.run(post_at_once(server, Ledger(), 1, batch=1))
        with pytest.raises(AssertionError):
            check_ledger(server.store, ledger)


def test_another_program_may_write_the_same_file_meanwhile(tmp_path: Path) -> None:
    ledger = Ledger()
    with running_server(tmp_path) as server:
        asyncio.run(add_devices(server))
        posting = Thread(target=lambda: asyncio.run(post_for_ever(server, ledger)))
        posting.start()
        added = [gatebook(tmp_path, "devices", "add", "--kind", "door", "--name", f"door {n}") for n in range(4)]
        server.process.kill()
        posting.join()

    with running_server(tmp_path) as server:
        asyncio.run(post_again(server, ledger))
        check_ledger(server.store, ledger)
        wait_for_followers(server.store)

        assert [done.returncode for done in added] == [0, 0, 0, 0], added
        assert ledger.refused == []
        assert wrongs(server.store) == []


async def post_for_ever(server: RunningServer, ledger: Ledger) -> None:
    await asyncio.gather(*(keep_posting(server, ledger, number) for number in range(POSTERS)))


@pytest.mark.timeout(300)
def test_a_server_killed_while_many_post_loses_nothing(tmp_path: Path) -> None:
    crash(tmp_path, seed=1, rounds=ROUNDS)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2, 22))
def test_a_server_killed_a_thousand_times_loses_nothing(seed: int, tmp_path: Path) -> None:
    crash(tmp_path, seed, ROUNDS)
