"""What every act at a gate has in common: one read, one check, one event in its stream, one line of record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, NotFound, Unplaceable
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import PERSONAL_DATA_KINDS, Kind
from gatebook.domain.places import Device, DeviceKind, Person
from gatebook.domain.times import Instant
from gatebook.services.telling import Told, tell
from gatebook.store import Store, Transaction
from gatebook.store.contract import Appended, Ref

LOCKS = frozenset({DeviceKind.LOCK, DeviceKind.DOOR, DeviceKind.READER})
"""What can be opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """How whoever asks wants the event to read: its time, its finer name, and what else is to be kept with it."""

    occurred: Instant
    tag: str | None = None
    data: bytes | None = None
    """JSON."""


class Done(NamedTuple):
    """The newest version of the stream; not `fresh`: it was so already, and nothing was written."""

    version: int
    fresh: bool = True
    seq: int = 0
    """Of the event that was written."""


class Act(NamedTuple):
    """What is to be told of one act."""

    stream: int
    kind: Kind
    subject: str
    what: str
    person: Person | None = None
    credential: str | None = None
    message: str | None = None
    personal: bool = False
    """True where the note's data tell of a person, whatever the kind."""


class GateActs:
    """The ground on which locks, cameras and those who pass stand."""

    def __init__(self, store: Store, *, now: Callable[[], Instant]) -> None:
        """Keeps them in this store."""
        self._store = store
        self._now = now

    def _tell(self, transaction: Transaction, principal: Principal, act: Act, note: Note) -> Done:
        """Appends the event of an act and the record of who did it, within the act's own transaction."""
        org = principal.organisation
        draft = Draft(
            stream=act.stream,
            event_class=transaction.class_of(org, EventClass(act.kind)),
            occurred=note.occurred,
            received=note.occurred,
            person=None if act.person is None else act.person.number,
            person_name=None if act.person is None else act.person.name,
            credential=act.credential,
            tag=note.tag,
            message=act.message,
            data=note.data,
            data_is_personal=act.personal or act.person is not None or act.kind in PERSONAL_DATA_KINDS,
        )
        [outcome] = transaction.append(org, [draft])
        assert isinstance(outcome, Appended)  # a draft without a key has no conflict
        details: dict[str, Told] = {"act": act.what}
        if act.person is not None:
            details["person"] = act.person.number
        tell(transaction, principal, act.subject, details, self._now())
        return Done(outcome.version, seq=outcome.seq)

    def _unchanged(self, transaction: Transaction, principal: Principal, stream: int) -> Done:
        """Nothing is told where it was so already."""
        return Done(transaction.gates.head(principal.organisation, stream), fresh=False)


def device_in(
    transaction: Transaction, principal: Principal, ref: Ref, kinds: frozenset[DeviceKind], noun: str
) -> Device:
    """The device of one of these kinds; absent, removed and hidden are NotFound in the same words."""
    found = transaction.device(principal.organisation, ref)
    if not _usable(found, principal, kinds) or found is None:
        raise NotFound(f"there is no such {noun}")
    return found


def named_lock(transaction: Transaction, principal: Principal, ref: Ref, field: str) -> Device:
    """The lock that a body names; Unplaceable for one that is absent, removed or hidden."""
    found = transaction.device(principal.organisation, ref)
    if not _usable(found, principal, LOCKS) or found is None:
        raise Unplaceable(field, "there is no such lock", "give the number of a lock")
    return found


def named_person(transaction: Transaction, principal: Principal, id: UUID, field: str) -> Person:
    """The person that a body names; Unplaceable for one who is not there."""
    found = transaction.person(principal.organisation, id)
    if found is None or found.removed:
        raise Unplaceable(field, "there is no such user", "create the user first")
    return found


def person_in(transaction: Transaction, principal: Principal, id: UUID) -> Person:
    """The person that a path names."""
    found = transaction.person(principal.organisation, id)
    if found is None or found.removed:
        raise NotFound("there is no such user")
    return found


def already(field: str, what: str) -> BadInput:
    """What is to be added is there."""
    return BadInput(field, f"{what} already", "leave it, or remove it first")


def missing(field: str, what: str) -> BadInput:
    """What is to be removed is not there."""
    return BadInput(field, what, "give one that is there")


def _usable(found: Device | None, principal: Principal, kinds: frozenset[DeviceKind]) -> bool:
    return (
        found is not None
        and not found.removed
        and found.kind in kinds
        and principal.grant.shows(found.number, found.site)
    )
