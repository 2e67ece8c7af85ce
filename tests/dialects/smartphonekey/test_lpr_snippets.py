"""What the vendor's page of plates prints, run as printed but for base URL, key, token and placeholders."""

from __future__ import annotations

import asyncio
import json
import shutil
import ssl
import sys
from pathlib import Path

import httpx
import pytest

from gatebook.domain.access import Scope
from gatebook.domain.places import Device, DeviceKind
from tests.dialects.smartphonekey.house import NOON, House
from tests.dialects.smartphonekey.test_lpr import READER, ask, decide
from tests.dialects.smartphonekey.test_snippets import output
from tests.processes import gatebook, running_server

CURL = r"""
curl -X GET "https://api.spkey.co/cameras/example_string/lpr-events?from=example_string&to=example_string&page=example_string&pageSize=example_string" \
-H "Content-Type: application/json" \
-H "Authorization: Bearer YOUR_API_TOKEN (JWT)" \
-H "X-API-Key: YOUR_API_KEY"
"""  # noqa: E501  # as printed
PYTHON = """
import requests
import json
url = "https://api.spkey.co/cameras/example_string/lpr-events?from=example_string&to=example_string&page=example_string&pageSize=example_string"
headers = {
"Content-Type": "application/json",
"Authorization": "Bearer YOUR_API_TOKEN (JWT)",
"X-API-Key": "YOUR_API_KEY"
}
response = requests.get(url, headers=headers)
print(response.json())
"""  # as printed
JAVASCRIPT = """
const response = await fetch("https://api.spkey.co/cameras/example_string/lpr-events?from=example_string&to=example_string&page=example_string&pageSize=example_string", {
method: "GET",
headers: {
"Content-Type": "application/json",
"Authorization": "Bearer YOUR_API_TOKEN (JWT)",
"X-API-Key": "YOUR_API_KEY"
}
});
const data = await response.json();
console.log(data);
"""  # noqa: E501  # as printed
ASKED = {"from_": NOON, "to": "2026-05-30T00:00:00Z", "page": 2, "pageSize": 2}


@pytest.fixture(scope="module")
def camera(house: House) -> Device:
    camera = house.add_device(kind=DeviceKind.CAMERA)
    for plate in ("AA 1", "BB 2", "CC 3"):
        decide(house, camera, plate=plate)
    return camera


def placed(snippet: str, base_url: str, camera: str, token: str, key: str) -> str:
    filled = snippet.replace("https://api.spkey.co", base_url).replace("YOUR_API_TOKEN (JWT)", token)
    filled = filled.replace("YOUR_API_KEY", key).replace("/example_string/", f"/{camera}/")
    for name, value in ASKED.items():
        filled = filled.replace(f"{name.rstrip('_')}=example_string", f"{name.rstrip('_')}={value}")
    return filled


def filled_in(snippet: str, house: House, camera: Device) -> str:
    asyncio.run(house.services.tokens.signing.ensure())
    token, _ = asyncio.run(house.services.tokens.issue(house.admin, "smartphonekey"))
    return placed(snippet, house.base_url, str(camera.id), token, house.make_key(scopes=READER))


def test_the_curl_line_works(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history", curl line."""
    told = json.loads(output("bash", "-c", filled_in(CURL, house, camera)))

    assert told == ask(house, camera, **ASKED).json()
    assert ([row["plate"] for row in told["events"]], told["total"]) == (["AA 1"], 3)


def test_the_python_snippet_works(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history", Python snippet."""
    told = output(sys.executable, "-c", filled_in(PYTHON, house, camera))

    assert told.strip() == str(ask(house, camera, **ASKED).json())


def test_the_javascript_snippet_works(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history", JavaScript snippet."""
    node = shutil.which("node")
    assert node is not None, "node is not on the PATH; install the Debian package nodejs"

    told = output(node, "--input-type=module", "-e", filled_in(JAVASCRIPT, house, camera))

    assert "total: 3" in told
    assert "hasMore: false" in told
    assert "plate: 'AA 1'" in told


def test_the_curl_line_works_over_tls(tmp_path: Path) -> None:
    """SmartphoneKey "Get LPR event history", curl line; with a certificate of the server's own making."""
    made = gatebook(tmp_path, "cert", "self-signed", "--host", "127.0.0.1")
    assert made.returncode == 0, made.stderr
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    printed = CURL.replace("curl ", f"curl --cacert {tmp_path / 'cert.pem'} ")

    with running_server(tmp_path, "--tls-cert", "cert.pem", "--tls-key", "key.pem") as server:
        with httpx.Client(base_url=server.url, headers=server.headers, verify=trusting) as client:
            camera = client.post("/v1/devices", json={"name": "Gate", "kind": "camera"}).json()
            data = {"plate": "TLS 1", "confidence": 0.9, "action": "no_match"}
            sent = {"kind": "plate.decided", "device": camera["id"], "occurred": NOON, "data": data}
            assert client.post("/v1/events", json=sent).status_code == 201
            scopes = [Scope.EVENTS_READ.value, Scope.PLATES_READ.value]
            key = client.post("/v1/keys", json={"name": "reader", "scopes": scopes}).json()["secret"]
            token = client.post("/v1/tokens", json={"dialect": "smartphonekey"}).json()
        line = placed(printed, server.url, camera["id"], token["token"], key).replace("page=2", "page=1")
        told = json.loads(output("bash", "-c", line))

    assert [(row["plate"], row["actionTaken"]) for row in told["events"]] == [("TLS 1", "NO_MATCH")]
