"""What is commanded at a lock stands in its history, and is read back."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx
import pytest

from gatebook.domain.access import Grant, Scope
from gatebook.domain.places import DeviceKind
from tests.dialects.smartphonekey.house import House

MAKER = frozenset({Scope.DEVICES_MANAGE, Scope.DEVICES_COMMAND})


def command(house: House, path: str, body: object = None, key: str | None = None) -> httpx.Response:
    return house.client.post(path, json={} if body is None else body, headers={"X-API-Key": key or house.key})


def read(house: House, path: str, key: str | None = None) -> httpx.Response:
    return house.client.get(path, headers={"X-API-Key": key or house.key})


def made_lock(house: House, number: int) -> UUID:
    id = uuid4()
    assert command(house, f"/locks/{number}/CreateLock", {"uuid": str(id)}).status_code == 201
    return id


def made_user(house: House, name: str = "Ann") -> str:
    id = str(uuid4())
    assert command(house, f"/users/{id}/CreateUser", {"name": name}).status_code == 201
    return id


def test_a_lock_is_created_once(house: House) -> None:
    """SmartphoneKey OpenAPI document, CreateLock: 201, and 200 with `"event": null` when it is repeated."""
    id = str(uuid4())
    form = {"index": 3, "uuid": id, "serialNumber": "S-1", "vendorName": "Maker"}

    first = command(house, "/locks/4001/CreateLock", form)
    again = command(house, "/locks/4001/CreateLock", form)

    assert (first.status_code, again.status_code) == (201, 200)
    told = first.json()
    assert (told["success"], told["aggregateId"], told["version"]) == (True, "4001", 1)
    assert told["event"]["type"] == "LockCreated"
    assert again.json() == {"success": True, "aggregateId": "4001", "version": 1, "event": None}
    assert read(house, "/locks/4001/basic-info").json() | {"orgId": "", "organizationId": ""} == {
        "id": "4001", "lockId": "4001", "uuid": id, "version": 1, "serialNumber": "S-1", "orgId": "",
        "organizationId": "", "doId": id, "r2Prefix": "locks/4001/",
    }  # fmt: skip


def test_another_lock_under_the_number_is_a_conflict(house: House) -> None:
    """SmartphoneKey OpenAPI document, CreateLock, 409."""
    id = made_lock(house, 4002)

    other = command(house, "/locks/4002/CreateLock", {"uuid": str(uuid4())})
    taken = command(house, "/locks/4003/CreateLock", {"uuid": str(id)})

    assert (other.status_code, other.json()["error"], taken.status_code) == (409, "Conflict", 409)
    assert read(house, "/locks/4003/basic-info").status_code == 404


def test_a_lock_is_created_with_owner_and_keys_or_not_at_all(house: House) -> None:
    """SmartphoneKey command-schemas.json, CreateLock: ownerId, keys."""
    user = made_user(house)
    keys = [{"uuid": "K1", "indexNumber": 1, "userId": user}, {"keyUuid": "K2"}]

    done = command(house, "/locks/4004/CreateLock", {"uuid": str(uuid4()), "ownerId": user, "keys": keys})
    twice = command(house, "/locks/4005/CreateLock", {"uuid": str(uuid4()), "keys": [keys[1], keys[1]]})
    nobody = command(house, "/locks/4006/CreateLock", {"uuid": str(uuid4()), "ownerId": str(uuid4())})

    assert done.json()["version"] == 4
    history = house.get(4004).json()["events"]
    assert [row["type"] for row in history] == ["LockCreated", "OwnerSet", "KeyAdded", "KeyAdded"]
    assert read(house, "/locks/4004/details").json()["ownerId"] == user
    assert (twice.status_code, nobody.status_code) == (400, 422)
    assert {read(house, f"/locks/{number}/details").status_code for number in (4005, 4006)} == {404}


def test_the_answer_is_what_the_history_shows(house: House) -> None:
    """SmartphoneKey event-schemas.json, lock events; "Get lock event history", example response."""
    made_lock(house, 4010)
    user = made_user(house, "Ben")
    steps = [
        ("SetOwner", {"userId": user}, "OwnerSet"),
        ("AddKey", {"keyUuid": "K1", "keyIndexNumber": 7, "userId": user}, "KeyAdded"),
        ("RemoveKey", {"keyUuid": "K1"}, "KeyRemoved"),
        ("AddResident", {"name": "Ben B", "email": "ben@example.com", "userId": user}, "ResidentAdded"),
        ("RemoveResident", {"userId": user, "email": "ben@example.com"}, "ResidentRemoved"),
        ("OpenLock", {"requestId": "r-1", "reason": "parcel"}, "LockOpenRequested"),
    ]

    with house.on_the_line(4010):
        answers = [command(house, f"/locks/4010/{name}", body) for name, body, _ in steps]

    assert [answer.status_code for answer in answers] == [200] * 6
    assert [answer.json()["version"] for answer in answers] == [2, 3, 4, 5, 6, 7]
    assert [answer.json()["event"]["type"] for answer in answers] == [type for _, _, type in steps]
    rows = house.get(4010, page="1").json()["events"][1:]
    assert [(row["type"], row["event"]) for row in rows] == [
        (answer.json()["event"]["type"], answer.json()["event"]["data"]) for answer in answers
    ]
    assert answers[1].json()["event"]["data"] | {"timestamp": "", "uuid": ""} == {
        "lockId": 4010, "uuid": "", "timestamp": "", "keyUuid": "K1", "keyIndexNumber": 7, "userId": user,
    }  # fmt: skip


def test_keys_and_residents_are_read_back(house: House) -> None:
    """SmartphoneKey OpenAPI document, GET /locks/{id}/details and /locks/{id}/residents."""
    made_lock(house, 4020)
    command(house, "/locks/4020/AddKey", {"keyUuid": "K9", "keyIndexNumber": 0})
    added = command(house, "/locks/4020/AddResident", {"name": "Cleo", "email": "c@example.com"})

    details = read(house, "/locks/4020/details").json()

    user = added.json()["event"]["data"]["userId"]
    assert details["keys"] == [{"uuid": "K9", "indexNumber": 0}]
    assert details["residents"] == [{"userId": user, "name": "Cleo", "email": "c@example.com"}]
    assert details["version"] == 3
    listed = read(house, "/locks/4020/residents").json()
    assert listed == {"residents": details["residents"], "totalCount": 1}
    assert read(house, f"/users/{user}/profile").json()["name"] == "Cleo"


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("AddKey", {"keyUuid": "KNOWN"}, 400),
        ("RemoveKey", {"keyUuid": "unknown"}, 400),
        ("RemoveKey", {}, 400),
        ("AddKey", {"keyUuid": 1}, 400),
        ("AddKey", {"keyUuid": "x", "userId": "0198aaaa-0000-7000-8000-000000000000"}, 422),
        ("SetOwner", {}, 400),
        ("SetOwner", {"userId": "123"}, 400),
        ("SetOwner", {"userId": "0198aaaa-0000-7000-8000-000000000000"}, 422),
        ("RemoveResident", {"userId": "0198aaaa-0000-7000-8000-000000000000"}, 400),
    ],
)
def test_a_refused_command_writes_nothing(house: House, name: str, body: object, status: int) -> None:
    """SmartphoneKey OpenAPI document, errors of commands: `success`, `error`, `message`."""
    number = 4030
    if read(house, f"/locks/{number}/basic-info").status_code == 404:
        made_lock(house, number)
        command(house, f"/locks/{number}/AddKey", {"keyUuid": "KNOWN"})

    refused = command(house, f"/locks/{number}/{name}", body)

    assert refused.status_code == status, refused.text
    assert refused.json()["success"] is False
    assert {"error", "message"} <= set(refused.json())
    assert house.get(number).json()["totalEvents"] == 2


def test_a_hidden_lock_is_an_absent_lock_to_commands(house: House) -> None:
    """SmartphoneKey OpenAPI document, errors of commands, 404: hidden and absent with the same bytes."""
    made_lock(house, 4040)
    key = house.make_key(scopes=MAKER, grant=Grant(devices=frozenset({1})))

    for name, body in [("AddKey", {"keyUuid": "K"}), ("OpenLock", None), ("RemoveKey", {"keyUuid": "K"})]:
        hidden, absent = (command(house, f"/locks/{number}/{name}", body, key) for number in (4040, 99404))
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
        assert hidden.status_code == 404
    create = [command(house, f"/locks/{n}/CreateLock", {"uuid": str(uuid4())}, key) for n in (4040, 99404)]
    assert {(answer.status_code, answer.content) for answer in create} == {(403, create[0].content)}


def test_a_camera_is_no_lock(house: House) -> None:
    """SmartphoneKey partner guide, ids: a camera's number names no lock."""
    camera = house.add_device(kind=DeviceKind.CAMERA)

    assert command(house, f"/locks/{camera.number}/OpenLock").status_code == 404


