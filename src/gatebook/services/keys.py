"""API keys: made once, shown once, kept as hashes, and turned back into the principal who holds one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from gatebook.domain.access import EVERYTHING, Grant, Principal, Scope
from gatebook.domain.accounts import ApiKey
from gatebook.domain.errors import Conflict
from gatebook.domain.times import Instant
from gatebook.services.access import Access
from gatebook.services.accounts import AccountRoom, Made, grant_of, may_give
from gatebook.services.forms import KeyChange, NewKey, Reach, given
from gatebook.services.names import named, new_id, purpose_of
from gatebook.services.rooms import need
from gatebook.services.secrets import SHOWN, hash_of, make_secret
from gatebook.store import Shelf, Store, Transaction, Writing


class Keys(AccountRoom[ApiKey, KeyChange]):
    """Who holds which key."""

    noun = "key"

    def __init__(self, store: Store, *, now: Callable[[], Instant], access: Access) -> None:
        """`access` remembers the holders."""
        super().__init__(store, now=now)
        self._access = access

    @property
    def _shelf(self) -> Shelf[ApiKey]:
        return self._store.accounts.keys

    def _writing(self, transaction: Transaction) -> Writing[ApiKey]:
        return transaction.accounts.keys

    async def principal_of(self, key: str) -> Principal:
        """The holder of a key; an unknown, revoked or expired one is Unauthenticated, in the same words."""
        return await self._access.principal_of_key(key)

    async def add(self, principal: Principal, form: NewKey) -> Made[ApiKey]:
        """Makes a key; a right not held is Forbidden."""
        need(principal, self.manages)
        secret = make_secret()

        def work(transaction: Transaction) -> ApiKey:
            grant = grant_of(transaction, principal, form.grant)
            may_give(transaction, principal, form.scopes, grant)
            key = key_of(
                secret,
                principal.organisation,
                form.name,
                form.scopes,
                grant,
                self._now(),
                purpose=purpose_of(form.purpose),
                expires=form.expires,
                id=form.id,
            )
            return self._put(transaction, principal, key)

        return Made(await self._store.write(work), secret)

    def _changed(self, transaction: Transaction, principal: Principal, before: ApiKey, form: KeyChange) -> ApiKey:
        fields = given(form, "grant", "revoked")
        if isinstance(form.name, str):
            named(form.name)
        purpose_of(fields.get("purpose"))
        if isinstance(form.grant, Reach):
            fields["grant"] = grant_of(transaction, principal, form.grant)
        if isinstance(form.revoked, bool):
            fields["revoked"] = revoked_at(before.revoked, form.revoked, self._now())
        after = replace(before, **fields)
        may_give(transaction, principal, after.scopes, after.grant)
        return after


def revoked_at(before: Instant | None, wanted: bool, now: Instant) -> Instant | None:
    """When it was revoked; Conflict for one that was and is to hold again."""
    if before is not None and not wanted:
        raise Conflict("what is revoked stays so; make a new one")
    return (before or now) if wanted else None


def key_of(
    secret: str,
    org: int,
    name: str,
    scopes: frozenset[Scope],
    grant: Grant,
    now: Instant,
    *,
    purpose: str | None = None,
    expires: Instant | None = None,
    id: UUID | None = None,
) -> ApiKey:
    """What is kept of a new key."""
    return ApiKey(
        id=id or new_id(),
        organisation=org,
        name=named(name),
        scopes=scopes,
        grant=grant,
        purpose=purpose,
        created=now,
        expires=expires,
        prefix=secret[:SHOWN],
        hash=hash_of(secret),
    )


def make_key(
    transaction: Transaction,
    org: int,
    name: str,
    scopes: frozenset[Scope],
    *,
    now: Instant,
    grant: Grant = EVERYTHING,
    expires: Instant | None = None,
    id: UUID | None = None,
) -> str:
    """Makes a key within a transaction, by nobody's leave, and returns its text, which is nowhere kept.

    This is how an organisation's first key comes about.
    """
    secret = make_secret()
    transaction.accounts.keys.insert(org, key_of(secret, org, name, scopes, grant, now, expires=expires, id=id))
    return secret
