"""What users, services, keys and device tokens have in common: nobody gives, changes or sees more than they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gatebook.domain.access import EVERYTHING, Grant, Principal, Scope, excess
from gatebook.domain.accounts import Account
from gatebook.domain.errors import Conflict, Forbidden, Unplaceable
from gatebook.services.forms import Reach
from gatebook.services.rooms import Room
from gatebook.store import Transaction
from gatebook.store.contract import Ref

A = TypeVar("A", bound=Account)
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Made(Generic[A]):
    """A new account, and its secret, which is kept nowhere."""

    account: A
    secret: str

    def __repr__(self) -> str:
        return f"Made(account={self.account!r})"


class AccountRoom(Room[A, F]):
    """An account whose rights go beyond an administrator's own is hidden from that administrator.

    Otherwise who sees one site could take over the account of somebody who sees all.
    """

    reads = (Scope.ADMIN,)
    manages = Scope.ADMIN

    async def _shown(self, principal: Principal, found: Sequence[A]) -> Sequence[A]:
        sites: dict[int, int | None] = {}
        if not principal.grant.everything:
            numbers = {device for account in found for device in account.grant.devices}
            sites = await self._store.read(self._store.directory.sites_of_devices, principal.organisation, numbers)
        return [one for one in found if excess(principal, one.scopes, one.grant, sites) is None]

    def _shown_in(self, transaction: Transaction, principal: Principal, found: A) -> bool:
        sites = transaction.entities.sites_of_devices(principal.organisation, found.grant.devices)
        return excess(principal, found.scopes, found.grant, sites) is None

    def _settled(self, transaction: Transaction, principal: Principal, before: A, after: A | None) -> None:
        administered = Scope.ADMIN in before.scopes and before.grant.everything
        if administered and not transaction.accounts.lasting_administrators(principal.organisation):
            raise Conflict(
                f"this {self.noun} is the last administrator: nobody else may do everything, see everything and does "
                "not expire; make another one first"
            )


def may_give(transaction: Transaction, principal: Principal, scopes: Iterable[Scope], grant: Grant) -> None:
    """Forbidden where a scope or a part of the grant is not held by the giver."""
    sites = transaction.entities.sites_of_devices(principal.organisation, grant.devices)
    beyond = excess(principal, scopes, grant, sites)
    if beyond is not None:
        field, what = beyond
        raise Forbidden(f"{field}: nobody gives what they do not hold, and you do not hold {what}; leave it out")


def grant_of(transaction: Transaction, principal: Principal, reach: Reach) -> Grant:
    """The grant that is named; Unplaceable for a site or device that is not there or that the giver may not see."""
    if reach.everything:
        return EVERYTHING
    return Grant(
        sites=frozenset(site_of(transaction, principal, ref, "grant.sites") for ref in reach.sites),
        devices=frozenset(device_of(transaction, principal, ref, "grant.devices") for ref in reach.devices),
    )


def site_of(transaction: Transaction, principal: Principal, ref: Ref, field: str = "site") -> int:
    """The number of a site that the principal may see."""
    found = transaction.site(principal.organisation, ref)
    if found is None or not (principal.grant.everything or found.number in principal.grant.sites):
        raise Unplaceable(field, f"no such site: {ref}", "make the site known first")
    return found.number


def device_of(transaction: Transaction, principal: Principal, ref: Ref, field: str = "device") -> int:
    """The number of a device that the principal may see."""
    found = transaction.device(principal.organisation, ref)
    if found is None or found.removed or not principal.grant.shows(found.number, found.site):
        raise Unplaceable(field, f"no such device: {ref}", "make the device known first")
    return found.number


def person_of(transaction: Transaction, principal: Principal, ref: Ref) -> int:
    """The number of a person."""
    found = transaction.person(principal.organisation, ref)
    if found is None or found.removed:
        raise Unplaceable("person", f"no such person: {ref}", "make the person known first")
    return found.number
