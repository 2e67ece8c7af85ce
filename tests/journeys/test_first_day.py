"""A first day: a store is made, served, reported to, read, stopped, and started again with all that it was told."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.processes import RunningServer, gatebook, initialised, running_server, start, stop

WHEN = "2026-01-15T02:10:00.1234567Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store with one lock lies; nothing serves it yet."""
    initialised(tmp_path)
    answer(tmp_path, "devices", "add", "--kind", "lock", "--name", "Front door")
    return tmp_path


def answer(folder: Path, *arguments: str) -> list[dict[str, object]]:
    """What a command that succeeds prints as JSON."""
    done = gatebook(folder, *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def client_of(server: RunningServer) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers=server.headers, timeout=20, trust_env=False)


def reported(client: httpx.Client) -> dict[str, Any]:
    """The page of what was reported, oldest first, without the record of who changed the directory."""
    page: dict[str, Any] = client.get("/v1/events?kind=access.granted&order=asc").json()
    return page


def post(client: httpx.Client, **fields: object) -> httpx.Response:
    return client.post("/v1/events", json={"kind": "access.granted", "device": 1, "occurred": WHEN, **fields})


def test_what_was_acknowledged_is_there_after_a_restart(folder: Path) -> None:
    with running_server(folder) as server, client_of(server) as client:
        posted = post(client, key="a", method="card", data={"floor": 3})
        before = reported(client)
    with running_server(folder) as server, client_of(server) as client:
        after = reported(client)
        repeat = post(client, key="a", method="card", data={"floor": 3})

    assert posted.status_code == 201
    assert (repeat.status_code, repeat.json()) == (200, posted.json())
    assert before["items"] == after["items"]
    [item] = after["items"]
    assert (item["id"], item["occurred"], item["version"]) == (posted.json()["id"], WHEN, 1)
    assert item["data"] == {"floor": 3}


def test_an_event_is_read_in_every_dialect_that_has_it(folder: Path) -> None:
    with running_server(folder) as server, client_of(server) as client:
        posted = post(client).json()
        page = client.get("/locks/1/events").json()

    assert page["totalEvents"] == 1
    assert posted["version"] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_stop_is_graceful_and_leaves_one_file(folder: Path, number: signal.Signals) -> None:
    server = start(folder)
    with client_of(server) as client:
        assert post(client).status_code == 201

    server.process.send_signal(number)
    code = server.process.wait(20)
    stop(server.process)

    assert code == 0
    assert "Traceback" not in server.log
    assert not list(folder.glob("gatebook.db-*"))


def test_streams_end_when_the_server_stops(folder: Path) -> None:
    server = start(folder)
    try:
        with client_of(server) as client, client.stream("GET", "/v1/events/stream") as stream:
            lines = stream.iter_lines()
            until(lines, "retry:")
            with client_of(server) as reporter:
                post(reporter)
            first = until(lines, "data:")
            server.process.terminate()
            rest = list(lines)
        code = server.process.wait(20)
    finally:
        stop(server.process)

    assert json.loads(first.removeprefix("data:"))["occurred"] == WHEN
    assert not [line for line in rest if line.startswith("data:")]
    assert code == 0


def until(lines: Iterator[str], start: str) -> str:
    """The first line that begins so."""
    return next(line for line in lines if line.startswith(start))


def test_what_a_command_changes_the_server_sees_at_once(folder: Path) -> None:
    with running_server(folder) as server, client_of(server) as client:
        unknown = client.post("/v1/events", json={"kind": "door.opened", "device": "cam-7", "occurred": WHEN})
        waiting = answer(folder, "quarantine", "list")
        answer(folder, "sites", "add", "--name", "Depot")
        answer(
            folder, "devices", "add", "--kind", "camera", "--name", "Gate", "--site", "Depot", "--vendor-id", "cam-7"
        )
        replayed = answer(folder, "quarantine", "replay", "--all")
        known = client.post("/v1/events", json={"kind": "door.closed", "device": "cam-7", "occurred": WHEN})
        key = gatebook(folder, "keys", "add", "--name", "reader", "--scope", "events:read", "--site", "Depot").stdout
        seen = client.get("/v1/events", headers={"X-API-Key": key.strip()}).json()
        listed = answer(folder, "events", "list", "--where", "device_name=Gate")

    assert unknown.status_code == 422
    assert [one["device"] for one in waiting] == ["cam-7"]
    assert [one["reason"] for one in replayed] == [None]
    assert known.status_code == 201
    assert [item["kind"] for item in seen["items"]] == ["door.closed", "door.opened"]
    assert [(line["kind"], line["site"]) for line in listed] == [("door.closed", "Depot"), ("door.opened", "Depot")]


def test_the_tail_shows_what_the_server_takes(folder: Path) -> None:
    with running_server(folder) as server, client_of(server) as client:
        for number in range(3):
            post(client, key=str(number), message=f"\x1b[2Jnumber {number}")
        first = reported(client)["items"][0]["seq"]
        done = gatebook(folder, "events", "tail", "--after", str(first), "--count", "2", "--json")
        plain = gatebook(folder, "events", "tail", "--after", "0", "--count", "1", "--where", "kind=access.granted")

    assert [json.loads(line)["seq"] for line in done.stdout.splitlines()] == [first + 1, first + 2]
    assert "\\x1b[2Jnumber 0" in plain.stdout
    assert "\x1b" not in plain.stdout + done.stdout


def test_several_servers_may_share_a_store(folder: Path) -> None:
    with (
        running_server(folder) as one,
        running_server(folder) as other,
        client_of(one) as left,
        client_of(other) as right,
    ):
        for number in range(4):
            post((left, right)[number % 2], key=str(number))
        items = reported(left)["items"]

    assert [item["version"] for item in items] == [1, 2, 3, 4]
    assert [item["seq"] - items[0]["seq"] for item in items] == [0, 1, 2, 3]
