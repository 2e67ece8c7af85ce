"""Tokens renewed, ended and told of, as OAuth's pages have it."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gatebook.domain.access import Principal, Scope
from gatebook.services.forms import NewService
from tests.dialects.doorflow.asking import EVENTS, READS
from tests.dialects.doorflow.test_sign_in import holder_of, sent, token_of
from tests.houses import House

SCOPE = "account.event.readonly account.channel.readonly"
INFO = "/oauth/token/info"


def refresh_of(house: House, scopes: str = SCOPE, *held: Scope) -> str:
    return asyncio.run(
        house.services.tokens.issue_refresh(holder_of(house, *(held or READS)), "doorflow", scopes=scopes)
    )


def client_of(house: House, name: str, who: Principal | None = None) -> tuple[str, str]:
    """The id and secret of a new service account."""
    form = NewService(name=name, client_id=name, scopes=frozenset({Scope.EVENTS_READ}))
    made = asyncio.run(house.services.entities.services.add(who or house.admin, form))
    return name, made.secret


def form(house: House, path: str, auth: tuple[str, str] | None = None, **fields: str) -> httpx.Response:
    with httpx.Client(base_url=house.url, timeout=20, auth=auth) as client:
        return client.post(path, data=fields)


def renew(house: House, refresh: str, **fields: str) -> httpx.Response:
    return form(house, "/oauth/token", grant_type="refresh_token", refresh_token=refresh, **fields)


def renewed(house: House, refresh: str, **fields: str) -> dict[str, Any]:
    answer = renew(house, refresh, **fields)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def status(house: House, token: str) -> int:
    return sent(house, EVENTS, f"Bearer {token}").status_code


def test_a_refresh_token_fetches_a_token_and_its_successor(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/token, 200; "Authentication": it rotates on every use."""
    first = refresh_of(house)

    answer = renew(house, first)

    told = answer.json()
    assert {name: told[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": SCOPE,
    }
    assert abs(told["created_at"] * 1_000_000_000 - house.services.now()) < 60_000_000_000
    assert answer.headers["cache-control"] == "no-store"
    assert status(house, told["access_token"]) == 200
    assert told["refresh_token"] != first
    assert renewed(house, told["refresh_token"])["access_token"] != told["access_token"]


def test_a_refresh_token_used_twice_ends_with_its_successors(house: House) -> None:
    """DoorFlow "Authentication": the old one dies; RFC 6819 section 5.2.2.3."""
    first = refresh_of(house)
    second = renewed(house, first)["refresh_token"]

    again = renew(house, first)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert renew(house, second).json()["error"] == "invalid_grant"


def test_a_renewal_may_ask_for_less_and_never_gets_more(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/token, scope."""
    told = renewed(house, refresh_of(house), scope="account.channel.readonly account.person")

    assert told["scope"] == "account.channel.readonly"
    assert status(house, told["access_token"]) == 403


def test_a_renewal_is_on_record(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/token: it is a sign-in."""
    before = house.history(kind="record.signed_in")["total"]["n"]

    renewed(house, refresh_of(house))

    assert house.history(kind="record.signed_in")["total"]["n"] == before + 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "scope": "everything"}, "invalid_scope"),
    ],
    ids=str,
)
def test_a_form_that_is_wrong_is_refused_in_oauths_words(house: House, fields: dict[str, str], error: str) -> None:
    """DoorFlow openapi.yaml, /oauth/token, 400."""
    answer = form(house, "/oauth/token", **fields)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"]


def test_a_client_that_gives_a_secret_must_give_the_right_one(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/token, 401: invalid_client."""
    name, secret = client_of(house, "portal")
    refresh = refresh_of(house)

    wrong = renew(house, refresh, client_id=name, client_secret="x" * 40)
    right = renew(house, refresh, client_id=name, client_secret=secret)

    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert right.status_code == 200
    info = sent(house, INFO, f"Bearer {right.json()['access_token']}").json()
    assert info["application"] == {"uid": "portal"}


def test_a_revoked_token_ends_and_an_unknown_one_is_answered_alike(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/revoke: 200 `{}`, also for an unknown token."""
    client, token = client_of(house, "first"), token_of(house, None, *READS)

    answers = [form(house, "/oauth/revoke", client, token=one) for one in (token, token, "unknown")]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {})] * 3
    assert status(house, token) == 401


