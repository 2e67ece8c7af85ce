"""Who may read a lock's history."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from gatebook.domain.access import Grant, Scope
from gatebook.domain.times import Instant
from gatebook.services.directory import found_organisation
from gatebook.services.forms import NewDevice, NewSite
from tests.dialects.smartphonekey.house import House

ACCIDENTAL = {"date", "x-request-id"}


def told(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All that a client could tell two answers apart by."""
    headers = {name: value for name, value in answer.headers.items() if name not in ACCIDENTAL}
    return answer.status_code, answer.content, headers


def test_an_api_key_alone_is_enough(house: House) -> None:
    """SmartphoneKey "Get lock event history", heading Authentication: X-API-Key."""
    lock = house.add_device()

    answer = house.client.get(f"/locks/{lock.number}/events", headers={"x-api-key": house.make_key()})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("X-API-Key", "")],
        [("X-API-Key", "x" * 40)],
        [("X-API-Key", b"\xe9".decode("latin-1"))],
        [("Authorization", "Bearer a.b.c")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer a.b.c"), ("X-API-Key", "GOOD")],
        [("Authorization", "Bearer YOUR_API_TOKEN (JWT)"), ("X-API-Key", "GOOD")],
        [("Authorization", "Bearer GOOD")],
        [("Authorization", "Basic Og=="), ("X-API-Key", "GOOD")],
        [("Authorization", ""), ("X-API-Key", "GOOD")],
        [("X-API-Key", "GOOD"), ("X-API-Key", "x" * 40)],
        [("X-Org-Id", "1"), ("X-User-Id", "1")],
    ],
    ids=str,
)
def test_no_credential_or_a_wrong_one_is_refused(house: House, headers: list[tuple[str, str]]) -> None:
    """SmartphoneKey "Get lock event history", heading Authentication; 401 is its OpenAPI document's."""
    lock = house.add_device()
    sent = [(name.encode(), value.replace("GOOD", house.key).encode("latin-1")) for name, value in headers]

    answer = house.client.get(f"/locks/{lock.number}/events", headers=sent)

    assert (answer.status_code, answer.json()["error"]) == (401, "Unauthorized")
    assert "www-authenticate" in answer.headers
    assert house.key not in answer.text


def test_an_expired_key_is_refused(house: House) -> None:
    """SmartphoneKey "Get lock event history", heading Authentication."""
    lock = house.add_device()

    assert house.get(lock, house.make_key(expires=Instant(1))).status_code == 401


def test_a_key_without_the_scope_is_refused(house: House) -> None:
    """SmartphoneKey OpenAPI document, 403."""
    lock = house.add_device()

    answer = house.get(lock, house.make_key(scopes=frozenset({Scope.EVENTS_WRITE})))

    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")
    assert "events:read" in answer.json()["message"]


def test_a_hidden_lock_is_an_absent_lock(house: House) -> None:
    """SmartphoneKey OpenAPI document, GET /locks/{id}/events, 404; hidden and absent answer with the same bytes."""
    shown, hidden = house.add_device(), house.add_device()
    house.report(hidden, "door.opened")
    key = house.make_key(grant=Grant(devices=frozenset({shown.number})))

    for query in ({}, {"page": "1"}, {"page": "99"}, {"page": "0"}):
        assert told(house.get(hidden, key, **query)) == told(house.get(987654, key, **query))

    assert house.get(hidden, key).status_code == 404
    assert house.get(shown, key).status_code == 200


def test_a_grant_of_a_site_shows_the_locks_that_stand_there(house: House) -> None:
    """SmartphoneKey "Get lock event history", heading Authentication: access of an organisation's key."""
    add = house.services.entities
    site = asyncio.run(add.sites.add(house.admin, NewSite(name="North", zone="Europe/Zurich")))
    inside = asyncio.run(
        add.devices.add(house.admin, NewDevice(kind=house.add_device().kind, name="in", site=site.number))
    )
    outside = house.add_device()
    key = house.make_key(grant=Grant(sites=frozenset({site.number})))

    assert (house.get(inside, key).status_code, house.get(outside, key).status_code) == (200, 404)


def test_a_key_opens_no_other_organisation(house: House) -> None:
    """SmartphoneKey "Get lock event history", heading Authentication: "organization access"."""
    lock = house.add_device()
    house.report(lock, "door.opened")
    other = house.store.write_now(lambda tx: found_organisation(tx, "Other", "Europe/London"))

    answer = house.get(lock, house.make_key(org=other))

    assert told(answer) == told(house.get(987654))
