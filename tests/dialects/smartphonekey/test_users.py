"""What is commanded of a user is read back."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from gatebook.domain.access import Grant, Scope
from tests.dialects.smartphonekey.house import House
from tests.dialects.smartphonekey.test_locks import command, made_user, read

READER = frozenset({Scope.PEOPLE_READ, Scope.PLATES_READ})


def test_a_user_is_created_once(house: House) -> None:
    """SmartphoneKey OpenAPI document, CreateUser; event-schemas.json: e-mail and telephone are masked in events."""
    id = str(uuid4())
    form = {"firstName": "Ann", "lastName": "Lee", "email": "ann@example.com", "phoneNumber": "+41791234567"}

    first = command(house, f"/users/{id}/CreateUser", form)
    again = command(house, f"/users/{id}/CreateUser", {"name": "Somebody else"})

    assert (first.status_code, first.json()["version"], again.status_code) == (201, 1, 200)
    data = first.json()["event"]["data"]
    assert first.json()["event"]["type"] == "UserCreated"
    assert (data["name"], data["email"], data["phoneNumber"]) == ("Ann Lee", "a***@example.com", "***4567")
    assert (again.json()["version"], again.json()["event"]) == (1, None)
    assert read(house, f"/users/{id}/profile").json() == {
        "userId": id, "name": "Ann Lee", "email": "ann@example.com", "phoneNumber": "+41791234567", "version": 1
    }  # fmt: skip


def test_a_plate_is_kept_without_spaces_and_dashes(house: House) -> None:
    """SmartphoneKey OpenAPI document, AddLicensePlate: "upper case, spaces and dashes removed"; GET license-plates."""
    id = made_user(house)

    added = command(house, f"/users/{id}/AddLicensePlate", {"plate": "zh-12 34a", "label": "van"})

    told = added.json()["event"]
    listed = read(house, f"/users/{id}/license-plates").json()
    assert (added.json()["aggregateId"], added.json()["version"], told["type"]) == (id, 2, "LicensePlateAdded")
    assert (told["data"]["userId"], told["data"]["plate"], told["data"]["label"]) == (id, "ZH1234A", "van")
    assert listed["totalCount"] == 1
    [plate] = listed["licensePlates"]
    assert (plate["plate"], plate["label"]) == ("ZH1234A", "van")
    assert 0 <= plate["addedAt"] - told["data"]["addedAt"] < 5_000


@pytest.mark.parametrize("way", ["same user", "another user", "written otherwise"])
def test_a_plate_that_is_registered_is_refused(house: House, way: str) -> None:
    """SmartphoneKey OpenAPI document, AddLicensePlate: "duplicates" are 400."""
    id = made_user(house)
    plate = "DUP" + way[:4].upper().replace(" ", "")
    command(house, f"/users/{id}/AddLicensePlate", {"plate": plate})
    other = made_user(house) if way == "another user" else id

    sent = f"{plate[:3]} - {plate[3:].lower()}" if way == "written otherwise" else plate
    again = command(house, f"/users/{other}/AddLicensePlate", {"plate": sent})

    assert (again.status_code, again.json()["error"]) == (400, "Bad Request")
    assert read(house, f"/users/{id}/license-plates").json()["totalCount"] == 1


@pytest.mark.parametrize("plate", ["---", " . ", "ABCDEFGHIJKLMNOPQ"], ids=["dashes", "a dot", "seventeen characters"])
def test_what_is_no_plate_is_refused_by_its_name(house: House, plate: str) -> None:
    """SmartphoneKey command-schemas.json, AddLicensePlate: `plate`."""
    refused = command(house, f"/users/{made_user(house)}/AddLicensePlate", {"plate": plate})

    assert (refused.status_code, refused.json()["message"].partition(":")[0]) == (400, "plate")


def test_a_plate_is_removed_once(house: House) -> None:
    """SmartphoneKey OpenAPI document, RemoveLicensePlate: 400 for one that is not there."""
    id, other = made_user(house), made_user(house)
    command(house, f"/users/{id}/AddLicensePlate", {"plate": "REM 1"})

    foreign = command(house, f"/users/{other}/RemoveLicensePlate", {"plate": "REM1"})
    done = command(house, f"/users/{id}/RemoveLicensePlate", {"plate": "rem-1"})
    again = command(house, f"/users/{id}/RemoveLicensePlate", {"plate": "REM1"})

    assert (foreign.status_code, done.status_code, again.status_code) == (400, 200, 400)
    assert (done.json()["event"]["type"], done.json()["version"]) == ("LicensePlateRemoved", 3)
    assert read(house, f"/users/{id}/license-plates").json() == {"licensePlates": [], "totalCount": 0}


def test_a_lock_is_made_accessible_and_no_longer(house: House) -> None:
    """SmartphoneKey OpenAPI document, AddAccessibleLock, RemoveAccessibleLock, GET accessible-locks."""
    id, lock = made_user(house), house.add_device()
    form = {
        "lockId": str(lock.number), "lockName": "Front door", "accessLevel": "GUEST", "grantedBy": "Ann",
        "validFrom": "2026-01-01T00:00:00Z", "validUntil": 1_900_000_000_000,
    }  # fmt: skip

    added = command(house, f"/users/{id}/AddAccessibleLock", form)
    listed = read(house, f"/users/{id}/accessible-locks").json()
    removed = command(house, f"/users/{id}/RemoveAccessibleLock", {"lockId": lock.number})
    again = command(house, f"/users/{id}/RemoveAccessibleLock", {"lockId": lock.number})

    assert (added.json()["event"]["type"], added.json()["version"]) == ("AccessibleLockAdded", 2)
    assert listed == {
        "locks": [{"lockId": str(lock.number), "lockName": "Front door", "accessLevel": "GUEST", "grantedBy": "Ann",
                   "expiresAt": "2030-03-17T17:46:40.000Z"}],
        "totalCount": 1,
    }  # fmt: skip
    assert (removed.json()["event"]["type"], again.status_code) == ("AccessibleLockRemoved", 400)
    assert read(house, f"/users/{id}/accessible-locks").json() == {"locks": [], "totalCount": 0}


def test_an_accessible_lock_has_an_order_of_times_and_a_level(house: House) -> None:
    """SmartphoneKey command-schemas.json, AddAccessibleLock: accessLevel, validFrom, validUntil."""
    id, lock = made_user(house), house.add_device()
    backwards = {"validFrom": "2026-01-02T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"}

    king: dict[str, object] = {"accessLevel": "KING"}

    for wrong, status in [(backwards, 400), (king, 400), ({"lockId": "x"}, 400), ({"lockId": 99404}, 422)]:
        refused = command(house, f"/users/{id}/AddAccessibleLock", {"lockId": lock.number, **wrong})
        assert (refused.status_code, refused.json()["success"]) == (status, False)
    assert read(house, f"/users/{id}/profile").json()["version"] == 1


def test_a_hidden_lock_is_in_no_list_and_cannot_be_given(house: House) -> None:
    """SmartphoneKey OpenAPI document, GET accessible-locks; rights of an organisation's key."""
    id, shown, hidden = made_user(house), house.add_device(), house.add_device()
    for lock in (shown, hidden):
        command(house, f"/users/{id}/AddAccessibleLock", {"lockId": lock.number})
    scopes = frozenset({Scope.PEOPLE_READ, Scope.PEOPLE_MANAGE})
    key = house.make_key(scopes=scopes, grant=Grant(devices=frozenset({shown.number})))

    listed = read(house, f"/users/{id}/accessible-locks", key).json()
    answers = [
        [command(house, f"/users/{id}/{name}", {"lockId": number}, key) for number in (hidden.number, 99404)]
        for name in ("AddAccessibleLock", "RemoveAccessibleLock")
    ]

    assert [row["lockId"] for row in listed["locks"]] == [str(shown.number)]
    assert listed["totalCount"] == 1
    assert all(one.content == other.content and one.status_code in (400, 422) for one, other in answers)


