"""Forgetting: what is erased is nowhere to be read, neither by the programs nor in the bytes of the store's files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatebook.dialects.native import DIALECT as NATIVE
from gatebook.domain.commitments import commitment
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.gates import Contact
from gatebook.domain.kinds import Method
from gatebook.domain.places import Device, DeviceKind, Person
from gatebook.services.forms import NewCredential
from gatebook.store.sqlite.connection import open_reader
from tests.dialects.native.test_rules import eventually
from tests.houses import House, house_in

CARD, PLATE, NAME = "998877665544", "QX77ZVW", "Zoraida Unmistakable"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path, NATIVE) as house:
        yield house


@pytest.fixture
def zoe(house: House) -> Person:
    """Somebody with a card and a plate."""
    person, credentials = house.person(NAME), house.services.entities.credentials
    for method, value in ((Method.CARD, CARD), (Method.PLATE, PLATE)):
        form = NewCredential(person=person.number, method=method, value=value, label=f"of {NAME}")
        asyncio.run(credentials.add(house.admin, form))
    return person


def erased(house: House, **who: object) -> int:
    """How many events; the dry run said the same."""
    dry = house.client.post("/v1/erasures", json={**who, "dry_run": True})
    done = house.client.post("/v1/erasures", json=who)
    assert (dry.status_code, done.status_code) == (200, 200), done.text
    assert dry.json()["events"] == done.json()["events"]
    return int(done.json()["events"])


def files_of(house: House) -> bytes:
    """Every byte of the store, in upper case."""
    return b"".join(file.read_bytes() for file in sorted(house.store.path.parent.iterdir())).upper()


def read_of_plate(house: House, camera: Device, plate: str, **data: object) -> dict[str, object]:
    told = {"plate": plate, "confidence": 0.9, **data}
    return house.report(camera, "plate.read", method="plate", credential=plate, data=told)


def parts_of(house: House, seq: int) -> tuple[object, ...]:
    db = open_reader(house.store.path)
    columns = "salt, person, person_name, credential, message, data, commitment, erased"
    row = db.execute(f"SELECT {columns} FROM personal WHERE seq = ?", (seq,)).fetchone()
    db.close()
    assert row is not None
    return tuple(row)


def test_an_erased_person_is_in_no_byte_of_the_store(house: House, zoe: Person) -> None:
    door, camera = house.device(), house.device(kind=DeviceKind.CAMERA)
    busy = [
        {"kind": "access.granted", "device": door.number, "occurred": "2026-05-29T12:00:00Z", "credential": str(n)}
        for n in range(10_000, 12_000)
    ]
    for start in range(0, len(busy), 50):
        house.report(door, person=zoe.number, credential=CARD, message=f"{NAME} rang")
        house.report(door, "access.denied", credential=CARD)
        read_of_plate(house, camera, PLATE)
        house.post(busy[start : start + 50])
    for waiting in ({"person": zoe.number}, {"credential": CARD}, {"credential": "qx-77 zvw"}, {"person_name": NAME}):
        assert house.post({"kind": "access.granted", "device": "nowhere", **waiting}).status_code == 422
    for asked in ({"plate": PLATE}, {"credential": CARD}, {"person_name": "contains:Unmistak"}):
        assert house.get(**asked).status_code == 200

    n = erased(house, person=zoe.number)
    asyncio.run(house.store.rewrite())

    assert n == 120
    left = files_of(house)
    assert [text for text in (CARD, PLATE, "QX-77", "ZORAIDA", "UNMISTAK") if text.encode() in left] == []
    assert house.state[1] == 0
    assert house.history(limit=1)["total"]["n"] >= 2_120


def test_what_a_report_tells_of_somebody_in_its_data_goes_with_them(house: House, zoe: Person) -> None:
    """Such as the `email` and `userAgent` that Doordeck's clients read."""
    told = {"email": "zoe@example.com", "userAgent": "Zoraida's phone", "battery": 80}
    house.report(house.device(), person=zoe.number, data=told)
    house.report(house.device(), data={"battery": 81})

    erased(house, person=zoe.number)
    asyncio.run(house.store.rewrite())

    assert not any(text in files_of(house) for text in (b"ZOE@EXAMPLE", b"ZORAIDA"))
    assert [one["data"] for one in house.history(kind="access.granted")["items"]] == [{"battery": 81}, None]


