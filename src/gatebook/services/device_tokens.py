"""Device tokens: what a device presents when it reports about itself, and about nothing else."""

from __future__ import annotations

from dataclasses import replace

from gatebook.domain.access import Principal, Scope
from gatebook.domain.accounts import DeviceToken
from gatebook.services.accounts import AccountRoom, Made, device_of, may_give
from gatebook.services.forms import DeviceTokenChange, NewDeviceToken, given
from gatebook.services.keys import revoked_at
from gatebook.services.names import named, new_id
from gatebook.services.rooms import need
from gatebook.services.secrets import SHOWN, hash_of, make_secret
from gatebook.store import Shelf, Transaction, Writing


class DeviceTokens(AccountRoom[DeviceToken, DeviceTokenChange]):
    """Whoever manages a device and may report for it gives it its tokens."""

    noun = "device token"
    reads = (Scope.DEVICES_MANAGE,)
    manages = Scope.DEVICES_MANAGE

    @property
    def _shelf(self) -> Shelf[DeviceToken]:
        return self._store.accounts.device_tokens

    def _writing(self, transaction: Transaction) -> Writing[DeviceToken]:
        return transaction.accounts.device_tokens

    async def add(self, principal: Principal, form: NewDeviceToken) -> Made[DeviceToken]:
        """Makes a token; an unknown device is Unplaceable, a right not held Forbidden."""
        need(principal, self.manages)
        secret = make_secret()

        def work(transaction: Transaction) -> DeviceToken:
            token = DeviceToken(
                id=form.id or new_id(),
                organisation=principal.organisation,
                device=device_of(transaction, principal, form.device),
                name=named(form.name),
                created=self._now(),
                expires=form.expires,
                prefix=secret[:SHOWN],
                hash=hash_of(secret),
            )
            may_give(transaction, principal, token.scopes, token.grant)
            return self._put(transaction, principal, token)

        return Made(await self._store.write(work), secret)

    def _changed(
        self, transaction: Transaction, principal: Principal, before: DeviceToken, form: DeviceTokenChange
    ) -> DeviceToken:
        fields = given(form, "revoked")
        if isinstance(form.name, str):
            named(form.name)
        if isinstance(form.revoked, bool):
            fields["revoked"] = revoked_at(before.revoked, form.revoked, self._now())
        return replace(before, **fields)
