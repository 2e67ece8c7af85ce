"""Who may read: API keys in their three forms, Bearer tokens and their scopes."""

from __future__ import annotations

import asyncio
from base64 import b64encode

import httpx
import pytest

from gatebook.dialects.doorflow.tokens import EVENT_SCOPES
from gatebook.domain.access import Principal, Scope
from tests.dialects.doorflow.asking import EVENTS, READS, ask, key_of
from tests.houses import House


def holder_of(house: House, *scopes: Scope) -> Principal:
    return asyncio.run(house.services.keys.principal_of(key_of(house, *scopes)))


def token_of(house: House, scope: str | None = None, *held: Scope, audience: str = "doorflow") -> str:
    claims = {} if scope is None else {"scope": scope}
    text, _token = asyncio.run(house.services.tokens.issue(holder_of(house, *held), audience, claims=claims))
    return text


def sent(house: House, path: str, *authorization: str) -> httpx.Response:
    """With nothing but these Authorization headers."""
    headers = [("Authorization", value) for value in authorization]
    with httpx.Client(base_url=house.url, timeout=20) as client:
        return client.get(path, headers=headers)


def basic(name: str, password: str = "x") -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


def test_a_personal_key_may_come_in_three_forms(house: House) -> None:
    """DoorFlow "Basics", heading Authentication: HTTP Basic with the key as the name, Token token=, api_key."""
    key = key_of(house, *READS)

    answers = [
        sent(house, EVENTS, basic(key)),
        sent(house, EVENTS, basic(key, "")),
        sent(house, EVENTS, f"Token token={key}"),
        sent(house, EVENTS, f'Token token="{key}"'),
        sent(house, f"{EVENTS}.json?n=5&api_key={key}"),
    ]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert "gatebook-ignored" not in answers[-1].headers


@pytest.mark.parametrize(
    "authorization",
    [
        [],
        ["Bearer"],
        ["Bearer a.b.c"],
        ["Bearer KEY"],
        ["Basic !"],
        [basic("x" * 40)],
        [basic("", "x")],
        ["Token token=nonsense"],
        ["Digest KEY"],
        ["Token token=KEY", "Token token=KEY"],
    ],
    ids=str,
)
def test_no_credential_or_a_wrong_one_is_refused(house: House, authorization: list[str]) -> None:
    """DoorFlow openapi.yaml, 401: unauthorized, "The access token is invalid"."""
    answer = sent(house, EVENTS, *(value.replace("KEY", house.key) for value in authorization))

    assert answer.status_code == 401
    assert answer.json() == {"error": "unauthorized", "error_description": "The access token is invalid"}
    assert "www-authenticate" in answer.headers


def test_two_credentials_are_one_too_many(house: House) -> None:
    """DoorFlow "Basics", heading Authentication: each form stands alone."""
    for authorization in (basic(house.key), "Bearer a.b.c", "Digest x"):
        assert sent(house, f"{EVENTS}?api_key={house.key}", authorization).status_code == 401


@pytest.mark.parametrize("scope", [None, *EVENT_SCOPES, f"account.sync {EVENT_SCOPES[1]}"])
def test_a_token_with_any_of_the_scopes_reads_events(house: House, scope: str | None) -> None:
    """DoorFlow "Events": account.event.readonly or account.event.guarding.readonly; openapi.yaml: the third."""
    house.report(house.device(), credential="44455661215")
    token = token_of(house, scope, *READS)

    listed = sent(house, EVENTS, f"Bearer {token}")
    one = sent(house, f"{EVENTS}/{house.state[0]}", f"Bearer {token}")

    assert (listed.status_code, one.status_code) == (200, 200)
    assert one.json()["credentials_number"] == "44455661215"


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("account.channel.readonly", EVENTS, 403),
        ("account.event", EVENTS, 403),
        ("", EVENTS, 403),
        ("account.channel.readonly", "/api/3/channels", 200),
        ("account.event.readonly", "/api/3/channels", 403),
        ("account.person", "/api/3/people", 200),
        ("account.person.readonly", "/api/3/people", 200),
        ("account.event.readonly", "/api/3/people", 403),
    ],
)
def test_a_token_reads_what_its_scopes_name(house: House, scope: str, path: str, status: int) -> None:
    """DoorFlow openapi.yaml, securitySchemes and 403; a scope to write implies the one to read."""
    answer = sent(house, path, f"Bearer {token_of(house, scope, *READS)}")

    assert answer.status_code == status
    assert status == 200 or answer.json()["error"] == "forbidden"


def test_a_scope_gives_no_right_that_the_holder_lacks(house: House) -> None:
    """DoorFlow openapi.yaml, 403: who may not read events reads none, whatever the token says."""
    token = token_of(house, "account.event.readonly", Scope.EVENTS_WRITE)

    assert sent(house, EVENTS, f"Bearer {token}").status_code == 403
    assert ask(house, EVENTS, key_of(house, Scope.EVENTS_WRITE)).status_code == 403


def test_a_token_of_another_dialect_is_refused(house: House) -> None:
    """DoorFlow openapi.yaml, 401."""
    assert sent(house, EVENTS, f"Bearer {token_of(house, None, *READS, audience='native')}").status_code == 401


def test_a_key_reads_its_own_organisation_alone(house: House) -> None:
    """DoorFlow "Basics", heading Authentication: a key belongs to one account."""
    house.report(house.device())
    key = key_of(house, *READS, org=house.neighbour())

    assert ask(house, EVENTS, key).json() == []
    assert ask(house, f"{EVENTS}/{house.state[0]}", key).status_code == 404