@pytest.mark.parametrize("id", ["0", "-5", "9007199254740992", "99999999999999999999", "abc"])
def test_a_lock_is_made_under_no_other_number_than_clients_can_read(house: House, id: str) -> None:
    """SmartphoneKey OpenAPI document, CreateLock: the id in the path is numeric."""
    refused = command(house, f"/locks/{id}/CreateLock", {"uuid": str(uuid4())})

    assert (refused.status_code, refused.json()["message"].partition(":")[0]) == (400, "id")


@pytest.mark.parametrize("name", ["AddKey", "OpenLock", "CreateLock", "SetOwner", "AddResident"])
def test_a_reader_commands_nothing(house: House, name: str) -> None:
    """SmartphoneKey OpenAPI document, 403."""
    number = house.add_device().number
    body = {"keyUuid": "K", "uuid": str(uuid4()), "userId": str(uuid4()), "name": "n"}

    assert command(house, f"/locks/{number}/{name}", body, house.make_key()).status_code == 403
    assert house.get(number).json()["totalEvents"] == 0


def test_what_the_vendor_leaves_public_needs_a_credential(house: House) -> None:
    """SmartphoneKey OpenAPI document, GET /locks/{id}/residents: public there, and here only to who may."""
    made_lock(house, 4050)

    assert house.client.get("/locks/4050/residents").status_code == 401
    assert house.client.post("/locks/4050/open-with-pin", json={"pin": "1"}).status_code == 404


