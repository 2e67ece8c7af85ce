"""The groups that event types stand in and the groups of states that they enter, as far as they are built in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from gatebook.domain.kinds import NAMESPACE


@dataclass(frozen=True, slots=True)
class TypeGroup:
    """A group of event types."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class States:
    """A group of states: of one source and one group, the latest event's state is the one that holds."""

    id: UUID
    name: str
    states: tuple[str, ...]


def derived(path: str) -> UUID:
    """The id of what the vendor has no recorded id for: the same on every installation."""
    return uuid5(NAMESPACE, f"xprotect/{path}")


DEVICE: Final = TypeGroup(UUID("1eacbcad-d566-4375-834b-cfbe3d937caa"), "Device Events")
PREDEFINED: Final = TypeGroup(UUID("1ae79228-ad07-4e56-be43-5ebf9b7c54a5"), "Device - Predefined")
HARDWARE: Final = TypeGroup(UUID("6b90aee7-e6a5-4b5c-82aa-1686c19afe19"), "Hardware")
SYSTEM: Final = TypeGroup(UUID("b1ca6710-f244-4ce2-8daf-662e342c405a"), "System Events")
RECORDING: Final = TypeGroup(UUID("64d2c24b-a92f-48a0-b9ca-707af7828d67"), "Recording Server Events")
EXTERNAL: Final = TypeGroup(UUID("5946b6fa-44d9-4f4c-82bb-46a17b924265"), "External Events")
MONITOR: Final = TypeGroup(UUID("2fb8e979-188e-44cc-b1b7-a7ed9c91e5c0"), "System Monitor Events")
ANALYTICS: Final = TypeGroup(UUID("a96692c8-51b1-4f87-b12c-0d3d9cbfc5a4"), "Analytics Events")
ACCESS: Final = TypeGroup(derived("eventTypeGroups/access"), "Access Control Events")
PLATES: Final = TypeGroup(derived("eventTypeGroups/plates"), "License Plate Recognition Events")

TYPE_GROUPS: Final[Mapping[UUID, TypeGroup]] = {
    one.id: one
    for one in (DEVICE, PREDEFINED, HARDWARE, SYSTEM, RECORDING, EXTERNAL, MONITOR, ANALYTICS, ACCESS, PLATES)
}
"""Source: XProtect Configuration API OpenAPI 2025 R2, alarmDefinitions, eventTypeGroup, for the ids; a recorded
eventType of 2023 R2 for "Device - Predefined".  Assumed: the last two."""

MOTION: Final = States(UUID("720ef62a-78be-418a-8e4c-ee04ffca6429"), "Motion", ("Motion", "No Motion"))
CPU: Final = States(
    UUID("8c958201-aa02-40cf-a643-fa7f91d0bed2"), "CPU usage", ("Normal", "Warning", "Critical", "Undefined")
)


def _own(name: str, *states: str) -> States:
    return States(derived(f"stateGroups/{name}"), name, states)


RECORDED: Final = _own("Recording", "Recording", "Not Recording")
REACHED: Final = _own("Communication", "Responding", "Not Responding")
RUNNING: Final = _own("Operation", "Running", "Stopped", "Decommissioned")
DOOR: Final = _own("Door", "Open", "Closed", "Forced Open", "Held Open")
LOCK: Final = _own("Lock", "Locked", "Unlocked")
TAMPERED: Final = _own("Tampering", "Tampered", "Normal")
SHIFT: Final = _own("Shift", "On Shift", "Off Shift")
SYNC: Final = _own("Synchronization", "Running", "Completed", "Failed", "Delayed", "Skipped")

STATE_GROUPS: Final[Mapping[UUID, States]] = {
    one.id: one for one in (MOTION, CPU, RECORDED, REACHED, RUNNING, DOOR, LOCK, TAMPERED, SHIFT, SYNC)
}
"""Source: recorded stateGroups of 2023 R2 for CPU usage, recorded eventType of 2023 R2 for the id of Motion and its
"No Motion".  Assumed: the others."""
