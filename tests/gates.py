"""A gate as an installer sets it up over HTTP: a camera, the lock that it opens, and whose plates may pass."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.processes import RunningServer

PLATE = "AB12CDE"


@dataclass(frozen=True)
class Gate:
    """`client` is the administrator's; the tokens are those of the camera and of the lock."""

    client: httpx.Client
    url: str
    camera: int
    lock: int
    person: int
    camera_uuid: str
    camera_token: str
    lock_token: str

    def read(
        self, plate: str = PLATE, confidence: float = 0.95, *, ago_s: float = 0.0, **more: object
    ) -> httpx.Response:
        """The camera reads a plate."""
        captured = (datetime.now(UTC) - timedelta(seconds=ago_s)).isoformat()
        body = {"plate": plate, "confidence": confidence, "captured": captured, **more}
        signed = {"Authorization": f"Bearer {self.camera_token}"}
        return httpx.post(f"{self.url}/v1/plate-reads", json=body, headers=signed)

    @contextmanager
    def device(self) -> Iterator[ClientConnection]:
        """The lock, on the line."""
        address = self.url.replace("http", "ws") + "/v1/device-link"
        with connect(address, additional_headers={"Authorization": f"Bearer {self.lock_token}"}) as line:
            yield line

    def rows(self, wanted: int = 1, within_s: float = 15.0) -> list[dict[str, Any]]:
        """What was decided, newest first, once there are as many."""
        until = time.monotonic() + within_s
        while True:
            answer = self.client.get("/v1/events", params={"kind": "plate.decided"})
            rows: list[dict[str, Any]] = [one["data"] for one in answer.json()["items"]]
            if len(rows) >= wanted:
                return rows
            assert time.monotonic() < until, (rows, answer.text)
            time.sleep(0.1)

    def kinds(self, kind: str) -> list[str]:
        """The kind of each event of that kind."""
        answer = self.client.get("/v1/events", params={"kind": kind})
        assert answer.status_code == 200, answer.text
        return [one["kind"] for one in answer.json()["items"]]


def gate_at(server: RunningServer, client: httpx.Client) -> Gate:
    """A new gate on this server, for one plate."""

    def made(path: str, body: dict[str, object]) -> dict[str, Any]:
        answer = client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    camera = made("/v1/devices", {"kind": "camera", "name": "Gate camera"})
    lock = made("/v1/devices", {"kind": "lock", "name": "Gate"})
    person = made("/v1/people", {"name": "Ada Example"})
    made("/v1/credentials", {"person": person["number"], "method": "plate", "value": PLATE})
    tokens = [made("/v1/device-tokens", {"device": one["number"], "name": "t"}) for one in (camera, lock)]
    linked = client.patch(f"/v1/cameras/{camera['number']}", json={"locks": [lock["number"]]})
    assert linked.status_code == 200, linked.text
    added = client.post(
        f"/users/{person['id']}/AddAccessibleLock",
        json={"lockId": str(lock["number"]), "lockName": "Gate", "accessLevel": "USER", "grantedBy": "tests"},
    )
    assert added.status_code < 300, added.text
    secrets = [one.get("token") or one.get("secret") for one in tokens]
    return Gate(
        client=client, url=server.url, camera=camera["number"], lock=lock["number"], person=person["number"],
        camera_uuid=camera["id"], camera_token=str(secrets[0]), lock_token=str(secrets[1]),
    )  # fmt: skip


def said(line: ClientConnection, timeout: float = 10.0) -> dict[str, Any]:
    """The next message to a device."""
    told: dict[str, Any] = json.loads(line.recv(timeout))
    return told
