"""What is done in Gatebook itself stands in the history of the door that it was done to, in each dialect's words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.sync.client import connect

from gatebook.dialects import doordeck, native, smartphonekey
from gatebook.domain.access import Scope
from gatebook.domain.places import Device
from tests.dialects.doordeck.house import V2
from tests.houses import House, house_in

ALL = (native, smartphonekey, doordeck)
PASSWORD = "correct horse battery"
READS = ["events:read", "people:read"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    with house_in(folder, *(one.DIALECT for one in ALL)) as found:
        yield found


@pytest.fixture(scope="module")
def token(house: House) -> str:
    """Of a reader who sees everything, and so shares no single door."""
    made(house, login="reader@example.com", scopes=READS, grant={"everything": True})
    told = house.client.post("/auth/token", json={"email": "reader@example.com", "password": PASSWORD})
    return str(told.json()["authToken"])


def sent(house: House, method: str, path: str, body: object = None) -> httpx.Response:
    answer = httpx.request(method, house.url + path, json=body, headers={"X-API-Key": house.key}, timeout=20)
    assert answer.is_success, (path, answer.text)
    return answer


def made(house: House, **fields: object) -> dict[str, Any]:
    """A new user."""
    login = f"{uuid4()}@example.com"
    form = {"login": login, "name": "Doordeck User", "password": PASSWORD, "must_change": False, "scopes": READS}
    told: dict[str, Any] = sent(house, "POST", "/v1/users", {**form, **fields}).json()
    return told


def trail(house: House, token: str, door: Device) -> list[dict[str, Any]]:
    """The audit trail of a door, oldest first."""
    answer = httpx.get(
        f"{house.url}/device/{door.id}/log", headers={"Accept": V2, "Authorization": f"Bearer {token}"}, timeout=20
    )
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()))


def words(house: House, token: str, door: Device) -> list[str]:
    return [record["type"] for record in trail(house, token, door)]


def test_a_lock_that_is_made_and_owned_tells_of_both(house: House, token: str) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading Event Types: SETTING_CHANGED, OWNER_ASSIGNED."""
    person, door = house.person("Ada"), uuid4()
    sent(house, "POST", "/locks/7001/CreateLock", {"index": 1, "uuid": str(door)})

    sent(house, "POST", "/locks/7001/SetOwner", {"userId": str(person.id)})

    lock = house.store.read_now(house.store.directory.device, house.org, 7001)
    assert lock is not None
    told = trail(house, token, lock)
    assert [record["type"] for record in told] == ["SETTING_CHANGED", "OWNER_ASSIGNED"]
    assert told[-1]["subject"]["userId"] == str(person.id)


def test_a_passage_given_raised_lowered_and_taken_stands_at_its_lock(house: House, token: str) -> None:
    """Doordeck "Get Lock Audit Trail (v2)": LOCK_SHARED, USER_PROMOTED, USER_DEMOTED, LOCK_REVOKED."""
    door, person = house.device("Side door"), house.person("Bob")
    path = f"/users/{person.id}"

    for level in ("GUEST", "ADMIN", "OWNER", "USER"):
        sent(house, "POST", f"{path}/AddAccessibleLock", {"lockId": door.number, "accessLevel": level})
    sent(house, "POST", f"{path}/RemoveAccessibleLock", {"lockId": door.number})

    told = trail(house, token, door)
    assert [record["type"] for record in told] == [
        "LOCK_SHARED", "USER_PROMOTED", "LOCK_SHARED", "USER_DEMOTED", "LOCK_REVOKED",
    ]  # fmt: skip
    assert {record["subject"]["userId"] for record in told} == {str(person.id)}
    assert {record["issuer"]["userId"] for record in told} == {str(house.admin.id)}, "who did it, not the door"


def test_the_same_act_is_caused_by_the_one_in_the_history_of_the_user(house: House) -> None:
    """SmartphoneKey event-schemas.json, AccessibleLockAdded: an event of the user; the lock's own follows from it."""
    door, person = house.device("Cellar"), house.person("Cy")

    version = sent(
        house, "POST", f"/users/{person.id}/AddAccessibleLock", {"lockId": door.number, "grantedBy": "Ada"}
    ).json()["version"]  # fmt: skip

    [of_door] = house.history(device=f"equals:{door.number}")["items"]
    [of_user] = [one for one in house.history(kind="share.granted")["items"] if one["seq"] == of_door["cause"]]
    assert (of_user["version"], of_user["device"]) == (version, None)
    [row] = sent(house, "GET", f"/locks/{door.number}/events").json()["events"]
    assert (row["type"], row["event"]["userId"], row["event"]["grantedBy"]) == (
        "AccessibleLockAdded", str(person.id), "Ada",
    )  # fmt: skip


def test_a_grant_of_devices_given_widened_and_taken_stands_at_each(house: House, token: str) -> None:
    """Doordeck "Get Lock Audit Trail (v2)": LOCK_SHARED, LOCK_REVOKED; by single devices and by their sites."""
    site = house.site()
    one, two, far = house.device("one"), house.device("two", site=site.number), house.device("far")
    person = house.person("Dee")

    user = made(house, grant={"devices": [one.number]}, person=person.number)
    sent(house, "PATCH", f"/v1/users/{user['id']}", {"grant": {"devices": [one.number], "sites": [site.number]}})
    sent(house, "PATCH", f"/v1/users/{user['id']}", {"grant": {"sites": [site.number]}})
    sent(house, "DELETE", f"/v1/users/{user['id']}")

    assert words(house, token, one) == ["LOCK_SHARED", "LOCK_REVOKED"]
    assert words(house, token, two) == ["LOCK_SHARED", "LOCK_REVOKED"]
    assert words(house, token, far) == []
    assert trail(house, token, one)[0]["subject"] == {
        "userId": str(person.id), "email": "", "displayName": "Dee", "ip": None,
    }  # fmt: skip


