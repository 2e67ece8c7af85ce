"""A client of the events socket."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.houses import House

PATH = "/api/ws/events/v1"
ANY = [{"modifier": "include", "resourceTypes": ["*"], "sourceIds": ["*"], "eventTypes": ["*"]}]


class Client:
    """Sends commands, and keeps the batches that come in between."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self._numbers = itertools.count()

    def say(self, command: str, **members: object) -> dict[str, Any]:
        number = next(self._numbers)
        self.socket.send(json.dumps({"command": command, "commandId": number, **members}))
        return self.reply(number)

    def reply(self, number: object) -> dict[str, Any]:
        while True:
            told = self.hear()
            if "commandId" in told:
                assert told["commandId"] == number
                return told

    def hear(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.socket.recv(timeout=10))
        if "events" in told:
            assert told["events"], "a batch is never empty"
            self.events += told["events"]
        return told

    def until(self, id: str) -> list[dict[str, Any]]:
        """All that came, when the event of this id has come."""
        while not any(event["id"] == id for event in self.events):
            self.hear()
        return self.events

    def start(self, session: str = "", event: str = "") -> dict[str, Any]:
        return self.say("startSession", sessionId=session, eventId=event)

    def listen(self, filters: object = ANY) -> str:
        told = self.say("addSubscription", subscriptionId="", filters=filters)
        assert told["status"] == 200, told
        id_: str = told["subscriptionId"]
        return id_


@contextmanager
def talking(house: House, token: str | None = None, path: str = PATH, **options: Any) -> Iterator[Client]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    url = house.url.replace("http", "ws") + path
    with connect(url, additional_headers=headers, compression=None, **{"max_size": None, **options}) as socket:
        yield Client(socket)


def ending(client: Client) -> int:
    with suppress(ConnectionClosed):
        while True:
            client.socket.recv(timeout=10)
    return client.socket.close_code or 0


def followed(house: House) -> None:
    """Waits until the follower of the states has come to the end of the log."""
    head = house.state[0]
    for _ in range(200):
        if house.store.read_now(house.store.history.followed, house.org, "states") >= head:
            return
        time.sleep(0.02)
    raise AssertionError("the follower of the states did not come")