def test_a_revoked_refresh_token_takes_its_tokens_along(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/revoke: revoking the refresh token ends its access tokens."""
    client = client_of(house, "second")
    one = renewed(house, refresh_of(house))
    two = renewed(house, one["refresh_token"])
    other = renewed(house, refresh_of(house))["access_token"]
    assert [status(house, token) for token in (one["access_token"], two["access_token"], other)] == [200] * 3

    form(house, "/oauth/revoke", client, token=two["refresh_token"], token_type_hint="refresh_token")

    assert [status(house, token) for token in (one["access_token"], two["access_token"], other)] == [401, 401, 200]
    assert renew(house, two["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_client_may_write_its_secret_in_url_safe_base64_without_padding(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/revoke: "Encode using URL-safe Base64"."""
    client, secret = client_of(house, "clients??>>~")
    basic = urlsafe_b64encode(f"{client}:{secret}".encode()).decode().rstrip("=")
    assert {"-", "_"} & set(basic)
    refresh = refresh_of(house)

    answer = httpx.post(
        f"{house.url}/oauth/revoke", data={"token": refresh}, headers={"Authorization": f"Basic {basic}"}, timeout=20
    )

    assert (answer.status_code, answer.json()) == (200, {})
    assert renew(house, refresh).status_code == 400


def test_only_a_client_revokes(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/revoke, 403: unauthorized_client."""
    token = token_of(house, None, *READS)

    for auth in (None, ("nobody", "x" * 40)):
        answer = form(house, "/oauth/revoke", auth, token=token)

        assert (answer.status_code, answer.json()["error"]) == (403, "unauthorized_client")
    assert status(house, token) == 200


def test_a_token_tells_of_itself(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/token/info, 200."""
    made = renewed(house, refresh_of(house))

    told = sent(house, INFO, f"Bearer {made['access_token']}").json()

    assert 3500 < told.pop("expires_in") <= 3600
    assert told.pop("created_at") == made["created_at"]
    assert told.pop("account_id") == str(asyncio.run(house.services.directory.organisation(house.admin)).id)
    assert 0 < told.pop("resource_owner_id") < 2**53
    assert sorted(told.pop("scope")) == sorted(SCOPE.split())
    assert set(told) == {"application"}


def test_what_is_no_token_of_ours_tells_nothing(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/token/info, 401: invalid_token."""
    for authorization in ("Bearer a.b.c", f"Token token={house.key}", ""):
        answer = sent(house, INFO, authorization)

        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_a_client_of_another_organisation_renews_nothing(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/token, 400: invalid_grant; what a stranger held is good no more."""
    stranger = replace(house.admin, organisation=house.neighbour())
    name, secret = client_of(house, "stranger", stranger)
    refresh = refresh_of(house)

    answer = renew(house, refresh, client_id=name, client_secret=secret)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert renew(house, refresh).json()["error"] == "invalid_grant"


def test_an_administrator_ends_a_renewed_token(house: House) -> None:
    """DoorFlow openapi.yaml, 401: a token that was revoked by another road is refused here."""
    token = renewed(house, refresh_of(house))["access_token"]

    ended = house.client.post("/v1/tokens/revoke", json={"token": token})

    assert ended.status_code == 204
    assert status(house, token) == 401


def handed_out(house: House, **fields: object) -> dict[str, Any]:
    """What `POST /v1/tokens` gives to a key that reads events."""
    headers = house.key_of(*READS)
    answer = httpx.post(
        f"{house.url}/v1/tokens", json={"dialect": "doorflow", "refresh": True, **fields}, headers=headers, timeout=20
    )
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_the_first_refresh_token_comes_with_the_first_token(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/token: the authorize page of DoorFlow's own site is not needed for a first pair."""
    first = handed_out(house)

    later = renewed(house, first["refresh_token"])

    assert (status(house, first["token"]), status(house, later["access_token"])) == (200, 200)
    assert set(later["scope"].split()) >= {SCOPE.split()[0], "account.event.access.readonly", "account.person"}


def test_ending_the_first_token_ends_what_came_of_it(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/revoke, by Gatebook's own road: an administrator has no refresh token to show."""
    first = handed_out(house)
    later = renewed(house, first["refresh_token"])

    ended = house.client.delete(f"/v1/tokens/{first['jti']}")

    assert ended.status_code == 204
    assert [status(house, one) for one in (first["token"], later["access_token"])] == [401, 401]
    assert renew(house, later["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_client_that_revokes_its_refresh_token_ends_the_first_token_however_long_it_lives(house: House) -> None:
    """DoorFlow openapi.yaml, /oauth/revoke."""
    first = handed_out(house, lifetime_s=86_400)

    answer = form(house, "/oauth/revoke", client_of(house, "ender"), token=first["refresh_token"])

    assert (answer.status_code, answer.json()) == (200, {})
    assert status(house, first["token"]) == 401


@pytest.mark.parametrize("dialect", ["native", "no such"])
def test_no_refresh_token_is_made_that_nothing_takes(house: House, dialect: str) -> None:
    answer = house.client.post("/v1/tokens", json={"dialect": dialect, "refresh": True})

    assert answer.status_code == 400
