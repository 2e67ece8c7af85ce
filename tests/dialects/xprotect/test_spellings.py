"""Bodies and commands as programs spell them: members in any letter case, a byte order mark, an odd Content-Type."""

from __future__ import annotations

import json
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.dialects.xprotect.words.members import names_of, respelled, respelled_above
from gatebook.domain.access import Scope
from gatebook.domain.places import DeviceKind
from tests.dialects.xprotect.asking import READS_AND_WRITES, REST, ask, got, made, service_token
from tests.dialects.xprotect.listening import Client, talking
from tests.houses import House


class Words(msgspec.Struct, rename="camel"):
    """Members to be found again."""

    type: str = ""
    filter_by: str = ""


NAMES = names_of(Words)
SPELLINGS = ("Type", "TYPE", "FilterBy", "filterby", "type", "filterBy", "other", "Other")


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return service_token(house, "speller", READS_AND_WRITES | {Scope.DEVICES_MANAGE, Scope.PEOPLE_READ})


@pytest.fixture(scope="module")
def camera(house: House) -> UUID:
    return house.device("Spelt", kind=DeviceKind.CAMERA).id


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "text/plain", "application/xml", ""])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["bare", "marked"])
def test_a_body_is_read_whatever_it_is_called(house: House, token: str, camera: UUID, media: str, mark: bytes) -> None:
    """mipsdk-samples-protocol, RestfulCommunicationPython: no Content-Type; .NET: members as its properties are."""
    drill = made(house, token, "userDefinedEvents", Name="Spelt out")["id"]
    one = json.dumps({"Type": drill.upper(), "SOURCE": f"cameras/{camera}", "Tag": "a tag"}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": media}

    alone = house.client.post(f"{REST}/events", content=mark + one, headers=headers)
    listed = house.client.post(f"{REST}/events/bulk", content=mark + b"[" + one + b"]", headers=headers)

    assert (alone.status_code, listed.status_code) == (202, 207), alone.text
    for event in (alone.json()["data"], listed.json()["array"][0]["data"]):
        assert (event["type"], event["source"], event["tag"]) == (drill, f"cameras/{camera}", "a tag")


def test_data_come_back_byte_for_byte_beside_members_in_another_spelling(
    house: House, token: str, camera: UUID
) -> None:
    """Forum 12990, vendor's staff: data are serialised from .NET classes, whose members begin with a capital."""
    fall = made(house, token, "analyticsEvents", name="Spelt fall")["id"]
    data = '{ "Description":"é",  "type" : [1.50, "Type"] }'
    body = f'{{"Type":"{fall}","Source":"{camera}","Data":{data}}}'

    told = house.client.post(f"{REST}/events", content=body, headers={"Authorization": f"Bearer {token}"})

    assert told.status_code == 202, told.text
    path = f"events/{told.json()['data']['id']}?include=data"
    assert f'"data":{data}}}}}' in ask(house, "GET", path, token).text


def test_a_session_in_another_spelling_is_the_same_session(house: House, token: str) -> None:
    """Events REST API, EventSessionFilter and EventSessionOrderBy, as .NET serialises them where nobody says how."""
    spelt = {
        "FilterBy": [{"Operator": "Equals", "Target": "Tag", "Value": "nowhere"}],
        "OrderBy": [{"Target": "Time", "Direction": "Desc"}],
    }

    answer = ask(house, "POST", "eventSessions", token, json=spelt)

    assert answer.status_code == 201, answer.text
    assert answer.json()["filterBy"] == [{"operator": "Equals", "target": "Tag", "value": "nowhere"}]
    assert ask(house, "DELETE", f"eventSessions/{answer.json()['id']}", token).status_code == 204


@pytest.mark.parametrize(
    ("body", "named"),
    [({"filterBy": []}, "orderBy"), ({"filterBy": [{"target": "id"}], "orderBy": []}, "filterBy[0].operator"),
     ({"filterBy": {}, "orderBy": []}, "filterBy"), ([], "body")],
)  # fmt: skip
def test_what_is_wrong_is_named_as_it_stands_in_the_body(house: House, token: str, body: object, named: str) -> None:
    """Configuration API 2025 R2, schema error400: `property`."""
    [detail] = ask(house, "POST", "eventSessions", token, json=body).json()["error"]["details"]

    assert detail["property"] == named
    assert detail["errorText"].startswith(f"Bad request: {named}: ")


def test_commands_are_known_in_any_spelling(house: House, token: str) -> None:
    """The JavaScript sample sends `Include` where the Python sample sends `include`."""
    spelt = [{"Modifier": "INCLUDE", "ResourceTypes": ["Cameras"], "SourceIds": ["*"], "EventTypes": ["*"]}]
    device = house.device("Spelt for the socket", kind=DeviceKind.CAMERA)
    with talking(house, token) as client:
        for number, (command, members) in enumerate(
            [("STARTSESSION", {"SessionId": "", "EventId": ""}), ("addsubscription", {"Filters": spelt})]
        ):
            client.socket.send(json.dumps({"Command": command, "CommandId": number, **members}))
            assert client.reply(number)["status"] in (200, 201)

        sent = house.report(device, "motion.started")

        assert heard(client, sent["id"])


def heard(client: Client, id: str) -> bool:
    return any(event["id"] == id for event in client.until(id))


def test_a_parameter_without_a_value_is_one_that_was_left_out(house: House, token: str) -> None:
    """ASP.NET Core reads an empty value of a number as none."""
    plain = got(house, token, "userDefinedEvents")

    assert got(house, token, "userDefinedEvents?page=&size=") == plain
    assert got(house, token, "events?page=&size=&orderBy=&include")["array"] == got(house, token, "events")["array"]
    assert got(house, token, "events?orderBy='time'") == got(house, token, "events?orderBy=asc:'time'")


# -- the members themselves --------------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(SPELLINGS), below, max_size=4),
    max_leaves=12,
)


