"""Backups of a server under load: every event that was acknowledged before is in them, and nothing is half in."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from threading import Thread

import apsw
import httpx

from tests.durability.posters import Ledger, add_devices
from tests.durability.test_crash import post_for_ever
from tests.processes import gatebook, initialised, running_server


def numbers_in(store: Path) -> list[int]:
    """The numbers that the posters' events carry, in the log's order."""
    connection = apsw.Connection(str(store), flags=apsw.SQLITE_OPEN_READONLY)
    rows = connection.execute("SELECT data ->> 'number' AS n FROM events WHERE n IS NOT NULL ORDER BY seq").fetchall()
    connection.close()
    return [number for (number,) in rows]


def test_a_backup_under_load_holds_all_that_was_acknowledged_before_it(tmp_path: Path) -> None:
    ledger = Ledger()
    backups = []
    with running_server(tmp_path) as server:
        asyncio.run(add_devices(server))
        posting = Thread(target=lambda: asyncio.run(post_for_ever(server, ledger)))
        posting.start()
        for n in range(3):
            while len(ledger.stored) < 200 * (n + 1):
                posting.join(0.02)
            before = set(ledger.stored)
            done = gatebook(tmp_path, "backup", f"kept/{n}.db", "--with-secret", "--json")
            backups.append((n, before, done))
        server.process.kill()
        posting.join()

    for n, before, done in backups:
        assert done.returncode == 0, done.stderr
        [told] = json.loads(done.stdout)
        found = numbers_in(tmp_path / "kept" / f"{n}.db")
        assert before <= set(found)
        assert len(found) == len(set(found))
        assert told["secret"] is True
        assert told["events"] >= len(found)
        assert sorted(path.name for path in (tmp_path / "kept").glob(f"{n}.*")) == [f"{n}.db", f"{n}.db.secret"]


def test_a_backup_made_under_load_is_restored_to_the_last_acknowledged_event(tmp_path: Path) -> None:
    first, other = tmp_path / "first", tmp_path / "other"
    first.mkdir()
    other.mkdir()
    ledger = Ledger()
    with running_server(first) as server:
        asyncio.run(add_devices(server))
        posting = Thread(target=lambda: asyncio.run(post_for_ever(server, ledger)))
        posting.start()
        while len(ledger.stored) < 300:
            posting.join(0.02)
        done = gatebook(first, "backup", "../under load.db", "--with-secret", "--json")
        server.process.kill()
        posting.join()
        acknowledged = set(ledger.stored)
        stopped = gatebook(first, "backup", "../last.db", "--with-secret", "--json")
    (other / "key.txt").write_text(initialised(first))

    restored = gatebook(other, "restore", "../last.db", "--json")
    (tmp_path / "third").mkdir()
    earlier = gatebook(tmp_path / "third", "restore", "../under load.db", "--json")
    faults = [gatebook(folder, "doctor", "--json").stdout.strip() for folder in (other, tmp_path / "third")]
    with running_server(other) as server, httpx.Client(base_url=server.url, headers=server.headers) as client:
        exported = client.get("/v1/events/export", params={"data.number": "ge:0"})

    assert (done.returncode, stopped.returncode, restored.returncode, earlier.returncode) == (0, 0, 0, 0)
    assert json.loads(restored.stdout)[0]["secret"] is True
    assert faults == ["[]", "[]"]
    served = [json.loads(line)["data"]["number"] for line in exported.content.splitlines()]
    assert acknowledged <= set(served)  # to the last one, though it was killed
    assert len(served) == len(set(served)) == len(numbers_in(other / "gatebook.db"))
    within = numbers_in(tmp_path / "third" / "gatebook.db")
    assert 300 <= len(within) <= len(served)
    assert within == numbers_in(other / "gatebook.db")[: len(within)]  # as the log stood, none left out


def test_a_restored_store_is_served_whole_and_knows_its_keys_and_repeats(tmp_path: Path) -> None:
    first, other = tmp_path / "first", tmp_path / "other"
    first.mkdir()
    other.mkdir()
    report = {"kind": "door.opened", "device": 1, "key": "k-1"}
    with running_server(first) as server, httpx.Client(base_url=server.url, headers=server.headers) as client:
        client.post("/v1/devices", json={"name": "gate", "kind": "door", "number": 1}).raise_for_status()
        stored = client.post("/v1/events", json=report).raise_for_status().json()
        assert gatebook(first, "backup", "../copy.db", "--with-secret").returncode == 0
    (other / "key.txt").write_text(initialised(first))

    restored = gatebook(other, "restore", "../copy.db", "--json")
    doctored = gatebook(other, "doctor", "--json")
    with running_server(other) as server, httpx.Client(base_url=server.url, headers=server.headers) as client:
        again = client.post("/v1/events", json=report)

    assert restored.returncode == 0, restored.stderr
    assert (doctored.returncode, json.loads(doctored.stdout)) == (0, [])
    assert (again.status_code, again.json()["id"]) == (200, stored["id"])


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    initialised(tmp_path)
    (tmp_path / "taken.db").write_text("mine")

    backed = gatebook(tmp_path, "backup", "taken.db")
    made = gatebook(tmp_path, "backup", "copy.db")
    restored = gatebook(tmp_path, "restore", "copy.db")

    assert (backed.returncode, (tmp_path / "taken.db").read_text()) == (4, "mine")
    assert made.returncode == 0
    assert "--with-secret" in made.stderr
    assert restored.returncode == 4
    assert "move it away first" in restored.stderr


def test_a_damaged_backup_and_one_without_its_secret_are_refused(tmp_path: Path) -> None:
    initialised(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    gatebook(tmp_path, "backup", "copy.db")
    whole = (tmp_path / "copy.db").read_bytes()
    (tmp_path / "torn.db").write_bytes(whole[:4096] + b"\xff" * 8192 + whole[12288:])

    without = gatebook(empty, "restore", "../copy.db")
    damaged = gatebook(empty, "restore", "../torn.db")

    assert without.returncode == 3
    assert "secret" in without.stderr
    assert damaged.returncode == 3
    assert "damaged" in damaged.stderr
    assert list(empty.iterdir()) == []
