"""Gateway manners that hold whatever is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from gatebook.dialects.xprotect import DIALECT
from gatebook.dialects.xprotect.resources.discovery import PRODUCT_VERSION
from gatebook.http.cors import Cors
from gatebook.http.mount import mount
from tests.dialects.xprotect.asking import ask, service_token, user_token
from tests.houses import House
from tests.http.serving import serve

URIS = "/api/.well-known/uris"
RECORDED = {
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Expires": "-1",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Type": "application/json; charset=utf-8",
}


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return service_token(house, "asker of nothing")


def error(http_code: int, text: str) -> dict[str, object]:
    """The whole body of a refusal with one detail of one text."""
    return {"error": {"httpCode": http_code, "details": [{"errorText": text}]}}


@pytest.mark.parametrize("path", [URIS, "/API/.Well-Known/URIS", "/Api/.well-known/uris/"])
def test_paths_match_in_any_letter_case(house: House, path: str) -> None:
    """mipsdk-samples-protocol: `/API/rest/v1`, `/api/rest/v1`, `eventTypes/`."""
    assert house.client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("recordings", "recordings"),
        ("Recordings/", "Recordings"),
        ("recordings/7f5b6f20-96e3-4e7b-a7c1-1ce4d6a3a1f0", "recordings"),
    ],
)
def test_an_unknown_collection_is_named(house: House, token: str, path: str, named: str) -> None:
    """Configuration API, "Errors", as recorded by cns-live: 404, `Unknown resource: recordings`."""
    answer = ask(house, "GET", path, token)

    assert (answer.status_code, answer.json()) == (404, error(404, f"Unknown resource: {named}"))


def test_a_verb_that_a_resource_does_not_have_is_an_unknown_request(house: House, token: str) -> None:
    """Configuration API, "Errors", as recorded by cns-live: 400, `Bad request: Unknown request`."""
    answer = ask(house, "DELETE", URIS, token)

    assert (answer.status_code, answer.json()) == (400, error(400, "Bad request: Unknown request"))
    assert "GET" in answer.headers["allow"]


def test_an_expired_token_is_told(house: House) -> None:
    """milestonexprotectrestPython looks for `token is expired` in a 401."""
    old, _ = asyncio.run(house.services.tokens.issue(house.admin, "xprotect", lifetime_s=-60))

    answer = ask(house, "GET", "eventTypeGroups", old)

    assert (answer.status_code, answer.json()) == (401, error(401, "Token validation failed: the token is expired."))


@pytest.mark.parametrize("dialect", ["native", "doordeck"])
def test_a_token_of_another_dialect_is_refused(house: House, dialect: str) -> None:
    """Gatebook's own rule: one token, one dialect."""
    other, _ = asyncio.run(house.services.tokens.issue(house.admin, dialect))

    assert ask(house, "GET", "eventTypeGroups", other).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Basic YTpi"}])
def test_nothing_but_a_bearer_token_signs_in(house: House, headers: dict[str, str]) -> None:
    """Configuration API, "Errors": 401, `Unauthorized`; there is no Basic sign-in."""
    answer = httpx.get(f"{house.url}/api/rest/v1/eventTypeGroups", headers=headers)

    assert (answer.status_code, answer.json()) == (401, error(401, "Unauthorized"))


def test_an_api_key_is_no_token(house: House) -> None:
    """Configuration API, "Authentication": Bearer tokens of the identity provider."""
    answer = ask(house, "GET", "eventTypeGroups", house.key)

    assert answer.json() == error(401, "Token validation failed: the token is not valid.")


def test_a_right_that_is_missing_has_its_number(house: House) -> None:
    """milestonexprotectrestPython, recorded: 403 with `errorTextId` VMO61008."""
    answer = ask(house, "GET", "eventTypeGroups", user_token(house, "rightless", frozenset()))

    first = answer.json()["error"]["details"][0]
    assert answer.status_code == answer.json()["error"]["httpCode"] == 403
    assert first == {
        "errorText": "You do not have sufficient permissions to complete the operation.",
        "errorTextId": "VMO61008",
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", URIS), ("GET", "recordings"), ("DELETE", URIS), ("GET", "eventTypeGroups"), ("HEAD", URIS),
        ("GET", "/idp/.well-known/openid-configuration"), ("GET", "/idp/nothing"),
    ],
)  # fmt: skip
def test_every_answer_has_the_gateways_headers(house: House, token: str, method: str, path: str) -> None:
    """Configuration API, recorded headers."""
    answer = ask(house, method, path, token)

    assert {name: answer.headers.get(name) for name in RECORDED} == RECORDED


