"""Tokens of the identity provider: for users by name and password, for services by their secret."""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from gatebook.domain.access import PrincipalKind, Scope
from gatebook.domain.kinds import Kind
from tests.dialects.xprotect.asking import PASSWORD, service, user
from tests.houses import House

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def token_of(house: House, body: str, path: str = "/IDP/connect/token", **headers: str) -> httpx.Response:
    """`body` as it goes over the wire, by nobody in particular."""
    return httpx.post(house.url + path, content=body, headers=FORM | headers, timeout=20)


def as_vendor(login: str, password: str) -> str:
    """The body as the vendor's Python sample makes it: nothing is encoded."""
    return f"grant_type=password&username={login}&password={password}&client_id=GrantValidatorClient"


def refused(answer: httpx.Response) -> tuple[int, str, str, str | None]:
    told = answer.json()
    return answer.status_code, told["error"], told["error_description"], told.get("error_code")


@pytest.mark.parametrize(
    "path", ["/IDP/connect/token", "/API/IDP/connect/token", "/idp/Connect/Token/", "/api/idp/connect/token"]
)
def test_a_name_and_a_password_get_a_token(house: House, path: str) -> None:
    """Events REST API, "Get an auth token"; milestonexprotectrestPython: the exact set of an answer."""
    login = f"getter-{uuid4()}"
    user(house, login)

    answer = token_of(house, as_vendor(login, quote(PASSWORD)), path)

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told.pop("access_token").count(".") == 2
    assert told == {"expires_in": 3600, "token_type": "Bearer", "scope": "managementserver"}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "secret", ["a+b+c+d+e+f", "100% of nothing", "me&you&us", "x=y&z=1&a%2", "ends with &", "a%2Bb%26c%3Dd"]
)
def test_a_password_that_was_not_encoded_is_found(house: House, secret: str) -> None:
    """Events REST API, "Retrieve events with Python": the sample puts the password into the body by f-string."""
    login = f"raw-{abs(hash(secret))}"
    user(house, login, password=secret)

    raw, encoded = as_vendor(login, secret), as_vendor(login, quote(secret, safe=""))

    assert (token_of(house, raw).status_code, token_of(house, encoded).status_code) == (200, 200)


def test_the_order_of_the_fields_does_not_matter(house: House) -> None:
    """pypi and protocol samples order them in different ways."""
    user(house, "orderly", password="me&you=us all")

    body = "client_id=GrantValidatorClient&password=me&you=us all&grant_type=password&username=orderly"

    assert token_of(house, body).status_code == 200


def test_a_name_that_holds_a_plus_is_found(house: House) -> None:
    """The sample's f-string encodes the name no more than the password."""
    user(house, "guard+night@acme.example")

    answers = [
        token_of(house, as_vendor(name, PASSWORD))
        for name in ("guard+night@acme.example", "guard%2Bnight@acme.example")
    ]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_body_needs_no_content_type(house: House) -> None:
    """RestfulCommunicationPython posts without one."""
    user(house, "typeless")

    answer = httpx.post(f"{house.url}/IDP/connect/token", content=as_vendor("typeless", PASSWORD).encode())

    assert answer.status_code == 200


def test_a_wrong_password_and_an_unknown_name_are_refused_alike(house: House) -> None:
    """milestonexprotectrestPython, recorded: 400, `invalid_grant`, `invalid_username_or_password`."""
    user(house, "known")

    answers = [token_of(house, as_vendor(name, "wrong wrong wrong")) for name in ("known", "unknown")]

    expected = (400, "invalid_grant", "invalid_username_or_password", "InvalidCredentials")
    assert [refused(answer) for answer in answers] == [expected] * 2
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("login", ["guessed", "not there at all"])
def test_the_sixth_wrong_password_locks_out(house: House, login: str) -> None:
    """protocol sample SecurityPermission: `LockedOut`; whether there is such a name makes no difference."""
    if login == "guessed":
        user(house, login)

    with ThreadPoolExecutor(5) as guessers:  # side by side, since each waits longer than the one before
        bodies = [as_vendor(login, f"wrong % {number}") for number in range(5)]
        codes = [refused(answer)[3] for answer in guessers.map(lambda body: token_of(house, body), bodies)]
    sixth = token_of(house, as_vendor(login, "wrong"))
    right = token_of(house, as_vendor(login, PASSWORD))

    assert [*codes, refused(sixth)[3]] == ["InvalidCredentials"] * 5 + ["LockedOut"]
    assert refused(right)[3] == "LockedOut"


