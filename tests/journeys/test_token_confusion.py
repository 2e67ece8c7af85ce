"""Tokens over real sockets: each dialect takes the one that was made for it, and none of those that look like it."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from gatebook import dialects
from gatebook.domain.access import EVERYTHING, Grant, Scope, Visit
from gatebook.domain.places import DeviceKind
from gatebook.services.tokens import HOLDER
from tests.houses import House, house_in

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
ROADS = {
    "native": "/v1/events?limit=1",
    "smartphonekey": "/locks/1/events",
    "doorflow": "/api/3/events?n=1",
    "doordeck": "/device",
    "xprotect": "/api/rest/v1/hardware",
}
BOTH = ("native", "smartphonekey")
"""Dialects that take a key beside a token."""
PASSWORD = "a horse and a battery"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_in(tmp_path_factory.mktemp("house"), *dialects.load(tuple(ROADS))) as found:
        found.device(kind=DeviceKind.LOCK, number=1)
        yield found


def asked(house: House, dialect: str, token: str | None = None, key: str | None = None) -> int:
    """The status of a read with these credentials and no others."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    headers |= {} if key is None else {"X-API-Key": key}
    return httpx.get(house.url + ROADS[dialect], headers=headers).status_code


def issued(house: House, dialect: str, **wanted: object) -> dict[str, Any]:
    answer = house.client.post("/v1/tokens", json={"dialect": dialect, **wanted})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def user(house: House, login: str, *scopes: Scope, **fields: object) -> dict[str, Any]:
    body = {"login": login, "name": login, "password": PASSWORD, "must_change": False, "grant": {"everything": True}}
    answer = house.client.post("/v1/users", json={**body, "scopes": list(scopes or [Scope.EVENTS_READ]), **fields})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims."""
    found = [json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4))) for one in token.split(".")[:2]]
    return found[0], found[1]


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed_by_secret(head: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    text = f"{encoded(head)}.{encoded(claims)}"
    tag = hmac.digest(secret, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"


OWN = RSAKey.generate_key(2048)
FORGERIES: dict[str, Callable[[dict[str, Any], dict[str, Any], bytes], str]] = {
    "no algorithm": lambda head, claims, _pem: f"{encoded({**head, 'alg': 'none'})}.{encoded(claims)}.",
    "our public key as a shared secret": lambda head, claims, pem: signed_by_secret(
        {**head, "alg": "HS256"}, claims, pem
    ),
    "another key under our kid": lambda head, claims, _pem: jwt.encode(head, claims, OWN),
    "a foreign kid": lambda head, claims, _pem: jwt.encode({**head, "kid": "elsewhere"}, claims, OWN),
    "a key set elsewhere": lambda head, claims, _pem: jwt.encode(
        {**head, "jku": "http://127.0.0.1:9/jwks.json", "x5u": "http://127.0.0.1:9/x"}, claims, OWN
    ),
    "a key in the header": lambda head, claims, _pem: jwt.encode(
        {**head, "jwk": OWN.as_dict(private=False)}, claims, OWN
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("dialect", ROADS)
def test_a_forged_token_is_refused(house: House, dialect: str, forgery: str) -> None:
    good = issued(house, dialect)["token"]
    head, claims = parts(good)
    [public] = [one for one in house.get("/.well-known/jwks.json").json()["keys"] if one["kid"] == head["kid"]]

    forged = FORGERIES[forgery](head, claims, RSAKey.import_key(public).as_pem(private=False))

    assert (asked(house, dialect, good), asked(house, dialect, forged)) == (200, 401)


@pytest.mark.parametrize("dialect", ROADS)
def test_a_token_of_another_dialect_is_refused(house: House, dialect: str) -> None:
    for other in ROADS.keys() - {dialect}:
        assert asked(house, dialect, issued(house, other)["token"]) == 401


@pytest.mark.parametrize("dialect", ROADS)
def test_an_expired_token_is_refused(house: House, dialect: str) -> None:
    """Signed by our own key; only its time is over."""
    key = asyncio.run(house.services.tokens.signing.signer())
    head, claims = parts(issued(house, dialect)["token"])

    old = jwt.encode(head, {**claims, "exp": claims["iat"] - 60}, key)
    fresh = jwt.encode(head, claims, key)

    assert (asked(house, dialect, fresh), asked(house, dialect, old)) == (200, 401)


@pytest.mark.parametrize("dialect", ROADS)
def test_a_revoked_token_is_refused_with_the_next_request(house: House, dialect: str) -> None:
    made = issued(house, dialect)
    before = asked(house, dialect, made["token"])

    answer = house.client.delete(f"/v1/tokens/{made['jti']}")

    assert (before, answer.status_code, asked(house, dialect, made["token"])) == (200, 204, 401)


@pytest.mark.parametrize("dialect", ROADS)
def test_a_token_of_another_organisation_shows_nothing_of_this_one(house: House, dialect: str) -> None:
    stranger = house.key_of(org=house.neighbour())
    made = httpx.post(f"{house.url}/v1/tokens", json={"dialect": dialect}, headers=stranger).json()

    answer = httpx.get(house.url + ROADS[dialect], headers={"Authorization": f"Bearer {made['token']}"})

    shown = None if dialect == "smartphonekey" else answer.json()
    assert answer.status_code == (404 if shown is None else 200)
    assert not (shown.get("items", shown.get("array")) if isinstance(shown, dict) else shown)


@pytest.mark.parametrize("dialect", ROADS)
def test_a_user_who_is_disabled_is_shut_out_in_the_midst_of_a_token(house: House, dialect: str) -> None:
    made = user(house, f"mid-{dialect}")
    token = httpx.post(
        f"{house.url}/v1/tokens", json={"login": f"mid-{dialect}", "password": PASSWORD, "dialect": dialect}
    ).json()["token"]
    before = asked(house, dialect, token)

    house.client.patch(f"/v1/users/{made['id']}", json={"disabled": True})
    shut = asked(house, dialect, token)
    house.client.patch(f"/v1/users/{made['id']}", json={"disabled": False})

    assert (before, shut) == (200, 401)
    assert asked(house, dialect, token) == 401, "what ended stays so"


@pytest.mark.parametrize("dialect", BOTH)
def test_whatever_is_presented_must_hold(house: House, dialect: str) -> None:
    token = issued(house, dialect)["token"]

    assert asked(house, dialect, token, house.key) == 200
    assert asked(house, dialect, token, "x" * 40) == 401
    assert asked(house, dialect, "a.b.c", house.key) == 401
    assert asked(house, dialect, key=house.key) == 200
    assert asked(house, dialect) == 401


@pytest.mark.parametrize("dialect", BOTH)
def test_a_token_and_a_key_of_two_organisations_are_refused(house: House, dialect: str) -> None:
    stranger = house.key_of(org=house.neighbour())["Authorization"].removeprefix("Bearer ")

    assert asked(house, dialect, issued(house, dialect)["token"], stranger) == 401


@pytest.mark.parametrize("dialect", BOTH)
def test_a_key_beside_a_token_takes_rights_away_and_gives_none(house: House, dialect: str) -> None:
    blind = house.key_of(Scope.EVENTS_WRITE)["Authorization"].removeprefix("Bearer ")
    narrow = house.key_of(grant=Grant(devices=frozenset({999})))["Authorization"].removeprefix("Bearer ")
    token = issued(house, dialect)["token"]

    assert asked(house, dialect, token, blind) == 403
    assert asked(house, dialect, token, narrow) == (404 if dialect == "smartphonekey" else 200)
    poor = httpx.post(f"{house.url}/v1/tokens", json={"dialect": dialect}, headers={"X-API-Key": blind}).json()["token"]
    assert asked(house, dialect, poor, house.key) == 403


def test_the_subject_is_the_person_where_the_vendor_has_it_so(house: House) -> None:
    person = house.person("Grace")
    user(house, "grace", person=str(person.id))
    signed_in = {"login": "grace", "password": PASSWORD}

    subjects = {
        dialect: parts(httpx.post(f"{house.url}/v1/tokens", json={**signed_in, "dialect": dialect}).json()["token"])[1]
        for dialect in ROADS
    }

    assert subjects["smartphonekey"]["sub"] == str(person.id)
    assert subjects["native"]["sub"] == subjects["native"][HOLDER].partition("/")[2]


def test_keys_are_changed_on_a_live_server_without_a_failed_request(house: House) -> None:
    tokens = {dialect: issued(house, dialect)["token"] for dialect in ROADS}
    done, statuses = threading.Event(), list[int]()

    def ask() -> None:
        with httpx.Client(base_url=house.url) as client:
            while not done.is_set():
                for dialect, road in ROADS.items():
                    got = client.get(road, headers={"Authorization": f"Bearer {tokens[dialect]}"})
                    statuses.append(got.status_code)

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for one in askers:
        one.start()
    try:
        for _ in range(3):
            before = len(statuses)
            assert house.client.post("/v1/tokens/rotate-keys", json={}).status_code == 204
            tokens = {**tokens, "native": issued(house, "native")["token"]}
            while len(statuses) < before + 10:
                done.wait(0.01)
    finally:
        done.set()
        for one in askers:
            one.join()

    assert set(statuses) == {200}
    kids = {one["kid"] for one in house.get("/.well-known/jwks.json").json()["keys"]}
    assert len(kids) == 8
    assert parts(tokens["native"])[0]["kid"] in kids


def test_without_an_overlap_the_tokens_of_old_keys_end_at_once(tmp_path: Path) -> None:
    with house_in(tmp_path, *dialects.load(tuple(ROADS))) as house:
        house.device(kind=DeviceKind.LOCK, number=1)
        old = {dialect: issued(house, dialect)["token"] for dialect in ROADS}

        house.client.post("/v1/tokens/rotate-keys", json={"overlap_s": 0})

        for dialect in ROADS:
            assert asked(house, dialect, old[dialect]) == 401
            assert asked(house, dialect, issued(house, dialect)["token"]) == 200
        assert len(house.get("/.well-known/jwks.json").json()["keys"]) == 2


async def test_an_open_talk_keeps_the_bounds_of_the_key_it_began_with(house: House) -> None:
    """As a stream renews its reader: the key beside the token still counts, and ends the talk when it is revoked."""
    narrow = house.key_of(Scope.EVENTS_READ, grant=Grant(devices=frozenset({1})))["Authorization"].split()[1]
    services = house.services
    token = issued(house, "smartphonekey")["token"]
    held = await services.admission.principal_of("smartphonekey", token=token, key=narrow)

    renewed = await services.tokens.renewed(replace(held, visit=Visit(address="192.0.2.1")))

    assert (held.scopes, held.grant) == (frozenset({Scope.EVENTS_READ}), Grant(devices=frozenset({1})))
    assert (renewed.scopes, renewed.grant, renewed.key) == (held.scopes, held.grant, held.key)
    assert renewed.grant != EVERYTHING


def test_unknown_dialects_and_lifetimes_are_refused_by_name(house: House) -> None:
    for wanted, field in (({"dialect": "nonesuch"}, "dialect"), ({"lifetime_s": 86_401}, "$.lifetime_s")):
        answer = house.client.post("/v1/tokens", json=wanted)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
