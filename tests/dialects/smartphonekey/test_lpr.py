"""What a camera's matcher decided, page by page."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from uuid import uuid4

import httpx
import pytest

from gatebook.domain.access import EVERYTHING, Grant, Scope
from gatebook.domain.places import Device, DeviceKind
from gatebook.domain.times import parse_instant, rfc3339
from gatebook.services.ingest import Report
from tests.dialects.smartphonekey.house import House

READER = frozenset({Scope.EVENTS_READ, Scope.PLATES_READ})
NOON = parse_instant("2026-05-29T12:00:00.123456Z")
KEYS = {
    "id", "cameraId", "lockId", "plate", "confidence", "matched", "matchedUserId", "actionTaken", "timestamp"
}  # fmt: skip


def decide(house: House, camera: Device, *, at: int = NOON, person: int | None = None, **data: object) -> str:
    told = {"plate": "AB 123", "normalised": "AB123", "confidence": 0.97, "action": "opened", "forgiven": []} | data
    report = Report(
        kind="plate.decided", device=camera.number, occurred=at, person=person, credential=str(told["plate"]),
        data=json.dumps(told).encode(),
    )  # fmt: skip
    [taken] = asyncio.run(house.services.ingest.accept_all(house.admin, [report]))
    return str(taken.outcome.id)


def ask(house: House, camera: Device | str, key: str | None = None, **query: object) -> httpx.Response:
    id = camera.id if isinstance(camera, Device) else camera
    params = {name.rstrip("_"): str(value) for name, value in query.items()}
    return house.client.get(f"/cameras/{id}/lpr-events", params=params, headers={"X-API-Key": key or house.key})


@pytest.fixture
def camera(house: House) -> Device:
    return house.add_device(kind=DeviceKind.CAMERA)


def test_a_row_has_the_vendors_fields(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history", example response and heading Responses."""
    lock, person = house.add_device(), house.add_person("Ann")
    id = decide(house, camera, person=person.number, lock=str(lock.id), matched_plate="AB123")

    answer = ask(house, camera, house.make_key(scopes=READER))

    assert answer.json() == {
        "cameraId": str(camera.id),
        "events": [
            {
                "id": id, "cameraId": str(camera.id), "lockId": str(lock.number), "plate": "AB 123",
                "confidence": 0.97, "matched": True, "matchedUserId": str(person.id), "actionTaken": "LOCK_OPENED",
                "timestamp": "2026-05-29T12:00:00.123Z",
            }
        ],
        "page": 1, "pageSize": 20, "total": 1, "hasMore": False,
    }  # fmt: skip


