"""The page "Get lock event history", fact by fact."""

from __future__ import annotations

import asyncio

import pytest

from gatebook.domain.access import Scope
from gatebook.domain.places import DeviceKind
from gatebook.store import Transaction
from tests.dialects.smartphonekey.house import House


def versions(answer: object) -> list[int]:
    assert isinstance(answer, dict)
    return [row["version"] for row in answer["events"]]


def test_a_page_has_the_fields_of_the_example(house: House) -> None:
    """SmartphoneKey "Get lock event history", example response and heading Responses."""
    lock = house.add_device(123)
    house.report(lock, "door.opened")

    answer = house.get(lock, page="1")

    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert list(body) == ["aggregateId", "totalEvents", "page", "pageSize", "totalPages", "events"]
    assert {**body, "events": []} == {
        "aggregateId": "123", "totalEvents": 1, "page": 1, "pageSize": 10, "totalPages": 1, "events": [],
    }  # fmt: skip


def test_a_row_has_the_fields_of_the_example(house: House) -> None:
    """SmartphoneKey "Get lock event history", example response."""
    lock = house.add_device()
    house.report(lock, "door.opened", at="2026-05-29T14:00:00.9876543+02:00")

    row = house.row(lock)

    org = asyncio.run(house.services.directory.organisation(house.admin))
    assert row == {
        "aggregateType": "LockAggregate",
        "aggregateId": str(lock.number),
        "version": 1,
        "type": "door.opened",
        "timestamp": "2026-05-29T12:00:00.987Z",
        "orgId": str(org.id),
        "event": None,
    }


def test_without_a_page_the_last_one_comes_however_short(house: House) -> None:
    """SmartphoneKey "Get lock event history", heading Query Parameters: "Default: last page"."""
    lock = house.add_device()
    house.report(lock, *["door.opened"] * 23)

    body = house.get(lock).json()

    assert (body["page"], body["totalPages"], body["totalEvents"]) == (3, 3, 23)
    assert versions(body) == [21, 22, 23]


def test_a_full_last_page_is_the_last_page(house: House) -> None:
    """SmartphoneKey "Get lock event history", heading Query Parameters: "Default: last page"."""
    lock = house.add_device()
    house.report(lock, *["door.opened"] * 20)

    body = house.get(lock).json()

    assert (body["page"], body["totalPages"]) == (2, 2)
    assert versions(body) == list(range(11, 21))


def test_pages_count_from_one_and_begin_with_the_oldest(house: House) -> None:
    """SmartphoneKey "Get lock event history", heading Query Parameters: "Page number (1-based)"."""
    lock = house.add_device()
    house.report(lock, *["door.opened"] * 23)

    pages = [versions(house.get(lock, page=page).json()) for page in (1, 2, 3)]

    assert pages == [list(range(1, 11)), list(range(11, 21)), [21, 22, 23]]


def test_a_lock_without_events_has_one_empty_page(house: House) -> None:
    """SmartphoneKey "Get lock event history", heading Responses: every field is required."""
    lock = house.add_device()

    body = house.get(lock).json()

    assert (body["page"], body["totalPages"], body["totalEvents"], body["events"]) == (1, 0, 0, [])


@pytest.mark.parametrize("page", ["3", "004", "900719925474099", "999999999999999"])
def test_a_page_beyond_the_last_is_empty(house: House, page: str) -> None:
    """SmartphoneKey "Get lock event history", heading Query Parameters."""
    lock = house.add_device()
    house.report(lock, *["door.opened"] * 12)

    body = house.get(lock, page=page).json()

    assert (body["page"], body["totalPages"], body["totalEvents"], body["events"]) == (int(page), 2, 12, [])


@pytest.mark.parametrize(
    "page",
    [
        "0",
        "-1",
        "1.5",
        "abc",
        "",
        " 1",
        "1 ",
        "1e3",
        "0x1",
        "\u0661",
        "00",
        "null",
        "example_string",
        "9" * 16,
        "9" * 400,
    ],
    ids=lambda page: repr(page)[:20],
)
def test_a_page_that_is_no_positive_integer_is_refused_by_its_name(house: House, page: str) -> None:
    """SmartphoneKey "Get lock event history", heading Query Parameters; "example_string" is what its curl line has."""
    lock = house.add_device()

    answer = house.get(lock, page=page)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("page: got ")
    assert "positive integer" in answer.json()["message"]


@pytest.mark.parametrize("query", ["page=1&page=1", "page=+1", "page=%zz", "page=%00", "page=%ff"])
def test_a_page_that_cannot_be_read_is_refused_by_its_name(house: House, query: str) -> None:
    """SmartphoneKey "Get lock event history", heading Query Parameters."""
    lock = house.add_device()

    answer = house.client.get(f"/locks/{lock.number}/events?{query}", headers={"X-API-Key": house.key})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("page: ")


def test_order_is_by_version_however_late_an_event_comes(house: House) -> None:
    """SmartphoneKey OpenAPI document, events of an aggregate: an ordered stream."""
    lock = house.add_device()
    house.report(lock, "door.opened", at="2026-05-29T12:00:00Z")
    house.report(lock, "door.closed", at="2020-01-01T00:00:00Z")

    rows = house.get(lock).json()["events"]

    assert [(row["version"], row["timestamp"]) for row in rows] == [
        (1, "2026-05-29T12:00:00.000Z"), (2, "2020-01-01T00:00:00.000Z"),
    ]  # fmt: skip