def test_a_user_who_is_gone_has_nothing(house: House) -> None:
    """SmartphoneKey OpenAPI document, errors of users' routes, 404."""
    id, lock = made_user(house), house.add_device()
    command(house, f"/users/{id}/AddAccessibleLock", {"lockId": lock.number})
    command(house, f"/users/{id}/AddLicensePlate", {"plate": "GONE1"})
    person = house.store.read_now(house.store.directory.person, house.org, UUID(id))
    assert person is not None

    asyncio.run(house.services.entities.people.remove(house.admin, person.number))

    absent = str(uuid4())
    for path in ("profile", "license-plates", "accessible-locks"):
        gone, never = read(house, f"/users/{id}/{path}"), read(house, f"/users/{absent}/{path}")
        assert (gone.status_code, gone.content) == (404, never.content)
    assert command(house, f"/users/{id}/AddLicensePlate", {"plate": "GONE2"}).status_code == 404
    assert house.store.read_now(house.store.gates.passages_of_person, house.org, person.number) == []
    assert house.store.read_now(house.store.gates.holders_of_plates, house.org, ["GONE1"]) == []


def test_plates_need_their_own_scope(house: House) -> None:
    """SmartphoneKey OpenAPI document, 403."""
    id = made_user(house)

    assert read(house, f"/users/{id}/license-plates", house.make_key(scopes=READER)).status_code == 200
    for scope in READER:
        assert read(house, f"/users/{id}/license-plates", house.make_key(scopes=frozenset({scope}))).status_code == 403


def test_a_user_who_is_erased_leaves_no_address(house: House) -> None:
    """SmartphoneKey event-schemas.json: users' names, e-mail and telephone are personal."""
    id, lock = str(uuid4()), house.add_device()
    form = {"name": "Zelda Unique", "email": "zelda.unique@example.com", "phoneNumber": "+4179000777"}
    command(house, f"/users/{id}/CreateUser", form)
    body = {"name": "Zelda Unique", "email": "zelda.unique@example.com", "userId": id}
    assert command(house, f"/locks/{lock.number}/AddResident", body).status_code == 200
    person = house.store.read_now(house.store.directory.person, house.org, UUID(id))
    assert person is not None

    asyncio.run(house.services.erasing.erase_person(house.admin, person.number))

    assert house.store.read_now(house.store.gates.contact, house.org, person.number) is None
    assert house.store.read_now(house.store.gates.residents_of_lock, house.org, lock.number) == []
    assert "zelda" not in house.get(lock).text.lower()
    assert "zelda" not in read(house, f"/locks/{lock.number}/details").text.lower()
