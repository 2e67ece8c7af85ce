"""What is refused, in which words; and queries as odd clients write them."""

from __future__ import annotations

import pytest

from gatebook.domain.kinds import Kind
from gatebook.http.dialect import JSON
from tests.dialects.doorflow.asking import EVENTS, ask, codes, key_of
from tests.houses import House


@pytest.mark.parametrize("name", ["n", "page"])
@pytest.mark.parametrize(
    "value", ["0", "-1", "1.5", "abc", "", "+5", "1e3", "0x10", "%31%00", "%EF%BC%91", "5,6", "null"]
)
def test_what_is_no_positive_integer_is_refused_by_name(house: House, name: str, value: str) -> None:
    """DoorFlow openapi.yaml, listEvents, n and page: positive integers; 400."""
    answer = ask(house, f"{EVENTS}?{name}={value}")

    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")
    assert name in answer.json()["error_description"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("since=yesterday", "since"),
        ("since=", "since"),
        ("since=2013-13-01T00:00:00", "since"),
        ("sort=random", "sort"),
        ("level=info", "level"),
        ("channels=a", "channels"),
        ("channels=1,,2", "channels"),
        ("door_controllers=-1", "door_controllers"),
        ("n=5&n=6", "n"),
        ("event_codes=10&event_codes=11", "event_codes"),
        ("first_name=%ff", "first_name"),
        ("first_name=%zz", "first_name"),
        ("first_name=a%00", "first_name"),
    ],
)
def test_a_fault_names_its_parameter(house: House, query: str, named: str) -> None:
    """DoorFlow openapi.yaml, Error: error and error_description."""
    answer = ask(house, f"{EVENTS}?{query}")

    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")
    assert named in answer.json()["error_description"]


@pytest.mark.parametrize(
    ("sent", "told"), [("999", "999"), ("10,999,50", "999, 50"), ("abc", "abc"), ("-1", "-1"), ("10;11", "10;11")]
)
def test_unknown_codes_are_refused_in_the_vendors_sentence(house: House, sent: str, told: str) -> None:
    """DoorFlow openapi.yaml, listEvents, 400: the example."""
    answer = ask(house, EVENTS, event_codes=sent)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": "bad_request",
        "error_description": f"The following event codes are not valid for this method: {told}",
    }


@pytest.mark.parametrize(
    "written",
    [
        "2026-05-29T14:00:00+02:00",
        "2026-05-29T14:00:00%2B02:00",
        "2026-05-29T14%3a00:00%2b0200",
        "2026-05-29%2014:00:00%2002:00",
        "2026-05-29T12:00:00Z",
        "2026-05-29T12:00:00.000Z",
        "%32026-05-29T14:00:00",
    ],
)
def test_a_time_is_read_however_its_url_was_written(house: House, written: str) -> None:
    """DoorFlow "Events", heading List all events: since is ISO 8601; a bare `+` in a URL is a blank."""
    door = house.device()
    house.report(door, occurred="2026-05-29T11:59:59.999Z")
    house.report(door, occurred="2026-05-29T12:00:00Z", method="pin")

    answer = ask(house, f"{EVENTS}?since={written}&channels={door.number}")

    assert [item["event_code"] for item in answer.json()] == [11]


def test_a_name_may_come_with_plus_or_percent(house: House) -> None:
    """DoorFlow openapi.yaml, listEvents, first_name."""
    door = house.device()
    house.report(door, person=house.person("Ann Mary Müller").number)

    for query in ("first_name=Ann+Mary", "first_name=Ann%20Mary", "last_name=M%C3%BCller", "%66irst_name=Ann"):
        assert len(ask(house, f"{EVENTS}?channels={door.number}&{query}").json()) == 1, query


def test_what_is_not_known_is_ignored_and_told(house: House) -> None:
    """DoorFlow openapi.yaml: parameters beyond those listed are passed over."""
    answer = ask(house, f"{EVENTS}?per_page=3&utm=x&&=&n=1")

    assert (answer.status_code, answer.headers["X-Per-Page"]) == (200, "1")
    assert answer.headers["Gatebook-Ignored"].startswith("per_page, utm")


def test_other_paths_and_methods_are_refused_in_the_vendors_shape(house: House) -> None:
    """DoorFlow openapi.yaml, 404; 405 is HTTP's own."""
    absent = [
        ask(house, path) for path in ("/api/3/groups", "/api/3/events/1/2", "/oauth/authorize", "/api/3", "/API/3/x")
    ]
    deleted = house.client.delete(EVENTS, auth=(house.key, "x"))

    assert [answer.status_code for answer in absent] == [404] * 5
    assert [answer.json()["error"] for answer in absent[:4]] == ["not_found"] * 4
    assert (deleted.status_code, deleted.json()["error"]) == (405, "method_not_allowed")
    assert "GET" in deleted.headers["Allow"]


def test_an_answer_is_json_and_the_list_is_bare(house: House) -> None:
    """DoorFlow openapi.yaml, listEvents, 200: an array, never an envelope."""
    key = key_of(house, org=house.neighbour())

    answer = ask(house, EVENTS, key)

    assert (answer.content, answer.headers["content-type"]) == (b"[]", JSON)
    assert answer.headers["Total"] == "0"


def test_the_head_of_a_list_tells_the_total(house: House) -> None:
    """DoorFlow "Pagination": the headers alone."""
    door = house.device()
    house.report(door, Kind.EXIT_REQUESTED.value)

    answer = house.client.head(f"{EVENTS}?channels={door.number}", auth=(house.key, "x"))

    assert (answer.content, answer.headers["X-Total-Results"]) == (b"", "1")
    assert codes(house, channels=door.number) == [30]
