"""A dialect is moved to a prefix or a host name, or switched off, by settings alone."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gatebook.dialects import BUILT_IN
from tests.processes import gatebook, initialised, running_server

SETTINGS = """
[dialects]
prefix = { smartphonekey = "/lobby" }
host = { native = "log.example.org" }
"""
LOG = {"Host": "log.example.org"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """Of a server whose SmartphoneKey is below /lobby, and whose native API has a host name of its own."""
    (tmp_path / "gatebook.toml").write_text(SETTINGS)
    initialised(tmp_path)
    assert gatebook(tmp_path, "devices", "add", "--kind", "lock", "--name", "Front door").returncode == 0
    with running_server(tmp_path) as server, httpx.Client(base_url=server.url, headers=server.headers) as client:
        yield client


def test_a_prefix_and_a_host_are_kept_to(client: httpx.Client) -> None:
    moved, left = client.get("/lobby/locks/1/events"), client.get("/locks/1/events")
    named, unnamed = client.get("/v1/events", headers=LOG), client.get("/v1/events")
    elsewhere = client.get("/lobby/locks/1/events", headers=LOG)

    assert (moved.status_code, left.status_code) == (200, 404)
    assert (named.status_code, unnamed.status_code) == (200, 404)
    assert elsewhere.status_code == 200


def test_documents_tell_where_a_dialect_is(client: httpx.Client) -> None:
    document = client.get("/docs/smartphonekey/openapi.json").json()

    assert [server["url"] for server in document["servers"]] == ["/lobby"]


def test_health_is_at_the_root_under_every_name(client: httpx.Client) -> None:
    assert client.get("/readyz").json()["status"] == "ready"
    assert client.get("/readyz", headers=LOG).json()["status"] == "ready"


def test_a_dialect_that_is_switched_off_is_not_there(tmp_path: Path) -> None:
    env = {"GATEBOOK_DIALECTS_ENABLED": "native"}
    with (
        running_server(tmp_path, env=env) as server,
        httpx.Client(base_url=server.url, headers=server.headers) as client,
    ):
        native, page = client.get("/v1/events"), client.get("/docs").text
        others = {name: client.get(f"/docs/{name}").status_code for name in BUILT_IN if name != "native"}

    assert native.status_code == 200
    assert set(others.values()) == {404}
    assert not [name for name in others if f"/docs/{name}" in page]
