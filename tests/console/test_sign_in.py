"""Browsers that sign in: over real sockets, with a clock that goes on when told."""

from __future__ import annotations

import re

import httpx
import pytest

from gatebook.console import dialect_of
from gatebook.console.shapes import Shape
from gatebook.http.dialect import PARAMETER
from gatebook.services.sessions import ABSOLUTE_S, IDLE_S
from tests.console.places import OTHER, PASSWORD, Place, form_token, is_in, sign_in


def test_a_user_signs_in_and_out(place: Place) -> None:
    browser = place.browser()
    before = browser.get("/console")

    answer = sign_in(browser)
    inside = browser.get("/console/sessions")
    out = browser.post("/console/sign-out", data={"form": form_token(inside)})

    assert (before.status_code, before.headers["location"]) == (303, "/console/sign-in")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert "Ada" in inside.text
    assert (out.status_code, is_in(browser)) == (303, False)


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(place: Place) -> None:
    told = sign_in(place.browser()).headers["set-cookie"]

    assert re.fullmatch(r"gatebook=[\w-]{43}; HttpOnly; Path=/console; SameSite=lax", told)


def test_pages_run_only_the_consoles_own_scripts_and_stand_in_no_frame(place: Place) -> None:
    browser = place.signed_in()

    for path in ("/console/events", "/console/alarms", "/console/sessions", "/console/password", "/console/sign-in",
                 "/console/nowhere"):  # fmt: skip
        page = browser.get(path)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]* src=)|<style|\son[a-z]+=|\sstyle=|javascript:", page.text)
        assert "frame-ancestors 'none'" in policy
        assert page.headers["cache-control"] == "no-store"


def test_the_store_does_not_hold_the_cookie(place: Place) -> None:
    secret = place.signed_in().cookies["gatebook"]

    for path in place.house.store.path.parent.iterdir():
        assert secret.encode() not in path.read_bytes()


def test_an_id_that_was_fixed_beforehand_is_not_the_session(place: Place) -> None:
    browser = place.browser()
    browser.cookies.set("gatebook", "A" * 43, path="/console")

    answer = sign_in(browser)

    assert "gatebook=" + "A" * 43 not in answer.headers["set-cookie"]
    fixed = httpx.get(f"{place.house.url}/console", cookies={"gatebook": "A" * 43})
    assert fixed.status_code == 303


def test_signing_in_again_gives_another_id_and_ends_the_old_one(place: Place) -> None:
    browser = place.signed_in()
    old = browser.cookies["gatebook"]

    sign_in(browser)

    assert browser.cookies["gatebook"] != old
    assert is_in(browser)
    assert httpx.get(f"{place.house.url}/console", cookies={"gatebook": old}).status_code == 303


async def no_shapes(*_: object) -> list[Shape]:
    return []


@pytest.mark.parametrize("token", [None, "", "x", "other"])
def test_a_form_of_no_session_or_of_another_is_refused(place: Place, token: str | None) -> None:
    """Every form there is, as the dialect lists them: a new one cannot be forgotten here."""
    browser, other = place.signed_in(), place.signed_in()
    sent = form_token(other.get("/console/sessions")) if token == "other" else token
    posts = [one for one in dialect_of(no_shapes).operations(place.house.services) if one.method == "POST"]

    statuses = {
        one.path: browser.post(PARAMETER.sub("1", one.path), data={} if sent is None else {"form": sent}).status_code
        for one in posts
    }

    assert len(posts) >= 6
    assert set(statuses.values()) == {403}, statuses
    assert is_in(browser)


