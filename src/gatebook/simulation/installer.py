"""Sets a simulation up on a server, as an installer does over HTTP: what is there already is found again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final
from uuid import UUID

from msgspec import json

from gatebook.domain.errors import Refused
from gatebook.domain.kinds import Method
from gatebook.simulation.calls import Calls
from gatebook.simulation.world import World

THRESHOLD: Final = 0.8
LABEL: Final = 20
"""Characters of a name that a token is called by."""

Step = Callable[[], None]
"""Called after each thing that is in its place."""


class Installer:
    """Works with a key that may manage devices and people."""

    def __init__(self, calls: Calls, key: str, world: World) -> None:
        """One simulation on one server."""
        self._calls = calls
        self._key = key
        self._world = world

    @property
    def steps(self) -> int:
        """How many things there are to be put in their place."""
        world = self._world
        cars = [car for car in world.cars if car.owner >= 0]
        return len(world.sites) + 2 * len(world.devices) + 2 * len(world.people) + len(cars) + len(world.gates)

    async def install(self, tokens: Mapping[str, str], done: Step) -> dict[str, str]:
        """By vendor's id, a token of each device: those that are given, and those that are missing.

        Refused where the server will not have it.
        """
        world = self._world
        sites = []
        for place in world.sites:
            sites.append(await self._ensure("sites", place.id, {"name": place.name, "zone": place.zone}))
            done()
        numbers = []
        for made in world.devices:
            form = {"name": made.name, "kind": made.kind, "site": sites[made.site], "vendor_ids": [made.vendor_id]}
            numbers.append(await self._ensure("devices", made.id, form))
            done()
        for one in world.people:
            await self._ensure("people", one.id, {"name": one.name})
            done()
            await self._carry(one.card_id, one.id, Method.CARD, one.card)
            done()
        await self._gates(numbers, done)
        return {vendor_id: token async for vendor_id, token in self._tokens(tokens, numbers, done)}

    async def _gates(self, numbers: list[int], done: Step) -> None:
        """Cars' plates, cameras that read them, and whose car may pass where."""
        world = self._world
        for camera, lock in world.gates:
            body = json.encode({"threshold": THRESHOLD, "locks": [numbers[lock]]})
            path = f"/v1/cameras/{numbers[camera]}"
            (await self._calls.send("PATCH", path, self._key, body)).needed()
            done()
        for car in world.cars:
            if car.owner < 0:
                continue
            owner = world.people[car.owner]
            await self._carry(car.plate_id(owner), owner.id, Method.PLATE, car.plate)
            for lock in sorted({lock for _, lock in world.gates if world.devices[lock].site == owner.home}):
                form = {"lockId": str(numbers[lock]), "lockName": world.devices[lock].name, "accessLevel": "USER",
                        "grantedBy": "simulation"}  # fmt: skip
                path = f"/users/{owner.id}/AddAccessibleLock"  # the one road by which a passage is given over HTTP
                (await self._calls.post(path, self._key, form)).needed()
            done()

    async def _tokens(
        self, tokens: Mapping[str, str], numbers: list[int], done: Step
    ) -> AsyncIterator[tuple[str, str]]:
        for made, number in zip(self._world.devices, numbers, strict=True):
            token = tokens.get(made.vendor_id)
            if token is None:
                form = {"device": number, "name": made.name[:LABEL]}
                token = str((await self._calls.post("/v1/device-tokens", self._key, form)).needed()["secret"])
            yield made.vendor_id, token
            done()

    async def _carry(self, id: UUID, person: UUID, method: Method, value: str) -> None:
        await self._ensure("credentials", id, {"person": person, "method": method, "value": value})

    async def _ensure(self, room: str, id: UUID, form: Mapping[str, object]) -> int:
        """Its number there."""
        found = await self._calls.get(f"/v1/{room}/{id}", self._key)
        if found.status == 404:
            found = await self._calls.post(f"/v1/{room}", self._key, {"id": id, **form})
            if found.status == 409:
                raise Refused(
                    "another simulation is set up there; give its --seed and its sizes, or an organisation anew"
                )
        told = found.needed()
        if not isinstance(told, dict) or "number" not in told:
            raise Refused(f"/v1/{room} answers what is no Gatebook's answer; give the base URL of one")
        return int(told["number"])