def test_a_read_that_matched_nobody_has_nulls(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history", heading Responses: lockId and matchedUserId are nullable."""
    decide(house, camera, action="no_match", plate="zz9")

    [row] = ask(house, camera).json()["events"]

    assert set(row) == KEYS
    assert (row["lockId"], row["matchedUserId"], row["matched"], row["plate"]) == (None, None, False, "ZZ9")


@pytest.mark.parametrize(
    ("action", "word"),
    [
        ("opened", "LOCK_OPENED"),
        ("no_match", "NO_MATCH"),
        ("low_confidence", "LOW_CONFIDENCE"),
        ("ambiguous", "AMBIGUOUS"),
        ("no_linked_lock", "NO_LINKED_LOCK"),
        ("not_authorised", "NOT_AUTHORISED"),
        ("repeat_read", "REPEAT_READ"),
        ("open_failed", "LOCK_OPEN_FAILED"),
    ],
)
def test_each_decision_has_its_word(house: House, camera: Device, action: str, word: str) -> None:
    """SmartphoneKey "Get LPR event history", heading Responses: "Action taken by the LPR matcher"."""
    decide(house, camera, action=action)

    assert [row["actionTaken"] for row in ask(house, camera).json()["events"]] == [word]


def test_only_decisions_of_this_camera_are_listed(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history": "audit history for a camera"."""
    other = house.add_device(kind=DeviceKind.CAMERA)
    decide(house, other)
    house.report(camera, "plate.read", "motion.started")

    assert ask(house, camera).json() | {"cameraId": ""} == {
        "cameraId": "", "events": [], "page": 1, "pageSize": 20, "total": 0, "hasMore": False
    }  # fmt: skip


def test_the_newest_comes_first_and_bounds_are_inclusive(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history", heading Query Parameters: "Inclusive ISO-8601 start timestamp"."""
    ids = [decide(house, camera, at=NOON + offset) for offset in (0, 400_000_000, -800_000_000, 1_000_000_000)]

    rows = ask(house, camera).json()["events"]

    assert [row["id"] for row in rows] == [ids[3], ids[1], ids[0], ids[2]]
    for row in rows:
        at = row["timestamp"]
        assert [one["id"] for one in ask(house, camera, from_=at, to=at).json()["events"]] == [row["id"]]
    assert ask(house, camera, to="2026-05-29T12:00:00Z").json()["total"] == 3
    assert ask(house, camera, from_="2026-05-29T12:00:00Z", to="2026-05-29T12:00:00Z").json()["total"] == 2
    assert ask(house, camera, from_="2026-05-29", to="2026-05-29").json()["total"] == 4


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("page=0", "page"), ("page=-1", "page"), ("page=1.5", "page"), ("page=", "page"), ("page=x", "page"),
        ("page=1&page=2", "page"), ("page=%C2%B2", "page"), ("page=1e3", "page"), ("page=9999999999999999", "page"),
        ("pageSize=0", "pageSize"), ("pageSize=101", "pageSize"), ("pageSize=ten", "pageSize"),
        ("pageSize=20&pageSize=20", "pageSize"), ("from=yesterday", "from"), ("to=2026-13-01", "to"), ("to=", "to"),
        ("from=2026-05-30&to=2026-05-29", "from"), ("from=2026-05-29T12:00:01Z&to=2026-05-29T12:00:00.999Z", "from"),
        ("from=%zz", "from"), ("from=%ff", "from"), ("from=2026-05-29%00", "from"), ("to=3026-01-01", "to"),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_read_is_named(house: House, camera: Device, query: str, name: str) -> None:
    """SmartphoneKey "Get LPR event history", heading Query Parameters; errors of queries: `success`, `errors`."""
    answer = house.client.get(f"/cameras/{camera.id}/lpr-events?{query}", headers={"X-API-Key": house.key})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(name)
    assert answer.json()["errors"] == [{"code": 400, "message": answer.json()["message"]}]


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-05-29T14:00:00+02:00&to=2026-05-29T14:00:00+02:00", "from=2026-05-29T14:00:00%2B02:00",
        "from=2026-05-29%2012:00:00Z", "from=2026-05-29T12%3A00%3A00Z", "%66rom=2026-05-29T12:00:00Z",
        "from=20260529T120000Z", "&&page=1&", "page=001&pageSize=020", "unknown=%27;--", "from=2026-05-29T14:00:00",
    ],
)  # fmt: skip
def test_a_raw_url_is_read_as_it_was_meant(house: House, camera: Device, query: str) -> None:
    """SmartphoneKey "Get LPR event history", heading Query Parameters; a `+` that a URL swallowed is a `+`."""
    decide(house, camera)

    answer = house.client.get(f"/cameras/{camera.id}/lpr-events?{query}", headers={"X-API-Key": house.key})

    assert (answer.status_code, answer.json()["total"]) == (200, 1)


def test_an_unknown_parameter_is_ignored_and_listed(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history", heading Query Parameters."""
    answer = ask(house, camera, plate="AB123")

    assert (answer.status_code, answer.headers["Gatebook-Ignored"]) == (200, "plate")


def test_both_scopes_are_needed(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history", heading Authentication; 403 is its OpenAPI document's."""
    for scope in READER:
        assert ask(house, camera, house.make_key(scopes=frozenset({scope}))).status_code == 403
    assert house.client.get(f"/cameras/{camera.id}/lpr-events").status_code == 401


def test_a_hidden_camera_is_an_absent_camera(house: House, camera: Device) -> None:
    """SmartphoneKey OpenAPI document, GET /cameras/{id}/lpr-events, 404: hidden and absent with the same bytes."""
    lock = house.add_device()
    key = house.make_key(scopes=READER, grant=Grant(devices=frozenset({lock.number})))

    absent = ask(house, str(uuid4()), key)

    assert absent.status_code == 404
    assert {ask(house, one, key).content for one in (camera, lock)} == {absent.content}


def test_a_hidden_lock_is_not_named(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history", heading Responses: "Linked lock id, when known"."""
    lock = house.add_device()
    decide(house, camera, lock=lock.number)
    key = house.make_key(scopes=READER, grant=Grant(devices=frozenset({camera.number})))

    assert [ask(house, camera, one).json()["events"][0]["lockId"] for one in (None, key)] == [str(lock.number), None]


def test_a_token_and_a_key_together_have_what_both_have(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history", heading Authentication: Bearer and X-API-Key."""
    asyncio.run(house.services.tokens.signing.ensure())
    token, _ = asyncio.run(house.services.tokens.issue(house.admin, "smartphonekey"))
    other = house.add_device()
    keys = {
        200: house.make_key(scopes=READER, grant=EVERYTHING),
        403: house.make_key(),
        404: house.make_key(scopes=READER, grant=Grant(devices=frozenset({other.number}))),
    }
    url = f"/cameras/{camera.id}/lpr-events"

    for status, key in keys.items():
        both = house.client.get(url, headers={"Authorization": f"Bearer {token}", "X-API-Key": key})
        assert both.status_code == status
    assert house.client.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_an_erased_row_tells_nobody(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history", heading Responses: all fields are required."""
    person = house.add_person("Gone")
    decide(house, camera, person=person.number)
    assert asyncio.run(house.services.erasing.erase_person(house.admin, person.number)) == 1

    [row] = ask(house, camera).json()["events"]

    assert set(row) == KEYS
    assert (row["plate"], row["matchedUserId"], row["confidence"], row["matched"]) == ("", None, 0, False)
    assert row["actionTaken"] == "ERASED"


def test_pages_are_those_of_the_oracle_while_more_come_in(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history": page, pageSize, total, hasMore, newest first."""
    draw = random.Random(7)
    known: list[tuple[int, str]] = []

    def come_in(reports: int) -> None:
        for _ in range(reports):
            at = parse_instant(rfc3339(NOON + draw.randrange(3_600) * 1_000_000_000, 3))
            known.append((at, decide(house, camera, at=at)))

    come_in(60)
    for size in (1, 7, 20, 100):
        come_in(5)
        placed = sorted(((at, n, id) for n, (at, id) in enumerate(known)), reverse=True)
        oracle = [id for _, _, id in placed]
        for page in range(1, len(known) // size + 3):
            told = ask(house, camera, page=page, pageSize=size).json()
            wanted = oracle[size * (page - 1) : size * page]
            assert [row["id"] for row in told["events"]] == wanted
            assert (told["page"], told["pageSize"], told["total"]) == (page, size, len(known))
            assert told["hasMore"] is (size * page < len(known))


def test_a_walk_up_to_a_time_stands_still_while_newer_decisions_come_in(house: House, camera: Device) -> None:
    """SmartphoneKey "Get LPR event history": page, with "Inclusive ISO-8601 end timestamp"."""
    ids = [decide(house, camera, at=NOON + offset) for offset in range(0, 90_000_000, 1_000_000)]
    stop = threading.Event()

    def arrive() -> None:
        while not stop.is_set():
            decide(house, camera, at=NOON + 3_600_000_000_000)

    poster = threading.Thread(target=arrive)
    poster.start()
    try:
        for _ in range(3):
            walked: list[str] = []
            more = True
            while more:
                page = len(walked) // 9 + 1
                told = ask(house, camera, to="2026-05-29T12:30:00Z", page=page, pageSize=9).json()
                walked += [row["id"] for row in told["events"]]
                assert told["total"] == len(ids)
                more = told["hasMore"]
            assert walked == ids[::-1]
    finally:
        stop.set()
        poster.join()
    assert ask(house, camera).json()["total"] > len(ids)
