"""Webhooks as they are made and changed: where to, which events, signed with secrets that are shown once.

Events are chosen and shown with the rights of whoever changed the webhook last, checked again at each delivery.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict

from gatebook.domain.access import Principal, Scope
from gatebook.domain.deliveries import PREFIX
from gatebook.domain.errors import BadInput, Conflict, NotFound
from gatebook.domain.filters import Filter
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.egress import judged
from gatebook.services.names import named, new_id
from gatebook.services.rooms import Room, need
from gatebook.services.rule_forms import Name, When
from gatebook.services.rule_reading import filter_of
from gatebook.services.telling import tell
from gatebook.services.views import permitted
from gatebook.store import Shelf, Store, Transaction, Writing
from gatebook.store.contract import Ref
from gatebook.store.sqlite.reading import head
from gatebook.store.webhooks import Delivery, Health, Webhook

MOST_WEBHOOKS = 100
"""In one organisation."""
OVERLAP_S = 86_400
NONCE_BYTES = 12
Url = Annotated[str, Meta(min_length=1, max_length=2_048)]
Sends = Literal["events", "rules"]


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A webhook; without conditions every event that its maker sees, and `rules` sends what rules send alone."""

    name: Name
    url: Url
    filter: When = msgspec.field(default_factory=dict)
    sends: Sends = "events"
    ordered: bool = False
    format: str = "native"
    enabled: bool = True


class WebhookChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of a webhook."""

    name: Name | UnsetType = UNSET
    url: Url | UnsetType = UNSET
    filter: When | UnsetType = UNSET
    sends: Sends | UnsetType = UNSET
    ordered: bool | UnsetType = UNSET
    format: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class Made(NamedTuple):
    """A webhook and its secret, which is not told again."""

    webhook: Webhook
    secret: str


class Sealer:
    """Keeps secrets encrypted in the store: a copy of the file alone signs nothing."""

    def __init__(self, key: bytes) -> None:
        """`key`: 32 bytes."""
        self._cipher = AESGCMSIV(key)

    def seal(self, secret: str, webhook: bytes) -> bytes:
        """For this webhook alone."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), webhook)

    def open(self, sealed: bytes, webhook: bytes) -> str:
        """What was sealed."""
        return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], webhook).decode()


