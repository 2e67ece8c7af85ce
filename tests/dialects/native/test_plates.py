"""Reads of plates over HTTP: the neutral form, and those of two readers, each with its camera's token in the path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gatebook.dialects.native import DIALECT
from gatebook.domain.places import Device, DeviceKind
from tests.houses import House, house_in

READ: dict[str, object] = {"plate": "ab12 cde", "confidence": 0.93, "captured": "2026-05-29T12:00:00Z", "vehicle": "v"}
RESULT = {
    "plate": "ab12cde",
    "score": 0.906,
    "candidates": [{"plate": "ab12cde", "score": 0.906}, {"plate": "a812cde"}],
    "region": {"code": "gb", "score": 0.4},
    "dscore": 0.6,
    "box": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4},
}
HOOK = {
    "hook": {"target": "http://127.0.0.1", "id": "camera-1", "event": "recognition", "filename": "a.jpg"},
    "data": {"camera_id": "camera-1", "filename": "a.jpg", "timestamp": "2026-05-29T12:00:00.161444Z",
             "timestamp_local": "2026-05-29 14:00:00+02:00", "results": [RESULT]},
}  # fmt: skip
UPDATE = {"type": "lpr", "id": "1607123955.475377-mxklsc", "name": None, "plate": "AB12CDE", "score": 0.95,
          "camera": "driveway", "timestamp": 1780056000.748393}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path, DIALECT) as found:
        yield found


@pytest.fixture
def camera(house: House) -> Device:
    return house.device("Gate camera", kind=DeviceKind.CAMERA, vendor_ids=("cam-1",))


@pytest.fixture
def token(house: House, camera: Device) -> str:
    made = house.client.post("/v1/device-tokens", json={"device": camera.number, "name": "reader"})
    assert made.status_code == 201, made.text
    told = made.json()
    return str(told.get("token") or told.get("secret"))


def reads(house: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.history(kind="plate.read")["items"]
    return found


def test_a_read_is_an_event_of_its_camera_with_all_that_was_told(house: House, camera: Device) -> None:
    answer = house.client.post("/v1/plate-reads", json={"camera": "cam-1", **READ})

    [event] = reads(house)
    assert answer.status_code == 201
    assert answer.json()["device"] == str(camera.id)
    assert (event["credential"], event["method"], event["occurred"]) == ("AB12 CDE", "plate", "2026-05-29T12:00:00Z")
    assert event["data"] == {"plate": "ab12 cde", "confidence": 0.93, "vehicle": "v"}


def test_the_same_read_again_is_a_repeat_by_its_id_or_its_content(house: House, camera: Device) -> None:
    body = {"camera": camera.number, **READ}
    statuses = [
        house.client.post("/v1/plate-reads", json=one).status_code
        for one in (body, body, {**body, "id": "r-1"}, {**body, "id": "r-1"}, {**body, "id": "r-1", "confidence": 0.5})
    ]

    assert statuses == [201, 200, 201, 200, 409]
    assert len(reads(house)) == 2


def test_a_list_has_an_outcome_for_each_and_an_unknown_camera_waits_in_quarantine(house: House, camera: Device) -> None:
    both = house.client.post("/v1/plate-reads", json=[{"camera": camera.number, **READ}, {"camera": "nowhere", **READ}])
    alone = house.client.post("/v1/plate-reads", json={"camera": "nowhere", **READ})

    assert (both.status_code, [one["status"] for one in both.json()["items"]]) == (207, [201, 422])
    assert (alone.status_code, "quarantine" in alone.json()) == (422, True)


@pytest.mark.parametrize(
    ("change", "named"),
    [({"plate": ""}, "plate"), ({"plate": "--"}, "plate"), ({"plate": "A" * 17}, "plate"),
     ({"confidence": 1.1}, "confidence"),
     ({"confidence": "high"}, "confidence"), ({"captured": "noon"}, "captured"), ({"colour": "red"}, "colour")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_its_field(
    house: House, camera: Device, change: dict[str, object], named: str
) -> None:
    answer = house.client.post("/v1/plate-reads", json={"camera": camera.number, **READ, **change})

    assert answer.status_code == 400
    assert named in answer.json()["detail"]
    assert reads(house) == []


def test_a_webhook_comes_as_multipart_with_a_picture_or_urlencoded(house: House, camera: Device, token: str) -> None:
    path = f"{house.url}/v1/plate-reads/plate-recognizer/{token}"
    text = json.dumps(HOOK)

    multipart = httpx.post(path, data={"json": text}, files={"upload": ("a.jpg", b"\xff\xd8\x00" * 9, "image/jpeg")})
    urlencoded = httpx.post(path, data={"json": text})

    [event] = reads(house)
    assert (multipart.status_code, multipart.json()["items"][0]["status"]) == (200, 201)
    assert (urlencoded.status_code, urlencoded.json()["items"][0]["status"]) == (200, 200)
    assert (event["credential"], event["occurred"]) == ("AB12CDE", "2026-05-29T12:00:00.161444Z")
    assert event["data"]["candidates"] == [{"plate": "ab12cde", "confidence": 0.906}, {"plate": "a812cde"}]
    assert (event["data"]["source"], event["data"]["region"]) == ("plate-recognizer", "gb")


def test_the_second_form_of_a_webhook_is_read_and_a_vehicle_without_a_plate_is_left(house: House, token: str) -> None:
    """parkpow/deep-license-plate-recognition, "FORMAT_V2": an object in the place of the plate, or null."""
    ways = [{"value": "ab12cde", "score": 0.906}, {"value": "a812cde", "score": 0.7}]
    plate = {
        "type": "Plate",
        "score": 0.8,
        "box": {},
        "props": {"plate": ways, "region": [{"value": "gb", "score": 1}]},
    }
    vehicle = {"type": "Sedan", "score": 0.9, "box": {}}
    results = [
        {"plate": None, "vehicle": vehicle}, {"plate": "", "score": 0.0}, {"plate": plate, "vehicle": vehicle},
    ]  # fmt: skip
    hook = {**HOOK, "data": {**HOOK["data"], "results": results}}

    answer = httpx.post(f"{house.url}/v1/plate-reads/plate-recognizer/{token}", data={"json": json.dumps(hook)})

    assert (answer.status_code, [one["status"] for one in answer.json()["items"]]) == (200, [201])
    [event] = reads(house)
    assert (event["credential"], event["data"]["confidence"], event["data"]["region"]) == ("AB12CDE", 0.906, "gb")
    assert event["data"]["candidates"][1] == {"plate": "a812cde", "confidence": 0.7}


def test_a_plate_without_a_score_is_refused_by_its_name(house: House, token: str) -> None:
    hook = {"data": {"results": [{"plate": "ab12cde"}]}}

    answer = httpx.post(f"{house.url}/v1/plate-reads/plate-recognizer/{token}", data={"json": json.dumps(hook)})

    assert (answer.status_code, "data.results[0].score" in answer.text) == (400, True)


def test_updates_of_plates_are_reads_of_their_vehicle_and_others_are_left(house: House, token: str) -> None:
    path = f"{house.url}/v1/plate-reads/frigate/{token}"

    answers = [httpx.post(path, json=one) for one in (UPDATE, UPDATE, {"type": "description", "id": "x", "plate": 1})]
    face = httpx.post(path, json={"type": "face", "id": "x", "name": "Ada", "score": 0.9})

    [event] = reads(house)
    assert [one.status_code for one in answers] == [200, 200, 400]
    assert (face.status_code, face.json()) == (200, {"items": []})
    assert event["data"]["vehicle"] == UPDATE["id"]
    assert event["occurred"] == "2026-05-29T12:00:00.748393Z"


@pytest.mark.parametrize("form", ["plate-recognizer", "frigate"])
def test_a_path_takes_the_token_of_a_camera_alone(house: House, form: str) -> None:
    key = house.client.headers["Authorization"].removeprefix("Bearer ")

    answers = [httpx.post(f"{house.url}/v1/plate-reads/{form}/{one}", json=UPDATE) for one in (key, "nonsense")]

    assert [one.status_code for one in answers] == [401, 401]
    assert key not in answers[0].text
    assert reads(house) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"--x", b"--x\r\n\r\nno name\r\n--x--\r\n", b'--x\r\nContent-Disposition: form-data; name="json"\r\n\r\n{"da',
     b'--x\r\nContent-Disposition: form-data; name="json"\r\n\r\n\xff\r\n--x--\r\n'],
)  # fmt: skip
def test_a_broken_form_is_refused(house: House, token: str, body: bytes) -> None:
    path = f"{house.url}/v1/plate-reads/plate-recognizer/{token}"

    answer = httpx.post(path, content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_camera_is_set_up_changed_and_read(house: House, camera: Device) -> None:
    lock = house.device("Gate", kind=DeviceKind.LOCK)
    before = house.client.get("/v1/cameras/cam-1")
    body = {"threshold": 0.9, "level": "look_alike", "locks": [lock.number]}

    changed = house.client.patch("/v1/cameras/cam-1", json=body)
    unlinked = house.client.patch(f"/v1/cameras/{camera.id}", json={"locks": []})

    assert before.status_code == 404
    assert changed.json() | body == changed.json()
    assert unlinked.json() == house.client.get("/v1/cameras/cam-1").json() == changed.json() | {"locks": []}
