"""Stored events, listed and by id."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from gatebook.dialects.native import DIALECT as NATIVE
from gatebook.dialects.xprotect import DIALECT
from gatebook.domain.access import Grant
from gatebook.domain.places import DeviceKind
from tests.dialects.xprotect.asking import ask, service_token, user_token
from tests.houses import House, house_in

MOTION = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: what others report would stand in its lists."""
    with house_in(tmp_path_factory.mktemp("house"), NATIVE, DIALECT) as found:
        yield found


@pytest.fixture(scope="module")
def token(house: House) -> str:
    """Of a service: it sees everything."""
    return service_token(house, "lister")


@pytest.fixture(scope="module")
def camera(house: House) -> UUID:
    """A camera with five events, a quarter of a second apart, reported in no order."""
    made = house.device("Main entry", kind=DeviceKind.CAMERA, id=UUID("e028f597-c64b-4f27-bb8d-08f5cd768e1c"))
    for at in (3, 1, 5, 2, 4):
        house.report(made, "motion.started", occurred=f"2023-02-28T18:10:1{at}.4786334Z", tag=f"tag {at}")
    return made.id


def test_an_event_has_the_vendors_members(house: House, token: str, camera: UUID) -> None:
    """Events REST API, "List past stored events": the sample."""
    first = ask(house, "GET", "events?size=1", token).json()["array"][0]

    assert {name: told for name, told in first.items() if name not in ("id", "localId")} == {
        "specversion": "1.0",
        "type": MOTION,
        "source": f"cameras/{camera}",
        "time": "2023-02-28T18:10:11.4786334Z",
        "datatype": "none",
        "tag": "tag 1",
    }
    assert isinstance(first["localId"], int)
    assert str(UUID(first["id"])) == first["id"]


def test_the_list_starts_from_the_oldest_unless_told_otherwise(house: House, token: str, camera: UUID) -> None:
    """Events REST API, "List past stored events": starting from the oldest; orderBy."""
    times = [one["time"] for one in ask(house, "GET", "events", token).json()["array"]]

    assert times == sorted(times)
    assert len(times) == 5
    for text, told in {
        "asc:'time'": times, "desc:'time'": times[::-1], "DESC:time": times[::-1], "desc%3A%27time%27": times[::-1],
    }.items():  # fmt: skip
        answer = ask(house, "GET", f"events?orderBy={text}", token)
        assert [one["time"] for one in answer.json()["array"]] == told, text


def test_links_lead_from_page_to_page_and_end(house: House, token: str, camera: UUID) -> None:
    """Events REST API, "List past stored events": `_links`."""
    where, seen = "/API/rest/v1/events?size=2&time=gt:'2023-01-01T00:00:00Z'", []
    pages = []
    while where:
        answer = ask(house, "GET", where, token).json()
        pages.append(answer["_links"])
        seen += [one["tag"] for one in answer["array"]]
        where = answer["_links"].get("next")

    assert seen == ["tag 1", "tag 2", "tag 3", "tag 4", "tag 5"]
    assert [sorted(links) for links in pages] == [["next"], ["next", "prev"], ["prev"]]
    assert pages[2]["prev"] == "/API/rest/v1/events?size=2&time=gt:'2023-01-01T00:00:00Z'&page=1"


@pytest.mark.parametrize(
    ("query", "named"),
    [("size=2001", "size"), ("size=0", "size"), ("page=-1", "page"), ("page=1e3", "page"), ("page=2147483648", "page"),
     ("orderBy=asc:'tag'", "orderBy"), ("include=everything", "include"), ("page=1&PAGE=2", "page")],
)  # fmt: skip
def test_a_wrong_parameter_is_named(house: House, token: str, query: str, named: str) -> None:
    """ZabbixCustomDashboard: `size` 1 to 2000; Configuration API, schema error400: `property`."""
    answer = ask(house, "GET", f"events?{query}", token)

    assert answer.status_code == 400
    [detail] = answer.json()["error"]["details"]
    assert detail["property"] == named


def test_unknown_parameters_are_ignored_and_listed(house: House, token: str, camera: UUID) -> None:
    """Guesses seen in clients: `fromTime`, `$top`; the header is our own."""
    answer = ask(house, "GET", "events?fromTime=2023&$top=1", token)

    assert len(answer.json()["array"]) == 5
    assert answer.headers["gatebook-ignored"] == "fromTime, %24top"


def test_one_event_is_fetched_by_its_id(house: House, token: str, camera: UUID) -> None:
    """Events REST API, "Retrieves the details of an event given its id"."""
    listed = ask(house, "GET", "events?size=1", token).json()["array"][0]

    assert ask(house, "GET", f"events/{listed['id'].upper()}", token).json() == {"data": listed}
    with_data = ask(house, "GET", f"events/{listed['id']}?include=data", token).json()["data"]
    assert with_data == {**listed, "data": None}


def test_hidden_and_absent_answer_with_the_same_bytes(house: House, token: str, camera: UUID) -> None:
    """Events REST API, "Event source": a user token accesses what the user is authorized for."""
    narrow = user_token(house, "sees nothing", grant=Grant())
    id = ask(house, "GET", "events?size=1", token).json()["array"][0]["id"]

    answers = [ask(house, "GET", f"events/{one}", narrow) for one in (id, uuid4(), "no-guid")]

    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
    assert ask(house, "GET", "events", narrow).json() == {"_links": {}, "array": []}