def test_a_head_is_a_get_without_its_body(house: House) -> None:
    """RFC 9110 section 9.3.2."""
    head, get = house.client.head(URIS), house.client.get(URIS)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(get.content))


def test_options_tell_what_may_be_asked(house: House) -> None:
    """RFC 9110 section 9.3.7."""
    answer = house.client.options("/IDP/connect/token")

    assert (answer.status_code, answer.headers["allow"]) == (204, "OPTIONS, POST")


def test_the_gateway_tells_where_everything_is(house: House) -> None:
    """Configuration API, "Discovery": no token; gateways end in a slash."""
    answer = httpx.get(house.url + URIS, headers={"Host": "evil.example"})

    base = house.services.tokens.base_url
    bare = base.partition("://")[2]
    assert answer.json() == {
        "ProductVersion": "24.2.0.0",
        "UnsecureManagementServer": f"http://{bare}/",
        "SecureManagementServer": f"https://{bare}/",
        "IdentityProvider": f"{base}/IDP",
        "ApiGateways": [f"{base}/API/"],
    }


def test_the_version_can_be_set(house: House) -> None:
    """Gatebook's own setting: `dialects.product_version`."""
    services = replace(house.services, versions={"xprotect": "25.1.1804.0"})

    with serve(mount([DIALECT], services)) as url:
        told = httpx.get(url + URIS).json()["ProductVersion"]
        server_version = httpx.get(f"{url}/idp/.well-known/openid-configuration").json()["server_version"]

    assert told == server_version == "25.1.1804.0" != PRODUCT_VERSION


PAGE = {"Origin": "https://app.example"}
PREFLIGHT = {
    **PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


def test_pages_of_others_are_kept_out_by_default(house: House) -> None:
    """Configuration API, "CORS": off by default."""
    answers = [house.client.get(URIS, headers=PAGE), house.client.options("/idp/connect/token", headers=PREFLIGHT)]

    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control")]


@pytest.fixture(scope="module")
def open_url(house: House) -> Iterator[str]:
    """The same, with pages of all origins let in."""
    with serve(mount([DIALECT], house.services, cors=Cors(dialects=frozenset({"xprotect"})))) as url:
        yield url


def test_pages_of_others_can_be_let_in(open_url: str) -> None:
    """Configuration API, "CORS": `Access-Control-Allow-Origin`, `-Headers` and `-Methods` of `*`."""
    before = httpx.options(f"{open_url}/idp/connect/token", headers=PREFLIGHT)
    answer = httpx.get(open_url + URIS, headers=PAGE)
    refusal = httpx.get(f"{open_url}/api/rest/v1/eventTypeGroups", headers=PAGE)

    assert before.status_code == 204
    assert before.headers["access-control-allow-methods"] == "OPTIONS, POST"
    assert before.headers["access-control-allow-headers"] == "authorization,content-type"
    assert [one.headers["access-control-allow-origin"] for one in (before, answer, refusal)] == ["*"] * 3
    assert not [one for one in (before, answer) if "access-control-allow-credentials" in one.headers]


def test_pages_of_some_origins_can_be_let_in(house: House) -> None:
    """Configuration API, "CORS": lists are allowed."""
    some = Cors(
        dialects=frozenset({"xprotect"}), origins=("https://app.example",), methods=("GET",), headers=("A", "B")
    )

    with serve(mount([DIALECT], house.services, cors=some)) as url:
        good = httpx.options(url + URIS, headers=PREFLIGHT)
        bad = httpx.get(url + URIS, headers={"Origin": "https://other.example"})

    assert good.headers["access-control-allow-origin"] == "https://app.example"
    assert (good.headers["access-control-allow-methods"], good.headers["access-control-allow-headers"]) == (
        "GET",
        "A, B",
    )
    assert "access-control-allow-origin" not in bad.headers
    assert "Origin" in bad.headers["vary"]
