"""The audit trail of a lock: its forms, its order, and what is in it."""

from __future__ import annotations

import json

import httpx
import pytest

from gatebook.domain.access import Grant, Scope
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from tests.dialects.doordeck.house import NOON_S, V2, V3, House

DOCUMENTED = {"timestamp", "type", "user", "email", "displayName", "message"}
NEEDED = {"deviceId", "timestamp", "type", "issuer", "rejected"}
OPTIONAL = {"subject", "rejectionReason", "userAgent"}


def test_v2_has_the_fields_of_the_page_and_those_that_the_sdk_needs(house: House) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", example; doordeck-headless-sdk `BasicAuditResponse`."""
    lock, ada = house.device(), house.person("Ada")
    house.report(lock, "access.granted", person=ada.number)

    [row] = house.log(lock)

    assert set(row) == DOCUMENTED | NEEDED | OPTIONAL
    who = {"userId": str(ada.id), "email": None, "displayName": "Ada", "ip": None}
    assert row == {
        "deviceId": str(lock.id), "timestamp": NOON_S, "type": "DOOR_UNLOCK", "user": str(ada.id), "email": None,
        "displayName": "Ada", "message": "Door unlocked", "issuer": who, "subject": None, "rejected": False,
        "rejectionReason": None, "userAgent": None,
    }  # fmt: skip


def test_v1_has_four_fields_and_nine_digits(house: House) -> None:
    """Doordeck "Get Lock Audit Trail (v1)", example: `"timestamp":1473061669.000000000`."""
    lock = house.device()
    house.report(lock, "lock.locked", at="2016-09-05T07:47:49Z")
    house.report(lock, "lock.locked", at="2016-09-05T07:47:49.012345678Z")

    text = house.get(f"/device/{lock.id}/log", "application/json", start=0).text

    row = '{"timestamp":%s,"type":"DOOR_LOCK","user":null,"message":"Door locked"}'
    assert text == f"[{row % '1473061669.012345678'},{row % '1473061669.000000000'}]"


def test_v2_counts_whole_seconds(house: House) -> None:
    """doordeck-headless-sdk reads what stands after the point as nanoseconds: v2 has none."""
    lock = house.device()
    house.report(lock, "lock.locked", at="2026-05-29T12:00:00.999999999Z")

    assert f'"timestamp":{NOON_S},' in house.get(f"/device/{lock.id}/log", start=0).text


def test_the_newest_comes_first_and_ties_by_the_later_report(house: House) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", example: newest first."""
    lock = house.device()
    house.report(lock, "door.opened", at="2026-05-29T12:00:01Z")
    house.report(lock, "door.closed", at="2026-05-29T12:00:02Z")
    house.report(lock, "lock.locked", "lock.unlocked", at="2026-05-29T12:00:00Z")

    types = [row["type"] for row in house.log(lock)]

    assert types == ["DOOR_CLOSE", "DOOR_OPEN", "DOOR_UNLOCK", "DOOR_LOCK"]


def test_an_unlock_by_nobody_has_no_user_and_the_device_as_issuer(house: House) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", example: `user`, `email`, `displayName` are null."""
    lock = house.device()
    house.report(lock, "lock.unlocked")

    [row] = house.log(lock)

    assert (row["user"], row["email"], row["displayName"]) == (None, None, None)
    assert row["issuer"]["userId"] == str(lock.id)


def test_one_admission_is_one_record(house: House) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", example: an unlock with a user is the admission itself."""
    lock, ada = house.device(), house.person()
    house.report(lock, "access.granted", person=ada.number, method="card")

    assert [row["type"] for row in house.log(lock)] == ["DOOR_UNLOCK"]


def test_a_share_was_done_to_its_person(house: House) -> None:
    """doordeck-headless-sdk `BasicAuditResponse`: `subject` of LOCK_SHARED."""
    lock, ada = house.device(), house.person("Ada")
    house.report(lock, "share.granted", person=ada.number)

    [row] = house.log(lock)

    assert (row["subject"]["userId"], row["issuer"]["userId"]) == (str(ada.id), str(lock.id))


def test_what_a_record_says_in_its_data_is_said_again(house: House) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", example: `email`; doordeck-headless-sdk: `issuer`, `userAgent`."""
    lock, ada = house.device(), house.person("Ada")
    agent = {"type": "KMP_SDK_JS_NODE", "version": "0.227.0"}
    boss = {"userId": "u1", "email": "boss@x.org", "displayName": None, "ip": "192.0.2.1"}
    told = {"email": "info@doordeck.com", "issuer": boss, "userAgent": agent}
    house.report(lock, "share.granted", person=ada.number, message="For a week", data=json.dumps(told).encode())

    [row] = house.log(lock)

    assert (row["email"], row["issuer"], row["userAgent"]) == ("info@doordeck.com", boss, agent)
    assert (row["subject"]["userId"], row["message"]) == (str(ada.id), "For a week")


@pytest.mark.parametrize("data", ["[1]", '{"userAgent":{"type":"A_NEW_ONE"}}', '{"issuer":{"email":"x"}}', '"x"', "1"])
def test_data_of_another_form_harm_nothing(house: House, data: str) -> None:
    """doordeck-headless-sdk: an unknown word of `userAgent.type` would break the whole list."""
    lock = house.device()
    house.report(lock, "door.opened", data=data.encode())

    [row] = house.log(lock)

    assert (row["userAgent"], row["issuer"]["userId"]) == (None, str(lock.id))


