"""A simulation's world under the ids that it has in a store: what makes worlds may have changed since."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from gatebook.simulation import World
from gatebook.store.sqlite.connection import open_reader


def as_it_stands(path: Path, org: int, world: World) -> World:
    """The world, each site, device and person with the id of the one that was made in its place.

    Raises ValueError where the store was loaded with another number of them.
    """
    with closing(open_reader(path)) as connection:

        def ids(table: str, number: str, made: Sequence[object]) -> list[UUID]:
            rows = connection.execute(f"SELECT uuid FROM {table} WHERE org = ? ORDER BY {number}", (org,)).fetchall()
            if len(rows) != len(made):
                raise ValueError(f"{path} holds {len(rows)} {table}, and not {len(made)}; remove its folder")
            return [UUID(bytes=uuid) for (uuid,) in rows]

        sites = ids("sites", "site", world.sites)
        devices = ids("devices", "device", world.devices)
        people = ids("people", "person", world.people)
    return replace(
        world,
        sites=[replace(one, id=id_) for one, id_ in zip(world.sites, sites, strict=True)],
        devices=[replace(one, id=id_) for one, id_ in zip(world.devices, devices, strict=True)],
        people=[replace(one, id=id_) for one, id_ in zip(world.people, people, strict=True)],
    )
