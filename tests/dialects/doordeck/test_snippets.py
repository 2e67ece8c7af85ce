"""What the vendor's pages print, run as printed but for base URL, token and lock."""

from __future__ import annotations

import json
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from gatebook.domain.places import Device
from tests.dialects.doordeck.house import PASSWORD, House
from tests.processes import gatebook, running_server

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
    return output(snippet)


def output(command: str) -> str:
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=50)
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


def test_the_curl_line_works_over_tls(tmp_path: Path) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading CURL; with a certificate of the server's own making."""
    made = gatebook(tmp_path, "cert", "self-signed", "--host", "127.0.0.1")
    assert made.returncode == 0, made.stderr
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    printed = SIGN_IN.replace("curl ", f"curl --cacert {tmp_path / 'cert.pem'} ").replace(
        "USERNAME", "ann@acme.example"
    )

    with running_server(tmp_path, "--tls-cert", "cert.pem", "--tls-key", "key.pem") as server:
        wanted = {"login": "ann@acme.example", "name": "Ann", "password": PASSWORD, "scopes": ["admin"]}
        with httpx.Client(base_url=server.url, headers=server.headers, verify=trusting) as client:
            user = client.post("/v1/users", json={**wanted, "must_change": False})
            lock = client.post("/v1/devices", json={"name": "Front", "kind": "lock"}).json()
        assert user.status_code == 201, user.text
        token = json.loads(
            output(printed.replace("https://api.doordeck.com", server.url).replace("PASSWORD", PASSWORD))
        )
        line = LOG.replace("curl ", f"curl --cacert {tmp_path / 'cert.pem'} ").replace("TOKEN", token["authToken"])
        line = line.replace("00000000-0000-0000-0000-000000000000", lock["id"])
        told = output(line.replace("https://api.doordeck.com", server.url))

    assert told == "[]"
