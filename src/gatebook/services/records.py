"""The record of who looked and who changed: events in the organisation's own stream of the same log.

They are readable with `audit:read`, and no vendor's dialect shows them.  Their data is a personal part: it holds
addresses and names, and can be erased like any other.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gatebook.domain.access import Principal
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.times import Instant
from gatebook.store import Transaction

ORGANISATION_STREAM = 1
"""The stream of the organisation itself: the first that is made with it."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The data of a `record.*` event: who, from where, by which road, what for, and what."""

    actor: str
    """The principal's kind and id, such as `key/0195…`; `console` for the command line."""
    name: str = ""
    address: str = ""
    agent: str = ""
    dialect: str = ""
    route: str = ""
    purpose: str | None = None
    subject: str = ""
    """What was changed, exported or removed, such as `device/17`."""
    filter: str = ""
    """What was searched for, as the client wrote it."""
    count: int = 1
    """How often, where equal ones are folded."""
    details: Mapping[str, str | int | None] = {}
    """What changed into what; never a secret."""


def record_of(
    principal: Principal,
    *,
    subject: str = "",
    filter: str = "",
    count: int = 1,
    details: Mapping[str, str | int | None] | None = None,
) -> Record:
    """A record with the circumstances of the principal's visit."""
    visit = principal.visit
    return Record(
        actor=f"{principal.kind}/{principal.id}",
        name=principal.name,
        address=visit.address if visit else "",
        agent=visit.agent if visit else "",
        dialect=visit.dialect if visit else "",
        route=visit.route if visit else "",
        purpose=(visit.purpose if visit else None) or principal.purpose,
        subject=subject,
        filter=filter,
        count=count,
        details=details or {},
    )


def draft_of(transaction: Transaction, org: int, kind: Kind, record: Record, now: Instant) -> Draft:
    """A record as a draft, to be appended in the transaction of what it tells of."""
    return Draft(
        stream=ORGANISATION_STREAM,
        event_class=transaction.class_of(org, EventClass(kind)),
        occurred=now,
        received=now,
        data=msgspec.json.encode(record),
        data_is_personal=True,
    )


def write(transaction: Transaction, org: int, kind: Kind, record: Record, now: Instant) -> int:
    """Appends a record within the transaction; its seq."""
    [outcome] = transaction.append(org, [draft_of(transaction, org, kind, record, now)])
    return outcome.seq
