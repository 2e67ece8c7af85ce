"""Signing in at an outside issuer: a real one, started here, whose ID tokens open the native API over sockets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gatebook.dialects.native import DIALECT
from gatebook.dialects.smartphonekey import DIALECT as VENDOR
from gatebook.services.outside import Issuer
from tests.houses import House, house_in

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::ResourceWarning")
CLIENT, BACK = "gatebook", "http://localhost:9/back"


@dataclass(slots=True)
class Place:
    house: House
    issuer: str

    def token(self, sub: str, client: str = CLIENT, scope: str = "openid email") -> str:
        """An ID token, by the code flow, as a person's browser and a client of the issuer go through it."""
        asked = {"client_id": client, "redirect_uri": BACK, "response_type": "code", "scope": scope, "state": "s"}
        sent = httpx.post(f"{self.issuer}/oauth2/authorize", params=asked, data={"sub": sub})
        [code] = parse_qs(urlsplit(sent.headers["location"]).query)["code"]
        body = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        answer = httpx.post(f"{self.issuer}/oauth2/token", data=body, auth=(client, "a secret"))
        token: str = answer.json()["id_token"]
        return token

    def asked(self, token: str, path: str = "/v1/me") -> httpx.Response:
        return httpx.get(self.house.url + path, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    from oidc_provider_mock import User, run_server_in_thread

    unverified = User(sub="eve", claims={"email": "ada@example.org", "email_verified": False})
    with run_server_in_thread(user_claims=[unverified]) as server:
        issuer = f"http://localhost:{server.server_port}"
        folder: Path = tmp_path_factory.mktemp("house")
        outside = Issuer(issuer=issuer, audience=CLIENT, login_claim="email")
        with house_in(folder, DIALECT, VENDOR, outside=outside) as house:
            body = {"login": "ada@example.org", "name": "Ada", "scopes": ["events:read"], "grant": {"everything": True}}
            assert house.client.post("/v1/users", json=body).status_code == 201
            yield Place(house, issuer)


def test_a_token_of_the_issuer_is_the_user_of_that_login(place: Place) -> None:
    answer = place.asked(place.token("ada@example.org"))

    assert answer.status_code == 200, answer.text
    assert answer.json()["name"] == "Ada"


def test_the_first_use_of_a_token_is_on_record_once(place: Place) -> None:
    token = place.token("ada@example.org")
    for _ in range(3):
        place.asked(token)

    found = place.house.client.get("/v1/audit", params={"limit": 50}).json()["items"]
    by = [one for one in found if one["kind"] == "record.signed_in" and "oidc" in str(one)]

    assert 1 <= len(by) <= 2


def test_who_is_no_user_here_is_made_none(place: Place) -> None:
    assert place.asked(place.token("mallory@example.org")).status_code == 401


def test_an_address_that_the_issuer_has_not_verified_is_refused(place: Place) -> None:
    assert place.asked(place.token("eve")).status_code == 401


def test_a_token_for_another_client_is_refused(place: Place) -> None:
    assert place.asked(place.token("ada@example.org", client="another")).status_code == 401


def test_a_token_that_does_not_say_the_login_is_refused(place: Place) -> None:
    assert place.asked(place.token("ada@example.org", scope="openid")).status_code == 401


def test_a_user_who_is_disabled_is_out_though_the_issuer_still_knows_them(place: Place) -> None:
    body = {"login": "bob@example.org", "name": "Bob", "scopes": ["events:read"], "grant": {"everything": True}}
    made = place.house.client.post("/v1/users", json=body)
    token = place.token("bob@example.org")
    before = place.asked(token).status_code

    place.house.client.patch(made.headers["location"], json={"disabled": True})

    assert (before, place.asked(token).status_code) == (200, 401)


def test_an_outside_token_gets_no_token_of_ours(place: Place) -> None:
    bearer = {"Authorization": f"Bearer {place.token('ada@example.org')}"}

    answer = httpx.post(f"{place.house.url}/v1/tokens", json={}, headers=bearer)

    assert answer.status_code == 403


def test_the_vendors_dialect_takes_it_too(place: Place) -> None:
    answer = place.asked(place.token("ada@example.org"), "/locks/1/events")

    assert answer.status_code == 404
