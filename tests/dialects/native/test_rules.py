"""Rules over `/v1`: made, changed, followed, tried on history; with ETags, and with their author's rights."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from gatebook.domain.access import Grant, Scope
from tests.houses import House

MANAGES = (Scope.ALARMS_MANAGE, Scope.EVENTS_READ)
FORCED = {"name": "Forced doors", "when": {"kind": "door.forced"}, "actions": [{"event": {"tag": "forced"}}]}


def made(house: House, headers: dict[str, str] | None = None, **fields: object) -> dict[str, Any]:
    answer = house.client.post("/v1/rules", json={**FORCED, **fields}, headers=headers)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def eventually(look: Callable[[], Any], wanted: Callable[[Any], bool] = bool) -> Any:
    until = time.monotonic() + 10
    while not wanted(found := look()):
        assert time.monotonic() < until, found
        time.sleep(0.02)
    return found


def derived(house: House) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = house.history(kind="event.triggered", order="asc")["items"]
    return items


def log_of(house: House, rule: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = house.get(f"/v1/rules/{rule['id']}/log").json()
    return told


def test_a_rule_derives_an_event_that_names_its_cause(house: House) -> None:
    door = house.device()
    house.report(door, "door.forced")
    rule = made(house)

    cause = house.report(door, "door.forced")
    [event] = eventually(lambda: derived(house))

    assert (event["tag"], event["device"]["id"]) == ("forced", str(door.id))
    assert event["data"] == {"rule": rule["id"], "revision": 1, "name": "Forced doors", "cause": cause["id"],
                             "group": ""}  # fmt: skip
    [fired] = log_of(house, rule)["fired"]
    assert (fired["cause"], fired["done"]) == (cause["id"], ["event derived"])


def test_a_count_in_a_group_raises_one_alarm(house: House) -> None:
    doors = [house.device(f"door {n}") for n in range(2)]
    made(house, when={"kind": "access.denied"}, by="device", count={"times": 3, "within_s": 60},
         actions=[{"alarm": {"priority": "high", "category": "denied"}}])  # fmt: skip

    for second in (0, 20, 40):
        house.report(doors[0], "access.denied", occurred=None)
        if second:
            house.report(doors[1], "access.denied", occurred=None)
    alarms = eventually(lambda: house.get("/v1/alarms").json()["items"])

    assert [(one["name"], one["priority"], one["count"]) for one in alarms] == [("Forced doors", "high", 1)]


def test_an_absence_is_told_by_the_clock_alone(house: House) -> None:
    door = house.device()
    made(house, when={"kind": "door.opened"}, absence={"of": {"kind": "door.closed"}, "within_s": 0.5}, lateness_s=0.5)

    house.report(door, "door.opened", occurred=None)
    [event] = eventually(lambda: ticked(house))

    assert event["tag"] == "forced"


def ticked(house: House) -> list[dict[str, Any]]:
    """What is derived once the clock has been looked at."""
    asyncio.run(house.services.rule_runs.tick())
    return derived(house)


def test_a_rule_does_not_move_itself_nor_those_that_led_to_it(house: House) -> None:
    door = house.device()
    made(house, name="one", when={"tag": "oneOf:(start,two)"}, actions=[{"event": {"tag": "one"}}])
    made(house, name="two", when={"tag": "one"}, actions=[{"event": {"tag": "two"}}])

    house.report(door, "event.triggered", tag="start")
    eventually(lambda: derived(house), lambda found: len(found) == 3)
    level(house)

    assert [one["tag"] for one in derived(house)] == ["start", "one", "two"]


def test_a_change_needs_the_revision_that_was_read_and_every_revision_is_kept(house: House) -> None:
    rule = made(house)
    etag = house.get(f"/v1/rules/{rule['id']}").headers["etag"]

    changed = house.client.patch(f"/v1/rules/{rule['id']}", json={"quiet_s": 60}, headers={"If-Match": etag})
    again = house.client.patch(f"/v1/rules/{rule['id']}", json={"quiet_s": 1}, headers={"If-Match": etag})
    kept = house.get(f"/v1/rules/{rule['id']}/revisions").json()["items"]

    assert (changed.status_code, changed.json()["revision"], again.status_code) == (200, 2, 412)
    assert [(one["revision"], one["rule"].get("quiet_s", 0)) for one in kept] == [(1, 0), (2, 60)]
    assert house.client.delete(f"/v1/rules/{rule['id']}").status_code == 204
    assert house.get(f"/v1/rules/{rule['id']}").status_code == 404


UNREADABLE: tuple[tuple[dict[str, object], str], ...] = (
    ({"when": {"kind": "door.exploded"}}, "when.kind"),
    ({"when": {"colour": "red"}}, "when.colour"),
    ({"when": [{}, {"data.x": "gt:"}]}, "when[1].data.x"),
    ({"count": {"times": 1, "within_s": 5}}, "count.times"),
    ({"count": {"times": 2, "within_s": 5}, "absence": {"of": {}, "within_s": 5}}, "absence"),
    ({"schedule": {"week": [{"days": ["someday"]}]}}, "schedule.week[0].days"),
    ({"schedule": {"week": [{"from": "25:00"}]}}, "schedule.week[0]"),
    ({"schedule": {"holidays": ["Christmas"]}}, "schedule.holidays"),
    ({"actions": [{}]}, "actions[0]"),
    ({"actions": [{"alarm": {"colour": "red"}}]}, "colour"),
    ({"name": " "}, "name"),
)


def test_what_cannot_be_read_is_refused_by_its_name(house: House) -> None:
    for fields, names in UNREADABLE:
        answer = house.client.post("/v1/rules", json={**FORCED, **fields})

        assert answer.status_code == 400, answer.text
        assert names in answer.text


BOUNDS: tuple[tuple[set[Scope], dict[str, object], int], ...] = (
    ({Scope.EVENTS_READ}, {}, 403),
    (set(MANAGES), {}, 403),
    ({*MANAGES, Scope.EVENTS_WRITE}, {"name": "derives"}, 201),
    ({*MANAGES, Scope.EVENTS_WRITE}, {"when": {"person": "1"}}, 403),
    ({*MANAGES, Scope.EVENTS_WRITE}, {"by": "person"}, 403),
    (set(MANAGES), {"name": "raises", "actions": [{"alarm": {}}]}, 201),
    (set(MANAGES), {"actions": [{"command": {}}]}, 403),
    (set(MANAGES), {"actions": [{"email": {"to": ["a@example.org"], "subject": "x"}}]}, 403),
)


def test_an_author_gives_a_rule_no_more_than_they_hold(house: House) -> None:
    for scopes, fields, status in BOUNDS:
        answer = house.client.post("/v1/rules", json={**FORCED, **fields}, headers=house.key_of(*scopes))

        assert answer.status_code == status, answer.text


def test_who_sees_some_devices_alone_sees_their_own_rules_and_fires_at_those_devices(house: House) -> None:
    mine, other = house.device("mine"), house.device("other")
    narrow = house.key_of(*MANAGES, Scope.EVENTS_WRITE, grant=Grant(devices=frozenset({mine.number})))
    theirs = made(house, name="theirs", enabled=False)
    own = made(house, narrow)

    house.report(other, "door.forced")
    house.report(mine, "door.forced")
    [event] = eventually(lambda: derived(house))

    assert event["device"]["id"] == str(mine.id)
    assert [one["id"] for one in house.get("/v1/rules", headers=narrow).json()["items"]] == [own["id"]]
    assert house.get(f"/v1/rules/{theirs['id']}", headers=narrow).status_code == 404


def test_a_rule_whose_author_is_gone_does_not_fire_and_says_why(house: House) -> None:
    door = house.device()
    rule = made(house, house.key_of(*MANAGES, Scope.EVENTS_WRITE))
    assert house.client.patch(f"/v1/keys/{rule['author']['id']}", json={"revoked": True}).status_code == 200

    for _ in range(2):
        house.report(door, "door.forced")
    [refused] = eventually(lambda: log_of(house, rule)["refused"], lambda found: bool(found) and found[0]["times"] == 2)

    assert refused["why"] == "its author is gone or may not sign in any more"
    assert derived(house) == []


def test_a_draft_is_tried_on_history_and_writes_nothing(house: House) -> None:
    door = house.device()
    ids = [house.report(door, "access.denied", occurred=f"2026-05-29T12:00:{s:02d}Z")["id"] for s in (1, 2, 3, 50)]
    before = house.state
    draft = {**FORCED, "when": {"kind": "access.denied"}, "count": {"times": 3, "within_s": 10}, "lateness_s": 86400}
    told = house.client.post("/v1/rules/trial", json={"rule": draft, "since": "2026-05-29"}).json()

    assert (told["fired"], told["matched"], told["whole"]) == (0, 4, True), "all came later than a day after"
    assert house.state == before
    one = house.client.post("/v1/rules/trial", json={"rule": {**draft, "count": None}, "since": "2026-05-29"}).json()
    assert [[event["id"] for event in firing["events"]] for firing in one["firings"]] == [[id_] for id_ in ids]


def test_a_rule_asks_a_door_to_open_once_and_is_not_moved_by_what_follows(house: House) -> None:
    door = house.device()
    commands = {"kind": "oneOf:(command.requested,command.completed,command.failed)"}
    rule = made(house, when=[{"kind": "door.held"}, commands], actions=[{"command": {"deadline_s": 1}}])

    cause = house.report(door, "door.held", occurred=None)
    eventually(lambda: log_of(house, rule)["effects"])
    for _ in range(3):
        asyncio.run(house.services.outbox.drain())
    [requested] = house.history(kind="command.requested")["items"]
    [command] = house.store.read_now(house.store.commands.open)
    asyncio.run(house.services.commands._overdue(command))
    level(house)

    assert requested["cause"] == house.get(f"/v1/events/{cause['id']}").json()["seq"]
    assert [(one["kind"], one["state"]) for one in log_of(house, rule)["effects"]] == [("command", "done")]
    assert len(log_of(house, rule)["fired"]) == 1


def level(house: House) -> None:
    """Until all followers have taken everything."""
    eventually(lambda: house.get("/v1/followers").json()["items"], lambda all: not any(one["lag"] for one in all))
