"""Tokens: got by email and password, renewed, ended, and believed nowhere else."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from gatebook.domain.access import Scope
from gatebook.domain.kinds import Kind
from gatebook.services.issuing import jti_of
from gatebook.services.keys import make_key
from tests.dialects.doordeck.house import PASSWORD, House

DAY_S = 86_400


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def signed_in(house: House, login: str, scopes: frozenset[Scope] = frozenset({Scope.EVENTS_READ})) -> tuple[str, str]:
    """A new user's access token and refresh token."""
    house.user(login, scopes)
    told = house.sign_in(login).json()
    return told["authToken"], told["refreshToken"]


def refreshed(house: House, token: str) -> Any:
    return house.client.post("/auth/token/refresh", headers={"Authorization": f"Bearer {token}"})


def destroyed(house: House, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return house.client.post("/auth/token/destroy", headers=headers).status_code


def test_an_email_and_a_password_get_both_tokens(house: House) -> None:
    """Doordeck "Login (v2)": `{"authToken","refreshToken"}`."""
    house.user("ann@acme.example")

    answer = house.sign_in("ann@acme.example")

    assert (answer.status_code, set(answer.json())) == (200, {"authToken", "refreshToken"})
    assert answer.headers["cache-control"] == "no-store"


def test_the_token_says_what_doordeck_reads(house: House) -> None:
    """Doordeck "Authentication": claims sub, iss, exp, iat, aud, email, name."""
    ada = house.person("Ada")
    house.user("ada.l@acme.example", person=ada)

    claims = claims_of(house.token_of("ada.l@acme.example"))

    assert (claims["sub"], claims["email"]) == (str(ada.id), "ada.l@acme.example")
    assert set(claims["aud"]) == {"doordeck", "https://api.doordeck.com"}
    assert claims["iss"].endswith("/issuers/doordeck")
    assert claims["exp"] - claims["iat"] > DAY_S


def test_a_user_bound_to_nobody_is_its_own_subject(house: House) -> None:
    """Doordeck "Authentication": `sub` is the user id."""
    user = house.user("unbound@acme.example")

    assert claims_of(house.token_of("unbound@acme.example"))["sub"] == str(user.id)


def test_a_wrong_password_and_an_unknown_name_are_the_same(house: House) -> None:
    """Doordeck "Errors": 401."""
    house.user("known@acme.example")

    answers = [house.sign_in("known@acme.example", "wrong wrong"), house.sign_in("unknown@acme.example", "wrong wrong")]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(401, 401)] * 2
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"email":"x"}', '{"email":1,"password":"x"}', '{"email":"x","password":""}']
)
def test_a_body_that_is_no_sign_in_is_refused(house: House, body: str) -> None:
    """Doordeck "Errors": 400."""
    answer = house.client.post("/auth/token", content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (400, 400)


def test_a_password_that_must_be_changed_opens_nothing(house: House) -> None:
    """Gatebook's own rule; Doordeck "Errors": 403."""
    house.user("fresh@acme.example", must_change=True)

    assert house.sign_in("fresh@acme.example").status_code == 403


def test_a_sign_in_and_its_end_are_recorded(house: House) -> None:
    """Gatebook's own rule."""
    head = asyncio.run(house.services.history.head(house.admin))
    token, _ = signed_in(house, "recorded@acme.example")
    destroyed(house, token)

    found = asyncio.run(house.services.history.page(house.admin, limit=10)).events

    kinds = [event.kind for event in found if event.seq > head]
    assert set(kinds) >= {Kind.RECORD_SIGNED_IN, Kind.RECORD_SIGNED_OUT}


def test_an_administrator_finds_a_token_and_ends_all_that_came_of_its_sign_in(house: House) -> None:
    """Gatebook's own rule: a token of 36 hours is on record as any other."""
    token, refresh = signed_in(house, "lost@acme.example")
    told = refreshed(house, refresh).json()
    other, _ = signed_in(house, "kept@acme.example")
    issuing = house.services.issuing

    listed = asyncio.run(issuing.list(house.admin))
    mine = [row for row in listed if row.name == "Lost"]
    asyncio.run(issuing.revoke(house.admin, mine[0].jti))

    assert [row.jti for row in mine] == [jti_of(token), jti_of(told["authToken"])]
    assert [house.get("/account", token=text).status_code for text in (token, told["authToken"], other)] == [
        401, 401, 200,
    ]  # fmt: skip
    assert refreshed(house, told["refreshToken"]).status_code == 401
    assert [row.name for row in asyncio.run(issuing.list(house.admin)) if row.name in ("Lost", "Kept")] == ["Kept"]


def test_a_refresh_token_gets_another_pair_each_time(house: House) -> None:
    """Doordeck "Refresh token": the refresh token as Bearer token; the SDK needs `refreshToken` in every answer."""
    token, refresh = signed_in(house, "again@acme.example")

    first = refreshed(house, refresh).json()
    second = refreshed(house, first["refreshToken"]).json()

    assert len({token, first["authToken"], second["authToken"]}) == 3
    assert claims_of(second["authToken"])["email"] == "again@acme.example"
    assert house.get("/account", token=second["authToken"]).status_code == 200


def test_a_refresh_token_used_twice_ends_its_sign_in(house: House) -> None:
    """Gatebook's own rule: somebody else has it."""
    _, refresh = signed_in(house, "stolen@acme.example")
    successor = refreshed(house, refresh).json()["refreshToken"]

    again = refreshed(house, refresh)

    assert (again.status_code, refreshed(house, successor).status_code) == (401, 401)


def test_the_two_tokens_are_no_good_for_each_other(house: House) -> None:
    """Doordeck "Refresh token"."""
    token, refresh = signed_in(house, "mixed@acme.example")

    assert house.get("/account", token=refresh).status_code == 401
    assert refreshed(house, token).status_code == 401


def test_after_the_logout_neither_token_holds(house: House) -> None:
    """Doordeck "Logout"."""
    token, refresh = signed_in(house, "leaver@acme.example")
    other = house.token_of("leaver@acme.example")

    assert destroyed(house, token) == 204

    assert house.get("/account", token=token).status_code == 401
    assert refreshed(house, refresh).status_code == 401
    assert house.get("/account", token=other).status_code == 200


def test_another_password_ends_what_was_begun_with_the_old_one(house: House) -> None:
    """Gatebook's own rule."""
    user = house.user("changer@acme.example")
    told = house.sign_in("changer@acme.example").json()
    changed = replace(user, password_changed=house.services.now(), revision=user.revision + 1)

    house.store.write_now(lambda tx: tx.accounts.users.change(house.org, changed))

    assert house.get("/account", token=told["authToken"]).status_code == 401
    assert refreshed(house, told["refreshToken"]).status_code == 401
    assert house.get("/account", token=house.token_of("changer@acme.example")).status_code == 200


def test_a_user_who_is_disabled_is_out_at_once(house: House) -> None:
    """Gatebook's own rule."""
    user = house.user("gone@acme.example")
    token = house.token_of("gone@acme.example")
    gone = replace(user, disabled=house.services.now(), revision=user.revision + 1)

    house.store.write_now(lambda tx: tx.accounts.users.change(house.org, gone))

    assert house.get("/account", token=token).status_code == 401


def test_tokens_of_elsewhere_and_keys_are_refused(house: House) -> None:
    """Doordeck "Errors": 401."""
    elsewhere, _ = asyncio.run(house.services.tokens.issue(house.admin, "smartphonekey"))
    scopes = frozenset({Scope.EVENTS_READ})
    key = house.store.write_now(lambda tx: make_key(tx, house.org, "a key", scopes, now=house.services.now()))

    answers = [house.get("/device", token=wrong) for wrong in (elsewhere, key, "a.b.c", "x")]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(401, 401)}
    assert "bearer" in answers[0].headers["www-authenticate"].lower()


def test_a_token_from_the_command_line_holds_as_well(house: House) -> None:
    """Doordeck "Authentication": any token with the right issuer, audience and signature."""
    made, _ = asyncio.run(house.services.tokens.issue(house.admin, "doordeck"))

    assert house.get("/device", token=made).status_code == 200


def test_the_clock_needs_no_token(house: House) -> None:
    """doordeck-headless-sdk: `GET /time`, `{"now": ms}`."""
    before = time.time_ns() // 1_000_000

    told = house.client.get("/time").json()

    assert set(told) == {"now"}
    assert before <= told["now"] <= before + 20_000


def test_the_account_is_told(house: House) -> None:
    """Doordeck "Get user details": publicKey, email, displayName, emailVerified."""
    house.user("ben@acme.example")

    told = house.get("/account", token=house.token_of("ben@acme.example")).json()

    assert told == {"publicKey": "", "email": "ben@acme.example", "displayName": "Ben", "emailVerified": True}
    assert PASSWORD not in str(told)