def test_a_password_that_must_be_changed_says_so(house: House) -> None:
    """protocol sample SecurityPermission: `ChangePassword`."""
    user(house, "fresh", must_change=True)

    assert refused(token_of(house, as_vendor("fresh", PASSWORD))) == (
        400, "invalid_grant", "invalid_username_or_password", "ChangePassword"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", "invalid_request"),
        ("grant_type=password&username=a", "invalid_request"),
        ("grant_type=implicit", "unsupported_grant_type"),
        ("grant_type=client_credentials&client_id=nobody&client_secret=nothing", "invalid_client"),
        ("grant_type=client_credentials", "invalid_client"),
    ],
)
def test_a_request_that_is_no_sign_in_is_refused_in_the_words_of_oauth(house: House, body: str, error: str) -> None:
    """protocol samples print `response.json()["error"]` of every failure; RFC 6749 section 5.2."""
    answer = token_of(house, body)

    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_service_gets_a_token_by_its_secret(house: House) -> None:
    """Events REST API, "service token": one that belongs to no user."""
    service(house, "robot")

    posted = token_of(house, f"grant_type=client_credentials&client_id=robot&client_secret={quote(PASSWORD)}")
    basic = "Basic " + base64.b64encode(f"robot:{PASSWORD}".encode()).decode()
    by_header = token_of(house, "grant_type=client_credentials", Authorization=basic)

    assert (posted.status_code, by_header.status_code) == (200, 200)
    assert held_by(house, posted.json()["access_token"]) is PrincipalKind.SERVICE


def test_an_api_key_stands_for_a_secret(house: House) -> None:
    """Gatebook's own rule: whoever holds a key may have tokens with its rights."""
    key = house.key_of(Scope.EVENTS_READ)["Authorization"].removeprefix("Bearer ")

    answer = token_of(house, f"grant_type=client_credentials&client_id=any&client_secret={key}")

    assert held_by(house, answer.json()["access_token"]) is PrincipalKind.KEY


def held_by(house: House, token: str) -> PrincipalKind:
    return asyncio.run(house.services.tokens.principal_of(token, "xprotect"))[0].kind


def test_a_users_token_is_known_from_a_services(house: House) -> None:
    """Events REST API, "user token": a user's rights go no further than the user's."""
    user(house, "somebody")

    token = token_of(house, as_vendor("somebody", PASSWORD)).json()["access_token"]

    assert held_by(house, token) is PrincipalKind.USER


def test_a_sign_in_is_on_record(house: House) -> None:
    """Gatebook's own rule."""
    user(house, "recorded")
    before = house.state[0]

    token_of(house, as_vendor("recorded", PASSWORD))

    found = asyncio.run(house.services.history.page(house.admin, limit=5)).events
    assert Kind.RECORD_SIGNED_IN in {event.kind for event in found if event.seq > before}


def test_the_discovery_document_leads_to_tokens_and_keys(house: House) -> None:
    """Configuration API, discovery: `{IdentityProvider}/.well-known/openid-configuration`, `server_version`."""
    direct = house.client.get("/IDP/.well-known/openid-configuration").json()
    gateway = house.client.get("/api/idp/.well-known/openid-configuration").json()

    base = house.services.tokens.base_url
    assert (direct["issuer"], gateway["issuer"]) == (f"{base}/IDP", f"{base}/IDP")
    assert direct["token_endpoint"] == f"{base}/IDP/connect/token"
    assert gateway["token_endpoint"] == f"{base}/API/IDP/connect/token"
    assert direct["jwks_uri"] == f"{base}/IDP/.well-known/openid-configuration/jwks"
    assert direct["server_version"] == "24.2.0.0"
    assert "windows_credentials" in direct["grant_types_supported"]
    assert "windows_credentials" not in gateway["grant_types_supported"]


def test_a_token_can_be_checked_by_the_published_keys(house: House) -> None:
    """OpenID Connect Discovery; a real server signs with RS256."""
    user(house, "checked")
    token = token_of(house, as_vendor("checked", PASSWORD)).json()["access_token"]

    keys: Any = house.client.get("/IDP/.well-known/openid-configuration/jwks").json()
    decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"])

    assert decoded.header["alg"] == "RS256"
    assert (decoded.claims["aud"], decoded.claims["iss"]) == ("xprotect", house.services.tokens.issuer("xprotect"))


def test_windows_users_are_not_passed_through_the_gateway(house: House) -> None:
    """protocol samples: the gateway does not pass NTLM through."""
    answer = token_of(house, "grant_type=windows_credentials&client_id=GrantValidatorClient", "/API/IDP/connect/token")

    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    assert "www-authenticate" not in answer.headers
