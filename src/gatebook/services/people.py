"""People: made known, renamed, and removed from the directory without a word of history being lost."""

from __future__ import annotations

from dataclasses import replace

from gatebook.domain.access import Principal, Scope
from gatebook.domain.places import Person
from gatebook.services.forms import NewPerson, PersonChange, given
from gatebook.services.names import named, new_id, numbered
from gatebook.services.rooms import Room, need
from gatebook.store import Shelf, Transaction, Writing


class People(Room[Person, PersonChange]):
    """Who goes through doors.  One who was removed can still be had by id, since history tells of them."""

    noun = "person"
    reads = (Scope.PEOPLE_READ, Scope.PEOPLE_MANAGE)
    manages = Scope.PEOPLE_MANAGE
    secret = frozenset({"name"})

    @property
    def _shelf(self) -> Shelf[Person]:
        return self._store.entities.people

    def _writing(self, transaction: Transaction) -> Writing[Person]:
        return transaction.entities.people

    async def add(self, principal: Principal, form: NewPerson) -> Person:
        """Makes a person known; Conflict where the id or number is taken."""
        need(principal, self.manages)
        number = None if form.number is None else numbered(form.number)

        def work(transaction: Transaction) -> Person:
            person = transaction.add_person(principal.organisation, form.id or new_id(), named(form.name), number)
            self._tell_added(transaction, principal, person)
            return person

        return await self._store.write(work)

    def _changed(self, transaction: Transaction, principal: Principal, before: Person, form: PersonChange) -> Person:
        if isinstance(form.name, str):
            named(form.name)
        return replace(before, **given(form))

    def _taken_away(self, transaction: Transaction, principal: Principal, found: Person) -> None:
        """What the person carries goes too, and no user is bound to the person any more."""
        if found.removed:
            raise self._absent()
        org = principal.organisation
        transaction.entities.people.change(org, replace(found, removed=True, revision=found.revision + 1))
        transaction.entities.drop_credentials(org, found)
        transaction.accounts.unbind(org, found.number)
