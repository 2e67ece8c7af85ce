"""`/v1/webhooks`: made with a secret that is told once, changed under its ETag, rotated, listed, sent again."""

from __future__ import annotations

from tests.houses import House

URL = "https://hooks.example.org/gate"


def test_the_secret_is_told_once_and_another_when_it_is_rotated(house: House) -> None:
    made = house.client.post("/v1/webhooks", json={"name": "desk", "url": URL, "filter": {"kind": "door.forced"}})
    got = house.get("/v1/webhooks/desk")

    rotated = house.client.post("/v1/webhooks/desk/rotate", json={"overlap_s": 60})

    assert (made.status_code, got.status_code, rotated.status_code) == (201, 200, 200)
    assert made.json()["secret"].startswith("whsec_")
    assert "secret" not in got.json()
    assert got.json()["filter"] == {"kind": "door.forced"}
    assert rotated.json()["secret"] != made.json()["secret"]


def test_a_change_needs_the_tag_that_it_has_now(house: House) -> None:
    made = house.client.post("/v1/webhooks", json={"name": "desk", "url": URL})
    tag = {"If-Match": made.headers["ETag"]}

    first = house.client.patch("/v1/webhooks/desk", json={"enabled": False}, headers=tag)
    second = house.client.patch("/v1/webhooks/desk", json={"enabled": True}, headers=tag)

    assert (first.status_code, first.json()["enabled"], second.status_code) == (200, False, 412)


def test_what_cannot_be_read_is_refused_by_name(house: House) -> None:
    for wrong, field in (
        ({"url": "ftp://x"}, "url"),
        ({"format": "fax"}, "format"),
        ({"filter": {"kine": "x"}}, "filter"),
    ):
        answer = house.client.post("/v1/webhooks", json={"name": "desk", "url": URL, **wrong})

        assert answer.status_code == 400
        assert field in answer.text


def test_a_cursor_that_was_kept_starts_again_from_there(house: House) -> None:
    house.client.post("/v1/webhooks", json={"name": "desk", "url": URL})
    cursor = house.get("/v1/webhooks/cursor").json()["cursor"]

    missing = house.client.post("/v1/webhooks/desk/replay", json={"since": cursor})
    failed = house.client.post("/v1/webhooks/desk/replay", json={"failed": True})
    absent = house.client.post("/v1/webhooks/desk/replay", json={"delivery": 999})
    listed = house.get("/v1/webhooks/desk/deliveries", state="failed")

    assert (missing.json(), failed.json()) == ({"count": None}, {"count": 0})
    assert absent.status_code == 404
    assert listed.json() == {"items": [], "next": None}
