"""What is commanded at a camera is read back."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from gatebook.domain.access import Grant, Scope
from gatebook.domain.places import DeviceKind
from tests.dialects.smartphonekey.house import House
from tests.dialects.smartphonekey.test_locks import command, made_lock, made_user, read

FORM = {
    "name": "North gate", "type": "onvif", "httpUrl": "http://camera.example/", "rtspUrl": "rtsp://camera.example/1",
    "login": "root", "password": "a secret of the camera", "port": 8000,
}  # fmt: skip

LINKING = ("LinkCameraToLock", "UnlinkCameraFromLock")


def registered(house: House) -> UUID:
    id = uuid4()
    assert command(house, f"/cameras/{id}/RegisterCamera", {**FORM, "cameraId": str(id)}).status_code == 201
    return id


def test_a_camera_is_registered_once(house: House) -> None:
    """SmartphoneKey OpenAPI document, RegisterCamera; event-schemas.json, CameraRegistered."""
    id, owner = uuid4(), made_user(house)

    first = command(house, f"/cameras/{id}/RegisterCamera", {**FORM, "cameraId": str(id), "ownerId": owner})
    again = command(house, f"/cameras/{id}/RegisterCamera", FORM)

    assert (first.status_code, first.json()["version"], first.json()["event"]["type"]) == (201, 1, "CameraRegistered")
    assert (again.status_code, again.json()["version"], again.json()["event"]) == (200, 1, None)
    told = read(house, f"/cameras/{id}/details").json()
    assert told["orgId"] == first.json()["event"]["data"]["orgId"]
    assert {name: told[name] for name in ("cameraId", "type", "name", "status", "httpUrl", "rtspUrl", "ownerId")} == {
        "cameraId": str(id), "type": "onvif", "name": "North gate", "status": "Active",
        "httpUrl": FORM["httpUrl"], "rtspUrl": FORM["rtspUrl"], "ownerId": owner,
    }  # fmt: skip
    assert told["lockId"] is None
    assert told["registrationCode"] is None


def test_the_password_of_a_camera_is_not_kept(house: House) -> None:
    """SmartphoneKey command-schemas.json, RegisterCamera: login, password."""
    registered(house)

    kept = b"".join(path.read_bytes() for path in house.store.path.parent.iterdir() if path.is_file())

    assert b"North gate" in kept
    assert b"a secret of the camera" not in kept


def test_a_camera_known_by_other_roads_can_be_registered(house: House) -> None:
    """SmartphoneKey OpenAPI document, RegisterCamera."""
    camera, lock = house.add_device(kind=DeviceKind.CAMERA), house.add_device()

    before = read(house, f"/cameras/{camera.id}/details")
    done = command(house, f"/cameras/{camera.id}/RegisterCamera", FORM)
    conflict = command(house, f"/cameras/{lock.id}/RegisterCamera", FORM)

    assert (before.status_code, done.status_code, conflict.status_code) == (404, 201, 409)


def test_a_camera_is_changed_and_disabled(house: House) -> None:
    """SmartphoneKey OpenAPI document, UpdateCamera, DisableCamera; GET details, `status`."""
    id = registered(house)

    changed = command(house, f"/cameras/{id}/UpdateCamera", {"name": "South gate"})
    same = command(house, f"/cameras/{id}/UpdateCamera", {"name": "South gate"})
    disabled = command(house, f"/cameras/{id}/DisableCamera", {"reason": "broken", "disabledBy": "Ann"})
    again = command(house, f"/cameras/{id}/DisableCamera", {"reason": "broken", "disabledBy": "Ann"})

    assert [one.json()["version"] for one in (changed, same, disabled, again)] == [2, 2, 3, 3]
    assert [one.json()["event"] is None for one in (changed, same, disabled, again)] == [False, True, False, True]
    data = disabled.json()["event"]["data"]
    assert (disabled.json()["event"]["type"], data["reason"], data["disabledBy"]) == ("CameraDisabled", "broken", "Ann")
    told = read(house, f"/cameras/{id}/details").json()
    assert (told["name"], told["status"], told["type"]) == ("South gate", "Disabled", "onvif")


@pytest.mark.parametrize("as_text", [False, True])
def test_a_camera_is_linked_to_a_lock_and_freed(house: House, as_text: bool) -> None:
    """SmartphoneKey OpenAPI document, LinkCameraToLock, UnlinkCameraFromLock; event-schemas.json."""
    id, number = registered(house), house.add_device().number
    body = {"lockId": str(number) if as_text else number}

    linked = command(house, f"/cameras/{id}/LinkCameraToLock", body)
    again = command(house, f"/cameras/{id}/LinkCameraToLock", body)

    assert linked.json()["event"] == {
        "type": "CameraLinkedToLock", "data": {"cameraId": str(id), "lockId": str(number)}
    }  # fmt: skip
    assert again.json()["event"] is None
    assert read(house, f"/cameras/{id}/details").json()["lockId"] == str(number)

    freed = command(house, f"/cameras/{id}/UnlinkCameraFromLock", None if as_text else body)
    twice = command(house, f"/cameras/{id}/UnlinkCameraFromLock", body)

    assert freed.json()["event"]["type"] == "CameraUnlinkedFromLock"
    assert (twice.status_code, twice.json()["success"]) == (400, False)
    assert read(house, f"/cameras/{id}/details").json()["lockId"] is None


def test_a_hidden_lock_is_not_named_by_a_camera(house: House) -> None:
    """SmartphoneKey OpenAPI document, GET details, `lockId`; a lock that is hidden is as one that is not there."""
    id, number = registered(house), made_lock(house, 4200) and 4200
    command(house, f"/cameras/{id}/LinkCameraToLock", {"lockId": number})
    camera = house.store.read_now(house.store.directory.device, house.org, id)
    assert camera is not None
    grant = Grant(devices=frozenset({camera.number}))
    key = house.make_key(scopes=frozenset({Scope.EVENTS_READ, Scope.DEVICES_MANAGE}), grant=grant)

    told = read(house, f"/cameras/{id}/details", key).json()
    hidden, absent = (
        [
            command(house, f"/cameras/{id}/{name}", {"lockId": lock}, key)
            for name in ("LinkCameraToLock", "UnlinkCameraFromLock")
        ]
        for lock in (number, 99404)
    )

    assert told["lockId"] is None
    assert [(one.status_code, one.content) for one in hidden] == [(one.status_code, one.content) for one in absent]
    assert [one.status_code for one in hidden] == [422, 400]


def test_another_organisation_is_refused(house: House) -> None:
    """SmartphoneKey OpenAPI document, 403 for an organisation that is not the caller's."""
    id = uuid4()

    refused = command(house, f"/cameras/{id}/RegisterCamera", {**FORM, "orgId": "acme-corp"})
    other = command(house, f"/cameras/{id}/RegisterCamera", {**FORM, "cameraId": str(uuid4())})

    assert (refused.status_code, refused.json()["error"], other.status_code) == (403, "Forbidden", 400)
    assert read(house, f"/cameras/{id}/details").status_code == 404


def test_the_cameras_of_a_key_are_those_that_it_shows(house: House) -> None:
    """SmartphoneKey OpenAPI document, GET /cameras/my."""
    first, second = registered(house), registered(house)
    camera = house.store.read_now(house.store.directory.device, house.org, second)
    assert camera is not None
    key = house.make_key(grant=Grant(devices=frozenset({camera.number})))

    every = read(house, "/cameras/my").json()
    narrow = read(house, "/cameras/my", key).json()

    assert {str(first), str(second)} <= {one["cameraId"] for one in every["cameras"]}
    assert every["totalCount"] == len(every["cameras"])
    assert [one["cameraId"] for one in narrow["cameras"]] == [str(second)]


def test_a_lock_is_no_camera(house: House) -> None:
    """SmartphoneKey partner guide, ids: cameras have UUIDs, locks numbers."""
    lock = house.add_device()

    assert read(house, f"/cameras/{lock.id}/details").status_code == 404
    assert read(house, f"/cameras/{lock.number}/details").status_code == 400
    assert command(house, f"/cameras/{lock.id}/DisableCamera").status_code == 404
