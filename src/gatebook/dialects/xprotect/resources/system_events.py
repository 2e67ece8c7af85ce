"""The user-defined events that every system has from the start, and that nobody renames or removes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from gatebook.domain.access import Principal
from gatebook.domain.places import Device
from gatebook.services import Services

SYSTEM_EVENTS: Final[Mapping[UUID, str]] = {
    UUID("85867627-b287-4439-9e55-a63701e1715b"): "RequestStartRecording",
    UUID("77b1e70d-ba8d-4bb8-9ee8-43b09746d82a"): "RequestStopRecording",
    UUID("7605f8b0-7f5f-4432-b223-0bb2dc3f1f5c"): "RequestPlayAudio",
}
"""Source: mipsdk-samples-protocol 3f42081, for the ids; MilestonePSTools, Get-VmsUserDefinedEvent, for the names."""


async def settled(services: Services, who: Principal, id: UUID) -> Device | None:
    """The pseudo-device of a system event, which is made when it is first triggered; None for another id."""
    if id not in SYSTEM_EVENTS:
        return None
    return await services.entities.user_events.settled(who, id, SYSTEM_EVENTS[id])
