"""Organisations: founded, changed, and joined to a parent whose principals may read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gatebook.domain.access import Principal, Scope, reading
from gatebook.domain.errors import Conflict, Forbidden, Unplaceable
from gatebook.domain.places import Organisation
from gatebook.services.forms import NewOrganisation, OrganisationChange, given
from gatebook.services.keys import make_key
from gatebook.services.names import named, new_id, zoned
from gatebook.services.rooms import Room, need
from gatebook.services.sites import need_everything
from gatebook.services.telling import added, changed, removed, tell
from gatebook.store import Shelf, Transaction, Writing
from gatebook.store.contract import Ref


@dataclass(frozen=True, slots=True)
class Founded:
    """A new organisation, and its administrator's API key, which is kept nowhere."""

    organisation: Organisation
    key: str = field(repr=False)


class Organisations(Room[Organisation, OrganisationChange]):
    """One's own and its children.  One is removed only while it has no log."""

    noun = "organisation"
    reads = tuple(Scope)
    manages = Scope.ADMIN

    @property
    def _shelf(self) -> Shelf[Organisation]:
        return self._store.entities.organisations

    def _writing(self, transaction: Transaction) -> Writing[Organisation]:
        return transaction.entities.organisations

    async def _shown(self, principal: Principal, found: Sequence[Organisation]) -> Sequence[Organisation]:
        return [one for one in found if reading(principal, one) is not None]

    def _shown_in(self, transaction: Transaction, principal: Principal, found: Organisation) -> bool:
        return reading(principal, found) is not None

    async def add(self, principal: Principal, form: NewOrganisation) -> Founded:
        """Founds a child; its first administrator is whoever holds the key that comes with it, and nobody else."""
        need(principal, self.manages)
        need_everything(principal)

        def work(transaction: Transaction) -> Founded:
            now = self._now()
            number = found_organisation(transaction, form.name, form.zone)
            child = self._settings(transaction, number)
            child = replace(child, parent=principal.organisation, purpose_required=form.purpose_required)
            transaction.entities.organisations.change(number, child)
            key = make_key(transaction, number, "administrator", frozenset({Scope.ADMIN}), now=now)
            for log in (principal.organisation, number):
                tell(transaction, principal, self._subject(child), added(child), now, organisation=log)
            return Founded(child, key)

        return await self._store.write(work)

    async def adopt(self, principal: Principal, number: int, parent: int | None) -> Organisation:
        """Joins an organisation to a parent, or parts it from its own; for those who may work on the store's file.

        Conflict where it would become its own ancestor, Unplaceable for a parent that is not there.
        """

        def work(transaction: Transaction) -> Organisation:
            before = self._settings(transaction, number)
            line, seen = parent, {number}
            while line is not None:
                if line in seen:
                    raise Conflict("an organisation cannot be its own ancestor; choose another parent")
                seen.add(line)
                line = self._settings(transaction, line).parent
            after = replace(before, parent=parent, revision=before.revision + 1)
            told = changed(before, after)
            if not told:
                return before
            transaction.entities.organisations.change(number, after)
            for log in sorted({number, before.parent, parent} - {None}, key=lambda one: one or 0):
                tell(transaction, principal, self._subject(after), told, self._now(), organisation=log)
            return after

        return await self._store.write(work)

    def _settings(self, transaction: Transaction, number: int) -> Organisation:
        found = transaction.organisation(number)
        if found is None:
            raise Unplaceable("parent", f"no such organisation: {number}", "give one that is there")
        return found

    def _changed(
        self, transaction: Transaction, principal: Principal, before: Organisation, form: OrganisationChange
    ) -> Organisation:
        need_everything(principal)
        if before.number != principal.organisation:
            raise Forbidden("an organisation is changed by its own administrators alone")
        if isinstance(form.name, str):
            named(form.name)
        if isinstance(form.zone, str):
            zoned(form.zone)
        return replace(before, **given(form))

    async def remove(self, principal: Principal, ref: Ref, *, expected: int | None = None) -> None:
        """Removes an organisation to which nothing was ever reported, with its accounts and its directory.

        By administrators of its parent, and by who works on the store's file.  Conflict while it has a log, which can
        be emptied by retention alone, or children.
        """
        need(principal, self.manages)
        need_everything(principal)

        def work(transaction: Transaction) -> None:
            found = self._found(transaction, principal, ref, expected)
            if found.number == principal.organisation and principal.visit is not None:
                raise Forbidden("an organisation is removed by the administrators of its parent")
            if transaction.organisations.has_reports(found.number):
                raise Conflict("this organisation has a log; it goes when retention has removed every event of it")
            if transaction.organisations.has_children(found.number):
                raise Conflict("this organisation is the parent of others; part them from it first")
            transaction.organisations.remove(found.number)
            transaction.entities.organisations.changed(found.number)
            if found.parent is not None:
                told = removed(found)
                tell(transaction, principal, self._subject(found), told, self._now(), organisation=found.parent)

        await self._store.write(work)


def found_organisation(transaction: Transaction, name: str, zone: str) -> int:
    """Founds an organisation within a transaction; its number."""
    zoned(zone)
    return transaction.add_organisation(new_id(), named(name), zone)
