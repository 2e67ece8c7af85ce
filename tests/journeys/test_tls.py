"""A server with a certificate of its own making: made, served, renewed while it runs, and the warning without one."""

from __future__ import annotations

import json
import os
import socket
import ssl
import stat
import time
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from gatebook.http import server as http_server
from gatebook.http.dialect import Operation
from gatebook.http.lifespan import Lifespan
from gatebook.http.middleware import Edge
from gatebook.http.server import running
from gatebook.services.certificates import self_signed, written
from tests.http.serving import app_of
from tests.http.test_connections import tell
from tests.processes import gatebook, running_server


def test_a_certificate_is_made_and_served(tmp_path: Path) -> None:
    made = gatebook(tmp_path, "cert", "self-signed", "--host", "127.0.0.1", "--host", "gate.example.org", "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))

    with running_server(tmp_path, "--tls-cert", "cert.pem", "--tls-key", "key.pem") as server:
        answer = httpx.get(f"{server.url}/v1/events", headers=server.headers, verify=trusting)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.url}/v1/events", headers=server.headers)
        port = int(server.url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            trusting.wrap_socket(plain, server_hostname="gate.example.org") as named,
        ):
            version = named.version()

    assert server.url.startswith("https://")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert version == "TLSv1.3"
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    certificate = x509.load_pem_x509_certificate((tmp_path / "cert.pem").read_bytes())
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days == 825
    assert told["hosts"] == ["127.0.0.1", "gate.example.org"]
    assert "unencrypted" not in server.log


def test_files_that_are_there_are_not_replaced_unasked(tmp_path: Path) -> None:
    first = gatebook(tmp_path, "cert", "self-signed")
    before = (tmp_path / "key.pem").read_bytes()

    again = gatebook(tmp_path, "cert", "self-signed")
    kept = (tmp_path / "key.pem").read_bytes()
    replaced = gatebook(tmp_path, "cert", "self-signed", "--replace", "--days", "30")

    assert (first.returncode, replaced.returncode) == (0, 0)
    assert again.returncode != 0
    assert "--replace" in again.stderr
    assert kept == before != (tmp_path / "key.pem").read_bytes()
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("cert", "self-signed", "--host", "gate example"), "host"),
        (("cert", "self-signed", "--host", "gate:443"), "host"),
        (("cert", "self-signed", "--days", "826"), "--days"),
        (("serve", "--tls-cert", "cert.pem"), "--tls-key"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = gatebook(tmp_path, *arguments)

    assert done.returncode != 0
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.glob("*.pem")) == []


def served_number(port: int) -> int:
    """The serial number of the certificate that the server shows."""
    shown = ssl.get_server_certificate(("127.0.0.1", port))
    return x509.load_pem_x509_certificate(shown.encode()).serial_number


def number_in(path: Path) -> int:
    return x509.load_pem_x509_certificate(path.read_bytes()).serial_number


def test_a_renewed_certificate_is_taken_up_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "CERTIFICATE_EVERY_S", 0.1)
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    written(self_signed(("127.0.0.1",)), certificate, key)
    app = app_of(Operation(method="GET", path="/sample", handler=tell, summary="", public=True))

    with running(
        lambda closing: Lifespan(Edge(app, closing=closing)), certificate=str(certificate), key=str(key)
    ) as url:
        port = int(url.rpartition(":")[2])
        first = number_in(certificate)
        shown_first = served_number(port)
        key.write_bytes(b"half a key")
        os.utime(key, (1, 1))
        time.sleep(0.3)
        shown_broken = served_number(port)
        written(self_signed(("127.0.0.1",)), certificate, key, replace=True)
        second, until = number_in(certificate), time.monotonic() + 10
        while served_number(port) != second and time.monotonic() < until:
            time.sleep(0.05)
        shown_second = served_number(port)

    assert shown_first == shown_broken == first
    assert shown_second == second != first


def test_a_bare_bind_beyond_this_machine_warns(tmp_path: Path) -> None:
    with running_server(tmp_path, "--host", "0.0.0.0") as server:
        pass

    assert "unencrypted" in server.log
