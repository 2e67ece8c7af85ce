"""Who may trigger what, from where."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from gatebook.dialects.xprotect.words.catalogue import BUILT_IN
from gatebook.dialects.xprotect.words.estate import hardware_id
from gatebook.domain.access import Grant, Scope
from gatebook.domain.places import DeviceKind
from tests.dialects.xprotect.asking import READS_AND_WRITES, REST, ask, service_token, user_token
from tests.houses import House

MOTION = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"
MANAGES = READS_AND_WRITES | {Scope.DEVICES_MANAGE}


@pytest.fixture(scope="module")
def token(house: House) -> str:
    """Of a service that may make event types, too."""
    return service_token(house, "trigger", MANAGES)


@pytest.fixture(scope="module")
def drill(house: House, token: str) -> str:
    """The id of a user-defined event."""
    told = ask(house, "POST", "userDefinedEvents", token, {"name": "Fire drill"}).json()
    return str(told["result"]["id"])


@pytest.fixture(scope="module")
def camera(house: House) -> UUID:
    return house.device("Gate", kind=DeviceKind.CAMERA).id


def test_a_body_of_nothing_but_type_is_enough(house: House, token: str, drill: str) -> None:
    """mipsdk-samples-protocol, Events sample: posts `{"type": ...}`, anything but 202 is a failure."""
    answer = ask(house, "POST", "events", token, {"type": drill})

    assert answer.status_code == 202
    told = answer.json()["data"]
    assert (told["type"], told["source"], told["tag"]) == (drill, f"userDefinedEvents/{drill}", None)
    assert ask(house, "GET", f"events/{told['id']}", token).json()["data"] == told


def test_content_type_may_be_missing(house: House, token: str, drill: str) -> None:
    """mipsdk-samples-component, RestfulCommunicationPython: JSON is posted without a Content-Type."""
    answer = house.client.post(
        f"{REST}/events", content=f'{{"type":"{drill}"}}', headers={"Authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 202


@pytest.mark.parametrize("form", ["{id}", "{upper}", "cameras/{id}", "Cameras/{upper}", "hardware/{hardware}"])
def test_a_source_is_named_by_path_or_by_id(house: House, token: str, drill: str, camera: UUID, form: str) -> None:
    """Events REST API, "Create and trigger a new event", source: a REST resource string or a guid."""
    source = form.format(id=camera, upper=str(camera).upper(), hardware=hardware_id(camera))

    answer = ask(house, "POST", "events", token, {"type": drill, "source": source, "datatype": "none", "tag": "a tag"})

    assert answer.status_code == 202, answer.text
    assert (answer.json()["data"]["source"], answer.json()["data"]["tag"]) == (f"cameras/{camera}", "a tag")


@pytest.mark.parametrize(
    ("sent", "told"),
    [("2009-02-15T00:00:00.0000000Z", "2009-02-15T00:00:00.0000000Z"),
     ("2023-02-28T18:10:12.4786334Z", "2023-02-28T18:10:12.4786334Z"),
     ("2023-02-28T19:10:12+01:00", "2023-02-28T18:10:12.0000000Z"),
     ("20230228T181012Z", "2023-02-28T18:10:12.0000000Z"), ("2023-02-28T19:10:12", "2023-02-28T18:10:12.0000000Z")],
)  # fmt: skip
def test_a_time_comes_back_as_it_went_in(house: House, token: str, drill: str, sent: str, told: str) -> None:
    """Events REST API, "Create and trigger a new event", time; its samples, with seven digits."""
    answer = ask(house, "POST", "events", token, {"type": drill, "time": sent})

    assert answer.json()["data"]["time"] == told


def test_a_service_triggers_every_type_and_a_user_external_and_analytics_ones(
    house: House, token: str, drill: str, camera: UUID
) -> None:
    """Events REST API, "Event types": service and user tokens, generatorType and generatorSubtype."""
    user = user_token(house, "guard", MANAGES)
    generic = house.client.post(
        "/v1/event-types", json={"name": "A telegram", "kind": "event.triggered", "generator": "Generic"}
    ).json()["id"]
    for id, one in BUILT_IN.items():
        body = {"type": str(id), "source": f"cameras/{camera}"}
        may = one.generator.type in ("External", "MIPDevice")
        assert ask(house, "POST", "events", token, body).status_code == 202
        assert ask(house, "POST", "events", user, body).status_code == (202 if may else 403), one.display

    assert ask(house, "POST", "events", user, {"type": drill}).status_code == 202
    telegram = {"type": generic, "source": str(camera)}
    assert ask(house, "POST", "events", token, telegram).status_code == 202
    assert ask(house, "POST", "events", user, telegram).status_code == 403


def test_an_unknown_source_and_one_that_may_not_be_seen_answer_alike(
    house: House, token: str, drill: str, camera: UUID
) -> None:
    """Events REST API, "Event source": a user token accesses the sources that the user is authorized for."""
    theirs = house.store.read_now(house.store.directory.device, house.org, UUID(drill))
    assert theirs is not None
    narrow = user_token(house, "narrow", grant=Grant(devices=frozenset({theirs.number})))

    refused = [
        ask(house, "POST", "events", narrow, {"type": drill, "source": source})
        for source in (f"cameras/{camera}", f"cameras/{uuid4()}", str(camera), f"hardware/{hardware_id(camera)}")
    ]

    assert {(one.status_code, one.content) for one in refused} == {(400, refused[0].content)}
    assert refused[0].json()["error"]["details"][0]["property"] == "source"
    assert ask(house, "POST", "events", narrow, {"type": drill}).status_code == 202


@pytest.mark.parametrize(
    ("change", "named"),
    [({"type": "motion"}, "type"), ({"type": str(uuid4())}, "type"), ({"type": {"id": MOTION}}, "type"),
     ({"source": "sites/nowhere"}, "source"), ({"source": None, "type": MOTION}, "source"), ({"time": "noon"}, "time"),
     ({"tag": "x" * 256}, "tag"), ({"datatype": "video"}, "datatype"), ({"data": {}}, "data")],
)  # fmt: skip
def test_a_refusal_names_the_member_and_nothing_is_kept(
    house: House, token: str, drill: str, change: dict[str, object], named: str
) -> None:
    """TCS-NetMon's notes: `source` and `type` as objects; Configuration API, schema error400."""
    before = house.state

    answer = ask(house, "POST", "events", token, {"type": drill, **change})

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["property"] == named
    assert house.state == before


