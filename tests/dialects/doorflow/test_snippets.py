"""The calls that the vendor's pages print, and programs as its clients write them, run by curl, Python and Node."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any

import pytest

from gatebook.domain.access import Scope
from tests.dialects.doorflow.asking import EVENTS, ask, key_of
from tests.dialects.doorflow.test_sign_in import token_of
from tests.houses import House

PRINTED = ["/api/3/events", "/api/3/events?n=10", "/api/3/events?since=2013-01-01T00:00:00"]
PYTHON = """
import requests
page, found = 1, []
while True:
    answer = requests.get("URL/api/3/events.json", params={"n": 5, "page": page}, auth=("KEY", "x"))
    answer.raise_for_status()
    found += answer.json()
    if len(answer.json()) < int(answer.headers["X-Per-Page"]):
        break
    page += 1
print(len(found), answer.headers["X-Total-Results"])
"""
JAVASCRIPT = """
const answer = await fetch("URL/api/3/events?" + new URLSearchParams({n: 3, since: "2013-01-01T00:00:00.000Z"}), {
  headers: {Authorization: "Bearer TOKEN", Accept: "application/json"}
});
const found = await answer.json();
console.log(answer.status, found.length, answer.headers.get("Total"), typeof found[0].id, found[0].event_label);
"""


@pytest.fixture(scope="module", autouse=True)
def filled(house: House) -> None:
    door = house.device("Front Entrance")
    house.reports(
        [
            {"kind": "access.granted", "method": "card", "device": door.number, "occurred": "2026-05-29T12:00:00Z"}
            for _ in range(12)
        ]
    )


def output(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def curled(house: House, path: str, *options: str) -> Any:
    return json.loads(output("curl", "-sS", "--fail", *options, house.url + path))


@pytest.mark.parametrize("path", PRINTED)
def test_the_printed_calls_work_in_curl(house: House, path: str) -> None:
    """DoorFlow "Events", heading List all events: each line as printed."""
    token = token_of(house, "account.event.readonly", Scope.EVENTS_READ, Scope.CREDENTIALS_READ, Scope.PEOPLE_READ)

    found = curled(house, path, "-H", f"Authorization: Bearer {token}")

    assert found == ask(house, path).json()
    assert found[0]["channel_name"] == "Front Entrance"


def test_the_printed_call_of_one_event_works_in_curl(house: House) -> None:
    """DoorFlow "Events", heading Retrieve an event."""
    newest = house.state[0]

    found = curled(house, f"{EVENTS}/{newest}", "-u", f"{house.key}:x")

    assert (found["id"], found["event_label"]) == (newest, "Admitted (Card/fob)")


def test_a_program_that_walks_pages_until_one_is_short_works(house: House) -> None:
    """DoorFlow "Pagination": clients stop at a short page."""
    program = PYTHON.replace("URL", house.url).replace("KEY", key_of(house))

    assert output(sys.executable, "-c", program).split() == ["12", "12"]


def test_a_program_in_javascript_works(house: House) -> None:
    """DoorFlow openapi.yaml, listEvents, as its SDK asks."""
    node = shutil.which("node")
    assert node is not None, "node is not on the PATH; install the Debian package nodejs"
    program = JAVASCRIPT.replace("URL", house.url, 1).replace("TOKEN", token_of(house))

    told = output(node, "--input-type=module", "-e", program)

    assert told.strip() == "200 3 12 number Admitted (Card/fob)"
