"""Reports in every form: what is stored, what a repeat is, what one item's fault costs its neighbours."""

from __future__ import annotations

import base64
import gzip
import json
from uuid import UUID

import pytest
import zstandard

from gatebook.domain.access import Scope
from tests.houses import NOON, House

NDJSON = "application/x-ndjson"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


def report(device: object = 1, **fields: object) -> dict[str, object]:
    return {"kind": "access.granted", "device": device, "occurred": NOON, **fields}


def test_a_report_is_answered_with_its_place(house: House) -> None:
    device = house.device()

    answer = house.post(report(occurred="2026-05-29T12:00:00.1234567Z"))

    told = answer.json()
    assert answer.status_code == 201
    assert (told["device"], told["version"]) == (str(device.id), 1)
    assert told["occurred"] == "2026-05-29T12:00:00.1234567Z"
    assert answer.headers["location"] == f"/v1/events/{told['id']}"
    assert UUID(told["id"]).version == 7


def test_every_field_comes_back_as_it_was_sent(house: House) -> None:
    site = house.site("North Gate")
    device = house.device("Front door", site=site.number, vendor_ids=("dev-1",))
    person = house.person("Ada")
    text = b'{"b" : 1.50,\n "a":[ 1e2 ], "b":2}'
    body = json.dumps(
        report("dev-1", method="card", person=person.number, credential="0042", tag="T", message="come in")
    )

    told = house.post(body[:-1].encode() + b', "data": ' + text + b"}").json()

    answer = house.get(f"/v1/events/{told['id']}")
    event = answer.json()
    assert text in answer.content
    assert event["device"] == {"id": str(device.id), "number": device.number, "name": "Front door"}
    assert event["site"] == {"id": str(site.id), "number": site.number, "name": "North Gate"}
    assert event["person"] == {"id": str(person.id), "number": person.number, "name": "Ada"}
    named = ("kind", "method", "reason", "credential", "plate", "tag", "message", "occurred", "seq", "listed")
    assert [event[name] for name in named] == [
        "access.granted", "card", None, "0042", None, "T", "come in", NOON, 1, True,
    ]  # fmt: skip


def test_without_a_time_it_happened_when_it_was_received(house: House) -> None:
    house.device()

    told = house.post({"kind": "door.opened", "device": 1}).json()

    assert told["occurred"] == told["received"]


def test_a_time_without_a_zone_is_the_organisations(house: House) -> None:
    house.device()

    told = house.post(report(occurred="2026-05-29T12:00:00")).json()

    assert told["occurred"] == "2026-05-29T10:00:00Z"


@pytest.mark.parametrize("ref", ["1", 1, "dev-1", "the UUID"])
def test_a_device_is_named_in_any_way(house: House, ref: object) -> None:
    device = house.device(vendor_ids=("dev-1",))

    told = house.post(report(str(device.id) if ref == "the UUID" else ref))

    assert told.json()["device"] == str(device.id)


def test_a_repeat_is_answered_with_the_first(house: House) -> None:
    house.device()
    first = house.post(report(key="k"))

    again = house.post(report(key="k"))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert house.state == (1, 0)


def test_a_repeat_without_a_time_is_a_repeat(house: House) -> None:
    house.device()
    first = house.post({"kind": "door.opened", "device": 1}, Idempotency_Key="k")

    again = house.post({"kind": "door.opened", "device": 1}, Idempotency_Key="k")

    assert again.status_code == 200
    assert again.json() == first.json()


def test_the_same_key_for_another_report_is_a_conflict(house: House) -> None:
    house.device()
    house.post(report(key="k"))

    answer = house.post(report(key="k", tag="other"))

    told = answer.json()
    assert (answer.status_code, told["field"], told["remedy"]) == (409, "$.key", "give a new key")
    assert "used before" in told["fault"]
    assert house.state == (1, 0)


def test_each_item_of_a_list_has_its_own_outcome(house: House) -> None:
    house.device()
    house.post(report(key="a"))
    items = [report(), report(key="a"), report(99), report(key="a", tag="other"), report(method="magic"), 7]

    answer = house.post(items)

    told = answer.json()["items"]
    assert answer.status_code == 207
    assert [one["status"] for one in told] == [201, 200, 422, 409, 400, 400]
    fields = [one["problem"]["field"] for one in told[2:]]
    assert fields == ["$[2].device", "$[3].key", "$[4].method", "$[5]"]
    assert house.get(f"/v1/quarantine/{told[2]['problem']['quarantine']}").status_code == 200
    assert house.state == (2, 1)


def test_lines_are_taken_like_a_list(house: House) -> None:
    house.device()
    lines = [json.dumps(report(tag=str(n))) for n in range(3)]

    answer = house.post("\n".join([lines[0], "", "{not json", *lines[1:]]).encode() + b"\n", NDJSON)

    assert [one["status"] for one in answer.json()["items"]] == [201, 400, 201, 201]
    assert answer.json()["items"][1]["problem"]["field"] == "$[1]"
    assert house.state == (3, 0)


def test_an_atomic_list_is_stored_as_a_whole(house: House) -> None:
    house.device()

    answer = house.post([report(), report()], query="?atomic=true")

    assert answer.status_code == 201
    assert [one["version"] for one in answer.json()["items"]] == [1, 2]


