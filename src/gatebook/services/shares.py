"""What a change of rights means at the doors themselves: who shares a device now, who no longer, who administers it.

The record of changes tells of the account; these events tell of each device, in the history of that device.
"""

from __future__ import annotations

from typing import Final

import msgspec

from gatebook.domain.access import Grant, Principal, PrincipalKind, Scope
from gatebook.domain.accounts import User
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.gates import Role
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, Person
from gatebook.domain.times import Instant
from gatebook.services.gate_acts import LOCKS
from gatebook.store import Transaction
from gatebook.store.contract import Appended

LIMIT: Final = 1_000
"""Devices of one change that are told of; a change that reaches more of them is in the record of changes alone."""
ADMINISTERS: Final = frozenset({Role.OWNER, Role.ADMIN})
NO_GRANT: Final = Grant()


class Party(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who did it, or to whom it was done: an id and no more, since whoever reads events reads their data."""

    user_id: str


class Parties(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The data of an event that one did, and perhaps did to another."""

    issuer: Party
    subject: Party | None = None


def issuer_of(transaction: Transaction, principal: Principal) -> Party:
    """Who acts: the person that a user is bound to, else the principal itself."""
    person = None
    if principal.kind is PrincipalKind.USER and principal.person is not None:
        person = transaction.person(principal.organisation, principal.person)
    return Party(user_id=str(principal.id if person is None else person.id))


def told_at(
    transaction: Transaction, principal: Principal, device: Device, kind: Kind, now: Instant, *,
    person: Person | None = None, data: bytes | None = None, cause: int | None = None,
) -> int:  # fmt: skip
    """Appends an event of Gatebook's own making to a device's history, and answers its `seq`; the data are personal."""
    org = principal.organisation
    draft = Draft(
        stream=device.stream,
        event_class=transaction.class_of(org, EventClass(kind)),
        occurred=now,
        received=now,
        person=None if person is None else person.number,
        person_name=None if person is None else person.name,
        data=data,
        data_is_personal=True,
        cause=cause,
    )
    [outcome] = transaction.append(org, [draft])
    assert isinstance(outcome, Appended)  # a draft without a key has no conflict
    return outcome.seq


def passage_kind(before: Role | None, after: Role | None) -> Kind:
    """What became of somebody's passage at a device: given, taken, or another role that administers it or does not."""
    if after is None:
        return Kind.SHARE_REVOKED
    if before is None or (before in ADMINISTERS) == (after in ADMINISTERS):
        return Kind.SHARE_GRANTED
    return Kind.USER_PROMOTED if after in ADMINISTERS else Kind.USER_DEMOTED


def tell_shares(
    transaction: Transaction, principal: Principal, before: User | None, after: User | None, now: Instant
) -> None:
    """The events of a user who was made (`before` is None), changed or removed (`after` is None).

    A grant of everything is no share of any one device; a role counts at every lock that the user may see.
    """
    user = after or before
    assert user is not None
    told: list[tuple[Device, Kind]] = []
    was, became = (NO_GRANT if one is None else one.grant for one in (before, after))
    for kind, gained, held in ((Kind.SHARE_GRANTED, became, was), (Kind.SHARE_REVOKED, was, became)):
        told += [(one, kind) for one in _named(transaction, user, gained) if not held.shows(one.number, one.site)]
    if before is not None and after is not None:
        told += [(one, kind) for kind in _role(before, after) for one in _both(transaction, before, after)]
    if not told or len(told) > LIMIT:
        return
    person = None if user.person is None else transaction.person(user.organisation, user.person)
    subject = Party(user_id=str(user.id)) if person is None else None  # else the event's own person says it
    data = msgspec.json.encode(Parties(issuer=issuer_of(transaction, principal), subject=subject))
    for device, kind in told:
        told_at(transaction, principal, device, kind, now, person=person, data=data)


def _named(transaction: Transaction, user: User, grant: Grant) -> list[Device]:
    """The devices that a grant names, by themselves or by their sites."""
    if grant.everything:
        return []
    return transaction.gates.devices_in(user.organisation, grant, LIMIT + 1)


def _role(before: User, after: User) -> list[Kind]:
    was, became = Scope.ADMIN in before.scopes, Scope.ADMIN in after.scopes
    return [] if was == became else [Kind.USER_PROMOTED if became else Kind.USER_DEMOTED]


def _both(transaction: Transaction, before: User, after: User) -> list[Device]:
    """The locks that the user may see before and after."""
    found = transaction.gates.devices_in(after.organisation, after.grant, LIMIT + 1, sorted(LOCKS))
    return [one for one in found if before.grant.shows(one.number, one.site)]
