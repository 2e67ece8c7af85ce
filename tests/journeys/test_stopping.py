"""What a server has begun when it is told to stop is finished, and nothing that it acknowledged is lost."""

import json
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.processes import RunningServer, gatebook, initialised, start, stop

POSTERS = 8
ENOUGH = 200
"""Acknowledgements before the server is told to stop."""


def prepared(folder: Path) -> None:
    initialised(folder)
    assert gatebook(folder, "devices", "add", "--kind", "lock", "--name", "Front door").returncode == 0


def stored(folder: Path) -> list[str]:
    """The tags of all events that were reported."""
    done = gatebook(folder, "events", "list", "--where", "kind=door.opened", "--limit", "10000", "--json")
    assert done.returncode == 0, done.stderr
    return [line["tag"] for line in json.loads(done.stdout)]


class Posters:
    """Threads that report one event at a time until they are refused; each event has a tag of its own."""

    def __init__(self, server: RunningServer) -> None:
        self.acknowledged: list[str] = []
        self.odd: list[str] = []
        self.enough = threading.Event()
        self._server = server
        self._threads = [threading.Thread(target=self._post, args=(number,)) for number in range(POSTERS)]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        for thread in self._threads:
            thread.join(30)

    def _post(self, poster: int) -> None:
        with httpx.Client(base_url=self._server.url, headers=self._server.headers, trust_env=False) as client:
            for number in range(100_000):
                tag = f"{poster}/{number}"
                try:
                    answer = client.post("/v1/events", json={"kind": "door.opened", "device": 1, "tag": tag})
                except httpx.HTTPError:
                    return
                if answer.status_code == 503:
                    return
                if answer.status_code != 201:
                    self.odd.append(answer.text)
                    return
                self.acknowledged.append(tag)
                if len(self.acknowledged) >= ENOUGH:
                    self.enough.set()


def test_everything_acknowledged_before_a_stop_is_stored_once(tmp_path: Path) -> None:
    prepared(tmp_path)
    server = start(tmp_path)
    posters = Posters(server)

    posters.begin()
    assert posters.enough.wait(40)
    code = stop(server.process)
    posters.end()

    tags = stored(tmp_path)
    assert code == 0
    assert posters.odd == []
    assert len(tags) == len(set(tags))
    assert set(posters.acknowledged) <= set(tags)


def test_a_request_half_sent_when_the_stop_comes_is_answered(tmp_path: Path) -> None:
    prepared(tmp_path)
    server = start(tmp_path)
    url = urlsplit(server.url)
    body = json.dumps({"kind": "door.opened", "device": 1, "tag": "slow"}).encode()
    head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nX-API-Key: {server.key}\r\nContent-Type: application/json\r\n"

    with socket.create_connection((url.hostname, url.port), timeout=20) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:5])
        answers(server)
        server.process.terminate()
        until_refused(url.port)
        connection.sendall(body[5:])
        answer = connection.makefile("rb").readline()
    code = server.process.wait(20)
    stop(server.process)

    assert answer.split()[1] == b"201"
    assert code == 0
    assert stored(tmp_path) == ["slow"]


def answers(server: RunningServer) -> None:
    """Once it answers this, it has read what came before on other connections."""
    assert httpx.get(server.url + "/healthz", trust_env=False).status_code == 200


def until_refused(port: int | None) -> None:
    """The stop has begun when nobody listens any more."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port or 0), timeout=5).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)
    raise AssertionError("it still listens")
