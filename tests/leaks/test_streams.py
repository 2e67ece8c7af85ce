"""Open streams over real sockets: a wide principal's cursor widens nobody, and rights that change count at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
import pytest

from gatebook.dialects.native import DIALECT
from gatebook.domain.access import Grant, Scope
from gatebook.domain.kinds import Kind
from gatebook.services.directory import found_organisation
from gatebook.store import Transaction
from tests.houses import House, house_in
from tests.leaks.town import Caller, Town

OF_DEVICES = "kind=oneOf:(" + ",".join(kind for kind in Kind if not kind.is_record) + ")"
"""Everything but the record of who looked, which grows with every test."""
PROMPT_S = 1.0
SLACK_S = 1.5
"""For a machine that does other things too."""
READERS = ("everything", "admin", "admin of one site", "one site", "two devices", "nothing", "only events:read")


class Line(msgspec.Struct):
    """One event of a stream."""

    event: str
    data: bytes


def events_of(answer: httpx.Response) -> Iterator[Line]:
    """The stream's events; its end is the end."""
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield Line(name, line[6:].encode())


@pytest.mark.parametrize("name", READERS)
def test_from_a_wide_principals_cursor_each_gets_what_their_own_grant_shows(town: Town, name: str) -> None:
    caller: Caller = town.callers[name]
    due = {
        str(one.id)
        for one in caller.works.happenings
        if caller.sees(next(device for device in caller.works.devices if device.number == one.device))
    }
    told, text = set[str](), ""

    with (
        httpx.Client(base_url=town.url, timeout=1.5) as client,
        client.stream(
            "GET", f"/v1/events/stream?cursor={town.start}", headers=town.signature(caller, "/v1/events/stream")
        ) as answer,
    ):
        try:
            for line in events_of(answer):
                if not line.event.startswith("record."):
                    told.add(msgspec.json.decode(line.data)["id"])
                text += line.data.decode()
        except httpx.ReadTimeout:
            pass

    assert told == due
    assert [what for what, one in town.hidden(caller).items() if one.lower() in text.lower()] == []


@pytest.mark.parametrize("name", ["another organisation", "the parent"])
def test_a_cursor_is_no_good_in_another_organisation(town: Town, name: str) -> None:
    answer = town.request(town.callers[name], "GET", f"/v1/events/stream?cursor={town.start}")

    assert (answer.status_code, answer.json()["field"]) == (400, "cursor")


@pytest.mark.parametrize("name", ["expired", "revoked"])
def test_who_is_nobody_gets_no_stream(town: Town, name: str) -> None:
    assert town.request(town.callers[name], "GET", "/v1/events/stream").status_code == 401


def test_the_parent_reads_its_childs_log_and_nobody_elses(town: Town) -> None:
    parent = town.callers["the parent"]

    child = town.request(parent, "GET", f"/v1/events?limit=1000&{OF_DEVICES}&organisation={town.alpha.id}")
    one = town.request(parent, "GET", f"/v1/events/{town.alpha.happenings[0].id}?organisation={town.alpha.number}")
    stranger = town.request(parent, "GET", f"/v1/events?organisation={town.beta.id}")
    nobody = town.request(parent, "GET", f"/v1/events?organisation={UUID(int=7)}")
    upward = town.request(town.callers["admin"], "GET", f"/v1/events?organisation={town.parent.number}")

    told = {item["id"] for item in child.json()["items"] if not item["kind"].startswith("record.")}
    assert told == {str(happening.id) for happening in town.alpha.happenings}
    assert one.json()["id"] == str(town.alpha.happenings[0].id)
    assert stranger.status_code == nobody.status_code == upward.status_code == 404
    assert stranger.content == nobody.content == upward.content


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path, DIALECT) as found:
        yield found


@contextmanager
def streaming(house: House, headers: dict[str, str], query: str = "") -> Iterator[Iterator[Line]]:
    with (
        httpx.Client(base_url=house.url, headers=headers, timeout=10) as client,
        client.stream("GET", f"/v1/events/stream{query}") as answer,
    ):
        assert answer.status_code == 200
        yield events_of(answer)


