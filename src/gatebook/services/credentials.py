"""Credentials: the cards, PINs, phones and plates of people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from hmac import new

from msgspec import UnsetType

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.kinds import Method
from gatebook.domain.places import Credential
from gatebook.domain.times import Instant
from gatebook.services.accounts import person_of
from gatebook.services.forms import CredentialChange, NewCredential, given
from gatebook.services.names import NAME_LIMIT, new_id, numbered
from gatebook.services.rooms import Room, need
from gatebook.store import Shelf, Store, Transaction, Writing

VALUE_LIMIT = 64
PLATE_LIMIT = 16
HASHED = "hashed:"
"""Before what is kept of a PIN; with it, that is longer than any value."""


class Credentials(Room[Credential, CredentialChange]):
    """Its value is shown to who may read credentials, or plates where it is one; a PIN's to nobody.

    Of a PIN the store keeps a keyed hash: a PIN is guessed from a plain one at once, and from this not without the
    server's secret.
    """

    noun = "credential"
    reads = (Scope.CREDENTIALS_READ, Scope.PEOPLE_MANAGE)
    manages = Scope.PEOPLE_MANAGE
    secret = frozenset({"label"})

    def __init__(self, store: Store, *, key: bytes, now: Callable[[], Instant]) -> None:
        """`key`: what PINs are hashed with."""
        super().__init__(store, now=now)
        self._key = key

    @property
    def _shelf(self) -> Shelf[Credential]:
        return self._store.entities.credentials

    def _writing(self, transaction: Transaction) -> Writing[Credential]:
        return transaction.entities.credentials

    def _seen(self, principal: Principal, value: Credential) -> Credential:
        scope = Scope.PLATES_READ if value.method is Method.PLATE else Scope.CREDENTIALS_READ
        if value.method is Method.PIN or not principal.may(scope):
            return replace(value, value=None)
        return value

    async def add(self, principal: Principal, form: NewCredential) -> Credential:
        """Gives a person a credential; Conflict where the value is taken, Unplaceable for an unknown person."""
        need(principal, self.manages)

        def work(transaction: Transaction) -> Credential:
            org = principal.organisation
            credential = Credential(
                number=numbered(form.number or transaction.entities.credentials.next_number(org)),
                id=form.id or new_id(),
                person=person_of(transaction, principal, form.person),
                method=form.method,
                value=self._kept(org, form.method, form.value),
                label=label_of(form.label),
                valid_from=form.valid_from,
                valid_until=form.valid_until,
            )
            in_order(credential.valid_from, credential.valid_until)
            return self._seen(principal, self._put(transaction, principal, credential))

        return await self._store.write(work)

    def _changed(
        self, transaction: Transaction, principal: Principal, before: Credential, form: CredentialChange
    ) -> Credential:
        fields = given(form, "person")
        if isinstance(form.value, str):
            fields["value"] = self._kept(principal.organisation, before.method, form.value)
        if isinstance(form.label, str):
            label_of(form.label)
        if not isinstance(form.person, UnsetType):
            fields["person"] = person_of(transaction, principal, form.person)
        after = replace(before, **fields)
        in_order(after.valid_from, after.valid_until)
        return after

    async def seal_pins(self) -> None:
        """Hashes the PINs that an older Gatebook left in the clear, of every organisation."""

        def work(transaction: Transaction) -> None:
            for org, number, pin in transaction.entities.pins_in_the_clear():
                transaction.entities.set_value(org, number, self._kept(org, Method.PIN, pin))

        if await self._store.read(self._store.entities.has_pins_in_the_clear):
            await self._store.write(work)

    def _kept(self, org: int, method: Method, value: str) -> str:
        """The value as it is kept; equal PINs of one organisation are equal there, too."""
        wanted = value_of(method, value)
        if method is not Method.PIN:
            return wanted
        return HASHED + new(self._key, f"{org}\n{wanted}".encode("utf-8", "surrogatepass"), sha256).hexdigest()


def value_of(method: Method, value: str) -> str:
    """The value, if it may be one; a plate in upper case."""
    limit = PLATE_LIMIT if method is Method.PLATE else VALUE_LIMIT
    if not value.strip() or len(value) > limit:
        raise BadInput("value", f"has {len(value)} characters", f"give 1 to {limit}, not all of them spaces")
    return value.upper() if method is Method.PLATE else value


def label_of(label: str) -> str:
    """The label, if it may be one."""
    if len(label) > NAME_LIMIT:
        raise BadInput("label", f"has {len(label)} characters", f"give at most {NAME_LIMIT}")
    return label


def in_order(since: Instant | None, until: Instant | None) -> None:
    """BadInput where a credential would end before it begins."""
    if since is not None and until is not None and until <= since:
        raise BadInput("valid_until", "is not after valid_from", "give a later time, or none")
