"""Sites: made known, changed, and removed when nothing stands there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Conflict, Forbidden, NotFound
from gatebook.domain.places import Site
from gatebook.services.devices import READERS
from gatebook.services.forms import NewSite, SiteChange, given
from gatebook.services.names import named, new_id, numbered, zoned
from gatebook.services.rooms import Room, need
from gatebook.store import Shelf, Transaction, Writing


class Sites(Room[Site, SiteChange]):
    """Places with a time zone of their own."""

    noun = "site"
    reads = READERS
    manages = Scope.DEVICES_MANAGE

    @property
    def _shelf(self) -> Shelf[Site]:
        return self._store.entities.sites

    def _writing(self, transaction: Transaction) -> Writing[Site]:
        return transaction.entities.sites

    async def _shown(self, principal: Principal, found: Sequence[Site]) -> Sequence[Site]:
        return [site for site in found if principal.grant.everything or site.number in principal.grant.sites]

    def _shown_in(self, transaction: Transaction, principal: Principal, found: Site) -> bool:
        return principal.grant.everything or found.number in principal.grant.sites

    async def add(self, principal: Principal, form: NewSite) -> Site:
        """Makes a site known; Conflict where its id or number is taken, Forbidden where its maker could not see it."""
        need(principal, self.manages)
        need_everything(principal)
        number = None if form.number is None else numbered(form.number)

        def work(transaction: Transaction) -> Site:
            org = principal.organisation
            own = transaction.organisation(org)
            if own is None:
                raise NotFound("no such organisation")
            zone = zoned(form.zone or own.zone)
            site = transaction.add_site(org, form.id or new_id(), named(form.name), zone, number)
            self._tell_added(transaction, principal, site)
            return site

        return await self._store.write(work)

    def _changed(self, transaction: Transaction, principal: Principal, before: Site, form: SiteChange) -> Site:
        if isinstance(form.name, str):
            named(form.name)
        if isinstance(form.zone, str):
            zoned(form.zone)
        return replace(before, **given(form))

    def _taken_away(self, transaction: Transaction, principal: Principal, found: Site) -> None:
        if not transaction.entities.is_empty(principal.organisation, found):
            raise Conflict(
                "devices stand at this site, or stood there when they were decommissioned, and their history counts "
                "to it; move them first"
            )
        super()._taken_away(transaction, principal, found)


def need_everything(principal: Principal) -> None:
    """Forbidden for a principal with a narrow grant."""
    if not principal.grant.everything:
        raise Forbidden("this needs a grant of everything")