@pytest.mark.parametrize("body", ["", "{", "[", "null", "1", '{"type":1}', '{"data":NaN}'])
def test_what_cannot_be_read_is_a_400(house: House, token: str, body: str) -> None:
    """Configuration API 2025 R2, schema error400."""
    answer = house.client.post(f"{REST}/events", content=body, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 400
    assert answer.json()["error"]["httpCode"] == 400


def test_a_type_with_no_retention_is_accepted_followed_and_not_listed(house: House, token: str) -> None:
    """Events REST API, "List past stored events": retention policy; the quickstarts' note on an empty array."""
    made = house.client.post(
        "/v1/event-types", json={"name": "Ping", "kind": "event.triggered", "retention_days": 0}
    ).json()["id"]
    door = house.device("a door with pings")
    listed = len(ask(house, "GET", "events?size=2000", token).json()["array"])

    told = ask(house, "POST", "events", token, {"type": made, "source": f"hardware/{door.id}"})

    assert told.status_code == 202
    answer = ask(house, "GET", "events?size=2000", token)
    assert len(answer.json()["array"]) == listed
    assert "retention of 0 days" in answer.headers["gatebook-notice"]
    id = told.json()["data"]["id"]
    absent = ask(house, "GET", f"events/{uuid4()}", token)
    hidden = ask(house, "GET", f"events/{id}", token)
    assert (hidden.status_code, hidden.content) == (404, absent.content)
    assert house.get(f"/v1/events/{id}").json()["listed"] is False


def test_rules_spare_what_is_triggered_without_them(house: House, token: str, drill: str) -> None:
    """Events REST API, "Create and trigger a new event", triggerRules: true by default."""
    sent = {
        flag: ask(house, "POST", f"events{flag}", token, {"type": drill}).json()["data"]["localId"]
        for flag in ("", "?triggerRules=true", "?triggerRules=false", "?triggerrules=False", "?triggerRules")
    }
    spared = house.store.write_now(lambda tx: tx.rules.unruled(house.org, min(sent.values()) - 1, max(sent.values())))

    assert spared == {sent["?triggerRules=false"], sent["?triggerrules=False"]}
    assert ask(house, "POST", "events?triggerRules=no", token, {"type": drill}).status_code == 400