def test_a_form_sent_from_another_site_does_not_sign_anybody_in(place: Place) -> None:
    browser = place.browser()
    token = form_token(browser.get("/console/sign-in"))
    body = {"form": token, "next": "/console", "login": "ada", "password": PASSWORD}

    answer = browser.post("/console/sign-in", data=body, headers={"Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, "gatebook" in browser.cookies) == (403, False)


@pytest.mark.parametrize(
    "following",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/console/..//evil.example", "javascript:alert(1)",
     "/v1/events", "/console\r\nX: y", "/console/@evil", "/consolevil", "\\\\evil", "/%5cevil.example"],
)  # fmt: skip
def test_nobody_is_led_elsewhere(place: Place, following: str) -> None:
    asked = sign_in(place.browser(), following=following)
    posted = sign_in(place.browser(), next=following)

    assert [one.headers["location"] for one in (asked, posted)] == ["/console", "/console"]


def test_who_was_sent_to_the_form_comes_back(place: Place) -> None:
    browser = place.browser()
    sent = browser.get("/console/password")

    page = browser.get(sent.headers["location"])
    body = {"form": form_token(page), "next": "/console/password", "login": "ada", "password": PASSWORD}

    assert 'value="/console/password"' in page.text
    assert browser.post("/console/sign-in", data=body).headers["location"] == "/console/password"


def test_a_session_ends_when_it_is_not_used(place: Place) -> None:
    browser = place.signed_in()

    place.clock.pass_s(IDLE_S - 1)
    used = is_in(browser)
    place.clock.pass_s(IDLE_S - 1)
    used_again = is_in(browser)
    place.clock.pass_s(IDLE_S)

    assert (used, used_again, is_in(browser)) == (True, True, False)


def test_a_session_ends_at_last_however_much_it_is_used(place: Place) -> None:
    browser = place.signed_in()

    for _ in range(ABSOLUTE_S // 1200 - 1):
        place.clock.pass_s(1200)
        assert is_in(browser)
    place.clock.pass_s(1200)

    assert not is_in(browser)


def test_a_new_password_ends_every_other_session_and_token(place: Place) -> None:
    browser, other = place.signed_in(), place.signed_in()
    signed = {"login": "ada", "password": PASSWORD}
    token = httpx.post(f"{place.house.url}/v1/tokens", json=signed).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    before, old = place.house.get("/v1/events", bearer).status_code, browser.cookies["gatebook"]
    place.clock.pass_s(1)

    page = browser.get("/console/password")
    body = {"form": form_token(page), "old": PASSWORD, "new": OTHER, "again": OTHER}
    changed = browser.post("/console/password", data=body)

    assert (changed.status_code, is_in(browser), is_in(other)) == (303, True, False)
    assert browser.cookies["gatebook"] != old
    assert httpx.get(f"{place.house.url}/console", cookies={"gatebook": old}).status_code == 303
    assert (before, place.house.get("/v1/events", bearer).status_code) == (200, 401)
    assert sign_in(place.browser()).status_code == 401
    assert place.signed_in(OTHER)


def test_a_wrong_old_password_or_two_different_new_ones_change_nothing(place: Place) -> None:
    browser = place.signed_in()
    page = browser.get("/console/password")

    for old, new, again in (("wrong", OTHER, OTHER), (PASSWORD, OTHER, OTHER + "x"), (PASSWORD, "short", "short")):
        answer = browser.post(
            "/console/password", data={"form": form_token(page), "old": old, "new": new, "again": again}
        )
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text

    assert is_in(browser)


def test_a_user_who_is_disabled_is_out_and_stays_out(place: Place) -> None:
    browser = place.signed_in()

    place.house.client.patch(f"/v1/users/{place.ada}", json={"disabled": True})
    shut = is_in(browser)
    place.house.client.patch(f"/v1/users/{place.ada}", json={"disabled": False})

    assert (shut, is_in(browser)) == (False, False)


def test_a_user_whose_password_was_reset_gets_no_further_than_choosing_one(place: Place) -> None:
    place.clock.pass_s(1)
    place.house.client.patch(f"/v1/users/{place.ada}", json={"must_change": True})
    reset = place.house.client.post(f"/v1/users/{place.ada}/password", json={"password": OTHER})
    assert reset.status_code in (200, 204), reset.text
    browser = place.browser()

    answer = sign_in(browser, password=OTHER)

    assert answer.headers["location"] == "/console/password"
    assert browser.get("/console").headers["location"] == "/console/password"


def test_ones_own_sessions_are_listed_and_ended_and_nobody_elses(place: Place) -> None:
    browser, other = place.signed_in(), place.signed_in()
    page = browser.get("/console/sessions")
    ids = re.findall(r"/console/sessions/([0-9a-f-]{36})/end", page.text)
    rows = page.text.split("<tr>")
    [theirs] = [id_ for id_ in ids if any(id_ in row and "this one" not in row for row in rows)]

    ended = browser.post(f"/console/sessions/{theirs}/end", data={"form": form_token(page)})
    absent = browser.post(f"/console/sessions/{theirs}/end", data={"form": form_token(page)})

    assert len(ids) == 2
    assert (ended.status_code, absent.status_code) == (303, 404)
    assert (is_in(browser), is_in(other)) == (True, False)


def test_wrong_passwords_are_refused_alike_and_lock_the_door(place: Place) -> None:
    unknown = sign_in(place.browser(), login="nobody")
    wrong = [sign_in(place.browser(), password=f"wrong{n}") for n in range(3)]

    assert {one.status_code for one in (unknown, *wrong)} == {401}
    text = re.sub(r'value="[^"]*"', "", unknown.text)
    assert {re.sub(r'value="[^"]*"', "", one.text) for one in wrong} == {text}


def test_signing_in_and_out_is_on_record(place: Place) -> None:
    browser = place.signed_in()
    browser.post("/console/sign-out", data={"form": form_token(browser.get("/console/sessions"))})

    found = place.house.client.get("/v1/audit", params={"limit": 10}).json()["items"]

    kinds = [one["kind"] for one in found]
    assert "record.signed_in" in kinds
    assert "record.signed_out" in kinds