def test_what_a_user_shares_already_is_not_shared_again_by_seeing_everything(house: House, token: str) -> None:
    door = house.device("Attic")
    user = made(house, grant={"devices": [door.number]})

    sent(house, "PATCH", f"/v1/users/{user['id']}", {"grant": {"everything": True}})
    sent(house, "PATCH", f"/v1/users/{user['id']}", {"grant": {"devices": [door.number]}})
    sent(house, "PATCH", f"/v1/users/{user['id']}", {"name": "Another"})

    assert words(house, token, door) == ["LOCK_SHARED"]


@pytest.mark.parametrize("everything", [False, True], ids=["of one door", "of everything"])
def test_a_role_that_changes_stands_at_every_lock_of_the_user(house: House, token: str, everything: bool) -> None:
    """Doordeck "Get Lock Audit Trail (v2)": "A user was promoted to an administrator", and back."""
    door = house.device("Gate")
    user = made(house, grant={"everything": True} if everything else {"devices": [door.number]})
    before = words(house, token, door)

    sent(house, "PATCH", f"/v1/users/{user['id']}", {"scopes": [*READS, "admin"]})
    sent(house, "PATCH", f"/v1/users/{user['id']}", {"scopes": READS})

    told = trail(house, token, door)[len(before) :]
    assert [record["type"] for record in told] == ["USER_PROMOTED", "USER_DEMOTED"]
    assert {record["subject"]["userId"] for record in told} == {user["id"]}, "the user's own id, who is no person"
    sent(house, "DELETE", f"/v1/users/{user['id']}")


def test_a_door_renamed_moved_and_removed_tells_of_it(house: House, token: str) -> None:
    """Doordeck "Get Lock Audit Trail (v2)": SETTING_CHANGED, DEVICE_DECOMMISSIONED."""
    door, site = house.device("Old name"), house.site()

    sent(house, "PATCH", f"/v1/devices/{door.number}", {"name": "New name"})
    sent(house, "PATCH", f"/v1/devices/{door.number}", {"name": "New name"})
    sent(house, "PATCH", f"/v1/devices/{door.number}", {"site": site.number})
    sent(house, "DELETE", f"/v1/devices/{door.number}")

    assert words(house, token, door) == ["SETTING_CHANGED", "SETTING_CHANGED", "DEVICE_DECOMMISSIONED"]
    changes = house.history(device=f"equals:{door.number}", kind="setting.changed")["items"]
    assert (changes[-1]["data"]["name"], changes[-1]["data"]["name.before"]) == ("New name", "Old name")


def state(house: House, token: str, door: Device) -> dict[str, bool]:
    """The state of a lock, as Doordeck's clients read it, once all that was reported has been taken up."""
    until = time.monotonic() + 60
    while any(one["lag"] for one in house.get("/v1/followers").json()["items"]):
        assert time.monotonic() < until
        time.sleep(0.02)
    told = httpx.get(f"{house.url}/device/{door.id}", headers={"Authorization": f"Bearer {token}"}, timeout=20)
    found: dict[str, bool] = told.json()["state"]
    return found


def test_a_lock_is_in_the_state_that_it_told_last(house: House, token: str) -> None:
    """Doordeck "Get lock": `state`."""
    door = house.device("Shed")
    assert state(house, token, door) == {"locked": True, "connected": False}, "it has told nothing"

    house.report(door, "lock.unlocked")
    house.report(door, "device.connected")
    assert state(house, token, door) == {"locked": False, "connected": True}

    house.report(door, "lock.locked", occurred="2026-05-29T12:00:01Z")
    house.report(door, "device.disconnected", occurred="2026-05-29T12:00:01Z")
    assert state(house, token, door) == {"locked": True, "connected": False}


def test_a_lock_on_the_device_link_is_connected(house: House, token: str) -> None:
    """Doordeck "Get lock": `state`."""
    door = house.device("Barn")
    secret = sent(house, "POST", "/v1/device-tokens", {"device": door.number, "name": "t"}).json()["secret"]

    with connect(
        f"{house.url.replace('http', 'ws', 1)}/v1/device-link", additional_headers={"Authorization": f"Bearer {secret}"}
    ):
        until = time.monotonic() + 60
        while not (found := state(house, token, door))["connected"]:
            assert time.monotonic() < until
            time.sleep(0.02)

    assert found == {"locked": True, "connected": True}


def test_who_may_not_know_people_is_told_of_nobody(house: House) -> None:
    """The parties of such an event are personal: `people:read` shows them."""
    door = house.device("Vault")
    shared = made(house, grant={"devices": [door.number]})
    made(house, login="plain@example.com", scopes=[Scope.EVENTS_READ], grant={"everything": True})
    told = house.client.post("/auth/token", json={"email": "plain@example.com", "password": PASSWORD})

    [record] = trail(house, str(told.json()["authToken"]), door)

    assert (record["type"], record["subject"], record["issuer"]["userId"]) == ("LOCK_SHARED", None, str(door.id))
    [event] = house.history(house.key_of(Scope.EVENTS_READ), device=f"equals:{door.number}")["items"]
    assert event["data"] == {"issuer": {"userId": str(house.admin.id)}, "subject": {"userId": shared["id"]}}, (
        "ids alone"
    )