def changed(house: House, sql: str, *values: str) -> None:
    """A change of the tested key's rights, as another process would make it."""
    house.store.write_now(lambda tx: tx.connection.execute(f"UPDATE api_keys SET {sql} WHERE name = 'a key'", values))


def narrow(house: House, tx: Transaction, grant: Grant) -> None:
    """The tested key's grant becomes this one."""
    keys = tx.accounts.keys
    [key] = [one for one in keys.shelf.after(keys.connection, house.org, None, 10) if one.name == "a key"]
    keys.change(house.org, replace(key, grant=grant))


def test_a_key_that_is_revoked_ends_its_open_stream_within_a_second_and_says_so(house: House) -> None:
    door, key = house.device(), house.key_of()
    with streaming(house, key) as lines:
        house.report(door)
        assert next(lines).event == "access.granted"

        changed(house, "revoked = 1")
        since = time.monotonic()
        refused = house.get(headers=key)
        house.report(door, message="too late")
        left = list(lines)

    assert refused.status_code == 401
    assert time.monotonic() - since < PROMPT_S + SLACK_S
    assert [line.event for line in left] == ["error"]
    assert msgspec.json.decode(left[0].data)["status"] == 401


def test_a_quiet_stream_ends_too(house: House) -> None:
    with streaming(house, house.key_of()) as lines:
        changed(house, "revoked = 1")
        since = time.monotonic()
        left = list(lines)

    assert [line.event for line in left] == ["error"]
    assert time.monotonic() - since < PROMPT_S + SLACK_S


def test_a_grant_that_is_narrowed_shows_its_open_stream_less_and_no_seq(house: House) -> None:
    kept, lost = house.device("kept"), house.device("lost")
    key = house.key_of()
    with streaming(house, key) as lines:
        house.report(lost)
        wide = msgspec.json.decode(next(lines).data)

        narrowed = Grant(devices=frozenset({kept.number}))
        house.store.write_now(lambda tx: narrow(house, tx, narrowed))
        house.report(lost)
        house.report(kept)
        narrow_one = msgspec.json.decode(next(lines).data)

    assert (wide["device"]["name"], "seq" in wide) == ("lost", True)
    assert (narrow_one["device"]["name"], "seq" in narrow_one) == ("kept", False)


def test_a_scope_that_is_lost_hides_its_part_at_once_or_ends_what_asked_for_it(house: House) -> None:
    door, ada = house.device(), house.person("Ada")
    key = house.key_of(Scope.EVENTS_READ, Scope.PEOPLE_READ)
    with streaming(house, key) as lines, streaming(house, key, f"?person={ada.number}") as asked:
        house.report(door, person=ada.number)
        before = [msgspec.json.decode(next(one).data)["person"]["name"] for one in (lines, asked)]

        changed(house, "scopes = ?", "events:read")
        house.report(door, person=ada.number)
        after = msgspec.json.decode(next(lines).data)["person"]
        ended = list(asked)

    assert before == ["Ada", "Ada"]
    assert after is None
    assert [line.event for line in ended] == ["error"]
    assert msgspec.json.decode(ended[0].data)["status"] == 403


def test_a_cursor_of_history_is_no_good_once_the_rights_are_narrower(house: House) -> None:
    door, other, key = house.device(), house.device(), house.key_of()
    for _ in range(4):
        house.report(door)
        house.report(other)
    following = house.history(key, limit="2")["next"]

    house.store.write_now(lambda tx: narrow(house, tx, Grant(devices=frozenset({door.number}))))
    answer = house.get(headers=key, limit="2", cursor=following)

    assert (answer.status_code, answer.json()["field"]) == (400, "cursor")
    assert house.history(key, limit="2")["total"]["n"] == 4


def test_an_organisation_without_a_parent_is_nobodys_child(house: House) -> None:
    other = house.store.write_now(lambda tx: found_organisation(tx, "Other", "UTC"))

    assert house.get(organisation=str(other)).status_code == 404