class Webhooks(Room[Webhook, WebhookChange]):
    """The webhooks of an organisation."""

    noun = "webhook"
    reads = (Scope.ADMIN,)
    manages = Scope.ADMIN

    def __init__(self, store: Store, sealer: Sealer, formats: Collection[str], *, now: Callable[[], Instant]) -> None:
        """`formats`: names of the bodies that can be sent."""
        super().__init__(store, now=now)
        self._sealer = sealer
        self._formats = formats

    @property
    def _shelf(self) -> Shelf[Webhook]:
        return self._store.webhooks.webhooks

    def _writing(self, transaction: Transaction) -> Writing[Webhook]:
        return transaction.webhooks.webhooks

    async def add(self, principal: Principal, form: NewWebhook) -> Made:
        """Adds a webhook; it looks at what is reported from now on.  Conflict where its name is taken."""
        need(principal, self.manages)

        def work(transaction: Transaction) -> Made:
            org = principal.organisation
            if transaction.webhooks.count(org) >= MOST_WEBHOOKS:
                raise Conflict(f"there are {MOST_WEBHOOKS} webhooks; remove one before you add another")
            one = self._put(transaction, principal, self._written(transaction, principal, form, Webhook(
                id=new_id(), name="", url="", filter="", sends="", ordered=False, format="", enabled=True,
                author_kind=principal.kind, author=principal.id, author_key=None, reach=principal.grant,
            )))  # fmt: skip
            transaction.webhooks.start(org, one.id, head(transaction.connection, org))
            return Made(one, self._new_secret(transaction, org, one, 0))

        return await self._store.write(work)

    async def rotate(self, principal: Principal, ref: Ref, overlap_s: float = OVERLAP_S) -> Made:
        """A new secret; those before sign beside it for `overlap_s` seconds, and then no more."""
        need(principal, self.manages)

        def work(transaction: Transaction) -> Made:
            found = self._found(transaction, principal, ref, None)
            secret = self._new_secret(transaction, principal.organisation, found, overlap_s)
            tell(transaction, principal, self._subject(found), {"act": "secret rotated"}, self._now())
            return Made(found, secret)

        return await self._store.write(work)

    async def health(self, one: Webhook, org: int) -> Health:
        """How it fares."""
        found = await self._store.read(self._store.webhooks.health_of, org, one.id)
        if found is None:
            raise self._absent()
        return found

    async def deliveries(
        self, principal: Principal, ref: Ref, *, state: str | None = None, before: int = 2**62, limit: int = 100
    ) -> Sequence[Delivery]:
        """What was and is to be sent, newest first; `before` goes on from an earlier page."""
        one = await self.get(principal, ref)
        read = self._store.webhooks.deliveries_of
        return await self._store.read(read, principal.organisation, one.id, state, before, limit)

    async def replay(self, principal: Principal, ref: Ref, delivery: int | None = None) -> int:
        """Sends one again, or (None) all that failed; how many.  NotFound where there is no such delivery."""
        need(principal, self.manages)

        def work(transaction: Transaction) -> int:
            found = self._found(transaction, principal, ref, None)
            count = transaction.webhooks.replay(principal.organisation, found.id, delivery, self._now())
            if delivery is not None and not count:
                raise NotFound("no such delivery")
            tell(transaction, principal, self._subject(found), {"act": "replayed", "count": count}, self._now())
            return count

        return await self._store.write(work)

    async def replay_missing(self, principal: Principal, ref: Ref, seq: int) -> None:
        """Looks at the log beyond `seq` again: what has not been delivered is sent, what has been is not."""
        need(principal, self.manages)

        def work(transaction: Transaction) -> None:
            found = self._found(transaction, principal, ref, None)
            health = transaction.webhooks.health(principal.organisation, found.id)
            assert health is not None  # made with the webhook
            transaction.webhooks.move(principal.organisation, found.id, min(seq, health.seq))
            tell(transaction, principal, self._subject(found), {"act": "missing replayed", "seq": seq}, self._now())

        await self._store.write(work)

    async def _shown(self, principal: Principal, found: Sequence[Webhook]) -> Sequence[Webhook]:
        return [one for one in found if is_shown(principal, one)]

    def _shown_in(self, transaction: Transaction, principal: Principal, found: Webhook) -> bool:
        return is_shown(principal, found)

    def _changed(self, transaction: Transaction, principal: Principal, before: Webhook, form: WebhookChange) -> Webhook:
        given = {name: value for name, value in asdict(form).items() if value is not UNSET}
        if not given:
            return before
        kept = {name: getattr(before, name) for name in NewWebhook.__struct_fields__ if name != "filter"}
        kept["filter"] = msgspec.json.decode(before.filter, type=When)
        return self._written(transaction, principal, NewWebhook(**{**kept, **given}), before)

    def _settled(self, transaction: Transaction, principal: Principal, before: Webhook, after: Webhook | None) -> None:
        health = transaction.webhooks.health(principal.organisation, before.id)
        if after is not None and after.enabled and not before.enabled and health is not None:
            transaction.webhooks.start(principal.organisation, before.id, health.seq)

    def _written(self, transaction: Transaction, principal: Principal, form: NewWebhook, before: Webhook) -> Webhook:
        """With the rights of this principal, from here on."""
        judged(form.url)
        if form.format not in self._formats:
            words = ", ".join(sorted(self._formats))
            raise BadInput("format", f"{form.format[:40]} is not known here", f"expected one of {words}")
        zone = ZoneInfo(transaction.rules.zone(principal.organisation))
        permitted(filter_of(form.filter, zone, "filter"), principal)
        return replace(
            before, name=named(form.name), url=form.url, filter=msgspec.json.encode(form.filter).decode(),
            sends=form.sends, ordered=form.ordered, format=form.format, enabled=form.enabled,
            why="" if form.enabled else before.why, author_kind=principal.kind, author=principal.id,
            author_key=principal.key, reach=principal.grant,
        )  # fmt: skip

    def _new_secret(self, transaction: Transaction, org: int, one: Webhook, overlap_s: float) -> str:
        secret = PREFIX + base64.b64encode(os.urandom(32)).decode()
        now = self._now()
        sealed = self._sealer.seal(secret, one.id.bytes)
        transaction.webhooks.put_secret(org, one.id, sealed, now, now + round(overlap_s * SECOND_NS))
        return secret


def conditions_of(one: Webhook, zone: ZoneInfo) -> Filter:
    """Which events it sends."""
    return filter_of(msgspec.json.decode(one.filter, type=When), zone, "filter")


def is_shown(principal: Principal, one: Webhook) -> bool:
    """Whether the principal sees a webhook at all."""
    return principal.grant.everything or (one.author_kind is principal.kind and one.author == principal.id)