@pytest.mark.parametrize(
    ("fault", "status", "field"),
    [
        (report(99), 422, "$[1].device"),
        (report(kind="door.ajar"), 422, "$[1].kind"),
        (report(method="magic"), 400, "$[1].method"),
        (report(occurred="yesterday"), 400, "$[1].occurred"),
        (report(key="a", tag="other"), 409, "$[1].key"),
    ],
)
def test_an_atomic_list_with_one_fault_changes_nothing(
    house: House, fault: dict[str, object], status: int, field: str
) -> None:
    house.device()
    house.post(report(key="a"))

    answer = house.post([report(), fault, report()], query="?atomic=true")

    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert house.state == (1, 0)


def test_the_requests_key_serves_each_item_by_its_index(house: House) -> None:
    house.device()
    first = house.post([report(), report(key="own")], Idempotency_Key="batch")

    again = house.post([report(), report(key="own")], Idempotency_Key="batch")
    single = house.post(report(), Idempotency_Key="batch/0")

    assert [one["status"] for one in first.json()["items"]] == [201, 201]
    assert [one["status"] for one in again.json()["items"]] == [200, 200]
    assert single.status_code == 200
    assert house.state == (2, 0)


# -- CloudEvents -----------------------------------------------------------------------------------------------------


def cloud_event(**attributes: object) -> dict[str, object]:
    known = {"specversion": "1.0", "id": "e1", "source": "dev-1", "type": "access.denied", "time": NOON}
    return {**known, **attributes}


def test_a_structured_cloud_event_is_a_report(house: House) -> None:
    house.device(vendor_ids=("dev-1",))
    person = house.person("Ada")
    attributes = {"subject": str(person.id), "method": "pin", "reason": "wrong_pin", "tag": "T", "message": "no"}

    answer = house.post(cloud_event(**attributes, data={"tries": 3}, traceparent="00-1"), STRUCTURED)

    event = house.get(f"/v1/events/{answer.json()['id']}").json()
    assert answer.status_code == 201
    assert (event["kind"], event["method"], event["reason"]) == ("access.denied", "pin", "wrong_pin")
    assert (event["person"]["name"], event["tag"], event["message"]) == ("Ada", "T", "no")
    assert (event["data"], event["occurred"]) == ({"tries": 3}, NOON)


def test_a_cloud_event_is_known_by_source_and_id(house: House) -> None:
    device = house.device(vendor_ids=("dev-1",))
    batch = [cloud_event(), cloud_event(), cloud_event(id="e2"), cloud_event(tag="other")]

    answer = house.post(batch, BATCH)
    other_source = house.post(cloud_event(source=f"urn:uuid:{device.id}"), STRUCTURED)

    assert [one["status"] for one in answer.json()["items"]] == [201, 200, 201, 409]
    assert other_source.status_code == 201


def test_a_cloud_event_in_binary_mode_is_a_report(house: House) -> None:
    house.device(vendor_ids=("dev-1",))
    attributes = {"specversion": "1.0", "id": "e1", "source": "dev-1", "type": "door.forced", "message": "t%C3%BCr"}

    answer = house.post(b'{"a" :1}', **{f"ce-{name}": value for name, value in attributes.items()})

    told = house.get(f"/v1/events/{answer.json()['id']}")
    assert (told.json()["kind"], told.json()["message"]) == ("door.forced", "tür")
    assert b'{"a" :1}' in told.content


def test_data_in_base64_is_kept_decoded(house: House) -> None:
    house.device(vendor_ids=("dev-1",))

    answer = house.post(cloud_event(data_base64=base64.b64encode(b'{"a":1}').decode()), STRUCTURED)

    assert house.get(f"/v1/events/{answer.json()['id']}").json()["data"] == {"a": 1}


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({"specversion": "0.3"}, "$.specversion"),
        ({"id": ""}, "$.id"),
        ({"data": [1]}, "$.data"),
        ({"data": {}, "data_base64": "e30="}, "$.data_base64"),
        ({"data_base64": "%"}, "$.data_base64"),
        ({"data_base64": base64.b64encode(b'{"a":NaN}').decode()}, "$.data_base64"),
        ({"datacontenttype": "text/xml", "data": "<a/>"}, "$.datacontenttype"),
        ({"dataschema": "urn:uuid:7"}, "$.dataschema"),
        ({"time": "soon"}, "$.time"),
    ],
)
def test_a_cloud_event_at_fault_is_refused_by_its_attribute(
    house: House, attributes: dict[str, object], field: str
) -> None:
    house.device(vendor_ids=("dev-1",))

    answer = house.post(cloud_event(**attributes), STRUCTURED)

    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert house.state == (0, 0)


# -- how bodies travel -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress), ("zstd", zstandard.compress)],
)
def test_a_compressed_body_is_read(house: House, encoding: str, packed: object) -> None:
    house.device()
    assert callable(packed)

    answer = house.post(packed(json.dumps([report()] * 1000).encode()), Content_Encoding=encoding)

    assert {one["status"] for one in answer.json()["items"]} == {201}
    assert house.state == (1000, 0)


def test_who_may_only_read_may_not_report(house: House) -> None:
    house.device()
    headers = house.key_of(Scope.EVENTS_READ)

    answer = house.client.post("/v1/events", json=report(), headers=headers)

    assert answer.status_code == 403
    assert "events:write" in answer.json()["detail"]
    assert house.state == (0, 0)
