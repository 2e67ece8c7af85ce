"""What the vendor's pages print, run as printed but for base URL, token and lock."""

from __future__ import annotations

import json
import subprocess

import pytest

from gatebook.domain.places import Device
from tests.dialects.doordeck.house import PASSWORD, House

LOG = r"""
curl 'https://api.doordeck.com/device/00000000-0000-0000-0000-000000000000/log?start=0000&end=0000' \
-H "Accept: application/vnd.doordeck.api-v2+json" \
-H "Authorization: Bearer TOKEN"
"""
SIGN_IN = r"""
curl 'https://api.doordeck.com/auth/token' \
-X POST \
-H 'content-type: application/json' \
-H 'accept: application/vnd.doordeck.api-v2+json' \
--data-binary '{"email":"USERNAME","password":"PASSWORD"}'
"""
"""Assumed: in the form of the other pages; the path, the method and the body are those of "Login (v2)"."""


@pytest.fixture(scope="module")
def lock(house: House) -> Device:
    lock = house.device()
    house.report(lock, "lock.unlocked", at="2020-07-01T01:00:00Z")
    house.report(lock, "lock.locked", at="2020-07-01T01:00:10Z")
    return lock


def run(snippet: str, house: House, **filled: str) -> str:
    for printed, wanted in {"https://api.doordeck.com": house.base_url, **filled}.items():
        snippet = snippet.replace(printed, wanted)
    ran = subprocess.run(["bash", "-c", snippet], capture_output=True, text=True, timeout=50)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_curl_line_works_as_printed(house: House, lock: Device) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading CURL; nothing happened in the second 0."""
    named = {"00000000-0000-0000-0000-000000000000": str(lock.id)}

    assert run(LOG, house, TOKEN=house.token, **named) == "[]"


def test_the_curl_line_works_with_the_printed_range(house: House, lock: Device) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading Remember: `start=1593558000&end=1610495999`."""
    named = {"00000000-0000-0000-0000-000000000000": str(lock.id)}
    printed = {"start=0000&end=0000": "start=1593558000&end=1610495999"}

    told = json.loads(run(LOG, house, TOKEN=house.token, **named, **printed))

    assert [(row["type"], row["user"], row["message"]) for row in told] == [
        ("DOOR_LOCK", None, "Door locked"), ("DOOR_UNLOCK", None, "Door unlocked"),
    ]  # fmt: skip


def test_a_token_from_curl_reads_a_trail(house: House, lock: Device) -> None:
    """Doordeck "Login (v2)", then "Get Lock Audit Trail (v2)", heading CURL."""
    named = {"00000000-0000-0000-0000-000000000000": str(lock.id)}

    told = json.loads(run(SIGN_IN, house, USERNAME="root@acme.example", PASSWORD=PASSWORD))

    assert run(LOG, house, TOKEN=told["authToken"], **named) == "[]"
