"""Services: programs that sign in with a client id and a secret, and see everything of their organisation."""

from __future__ import annotations

from dataclasses import replace

from gatebook.domain.access import EVERYTHING, Principal
from gatebook.domain.accounts import Service
from gatebook.services.accounts import AccountRoom, Made, may_give
from gatebook.services.forms import NewService, ServiceChange, given
from gatebook.services.names import login_of, named, new_id, numbered, purpose_of
from gatebook.services.rooms import need
from gatebook.services.secrets import hash_of, make_secret
from gatebook.store import Shelf, Transaction, Writing
from gatebook.store.contract import Ref


class ServiceAccounts(AccountRoom[Service, ServiceChange]):
    """Each secret is shown once."""

    noun = "service"

    @property
    def _shelf(self) -> Shelf[Service]:
        return self._store.accounts.services

    def _writing(self, transaction: Transaction) -> Writing[Service]:
        return transaction.accounts.services

    async def add(self, principal: Principal, form: NewService) -> Made[Service]:
        """Makes a service; a client id taken is a Conflict, a right not held Forbidden."""
        need(principal, self.manages)
        secret = make_secret()

        def work(transaction: Transaction) -> Service:
            org = principal.organisation
            may_give(transaction, principal, form.scopes, EVERYTHING)
            id_ = form.id or new_id()
            service = Service(
                organisation=org,
                number=numbered(form.number or transaction.accounts.services.next_number(org)),
                id=id_,
                client_id=login_of(form.client_id or str(id_), "client_id"),
                hash=hash_of(secret),
                name=named(form.name),
                scopes=form.scopes,
                purpose=purpose_of(form.purpose),
                created=self._now(),
                expires=form.expires,
            )
            return self._put(transaction, principal, service)

        return Made(await self._store.write(work), secret)

    async def renew_secret(self, principal: Principal, ref: Ref, *, expected: int | None = None) -> Made[Service]:
        """Another secret, shown once; the old one no longer holds."""
        need(principal, self.manages)
        secret = make_secret()

        def work(transaction: Transaction) -> Service:
            before = self._found(transaction, principal, ref, expected)
            return self._replaced(transaction, principal, before, replace(before, hash=hash_of(secret)))

        return Made(await self._store.write(work), secret)

    def _changed(self, transaction: Transaction, principal: Principal, before: Service, form: ServiceChange) -> Service:
        fields = given(form, "disabled")
        if isinstance(form.name, str):
            named(form.name)
        purpose_of(fields.get("purpose"))
        if isinstance(form.disabled, bool):
            fields["disabled"] = (before.disabled or self._now()) if form.disabled else None
        after = replace(before, **fields)
        may_give(transaction, principal, after.scopes, EVERYTHING)
        return after