@given(value=VALUES)
def test_members_that_are_known_are_spelt_as_they_are_known_and_nothing_else_changes(value: object) -> None:
    """System.Text.Json, "case-insensitive property name matching", the default of ASP.NET Core."""
    text = json.dumps(value).encode()

    found = json.loads(respelled(text, NAMES))

    assert found == plainly(value)
    assert respelled(json.dumps(found).encode(), NAMES) == json.dumps(found).encode()


def plainly(value: object) -> object:
    if isinstance(value, list):
        return [plainly(item) for item in value]
    if not isinstance(value, dict):
        return value
    own = {name: plainly(item) for name, item in value.items() if name in NAMES.values()}
    others = {NAMES.get(name.lower(), name): plainly(item) for name, item in value.items()}
    return {**others, **own}


@given(value=st.dictionaries(st.sampled_from(SPELLINGS), VALUES, max_size=4), gap=st.sampled_from(["", " "]))
def test_what_stands_below_the_members_of_one_object_is_left_alone(value: dict[str, object], gap: str) -> None:
    """The same, and our own promise that data come back as they were sent."""
    text = json.dumps(value, separators=("," + gap, ":" + gap)).encode()

    found = msgspec.json.decode(respelled_above(text, NAMES), type=dict[str, msgspec.Raw])

    for name, below in found.items():
        sources = [value[each] for each in value if each == name] or [
            item for each, item in value.items() if NAMES.get(each.lower()) == name
        ]
        assert bytes(below) in {json.dumps(each, separators=("," + gap, ":" + gap)).encode() for each in sources}


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b'{"a":}', b"[" * 100_000])
def test_what_cannot_be_read_is_left_to_whoever_refuses_it(text: bytes) -> None:
    """Our own rule: spelling refuses nothing."""
    assert respelled(text, NAMES) == text
    assert respelled_above(text, NAMES) == text
