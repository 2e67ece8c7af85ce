"""What state each device is in: of one device and one group of states, the latest event is the one that holds.

A follower keeps the latest event of each class that enters a state, and a question looks at what it has yet to
come to, so that whoever asks and then listens misses none; which group a class belongs to is the dialect's word for
built-in kinds, and the catalogue's for types that were made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from gatebook.domain.access import Principal
from gatebook.domain.admits import Place
from gatebook.domain.kinds import Kind
from gatebook.services.followers import Follower
from gatebook.store import Store, Transaction
from gatebook.store.sqlite.states import FOLLOWER as NAME
from gatebook.store.sqlite.states import Latest

STATEFUL: Final = frozenset(
    {
        Kind.DOOR_OPENED, Kind.DOOR_CLOSED, Kind.DOOR_FORCED, Kind.DOOR_HELD, Kind.DOOR_RESTORED,
        Kind.LOCK_LOCKED, Kind.LOCK_UNLOCKED, Kind.SHIFT_STARTED, Kind.SHIFT_ENDED,
        Kind.TAMPER_DETECTED, Kind.TAMPER_CLEARED, Kind.DEVICE_STARTED, Kind.DEVICE_STOPPED,
        Kind.DEVICE_CONNECTED, Kind.DEVICE_DISCONNECTED, Kind.DEVICE_DECOMMISSIONED, Kind.SYNC_STARTED,
        Kind.SYNC_SKIPPED, Kind.SYNC_COMPLETED, Kind.SYNC_FAILED, Kind.SYNC_DELAYED, Kind.MOTION_STARTED,
        Kind.MOTION_STOPPED, Kind.RECORDING_STARTED, Kind.RECORDING_STOPPED,
    }
)  # fmt: skip
"""Built-in kinds that tell of a state which lasts until the next of them."""


class State(NamedTuple):
    """The event that holds in a group of states at a device."""

    group: UUID
    latest: Latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """States in no order, and where their devices are, by stream."""

    states: list[State]
    places: Mapping[int, Place]


def follow_states(transaction: Transaction, org: int, after: int, upto: int) -> None:
    """The follower of the states."""
    transaction.states.follow(org, after, upto, STATEFUL)


FOLLOWER: Final = Follower(name=NAME, take=follow_states)


class States:
    """The states that a principal's grant shows."""

    def __init__(self, store: Store) -> None:
        """Reads from this store."""
        self._store = store

    async def groups(self, org: int) -> Mapping[UUID, UUID]:
        """The state groups of types that were made."""
        return await self._store.read(self._store.states.grouped_types, org)

    async def all(self, principal: Principal, group_of: Callable[[Kind], UUID | None]) -> Found:
        """Every state of every device that is still there; `group_of` a built-in kind, None where it enters none.

        A state stays when its event is removed by age: it tells what is, and no more of the event than its id and time.
        """
        org = principal.organisation
        made = await self.groups(org)
        latest, known = await self._store.read(self._store.states.latest, org, principal.grant, STATEFUL)
        holding: dict[tuple[int, UUID], Latest] = {}
        for one in latest:
            type_ = one.event_class.type
            group = group_of(one.event_class.kind) if type_ is None else made.get(type_)
            if group is None:
                continue
            before = holding.get((one.stream, group))
            if before is None or (one.occurred, one.seq) > (before.occurred, before.seq):
                holding[one.stream, group] = one
        return Found(states=[State(group, one) for (_, group), one in holding.items()], places=known.places)