def test_a_body_that_is_no_json_is_refused(house: House) -> None:
    """SmartphoneKey OpenAPI document, errors of commands, 400."""
    made_lock(house, 4060)
    headers = {"X-API-Key": house.key, "Content-Type": "application/json"}

    broken = house.client.post("/locks/4060/AddKey", content=b"{", headers=headers)
    form = house.client.post("/locks/4060/AddKey", data={"keyUuid": "K"}, headers={"X-API-Key": house.key})
    with house.on_the_line(4060):
        nothing = house.client.post("/locks/4060/OpenLock", headers={"X-API-Key": house.key})

    assert (broken.status_code, form.status_code, nothing.status_code) == (400, 415, 200)


def test_a_lock_on_the_line_is_asked_to_open(house: House) -> None:
    """SmartphoneKey OpenAPI document, OpenLock: the event is LockOpenRequested, and the lock is asked."""
    made_lock(house, 4070)

    with house.on_the_line(4070):
        done = command(house, "/locks/4070/OpenLock", {"reason": "parcel"})

    waiting = [one for one in house.store.read_now(house.store.commands.open) if one.device == 4070]
    assert done.json()["event"]["data"]["reason"] == "parcel"
    assert [one.action for one in waiting] == ["open"]


def test_a_lock_that_is_not_on_the_line_is_not_asked_and_nothing_is_recorded(house: House) -> None:
    """SmartphoneKey OpenAPI document, OpenLock, 502: "device unreachable"."""
    made_lock(house, 4080)
    with house.on_the_line(4070):
        pass

    answer = command(house, "/locks/4080/OpenLock", {"reason": "parcel"})

    told = answer.json()
    assert (answer.status_code, told["success"], told["error"]) == (502, False, "Bad Gateway")
    assert told["message"].startswith("the lock is not on the line")
    assert [row["type"] for row in house.get(4080).json()["events"]] == ["LockCreated"]
    assert all(one.device != 4080 for one in house.store.read_now(house.store.commands.open))
