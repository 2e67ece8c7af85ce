"""Makes a simulation's sites, devices and people known to an organisation, and remembers what each is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gatebook.simulation.scenes import Scenes
from gatebook.simulation.world import World
from gatebook.store import Transaction


class Known(NamedTuple):
    """By their number in the simulation: what things are to the organisation."""

    organisation: int
    streams: Sequence[int]
    """A device's stream."""
    people: Sequence[int]
    """A person's number."""
    classes: Sequence[int]


def make_known(transaction: Transaction, org: int, world: World, scenes: Scenes) -> Known:
    """Within a transaction; what an earlier run of the same simulation made is found again."""
    sites = []
    for place in world.sites:
        site = transaction.site(org, place.id) or transaction.add_site(org, place.id, place.name, place.zone)
        sites.append(site.number)
    streams = []
    for made in world.devices:
        device = transaction.device(org, made.id) or transaction.add_device(
            org, made.id, made.kind, made.name, sites[made.site], (made.vendor_id,)
        )
        streams.append(device.stream)
    people = []
    for one in world.people:
        person = transaction.person(org, one.id) or transaction.add_person(org, one.id, one.name)
        people.append(person.number)
    classes = [transaction.class_of(org, event_class) for event_class in scenes.classes]
    return Known(org, streams, people, classes)
