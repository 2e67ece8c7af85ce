"""What the vendor's page prints, run as printed but for base URL, name, password and token; in the clear and over TLS.

The page has lost its indentation: it is put back, and nothing else is changed.  Source: Milestone "Events REST API" v1,
2026-11-21.
"""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from tests.processes import gatebook, running_server

LOGIN = "myUser"
PASSWORD = "correct-horse-battery"
PRINTED_URL = "https://test-01.example.com"
PRINTED_TOKEN = "eyJhbGciOiJodHRwOi8vd3d3LnczLm9yZy8yMDAxLzA0L... ay0ferTwm-DZ4OxNXGTHk5t7R_YTWPjg"

CURL_TOKEN = r"""
curl --insecure --request POST "https://test-01.example.com/idp/connect/token" \
--header "Content-Type: application/x-www-form-urlencoded" \
--data-urlencode "grant_type=password" \
--data-urlencode "username=myUsername" \
--data-urlencode "password=myPassword" \
--data-urlencode "client_id=GrantValidatorClient"
"""

CURL_EVENTS = r"""
curl --insecure --request GET "https://test-01.example.com/api/rest/v1/events" \
--header "Authorization: Bearer eyJhbGciOiJodHRwOi8vd3d3LnczLm9yZy8yMDAxLzA0L... ay0ferTwm-DZ4OxNXGTHk5t7R_YTWPjg"
"""

PYTHON = r"""
import requests # pip install requests
USERNAME = 'username' # replace with your basic user name
PASSWORD = 'password' # replace with your basic user password
SERVER_URL = 'https://test-01.example.com' # replace with your server URL
VERIFY_CERTIFICATES = True # set to False in development if your certificates are self-signed
def main():
    session = requests.Session()
    # 1. Retrieve a token from IDP
    response = session.request("POST",
        f"{SERVER_URL}/IDP/connect/token",
        headers={
            'Content-Type': 'application/x-www-form-urlencoded'
        },
        data=f"grant_type=password"
            f"&username={USERNAME}"
            f"&password={PASSWORD}"
            f"&client_id=GrantValidatorClient",
        verify=VERIFY_CERTIFICATES)
    if response.status_code != 200:
        return print(f"Unable to retrieve token: {response.status_code}")
    token = response.json()['access_token']
    # 2. Retrieve events with the token
    response = session.request("GET",
        f"{SERVER_URL}/api/rest/v1/events",
        headers={
            'Authorization': f'Bearer {token}'
        },
        verify=VERIFY_CERTIFICATES)
    if response.status_code != 200:
        return print(f"Unable to retrieve events: {response.status_code}")
    events = response.json()
    print(f"GET /events response:\n{events}\n\n")
if __name__ == '__main__':
    main()
"""

PYTHON_NTLM = r"""
import requests # pip install requests
from requests_ntlm import HttpNtlmAuth # pip install requests-ntlm
USERNAME = 'domain\\username' # replace with your windows domain and username
PASSWORD = 'password' # replace with your windows user password
SERVER_URL = 'https://test-01.example.com' # replace with your server URL
VERIFY_CERTIFICATES = True # set to False in development if your certificates are self-signed
def main():
    session = requests.Session()
    # 1. Retrieve a token from IDP
    response = session.request("POST",
        f"{SERVER_URL}/IDP/connect/token",
        headers={
            'Content-Type': 'application/x-www-form-urlencoded'
        },
        data="grant_type=windows_credentials&client_id=GrantValidatorClient",
        verify=VERIFY_CERTIFICATES,
        auth=HttpNtlmAuth(USERNAME, PASSWORD))
    if response.status_code != 200:
        return print(f"Unable to retrieve token: {response.status_code}")
    token = response.json()['access_token']
    # 2. Retrieve events with the token
    response = session.request("GET",
        f"{SERVER_URL}/api/rest/v1/events",
        headers={
            'Authorization': f'Bearer {token}'
        },
        verify=VERIFY_CERTIFICATES)
    if response.status_code != 200:
        return print(f"Unable to retrieve events: {response.status_code}")
    events = response.json()
    print(f"GET /events response:\n{events}\n\n")
if __name__ == '__main__':
    main()
"""

NODE = r"""
const USERNAME = 'username'; // replace with your basic user name
const PASSWORD = 'password'; // replace with your basic user password
const SERVER_URL = 'https://test-01.example.com'; // replace with your server URL
const VERIFY_CERTIFICATES = true; // set to False in development if your certificates are self-signed
if (!VERIFY_CERTIFICATES) process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
fetch(`${SERVER_URL}/IDP/connect/token`, {
    method: 'POST',
    headers:{
        'Content-Type': 'application/x-www-form-urlencoded'
    },
    body: new URLSearchParams({
        grant_type: 'password',
        username: USERNAME,
        password: PASSWORD,
        client_id: 'GrantValidatorClient'
    })
})
.then(response => response.json())
.then(token_response => {
    const token = token_response['access_token'];
    return fetch(`${SERVER_URL}/api/rest/v1/events`, {
        headers:{
            'Authorization': `Bearer ${token}`
        }
    })
})
.then(response => response.json())
.then(events => console.log(events))
.catch((err) => {
    console.log(err);
});
"""

POWERSHELL = "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1682"
"""Assumed: what `Invoke-RestMethod` of Windows PowerShell 5.1 calls itself; its requests are made up of what the .NET
Framework's HttpWebRequest sends: `Expect: 100-continue` before a body, and the body only after the answer to it."""


