"""The socket of an open page: for its own session, as far as its user may see, and no longer than either holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.console.places import Place, form_token
from tests.dialects.native.test_live import ended, heard

POLICY = 1008
EVENTS = "/console/events"


@contextmanager
def fed(place: Place, browser: httpx.Client, origin: str | None = None, cookie: str | None = None, **query: str) -> (
    Iterator[ClientConnection]
):  # fmt: skip
    """The feed of the page that this browser has open; `origin` and `cookie` instead of the page's own."""
    page = browser.get(EVENTS, params=query)
    after = re.search(r'data-after="([^"]*)"', page.text)
    assert after is not None, page.text[:500]
    kept = browser.cookies.get("gatebook") if cookie is None else cookie
    headers = {"Cookie": f"gatebook={kept}", "Origin": place.house.url if origin is None else origin}
    url = place.house.url.replace("http", "ws") + "/console/feed?" + urlencode({"after": after[1], **query})
    with connect(url, additional_headers=headers, max_size=None) as socket:
        yield socket


def granted(place: Place, *devices: int) -> None:
    body = {"grant": {"everything": not devices, "devices": list(devices)}}
    assert place.house.client.patch(f"/v1/users/{place.ada}", json=body).status_code == 200


def test_a_page_hears_what_its_user_may_see_and_less_once_that_is_narrowed(place: Place) -> None:
    shown, hidden = place.house.device("Shown door"), place.house.device("Hidden door")
    granted(place, shown.number, hidden.number)
    browser = place.signed_in()

    with fed(place, browser) as socket:
        place.house.report(hidden, "door.opened")
        before = heard(socket)
        granted(place, shown.number)
        place.house.report(hidden, "door.opened")
        place.house.report(shown, "door.opened")
        after = heard(socket)

    assert ("Hidden door" in before["rows"], before["n"]) == (True, 1)
    assert ("Hidden door" in after["rows"], "Shown door" in after["rows"], after["n"]) == (False, True, 1)


def test_a_page_whose_user_signs_out_hears_no_more(place: Place) -> None:
    browser = place.signed_in()

    with fed(place, browser) as socket:
        token = form_token(browser.get("/console/sessions"))
        assert browser.post("/console/sign-out", data={"form": token}).status_code == 303
        code, _ = ended(socket)

    assert code == POLICY


def test_a_page_whose_user_is_disabled_hears_no_more(place: Place) -> None:
    with fed(place, place.signed_in()) as socket:
        place.house.client.patch(f"/v1/users/{place.ada}", json={"disabled": True})
        code, _ = ended(socket)

    assert code == POLICY


@pytest.mark.parametrize(
    ("origin", "cookie"),
    [("https://elsewhere.example", None), ("null", None), (None, ""), (None, "x" * 43)],
    ids=["a page of another site", "a page of none", "nobody's cookie", "a cookie that was made up"],
)
def test_the_feed_is_for_pages_of_this_server_and_for_who_is_signed_in(
    place: Place, origin: str | None, cookie: str | None
) -> None:
    browser = place.signed_in()

    with pytest.raises(InvalidStatus) as refused, fed(place, browser, origin, cookie):
        pass

    assert refused.value.response.status_code == (403 if origin else 401)


def test_a_place_of_another_user_opens_no_feed(place: Place) -> None:
    made = {"login": "bob", "name": "Bob", "password": "a horse and a battery", "must_change": False}
    body = {**made, "scopes": ["events:read"], "grant": {"everything": True}}
    assert place.house.client.post("/v1/users", json=body).status_code == 201
    ada, bob = place.signed_in(), place.browser()
    page = bob.get("/console/sign-in")
    bob.post("/console/sign-in", data={"form": form_token(page), "login": "bob", "password": made["password"]})

    with pytest.raises(InvalidStatus) as refused, fed(place, ada, cookie=bob.cookies.get("gatebook")):
        pass

    assert refused.value.response.status_code == 400
