"""History: who sees which events, and which parts of them."""

from __future__ import annotations

import pytest

from gatebook.domain.access import Grant, Scope
from tests.dialects.native.histories import everything
from tests.houses import House


def test_a_grant_hides_events_totals_and_the_order_of_the_log(full: House) -> None:
    narrow = full.key_of(Scope.EVENTS_READ, grant=Grant(devices=frozenset({3})))
    expected = [item["id"] for item in everything(full, device="3")]

    page = full.history(narrow, limit=1000)

    assert [item["id"] for item in page["items"]] == expected
    assert page["total"] == {"n": len(expected), "exact": True}
    assert all("seq" not in item and "cause" not in item for item in page["items"])
    assert full.get(seq="gt:1", headers=narrow).status_code == 403


def test_hidden_and_absent_are_the_same_bytes(full: House) -> None:
    narrow = full.key_of(Scope.EVENTS_READ, grant=Grant(devices=frozenset({3})))
    hidden = everything(full, device="1")[0]["id"]

    answers = [
        full.get(f"/v1/events/{id_}", headers=narrow) for id_ in (hidden, "01a1fd8b-e3e3-7647-8031-74318eb2d7ba")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_a_neighbour_sees_nothing(full: House) -> None:
    neighbour = full.key_of(Scope.ADMIN, org=full.neighbour())
    known = everything(full)[0]["id"]

    assert full.history(neighbour)["total"]["n"] == 0
    assert full.get(f"/v1/events/{known}", headers=neighbour).status_code == 404
    assert full.get("/v1/devices", headers=neighbour).json()["items"] == []


PERSONAL = [
    {"kind": "access.granted", "device": 1, "person": 1, "credential": "0042", "data": {"x": 1}},
    {"kind": "plate.read", "device": 1, "credential": "B123 XY", "data": {"x": 1}},
    {"kind": "access.granted", "device": 1, "method": "plate", "credential": "B123 XY", "data": {"x": 1}},
    {"kind": "analytics.detected", "device": 1, "data": {"x": 1}},
]


@pytest.mark.parametrize(
    ("scopes", "credentials", "plates", "persons", "data"),
    [
        ((), [None] * 4, [None] * 4, [False] * 4, [True, False, False, False]),
        ((Scope.CREDENTIALS_READ,), ["0042", None, None, None], [None] * 4, [False] * 4, [True, False, False, False]),
        (
            (Scope.PLATES_READ,),
            [None, "B123 XY", "B123 XY", None],
            [None, "B123 XY", "B123 XY", None],
            [False] * 4,
            [True, True, True, False],
        ),
        ((Scope.PEOPLE_READ,), [None] * 4, [None] * 4, [True, False, False, False], [True, False, False, True]),
        (
            (Scope.ADMIN,),
            ["0042", "B123 XY", "B123 XY", None],
            [None, "B123 XY", "B123 XY", None],
            [True, False, False, False],
            [True] * 4,
        ),
    ],
)
def test_personal_parts_are_null_without_their_scope(
    house: House,
    scopes: tuple[Scope, ...],
    credentials: list[str | None],
    plates: list[str | None],
    persons: list[bool],
    data: list[bool],
) -> None:
    house.device()
    house.person()
    for one in PERSONAL:
        house.report(occurred=None, **one)  # type: ignore[arg-type]
    headers = house.key_of(Scope.EVENTS_READ, *scopes)

    found = house.history(headers, order="asc")["items"]

    assert [item["credential"] for item in found] == credentials
    assert [item["plate"] for item in found] == plates
    assert [item["person"] is not None for item in found] == persons
    assert [item["data"] is not None for item in found] == data
    seen = [item["id"] for item, visible in zip(found, data, strict=True) if visible]
    unseen = [item["id"] for item, visible in zip(found, data, strict=True) if not visible]
    assert house.ids(headers, order="asc", **{"data.x": "1"}) == seen
    assert house.ids(headers, order="asc", **{"data.x": "null"}) == unseen
    assert house.ids(headers, order="asc", **{"data.x": "notEquals:1"}) == unseen


@pytest.mark.parametrize(
    ("query", "scope"),
    [
        ({"credential": "0042"}, "credentials:read"),
        ({"plate": "B?2*"}, "plates:read"),
        ({"person": "1"}, "people:read"),
        ({"person_name": "Ada"}, "people:read"),
    ],
)
def test_a_filter_on_what_is_hidden_names_the_scope_it_needs(full: House, query: dict[str, object], scope: str) -> None:
    for path in ("/v1/events", "/v1/events/counts", "/v1/events/stream"):
        answer = full.get(path, full.key_of(Scope.EVENTS_READ), **query)

        assert answer.status_code == 403
        assert scope in answer.json()["detail"]


def test_a_credential_does_not_tell_a_hidden_plate(house: House) -> None:
    house.device()
    house.person()
    for one in PERSONAL:
        house.report(occurred=None, **one)  # type: ignore[arg-type]
    headers = house.key_of(Scope.EVENTS_READ, Scope.CREDENTIALS_READ)

    assert house.ids(headers, credential="B123 XY") == []
    assert len(house.ids(headers, credential="0042")) == 1
    assert len(house.ids(headers, credential="null")) == 3
    assert len(house.ids(plate="b?23*")) == 2