@dataclass(frozen=True)
class Gate:
    """A server with one user and one event; `event` is that event's id."""

    url: str
    secure: bool
    event: str

    def filled(self, snippet: str, replaced: dict[str, str]) -> str:
        """A snippet with this server's address and what else differs from the page; each must be in it."""
        if self.secure:
            replaced = {**TRUSTING, **replaced}
        for printed, wanted in {PRINTED_URL: self.url, **replaced}.items():
            if printed not in TRUSTING:
                assert printed in snippet, printed
            snippet = snippet.replace(printed, wanted)
        return snippet


TRUSTING = {
    "VERIFY_CERTIFICATES = True": "VERIFY_CERTIFICATES = False",
    "VERIFY_CERTIFICATES = true": "VERIFY_CERTIFICATES = false",
}
"""As the page's own comment says, for a certificate that is self-signed."""
BASIC_USER = {"USERNAME = 'username'": f"USERNAME = '{LOGIN}'", "PASSWORD = 'password'": f"PASSWORD = '{PASSWORD}'"}
WINDOWS_USER = {
    r"USERNAME = 'domain\\username'": rf"USERNAME = 'domain\\{LOGIN}'",
    "PASSWORD = 'password'": f"PASSWORD = '{PASSWORD}'",
}


@pytest.fixture(scope="module", params=["http", "https"])
def gate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    folder, secure = tmp_path_factory.mktemp("gate"), request.param == "https"
    arguments, verify = [], ssl.create_default_context()
    if secure:
        assert gatebook(folder, "cert", "self-signed", "--host", "127.0.0.1").returncode == 0
        arguments = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"]
        verify.load_verify_locations(folder / "cert.pem")
    with running_server(folder, *arguments) as server:
        with httpx.Client(base_url=server.url, headers=server.headers, verify=verify) as admin:
            event = furnished(admin)
        yield Gate(url=server.url, secure=secure, event=event)


def furnished(admin: httpx.Client) -> str:
    """A user who may sign in by NTLM as well, a camera, and something that it saw: that event's id."""
    wanted = {"login": LOGIN, "name": LOGIN, "password": PASSWORD, "scopes": ["events:read"], "must_change": False}
    user = admin.post("/v1/users", json=wanted)
    assert user.status_code == 201, user.text
    let_in = admin.put(f"/v1/users/{user.json()['id']}/ntlm", json={"password": PASSWORD})
    assert let_in.status_code == 204, let_in.text
    camera = admin.post("/v1/devices", json={"name": "Main entry", "kind": "camera"}).json()["id"]
    seen = {"kind": "motion.started", "device": camera, "occurred": "2023-02-28T18:10:12.4786334Z"}
    told: str = admin.post("/v1/events", json=seen).json()["id"]
    return told


def output(*command: str, folder: Path | None = None) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=50, cwd=folder, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_curl_lines_work_as_printed(gate: Gate) -> None:
    """Events REST API, "Retrieve events with cURL"."""
    line = gate.filled(CURL_TOKEN, {"myUsername": LOGIN, "myPassword": PASSWORD})
    token = json.loads(output("bash", "-c", line))["access_token"]

    events = json.loads(output("bash", "-c", gate.filled(CURL_EVENTS, {PRINTED_TOKEN: token})))

    assert [event["id"] for event in events["array"]] == [gate.event]


@pytest.mark.parametrize(("snippet", "who"), [(PYTHON, BASIC_USER), (PYTHON_NTLM, WINDOWS_USER)], ids=["basic", "ntlm"])
def test_the_python_samples_work_as_printed(gate: Gate, snippet: str, who: dict[str, str], tmp_path: Path) -> None:
    """Events REST API, "Retrieve events with Python", and "… using a Windows users"."""
    (tmp_path / "sample.py").write_text(gate.filled(snippet, who))

    told = output(sys.executable, "-W", "ignore", "sample.py", folder=tmp_path)

    assert told.startswith("GET /events response:\n{"), told
    assert gate.event in told


def test_the_node_sample_works_as_printed(gate: Gate, tmp_path: Path) -> None:
    """Events REST API, "Retrieve events with Node.js"."""
    (tmp_path / "sample.mjs").write_text(gate.filled(NODE, BASIC_USER))

    told = output("node", "sample.mjs", folder=tmp_path)

    assert "array: [" in told, told
    assert gate.event in told


def test_the_requests_of_powershell_are_answered(gate: Gate) -> None:
    """Events REST API, "Retrieve events with the PowerShell": the head first, the body when the server says go on."""
    form = {"grant_type": "password", "username": LOGIN, "password": PASSWORD, "client_id": "GrantValidatorClient"}
    body = urlencode(form).encode()
    where = urlsplit(gate.url)
    head = (
        f"POST /idp/connect/token HTTP/1.1\r\nUser-Agent: {POWERSHELL}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nHost: {where.netloc}\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: Keep-Alive\r\n\r\n"
    )

    with connected(gate) as wire:
        wire.sendall(head.encode())
        assert wire.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(body)
        token = answer_of(wire)["access_token"]
        wire.sendall(
            f"GET /api/rest/v1/events HTTP/1.1\r\nAuthorization: Bearer {token}\r\n"
            f"User-Agent: {POWERSHELL}\r\nHost: {where.netloc}\r\n\r\n".encode()
        )
        events = answer_of(wire)

    assert [event["id"] for event in events["array"]] == [gate.event]


def connected(gate: Gate) -> socket.socket:
    """A bare connection; over TLS, to whoever it may be."""
    where = urlsplit(gate.url)
    wire = socket.create_connection((str(where.hostname), where.port or 0), timeout=20)
    if not gate.secure:
        return wire
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(wire)


def answer_of(wire: socket.socket) -> dict[str, object]:
    """The JSON of one answer of status 200."""
    text = b""
    while b"\r\n\r\n" not in text:
        text += wire.recv(65_536)
    head, _, body = text.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < int(lengths[0].split(b":")[1]):
        body += wire.recv(65_536)
    told: dict[str, object] = json.loads(body)
    return told
