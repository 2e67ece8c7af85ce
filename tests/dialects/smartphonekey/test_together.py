"""Commands that come at once: each is checked against what the one before wrote."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from gatebook.domain.filters import Condition, Field, Operator
from gatebook.domain.kinds import Kind
from tests.dialects.smartphonekey.house import House
from tests.dialects.smartphonekey.test_locks import command, made_lock, made_user, read


def test_of_many_who_add_the_same_key_one_does(house: House) -> None:
    """SmartphoneKey OpenAPI document, AddKey: `version` counts the events of the lock, 1, 2, 3 …"""
    made_lock(house, 4500)
    sent = [{"keyUuid": f"K{n % 5}"} for n in range(20)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: command(house, "/locks/4500/AddKey", body), sent))

    done = [answer.json() for answer in answers if answer.status_code == 200]
    assert sorted(one["version"] for one in done) == [2, 3, 4, 5, 6]
    assert {one["event"]["data"]["keyUuid"] for one in done} == {f"K{n}" for n in range(5)}
    assert {answer.status_code for answer in answers} == {200, 400}
    assert house.get(4500).json()["totalEvents"] == 6
    assert len(read(house, "/locks/4500/details").json()["keys"]) == 5


def test_of_many_who_create_the_same_lock_one_does(house: House) -> None:
    """SmartphoneKey OpenAPI document, CreateLock: 201 once, then 200."""
    body = {"uuid": str(uuid4())}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: command(house, "/locks/4501/CreateLock", body), range(16)))

    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert {answer.json()["version"] for answer in answers} == {1}
    assert house.get(4501).json()["totalEvents"] == 1


def test_of_many_who_register_the_same_plate_one_does(house: House) -> None:
    """SmartphoneKey OpenAPI document, AddLicensePlate: duplicates are 400."""
    users = [made_user(house) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda id: command(house, f"/users/{id}/AddLicensePlate", {"plate": "ONE 4 ALL"}), users)
        )

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert [read(house, f"/users/{id}/profile").json()["version"] for id in users].count(2) == 1


def test_who_commanded_is_on_record_and_in_no_history_of_the_vendors(house: House) -> None:
    """SmartphoneKey "Get lock event history": the lock's own events alone."""
    id = made_lock(house, 4502)
    command(house, "/locks/4502/AddKey", {"keyUuid": "K1"})

    changed = Condition(Field.KIND, Operator.EQUALS, (Kind.RECORD_CHANGED.value,))
    found = asyncio.run(house.services.history.page(house.admin, changed, limit=2))

    assert all(f"device/{id}".encode() in (event.data or b"") for event in found.events)
    assert [row["type"] for row in house.get(4502).json()["events"]] == ["LockCreated", "KeyAdded"]
