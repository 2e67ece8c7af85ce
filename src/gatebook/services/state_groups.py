"""Groups of states that were made at run time: the states that events of an event type can enter."""

from __future__ import annotations

from dataclasses import replace

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Conflict
from gatebook.domain.places import StateGroup
from gatebook.services.devices import READERS
from gatebook.services.event_types import words
from gatebook.services.forms import NewStateGroup, StateGroupChange, given
from gatebook.services.names import named, new_id
from gatebook.services.rooms import Room, need
from gatebook.services.sites import need_everything
from gatebook.store import Shelf, Transaction, Writing


class StateGroups(Room[StateGroup, StateGroupChange]):
    """They belong to the organisation: whoever may see everything changes them, whoever sees a device may read them."""

    noun = "state group"
    reads = READERS
    manages = Scope.DEVICES_MANAGE

    @property
    def _shelf(self) -> Shelf[StateGroup]:
        return self._store.entities.state_groups

    def _writing(self, transaction: Transaction) -> Writing[StateGroup]:
        return transaction.entities.state_groups

    async def add(self, principal: Principal, form: NewStateGroup) -> StateGroup:
        """Adds a group; Conflict where its id is taken."""
        need(principal, self.manages)
        need_everything(principal)

        def work(transaction: Transaction) -> StateGroup:
            one = StateGroup(
                id=form.id or new_id(),
                name=named(form.name),
                states=words("states", form.states),
                modified=self._now(),
            )
            return self._put(transaction, principal, one)

        return await self._store.write(work)

    def _changed(
        self, transaction: Transaction, principal: Principal, before: StateGroup, form: StateGroupChange
    ) -> StateGroup:
        need_everything(principal)
        fields = given(form)
        if isinstance(form.name, str):
            named(form.name)
        words("states", fields.get("states", ()))
        return replace(before, **fields)

    def _write_change(
        self, transaction: Transaction, principal: Principal, before: StateGroup, after: StateGroup
    ) -> None:
        super()._write_change(transaction, principal, before, replace(after, modified=self._now()))

    def _taken_away(self, transaction: Transaction, principal: Principal, found: StateGroup) -> None:
        need_everything(principal)
        name = transaction.entities.entering(principal.organisation, found.id)
        if name is not None:
            raise Conflict(f"events of the type {name} enter its states; change the type first")
        super()._taken_away(transaction, principal, found)
