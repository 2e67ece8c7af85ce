"""Accounts and the directory over the wire: lists, ETags, changes and removals are the same for every kind."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gatebook.domain.access import Grant, Scope
from tests.houses import House

ADMIN = [Scope.ADMIN.value]
READS = [Scope.EVENTS_READ.value]
KINDS: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "sites": ({"name": "North"}, {"name": "South"}),
    "devices": ({"name": "Front", "kind": "door"}, {"name": "Back", "vendor_ids": ["a", "b"]}),
    "people": ({"name": "Ada"}, {"name": "Ada L"}),
    "credentials": ({"person": 1, "method": "card", "value": "0042"}, {"label": "spare"}),
    "users": ({"login": "ada", "name": "Ada", "scopes": READS}, {"disabled": True}),
    "services": ({"name": "Exporter", "scopes": READS}, {"purpose": "billing"}),
    "keys": ({"name": "Tablet", "scopes": READS}, {"expires": "2030-01-01T00:00:00Z"}),
    "device-tokens": ({"name": "Front", "device": 1}, {"revoked": True}),
    "event-types": ({"name": "Fire drill"}, {"retention_days": 0}),
}
"""What is enough to make one, and a change of it."""
KEPT = ("devices", "people", "event-types")
"""What history names: it can still be had when it is removed, and is marked."""


@pytest.fixture
def full(house: House) -> House:
    """Each kind can be made: there is a device 1 and a person 1."""
    house.device("first")
    house.person("Bob")
    return house


def make(house: House, kind: str, **fields: object) -> httpx.Response:
    answer = house.client.post(f"/v1/{kind}", json={**KINDS[kind][0], **fields})
    assert answer.status_code == 201, answer.text
    return answer


def unsecret(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "secret"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_can_be_had_changed_and_removed(full: House, kind: str) -> None:
    made = make(full, kind)
    where = made.headers["location"]
    got = full.client.get(where)
    changed = full.client.patch(where, json=KINDS[kind][1], headers={"If-Match": got.headers["etag"]})
    removed = full.client.delete(where, headers={"If-Match": changed.headers["etag"]})
    after = full.client.get(where)

    assert where == f"/v1/{kind}/{made.json()['id']}"
    assert (got.status_code, got.json(), got.headers["etag"]) == (200, unsecret(made), 'W/"1"')
    assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2"')
    for name, value in KINDS[kind][1].items():
        assert changed.json()[name] == value or changed.json()[name] not in (None, got.json()[name])
    assert (removed.status_code, removed.content) == (204, b"")
    assert (after.status_code, after.json().get("removed")) == ((200, True) if kind in KEPT else (404, None))
    assert made.json()["id"] not in [row["id"] for row in full.get(f"/v1/{kind}", limit=1000).json()["items"]]
    assert full.client.delete(where).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_an_etag_that_is_no_longer_current_changes_nothing(full: House, kind: str) -> None:
    where = make(full, kind).headers["location"]
    before = full.client.get(where)

    for match in ('W/"7"', '"2"', "nonsense"):
        answers = [
            full.client.patch(where, json=KINDS[kind][1], headers={"If-Match": match}),
            full.client.delete(where, headers={"If-Match": match}),
        ]
        assert [answer.status_code for answer in answers] == [412, 412]

    assert full.client.get(where).json() == before.json()
    assert full.client.patch(where, json=KINDS[kind][1], headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_is_walked_by_its_cursor(full: House, kind: str) -> None:
    unique: dict[str, Any] = {"credentials": "value", "users": "login"}
    for n in range(5):
        make(full, kind, **({unique[kind]: f"n{n}"} if kind in unique else {}))
    whole = full.get(f"/v1/{kind}", limit=1000).json()

    walked, answer = [], full.get(f"/v1/{kind}", limit=2)
    while True:
        walked += answer.json()["items"]
        if answer.json()["next"] is None:
            break
        assert f"cursor={answer.json()['next']}" in answer.headers["link"]
        answer = full.client.get(answer.headers["link"].split(">")[0][1:])

    assert whole["next"] is None
    assert [row["id"] for row in walked] == [row["id"] for row in whole["items"]]
    assert len(walked) >= 5


def test_a_cursor_serves_its_own_list_and_reader_alone(full: House) -> None:
    for n in range(3):
        make(full, "sites", name=f"n{n}")
    cursor = full.get("/v1/sites", limit=1).json()["next"]
    other = full.key_of(Scope.EVENTS_READ)

    refused = [
        full.get("/v1/people", cursor=cursor),
        full.get("/v1/sites", other, cursor=cursor),
        full.get("/v1/sites", cursor="1"),
    ]

    assert [(answer.status_code, answer.json()["field"]) for answer in refused] == [(400, "cursor")] * 3


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_made_changed_or_removed_without_the_right(full: House, kind: str) -> None:
    where = make(full, kind).headers["location"]
    managing = {Scope.ADMIN, Scope.DEVICES_MANAGE, Scope.PEOPLE_MANAGE}
    reader = full.key_of(*(scope for scope in Scope if scope not in managing))
    state = full.state

    answers = [
        full.client.post(f"/v1/{kind}", json=KINDS[kind][0], headers=reader),
        full.client.patch(where, json=KINDS[kind][1], headers=reader),
        full.client.delete(where, headers=reader),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert full.state == state


@pytest.mark.parametrize("kind", KINDS)
def test_another_organisations_things_are_not_there(full: House, kind: str) -> None:
    where = make(full, kind).headers["location"]
    stranger = full.key_of(Scope.ADMIN, org=full.neighbour())

    absent = full.client.get(f"/v1/{kind}/{uuid4()}", headers=stranger)
    answers = [
        full.client.get(where, headers=stranger),
        full.client.patch(where, json=KINDS[kind][1], headers=stranger),
        full.client.delete(where, headers=stranger),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert answers[0].json()["detail"] == absent.json()["detail"]


def test_every_change_is_on_record_with_who_and_whence(full: House) -> None:
    made = make(full, "users", password="correct horse battery")
    full.client.patch(made.headers["location"], json={"name": "Ada L"}, headers={"User-Agent": "a test"})

    rows = full.history(kind="equals:record.changed", limit=2)["items"]

    assert rows[0]["data"]["subject"] == f"user/{made.json()['id']}"
    assert rows[0]["data"]["agent"] == "a test"
    assert rows[0]["data"]["route"] == "PATCH /v1/users/{ref}"
    assert rows[0]["data"]["details"] == {"act": "changed", "name": "Ada L", "name.before": "Ada"}
    assert "correct horse" not in str(rows)


def test_a_key_made_over_the_wire_works_until_it_is_revoked(full: House) -> None:
    made = make(full, "keys", grant={"devices": [1]})
    header = {"Authorization": f"Bearer {made.json()['secret']}"}
    who = full.client.get("/v1/me", headers=header)
    before = full.client.get("/v1/devices", headers=header)

    full.client.patch(made.headers["location"], json={"revoked": True})

    assert who.json()["grant"] == {"everything": False, "sites": [], "devices": [1]}
    assert (who.json()["kind"], who.json()["scopes"]) == ("key", READS)
    assert [row["number"] for row in before.json()["items"]] == [1]
    assert full.client.get("/v1/devices", headers=header).status_code == 401
    assert "secret" not in full.client.get(made.headers["location"]).json()


def test_a_password_is_reset_and_a_secret_renewed_over_the_wire(full: House) -> None:
    user, service = make(full, "users"), make(full, "services", client_id="exporter")

    reset = full.client.post(f"{user.headers['location']}/password", json={})
    renewed = full.client.post("/v1/services/exporter/secret")

    assert (reset.status_code, reset.json()["must_change"], reset.json()["has_password"]) == (200, True, True)
    assert asyncio.run(full.services.access.sign_in("ada", reset.json()["secret"])).must_change_password
    assert renewed.json()["secret"] != service.json()["secret"]
    assert renewed.headers["etag"] == 'W/"2"'


def test_only_a_user_has_a_password_to_change(full: House) -> None:
    answer = full.client.post("/v1/me/password", json={"old": "x", "new": "long enough now"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("POST", "users", {"login": "a b", "name": "x", "scopes": READS}, 400, "login"),
        ("POST", "users", {"login": "a", "name": "x", "scopes": ["all"]}, 400, "$.scopes[0]"),
        ("POST", "users", {"login": "a", "name": "x", "scopes": READS, "password": "short"}, 400, "$.password"),
        ("POST", "keys", {"name": "x", "scopes": READS, "expires": "soon"}, 400, "expires"),
        ("POST", "keys", {"name": "x", "scopes": READS, "grant": {"sites": ["Mars"]}}, 422, "grant.sites"),
        ("POST", "credentials", {"person": 9, "method": "card", "value": "1"}, 422, "person"),
        ("POST", "credentials", {"person": 1, "method": "plate", "value": "B" * 17}, 400, "value"),
        ("POST", "event-types", {"name": "x", "kind": "record.changed"}, 400, "kind"),
        ("POST", "organisations", {"name": "x", "zone": "Mars/Base"}, 400, "zone"),
        ("PATCH", "devices/1", {"site": "nowhere"}, 422, "site"),
        ("PATCH", "devices/1", {"removed": True}, 400, "$.removed"),
        ("PATCH", "people/1", {"name": None}, 400, "$.name"),
        ("DELETE", "keys/{own}", None, 409, None),
    ],
)
def test_what_cannot_be_is_refused_by_field(
    full: House, method: str, path: str, body: dict[str, object] | None, status: int, field: str | None
) -> None:
    path = path.replace("{own}", str(full.admin.id))
    state = full.state

    answer = full.client.request(method, f"/v1/{path}", json=body)

    assert (answer.status_code, answer.json().get("field")) == (status, field)
    assert full.state == state


def test_a_parent_reads_its_childs_directory_and_changes_nothing_there(full: House) -> None:
    made = full.client.post("/v1/organisations", json={"name": "Child", "zone": "UTC"})
    child = {"Authorization": f"Bearer {made.json()['secret']}"}
    sites = [full.client.post("/v1/sites", json={"name": name}, headers=child).json() for name in ("A", "B", "C")]
    narrow = full.key_of(Scope.ADMIN, grant=Grant(devices=frozenset({1})))

    first = full.get("/v1/sites", organisation=made.json()["number"], limit=2)
    second = full.client.get(first.headers["link"].split(">")[0][1:])
    one = full.get(f"/v1/sites/{sites[0]['id']}", organisation=made.json()["id"])

    assert first.json()["items"] + second.json()["items"] == sites
    assert one.json() == sites[0]
    assert full.get("/v1/sites").json()["items"] == []
    hidden = full.get("/v1/sites", narrow, organisation=made.json()["number"])
    absent = full.get("/v1/sites", organisation=99)
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.json()["detail"] == absent.json()["detail"]
    assert full.get("/v1/users", organisation=made.json()["number"]).status_code == 403
    assert full.client.post("/v1/sites?organisation=2", json={"name": "D"}).status_code == 400