def test_what_was_removed_is_missing_and_nothing_is_renumbered(house: House) -> None:
    """SmartphoneKey "Get lock event history", example response: `version` and `totalEvents` count the stream."""
    lock = house.add_device()
    house.report(lock, *["door.opened"] * 15)

    def remove(transaction: Transaction) -> None:
        gone = "DELETE FROM events WHERE org = ? AND stream = ? AND version IN (2, 3, 15)"
        transaction.connection.execute(gone, (house.org, lock.stream))

    house.store.write_now(remove)

    first, last = house.get(lock, page=1).json(), house.get(lock).json()
    assert versions(first) == [1, 4, 5, 6, 7, 8, 9, 10]
    assert versions(last) == [11, 12, 13, 14]
    assert (first["totalEvents"], last["totalEvents"], last["page"], last["totalPages"]) == (15, 15, 2, 2)


@pytest.mark.parametrize("kind", [DeviceKind.LOCK, DeviceKind.DOOR, DeviceKind.READER])
def test_locks_doors_and_readers_are_locks(house: House, kind: DeviceKind) -> None:
    """SmartphoneKey "Get lock event history", heading Path Parameters: "Lock ID (numeric)"."""
    device = house.add_device(kind=kind)

    assert house.get(device).status_code == 200


@pytest.mark.parametrize("kind", sorted(set(DeviceKind) - {DeviceKind.LOCK, DeviceKind.DOOR, DeviceKind.READER}))
def test_no_other_device_is_a_lock(house: House, kind: DeviceKind) -> None:
    """SmartphoneKey "Get lock event history", heading Path Parameters: "Lock ID (numeric)"."""
    device = house.add_device(kind=kind)

    answer = house.get(device)

    assert (answer.status_code, answer.content) == (404, house.get(987654).content)


@pytest.mark.parametrize("id", ["0", "-1", "424242", str(2**63 - 1)])
def test_a_lock_that_is_not_there_is_not_found(house: House, id: str) -> None:
    """SmartphoneKey OpenAPI document, GET /locks/{id}/events, 404."""
    assert house.get(id).status_code == 404


@pytest.mark.parametrize("id", ["abc", "1.5", "1e3", "0b4ec1d2-57a1-4a4a-8d5f-3d0c5a3e2f11", str(2**63), "9" * 40])
def test_an_id_that_is_no_number_is_refused_by_its_name(house: House, id: str) -> None:
    """SmartphoneKey "Get lock event history", heading Path Parameters: `id` is an integer."""
    answer = house.get(id)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("id: ")


def test_unknown_parameters_are_ignored_and_listed(house: House) -> None:
    """SmartphoneKey "Get lock event history", heading Query Parameters: `page` is the only one."""
    lock = house.add_device()

    answer = house.get(lock, pageSize=50, page="1", order="desc")

    assert answer.status_code == 200
    assert answer.json()["pageSize"] == 10
    assert answer.headers["gatebook-ignored"] == "pageSize, order"


def test_a_trailing_slash_is_the_same_path(house: House) -> None:
    """SmartphoneKey "Get lock event history", GET /locks/{id}/events."""
    lock = house.add_device()

    answer = house.client.get(f"/locks/{lock.number}/events/", headers={"X-API-Key": house.key})

    assert answer.content == house.get(lock).content


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b"\xff\xfe"])
def test_a_body_or_its_type_on_a_get_does_no_harm(house: House, content: bytes) -> None:
    """SmartphoneKey "Get lock event history", curl line: `Content-Type: application/json` on a GET."""
    lock = house.add_device()
    headers = {"X-API-Key": house.key, "Content-Type": "application/json"}

    answer = house.client.request("GET", f"/locks/{lock.number}/events", headers=headers, content=content)

    assert (answer.status_code, answer.content) == (200, house.get(lock).content)


def test_the_record_of_who_looked_is_in_no_page(house: House) -> None:
    """SmartphoneKey event-schemas.json has no such event; it is Gatebook's own, and not for a vendor's client."""
    lock = house.add_device()
    (accepted,) = house.report(lock, "door.opened")
    looked = "INSERT INTO classes (org, class, kind, listed) VALUES (?, 9999, 'record.searched', 1)"

    def disguise(transaction: Transaction) -> None:
        transaction.connection.execute(looked, (house.org,))
        change = "UPDATE events SET class = 9999 WHERE org = ? AND seq = ?"
        transaction.connection.execute(change, (house.org, accepted.outcome.seq))
        transaction.connection.execute("UPDATE organisations SET revision = revision + 1")

    house.store.write_now(disguise)
    key = house.make_key(scopes=frozenset({Scope.EVENTS_READ, Scope.AUDIT_READ}))

    body = house.get(lock, key).json()

    assert (body["totalEvents"], body["events"]) == (1, [])


def test_people_keys_and_residents_are_shown_to_who_may_read_them(house: House) -> None:
    """SmartphoneKey event-schemas.json, KeyAdded, ResidentAdded; what is personal needs its scope, in every dialect."""
    lock, ada = house.add_device(), house.add_person("Ada Unique")
    house.report(lock, "key.added", person=ada.number, credential="KEY-UNIQUE")
    house.report(lock, "resident.added", person=ada.number, data=b'{"email":"ada@unique.example"}')
    scopes = {Scope.EVENTS_READ, Scope.PEOPLE_READ, Scope.CREDENTIALS_READ}

    plain = house.get(lock, house.make_key())
    knowing = [row["event"] for row in house.get(lock, house.make_key(scopes=frozenset(scopes))).json()["events"]]

    assert [row["event"] for row in plain.json()["events"]] == [None, None]
    assert not any(word in plain.text for word in ("Ada", str(ada.id), "KEY-UNIQUE", "unique.example"))
    assert (knowing[0]["keyUuid"], knowing[0]["userId"]) == ("KEY-UNIQUE", str(ada.id))
    assert (knowing[1]["name"], knowing[1]["email"]) == ("Ada Unique", "ada@unique.example")