def test_who_looked_for_them_stays_on_record_without_what_they_looked_for(house: House, zoe: Person) -> None:
    other = "11111111"
    for asked in ({"plate": PLATE}, {"credential": f"oneOf:({other},{CARD})"}, {"credential": other}):
        house.get(**asked)
    contact = Contact(person=zoe.number, email="zoe@example.com", phone=None)
    house.store.write_now(lambda tx: tx.gates.put_contact(house.org, contact))
    for said in ("email=contains:zoe@EXAMPLE", "email=contains:ada@example"):
        asyncio.run(house.services.audit.looked_up(house.admin, said))

    erased(house, person=zoe.number)

    items = house.get("/v1/audit", kind="record.searched").json()["items"]
    assert [(item["filter"], item["erased"]) for item in reversed(items)] == [
        ("plate=equals:(erased)", True), (f"credential=oneOf:({other},(erased))", True),
        (f"credential=equals:{other}", False), ("email=contains:(erased)", True), ("email=contains:ada@example", False),
    ]  # fmt: skip
    assert {item["actor"]["name"] for item in items} == {"admin"}


def test_a_salted_hash_stands_for_what_was_erased(house: House, zoe: Person) -> None:
    door = house.device()
    id_ = house.report(door, person=zoe.number, credential=CARD)["id"]
    seq = house.get(f"/v1/events/{id_}").json()["seq"]
    salt, person, name, credential, message, data, _, _ = parts_of(house, seq)
    assert (person, name) == (zoe.number, NAME)

    erased(house, person=zoe.number)

    stands = commitment(
        bytes(salt), person=zoe.number, person_name=NAME, credential=CARD, message=None, data=None  # type: ignore[arg-type]
    )  # fmt: skip
    assert (credential, message, data) == (CARD, None, None)
    assert parts_of(house, seq) == (b"", None, None, None, None, None, stands, 1)


def test_a_card_that_somebody_else_has_by_now_tells_of_them_alone_where_they_are_named(
    house: House, zoe: Person
) -> None:
    door, bob = house.device(), house.person("Bob")
    house.report(door, person=bob.number, credential=CARD)
    house.report(door, "access.denied", credential=CARD)

    n = erased(house, person=zoe.number)

    assert n == 1
    [kept] = house.history(person=str(bob.id))["items"]
    assert kept["credential"] == CARD


def test_a_plate_is_erased_however_it_was_written_and_where_it_was_only_nearly_read(house: House) -> None:
    camera = house.device(kind=DeviceKind.CAMERA)
    for plate in (PLATE, "qx-77 zvw", "QX 77 ZVW"):
        read_of_plate(house, camera, plate)
    read_of_plate(house, camera, "QX77ZVV", candidates=[{"plate": PLATE, "confidence": 0.4}])
    read_of_plate(house, camera, "OTHER1")

    n = erased(house, plate="QX77 ZVW")
    asyncio.run(house.store.rewrite())

    assert n == 4
    assert [one["plate"] for one in house.history(kind="plate.read")["items"]] == ["OTHER1", None, None, None, None]
    assert not any(text in files_of(house) for text in (b"QX77ZVW", b"QX-77", b"QX 77"))


def test_a_plate_that_is_erased_is_nobodys_any_more(house: House, zoe: Person) -> None:
    erased(house, plate="qx77-zvw")

    [card] = asyncio.run(house.services.entities.credentials.list(house.admin))
    assert card.value == CARD
    assert card.person == zoe.number


def test_what_people_wrote_on_an_alarm_goes_with_the_person_that_caused_it(house: House, zoe: Person) -> None:
    rule = {"name": "Refused", "when": {"kind": "access.denied"}, "actions": [{"alarm": {"message": "Look there"}}]}
    assert house.client.post("/v1/rules", json=rule).status_code == 201
    house.report(house.device(), "access.denied", person=zoe.number)
    [alarm] = eventually(lambda: house.get("/v1/alarms").json()["items"])
    path = f"/v1/alarms/{alarm['number']}"
    assert house.client.patch(path, json={"comment": f"spoke with {NAME}"}).status_code == 200

    n = erased(house, person=zoe.number)
    asyncio.run(house.store.rewrite())

    assert n == 2
    assert b"ZORAIDA" not in files_of(house)
    assert house.get(path).json()["message"] == "Look there"


def test_erasing_nobody_is_refused(house: House) -> None:
    erasing = house.services.erasing

    with pytest.raises(NotFound):
        asyncio.run(erasing.erase_person(house.admin, 4711))
    for empty in ("", " - "):
        with pytest.raises(BadInput):
            asyncio.run(erasing.erase_credential(house.admin, empty))
