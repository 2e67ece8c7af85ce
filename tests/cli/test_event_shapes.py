"""`gatebook events shapes`: what it prints of an event is what each API answers."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes import RunningServer, gatebook, running_server

KEYED = {"native", "smartphonekey"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(Path(tmp_path_factory.mktemp("shapes"))) as server:
        yield server


def report(server: RunningServer, **report: object) -> str:
    with httpx.Client(base_url=server.url, headers=server.headers, timeout=20) as client:
        device = client.post("/v1/devices", json={"name": "a lock", "kind": "lock"}).raise_for_status().json()["number"]
        told: str = client.post("/v1/events", json={"device": device, **report}).raise_for_status().json()["id"]
        return told


def test_each_dialect_tells_of_an_admission_as_its_own_api_does(server: RunningServer) -> None:
    event = report(server, kind="access.granted", method="card")

    done = gatebook(server.folder, "events", "shapes", event, "--json")
    told = json.loads(done.stdout)

    assert list(told) == ["native", "smartphonekey", "doorflow", "doordeck", "xprotect"]
    for name, one in told.items():
        if name in KEYED:
            answer = httpx.get(server.url + one["url"], headers=server.headers, timeout=20).raise_for_status().json()
            assert one["shape"] == answer or one["shape"] in answer["events"]
    assert told["doordeck"]["shape"]["type"] == "DOOR_UNLOCK"
    assert told["doorflow"]["shape"]["event_label"] == "Admitted (Card/fob)"
    assert told["xprotect"]["shape"]["id"] == event


def test_it_says_which_has_no_word_for_it(server: RunningServer) -> None:
    event = report(server, kind="tamper.detected")

    lines = gatebook(server.folder, "events", "shapes", event).stdout.splitlines()

    assert f"Native API  GET /v1/events/{event}" in lines
    assert "Doordeck  Doordeck has no word for this event here." in lines


def test_an_event_that_is_not_there_is_named(server: RunningServer) -> None:
    done = gatebook(server.folder, "events", "shapes", "999999")

    assert done.returncode == 4
    assert done.stdout == ""
