"""Cards, plates and gates of a simulation within a store, and what was decided on the plates of its history."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import msgspec

from gatebook.domain.events import Draft, EventClass
from gatebook.domain.gates import CameraLink, CameraSetting, Passage, PlateHolder
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.matching import Matcher
from gatebook.domain.places import Credential
from gatebook.domain.plates import normalise
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.arrivals import Gate, judged, matched, read_of
from gatebook.services.plates import NAME
from gatebook.simulation.directory import Known
from gatebook.simulation.world import World
from gatebook.store import Transaction
from gatebook.store.sqlite.arrivals import ReadRow

AT_ONCE: Final = 10_000
"""Events that are looked through at a time."""
OPENS_AFTER_NS: Final = SECOND_NS
"""From a read to the lock's answer."""


def equip(transaction: Transaction, known: Known, world: World) -> None:
    """What an installer would set up: who carries what, which camera opens which lock, and for whom."""
    org = known.organisation
    number = transaction.entities.credentials.next_number(org)
    for one, person in zip(world.people, known.people, strict=True):
        transaction.entities.credentials.insert(
            org, Credential(number=number, id=one.card_id, person=person, method=Method.CARD, value=one.card)
        )
        number += 1
    numbers = [device.number for made in world.devices if (device := transaction.device(org, made.id)) is not None]
    for camera, lock in world.gates:
        transaction.gates.put_camera(org, CameraSetting(device=numbers[camera]))
        transaction.gates.insert_link(org, CameraLink(camera=numbers[camera], lock=numbers[lock]))
    for car in world.cars:
        if car.owner < 0:
            continue
        owner, person = world.people[car.owner], known.people[car.owner]
        plate = Credential(number=number, id=car.plate_id(owner), person=person, method=Method.PLATE, value=car.plate)
        transaction.entities.credentials.insert(org, plate)
        number += 1
        for lock in {lock for _, lock in world.gates if world.devices[lock].site == owner.home}:
            label = world.devices[lock].name
            transaction.gates.put_passage(org, Passage(person=person, device=numbers[lock], label=label))


def decide(transaction: Transaction, org: int) -> int:
    """Tells what was decided on each read of the history, as the server does on what is read from now on.

    The gates opened for whom they open now; the server begins where the history ends.
    """
    holders: defaultdict[str, list[PlateHolder]] = defaultdict(list)
    for holder in transaction.arrivals.plates(org):
        holders[normalise(holder.plate)].append(holder)
    matcher = Matcher(holders)
    head = after = 0
    drafts: list[Draft] = []
    while (head := transaction.next_seq(org, after, AT_ONCE)) > after:
        for row in transaction.arrivals.reads(org, after, head):
            draft = _decided(transaction, org, row, matcher, holders)
            drafts += [] if draft is None else [draft]
        after = head
    transaction.append_history(org, drafts)
    transaction.follow_to(org, NAME, after + len(drafts))
    return len(drafts)


def _decided(
    transaction: Transaction, org: int, row: ReadRow, matcher: Matcher, holders: dict[str, list[PlateHolder]]
) -> Draft | None:
    read = read_of(row.id, row.occurred, row.reported is not None, row.data)
    if read is None:
        return None
    match = matched(matcher, read)
    meant = [] if match is None else [holder for plate in match.plates for holder in holders[plate]]
    setting = transaction.gates.camera(org, row.camera) or CameraSetting(device=row.camera)
    locks = [link.lock for link in transaction.gates.links_of_camera(org, row.camera)]
    passages = [
        found
        for holder in meant
        for lock in locks
        if (found := transaction.gates.passage(org, holder.person, lock)) is not None
    ]
    told = judged(read, match, Gate(setting=setting, locks=locks, holders=meant, passages=passages), row.received)
    person = None if told.person is None else transaction.person(org, told.person)
    return Draft(
        stream=row.stream,
        event_class=transaction.class_of(org, EventClass(Kind.PLATE_DECIDED, Method.PLATE)),
        occurred=row.occurred,
        received=Instant(row.received + OPENS_AFTER_NS),
        person=None if person is None else person.number,
        person_name=None if person is None else person.name,
        credential=told.plate,
        data=msgspec.json.encode(told),
        data_is_personal=True,
        cause=row.seq,
    )
