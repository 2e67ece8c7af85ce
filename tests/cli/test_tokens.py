"""`gatebook tokens`, and the server that believes what it issues."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from gatebook.app.build import build
from gatebook.app.settings import Server, Settings, Store
from gatebook.cli.frame import ExitCode
from gatebook.http.server import running
from tests.cli.terminals import call

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with its first key."""
    assert call(tmp_path, "init", "--name", "Acme", "--zone", "UTC").code == 0
    return tmp_path


def issued(folder: Path, *arguments: str) -> dict[str, Any]:
    listed = call(folder, "keys", "list", "--json")
    [key] = json.loads(listed.out)
    ended = call(folder, "tokens", "issue", "--key", str(UUID(key["id"])), "--json", *arguments)
    assert (ended.code, ended.err) == (0, "")
    made: dict[str, Any] = json.loads(ended.out)
    return made


def test_a_server_believes_what_the_command_line_issues_until_it_ends_it(folder: Path) -> None:
    made, other = issued(folder), issued(folder, "--dialect", "smartphonekey")
    settings = Settings(server=Server(), store=Store(url=str(folder / "gatebook.db")))
    app = build(settings)

    with running(lambda _closing: app.asgi) as url, httpx.Client(base_url=url) as client:
        bearer = {"Authorization": f"Bearer {made['token']}"}
        current = client.get("/v1/tokens/current", headers=bearer)
        confused = client.get("/v1/tokens/current", headers={"Authorization": f"Bearer {other['token']}"})
        keys = client.get("/.well-known/jwks.json")
        page = client.get("/console/sign-in")
        revoked = call(folder, "tokens", "revoke", made["jti"])
        after = client.get("/v1/tokens/current", headers=bearer)

    assert (current.status_code, current.json()["jti"]) == (200, made["jti"])
    assert (confused.status_code, keys.status_code, page.status_code) == (401, 200, 200)
    assert (revoked.code, after.status_code) == (0, 401)


def test_new_keys_are_made_beside_a_running_server(folder: Path) -> None:
    made = issued(folder)
    app = build(Settings(store=Store(url=str(folder / "gatebook.db"))))

    with running(lambda _closing: app.asgi) as url, httpx.Client(base_url=url) as client:
        bearer = {"Authorization": f"Bearer {made['token']}"}
        rotated = call(folder, "tokens", "rotate")
        still = client.get("/v1/tokens/current", headers=bearer)
        ended = call(folder, "tokens", "rotate", "--overlap", "0")
        after = client.get("/v1/tokens/current", headers=bearer)

    assert (rotated.code, still.status_code) == (0, 200)
    assert (ended.code, after.status_code) == (0, 401)


def test_what_cannot_be_issued_is_said(folder: Path) -> None:
    nobody = call(folder, "tokens", "issue")
    unknown = call(folder, "tokens", "issue", "--user", "nobody")
    absent = call(folder, "tokens", "revoke", str(UUID(int=7)))

    assert (nobody.code, unknown.code, absent.code) == (ExitCode.USAGE, ExitCode.REFUSED, ExitCode.REFUSED)
    assert "--user, --service and --key" in nobody.err


def test_the_command_line_hands_out_a_refresh_token_that_a_client_of_doorflow_uses(folder: Path) -> None:
    made = issued(folder, "--dialect", "doorflow", "--refresh")
    app = build(Settings(store=Store(url=str(folder / "gatebook.db"))))

    with running(lambda _closing: app.asgi) as url, httpx.Client(base_url=url) as client:
        form = {"grant_type": "refresh_token", "refresh_token": made["refresh_token"]}
        told = client.post("/oauth/token", data=form).json()
        listed = client.get("/api/3/events", headers={"Authorization": f"Bearer {told['access_token']}"})

    assert (listed.status_code, listed.json()) == (200, [])


def test_a_refresh_token_for_clients_that_renew_nothing_is_refused(folder: Path) -> None:
    [key] = json.loads(call(folder, "keys", "list", "--json").out)

    ended = call(folder, "tokens", "issue", "--key", key["id"], "--dialect", "smartphonekey", "--refresh")

    assert ended.code == ExitCode.USAGE
    assert "doorflow" in ended.err


def test_the_tokens_that_hold_are_listed(folder: Path) -> None:
    made, other = issued(folder), issued(folder, "--dialect", "smartphonekey")
    call(folder, "tokens", "revoke", other["jti"])

    listed = json.loads(call(folder, "tokens", "list", "--json").out)

    assert [(one["jti"], one["dialect"], one["name"]) for one in listed] == [(made["jti"], "native", "administrator")]
