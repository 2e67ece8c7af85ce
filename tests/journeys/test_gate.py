"""A car before the gate: the camera reads, the lock hears a command on its line, and what it answers is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.gates import PLATE, Gate, gate_at, said
from tests.processes import running_server, stop


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with (
        running_server(tmp_path) as server,
        httpx.Client(base_url=server.url, headers=server.headers, timeout=20) as client,
    ):
        yield gate_at(server, client)


def test_a_read_opens_the_lock_once_and_every_dialect_of_cameras_tells_it(gate: Gate) -> None:
    with gate.device() as line:
        first = gate.read(vehicle="v-1")
        command = said(line)
        line.send(f'{{"id":"{command["id"]}","outcome":"done"}}')
        taken = said(line)
        rows = gate.rows()
        again = gate.read(vehicle="v-1", confidence=0.99)
        both = gate.rows(2)
        third = gate.read(vehicle="v-1", confidence=0.97)

    assert (first.status_code, again.status_code, third.status_code) == (201, 201, 201)
    assert (command["action"], taken) == ("open", {"id": command["id"], "late": False})
    assert (rows[0]["action"], rows[0]["matched_plate"], rows[0]["lock"]) == ("opened", PLATE, gate.lock)
    assert [row["action"] for row in both] == ["repeat_read", "opened"]
    listed = gate.client.get(f"/cameras/{gate.camera_uuid}/lpr-events").json()
    assert [row["actionTaken"] for row in listed["events"]] == ["REPEAT_READ", "LOCK_OPENED"]
    opened = listed["events"][1]
    user = gate.client.get(f"/v1/people/{gate.person}").json()["id"]
    assert (opened["cameraId"], opened["lockId"], opened["plate"]) == (gate.camera_uuid, str(gate.lock), PLATE)
    assert (opened["matched"], opened["matchedUserId"], opened["confidence"]) == (True, user, 0.95)
    assert len(gate.kinds("command.requested")) == 1
    assert gate.kinds("command.completed") == ["command.completed"]


def test_a_lock_that_refuses_and_one_that_is_not_there_fail_to_open(gate: Gate) -> None:
    with gate.device() as line:
        gate.read(vehicle="v-1")
        command = said(line)
        line.send(f'{{"id":"{command["id"]}","outcome":"refused","message":"jammed"}}')
        assert said(line)["late"] is False
        refused = gate.rows()

    gate.read(vehicle="v-2")
    absent = gate.rows(2, within_s=20)
    with gate.device() as line, pytest.raises(TimeoutError):
        line.recv(1.5)  # it is overdue, and never sent

    assert (refused[0]["action"], refused[0]["reason"]) == ("open_failed", "refused")
    assert (absent[0]["action"], absent[0]["reason"]) == ("open_failed", "unanswered")
    listed = gate.client.get(f"/cameras/{gate.camera_uuid}/lpr-events").json()
    assert [row["actionTaken"] for row in listed["events"]] == ["LOCK_OPEN_FAILED", "LOCK_OPEN_FAILED"]


def test_a_vendors_open_command_reaches_the_device_and_its_answer_stands_in_the_history(gate: Gate) -> None:
    path = f"/locks/{gate.lock}/OpenLock"
    unreachable = gate.client.post(path, json={})
    before = gate.kinds("command.requested")
    with gate.device() as line:
        opened = gate.client.post(path, json={"reason": "parcel", "requestId": "r-1"})
        first = said(line)
        line.send(f'{{"id":"{first["id"]}","outcome":"done"}}')
        assert said(line) == {"id": first["id"], "late": False}
        refused = gate.client.post(path, json={"reason": "guest"})
        second = said(line)
        line.send(f'{{"id":"{second["id"]}","outcome":"refused","message":"jammed"}}')
        assert said(line)["late"] is False

    assert (unreachable.status_code, before) == (502, [])
    assert (opened.status_code, refused.status_code, first["action"]) == (200, 200, "open")
    told = gate.client.get("/v1/events", params={"device": gate.lock}).json()["items"]
    assert [row["kind"] for row in told][:4] == [
        "command.failed", "command.requested", "command.completed", "command.requested",
    ]  # fmt: skip
    assert (told[0]["data"]["message"], told[2]["data"]["outcome"]) == ("jammed", "done")
    history = gate.client.get(f"/locks/{gate.lock}/events").json()["events"]
    asked = [row["event"] for row in history if row["type"] == "LockOpenRequested"]
    assert [row["reason"] for row in asked] == ["parcel", "guest"]
    assert asked[0]["requestId"] == "r-1"


def test_a_restart_between_read_and_answer_loses_nothing_and_opens_once(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        with httpx.Client(base_url=server.url, headers=server.headers, timeout=20) as client:
            gate = gate_at(server, client)
            assert gate.read(vehicle="v-1").status_code == 201
        stop(server.process)
    with (
        running_server(tmp_path) as server,
        httpx.Client(base_url=server.url, headers=server.headers, timeout=20) as client,
    ):
        again = Gate(**{**vars(gate), "client": client, "url": server.url})
        with again.device() as line:
            command = said(line)
            line.send(f'{{"id":"{command["id"]}","outcome":"done"}}')
            rows = again.rows()

        assert [row["action"] for row in rows] == ["opened"]
        assert len(again.kinds("command.requested")) == 1


def test_only_a_device_comes_on_the_line(gate: Gate) -> None:
    address = gate.url.replace("http", "ws") + "/v1/device-link"
    refused = []
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"X-API-Key": gate.client.headers["X-API-Key"]}):
        with pytest.raises(InvalidStatus) as error, connect(address, additional_headers=headers):
            pass
        refused.append(error.value.response.status_code)
    signed = {"Authorization": f"Bearer {gate.lock_token}"}
    with pytest.raises(InvalidStatus) as error:
        connect(address, additional_headers=signed, origin="https://elsewhere.example")  # type: ignore[arg-type]

    assert refused == [401, 401, 403]
    assert error.value.response.status_code == 403