def test_what_has_no_word_is_left_out_and_counted(house: House) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading Event Types: the call returns an enum."""
    lock = house.device()
    house.report(lock, "access.denied", "door.opened", "door.forced", "door.held")

    answer = house.get(f"/device/{lock.id}/log", start=0)

    assert [row["type"] for row in answer.json()] == ["DOOR_OPEN"]
    assert answer.headers["gatebook-omitted"] == "3"


@pytest.mark.parametrize("kind", [kind for kind in Kind if not kind.is_record])
def test_every_type_is_one_of_the_fifteen(house: House, kind: Kind) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading Event Types."""
    lock = house.device()
    house.report(lock, kind.value)

    answer = house.get(f"/device/{lock.id}/log", start=0)

    spoken = len(answer.json())
    assert spoken + int(answer.headers["gatebook-omitted"]) == 1


@pytest.mark.parametrize(
    ("accept", "media", "v2"),
    [
        (None, "application/json", False),
        ("*/*", "application/json", False),
        ("application/*", "application/json", False),
        ("application/json", "application/json", False),
        (V2, V2, True),
        (V3, V3, True),
        (f"{V2}, application/json", V2, True),
        (f"application/json, {V2}", V2, True),
        (f"application/json, {V2};q=0.9", "application/json", False),
        (f"text/html, {V2};q=0.1", V2, True),
        ("application/json, text/plain, */*", "application/json", False),
    ],
    ids=str,
)
def test_the_version_is_chosen_by_accept(house: House, accept: str | None, media: str, v2: bool) -> None:
    """Doordeck "Versioning"."""
    lock = house.device()
    house.report(lock, "door.opened")
    headers = [(b"Authorization", f"Bearer {house.token}".encode())]
    headers += [] if accept is None else [(b"Accept", accept.encode())]
    path = f"{house.base_url}/device/{lock.id}/log?start=0"

    request = httpx.Request("GET", path, headers=headers)
    answer = house.client.send(request)

    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert ("issuer" in answer.json()[0]) is v2


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0", "nonsense", "image/*"])
def test_a_client_that_takes_no_json_is_told_so(house: House, accept: str) -> None:
    """Doordeck "Errors": 406."""
    answer = house.get(f"/device/{house.device().id}/log", accept)

    assert (answer.status_code, answer.json()["code"]) == (406, 406)


@pytest.mark.parametrize("kind", [DeviceKind.LOCK, DeviceKind.DOOR, DeviceKind.READER])
def test_locks_doors_and_readers_have_a_trail(house: House, kind: DeviceKind) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading HTTP Request: LOCK_ID."""
    assert house.log(house.device(kind)) == []


def test_a_camera_a_hidden_lock_and_none_are_the_same(house: House) -> None:
    """Doordeck "Errors": 404."""
    shown, hidden, camera = house.device(), house.device(), house.device(DeviceKind.CAMERA)
    house.user("narrow@acme.example", grant=Grant(devices=frozenset({shown.number, camera.number})))
    token = house.token_of("narrow@acme.example")

    answers = [house.get(f"/device/{id}/log", token=token) for id in (camera.id, hidden.id, house.admin.id)]

    assert house.log(shown, token=token) == []
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (404, b'{"code":404,"message":"there is no such lock"}')
    }


def test_without_people_read_nobody_is_named(house: House) -> None:
    """Gatebook's own rule: names of people need `people:read` in every dialect."""
    lock, ada = house.device(), house.person("Ada")
    house.report(lock, "access.granted", person=ada.number, data=b'{"email":"ada@x.org"}')
    house.user("events@acme.example", frozenset({Scope.EVENTS_READ}))

    answer = house.get(f"/device/{lock.id}/log", token=house.token_of("events@acme.example"), start=0)

    assert answer.json()[0]["user"] is None
    assert "Ada" not in answer.text
    assert "ada@x.org" not in answer.text
    assert str(ada.id) not in answer.text


def test_the_trail_of_a_user_is_at_all_locks(house: House) -> None:
    """Doordeck "Get user audit trail": `GET /user/{userId}/log`, the same records."""
    one, other, ada, bob = house.device(), house.device(), house.person("Ada"), house.person("Bob")
    house.report(one, "access.granted", "access.denied", person=ada.number)
    house.report(other, "access.granted", person=ada.number, at="2026-05-29T12:00:01Z")
    house.report(other, "access.granted", person=bob.number)

    answer = house.get(f"/user/{ada.id}/log", start=0)

    assert [row["deviceId"] for row in answer.json()] == [str(other.id), str(one.id)]
    assert answer.headers["gatebook-omitted"] == "1"
    assert house.get(f"/user/{house.admin.id}/log").status_code == 404


def test_everybody_may_ask_for_themselves_and_not_for_others(house: House) -> None:
    """Doordeck "Errors": 403."""
    lock, ada, bob = house.device(), house.person("Ada"), house.person("Bob")
    house.report(lock, "access.granted", person=ada.number)
    house.user("ada@acme.example", frozenset({Scope.EVENTS_READ}), person=ada)
    token = house.token_of("ada@acme.example")

    own, others = house.get(f"/user/{ada.id}/log", token=token, start=0), house.get(f"/user/{bob.id}/log", token=token)

    assert [row["user"] for row in own.json()] == [str(ada.id)]
    assert others.status_code == 403


def test_a_long_trail_of_a_user_is_one_search_on_record(house: House) -> None:
    lock, ada = house.device(), house.person("Ada")
    house.report(lock, *["access.granted"] * 1_001, person=ada.number)
    head = house.store.read_now(house.store.history.head, house.org)

    answer = house.get(f"/user/{ada.id}/log", start="0")

    assert len(answer.json()) == 1_001
    assert house.store.read_now(house.store.history.head, house.org) == head + 1
