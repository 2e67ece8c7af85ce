"""A server on which a simulation is played, and how tests ask it what became of that."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gatebook.simulation.truth import Truth
from tests.processes import RunningServer

OPENED_WITHIN_S = 45.0


@dataclass(frozen=True)
class Site:
    """A server on which a simulation was played, and the truth about it by the ids of events."""

    server: RunningServer
    folder: Path
    summary: dict[str, Any]
    truth: list[Truth]

    @property
    def by_id(self) -> dict[str, Truth]:
        return {str(one.id): one for one in self.truth}

    def events(self) -> list[dict[str, Any]]:
        """Everything that the server tells of what was reported, oldest first."""
        found: list[dict[str, Any]] = []
        url = "/v1/events?limit=1000"
        with httpx.Client(base_url=self.server.url, headers=self.server.headers, timeout=30) as client:
            while True:
                page = client.get(url).raise_for_status().json()
                found += [one for one in page["items"] if one["id"] in self.by_id]
                if page["next"] is None:
                    return found[::-1]
                url = f"/v1/events?limit=1000&cursor={page['next']}"


async def decided(site: Site, action: str, reason: str | None = None) -> dict[str, Any]:
    """The newest decision of this sort, once there is one."""
    return await found_in(
        site, {"kind": "plate.decided"}, lambda one: (one["data"]["action"], one["data"]["reason"]) == (action, reason)
    )


async def heard(site: Site, kind: str, since: str) -> dict[str, Any]:
    """The newest event of this kind since then, once there is one."""
    return await found_in(site, {"kind": kind}, lambda one: one["received"] > since)


async def found_in(site: Site, wanted: dict[str, str], admits: Any) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=site.server.url, headers=site.server.headers, timeout=20) as client:
        async with asyncio.timeout(OPENED_WITHIN_S):
            while True:
                page = (await client.get("/v1/events", params={**wanted, "limit": 200})).raise_for_status().json()
                if fitting := [one for one in page["items"] if admits(one)]:
                    chosen: dict[str, Any] = fitting[0]
                    return chosen
                await asyncio.sleep(0.3)
