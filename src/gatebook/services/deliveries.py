"""Follows the log for each webhook, and sends: at least once each, under an id that stays the same.

What is to be sent is written in the transaction that saves how far the webhook has come; a stop at any point loses
none.  No webhook holds up another: each has few calls at a time, one that fails a single one.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from gatebook.domain.access import Principal, Scope
from gatebook.domain.alarms import Priority, Raising
from gatebook.domain.deliveries import pause_ns
from gatebook.domain.errors import BadInput, Forbidden, GatebookError, Refused, Unavailable, Unreachable
from gatebook.domain.events import Event
from gatebook.domain.times import DAY_NS, Instant
from gatebook.services.delivery_formats import Format, Message
from gatebook.services.egress import Egress
from gatebook.services.live import passes, place_of
from gatebook.services.raising import By, raise_alarm
from gatebook.services.records import ORGANISATION_STREAM
from gatebook.services.rule_rights import author_of, shows
from gatebook.services.tail import Wakeup, heard
from gatebook.services.views import permitted, view_of
from gatebook.services.webhooks import Sealer, conditions_of
from gatebook.store import Store, Transaction
from gatebook.store.contract import Page
from gatebook.store.rules import Effect
from gatebook.store.sqlite.history import History
from gatebook.store.sqlite.known import Memory
from gatebook.store.sqlite.reading import head
from gatebook.store.webhooks import Delivery, Webhook

log = logging.getLogger(__name__)
BATCH = 500
MOST_WAITING = 10_000
"""For each webhook; beyond it the log itself is the queue."""
AT_ONCE = 64
EACH_AT_ONCE = 4
POLL_S = 1.0
KEPT_NS = 30 * DAY_NS
"""How long it is known what was delivered; what is missing since longer than that would be sent twice."""
FORGETS_EACH = 100
GIVEN_UP_NS = 5 * DAY_NS
"""A webhook that takes nothing for so long is disabled."""
GONE = 410


@dataclass(frozen=True, slots=True)
class Job:
    """A delivery that may be sent now; `message` is None where its author may not see the event (any more)."""

    delivery: Delivery
    webhook: Webhook
    message: Message | None


class Deliveries:
    """Fills the queue of each webhook, and sends what is due."""

    def __init__(
        self, store: Store, wakeup: Wakeup, egress: Egress, sealer: Sealer, formats: Mapping[str, Format], *,
        base_url: str, now: Callable[[], Instant], chance: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        """`wakeup` is rung after each commit; `chance` is from 0 up to 1, for the jitter."""
        self._store, self._wakeup, self._egress, self._sealer = store, wakeup, egress, sealer
        self._formats, self._base_url, self._now, self._chance = formats, base_url, now, chance
        self._history = History(Memory())
        self._running: dict[int, Delivery] = {}
        self._failing: set[UUID] = set()
        self._paused: dict[UUID, float] = {}
        """Webhooks that had nothing that may be done, until when they are not asked again."""

    async def run(self) -> None:
        """Sends until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                ring = self._wakeup.next_ring()
                if not await self._round(tasks):
                    await heard(ring, POLL_S)

    async def drain(self) -> int:
        """Sends all that is due now, and waits for it; how many were tried."""
        tried = 0
        self._paused.clear()
        while True:
            async with asyncio.TaskGroup() as tasks:
                moved = await self._round(tasks)
                tried += len(self._running)
            if not moved:
                return tried

    async def take_effect(self, effect: Effect) -> None:
        """What a rule has a webhook send joins the queue of that webhook; Refused where there is none."""

        def work(transaction: Transaction) -> None:
            found = transaction.webhooks.webhooks.one(effect.org, UUID(effect.target))
            if found is None:
                raise Refused("there is no such webhook any more")
            page = self._history.log_after(transaction.connection, effect.org, effect.seq - 1, 1)
            stream = page.events[0].stream if found.ordered and page.events else None
            transaction.webhooks.put(
                effect.org, found.id, f"act_{effect.key.hex()}", seq=effect.seq, stream=stream, now=self._now(),
                rule=effect.rule, payload=effect.payload,
            )  # fmt: skip

        await self._store.write(work)

    # -- the log -----------------------------------------------------------------------------------------------------

    async def _round(self, tasks: asyncio.TaskGroup) -> bool:
        """Goes on in the log, and begins to send; False when there was nothing to do."""
        moved = False
        for org in await self._store.read(self._store.history.organisations):
            ceiling = await self._store.read(self._store.history.head, org)
            for webhook, behind, due in await self._store.read(self._store.webhooks.busy, org, ceiling, self._now()):
                if time.monotonic() < self._paused.get(webhook, 0.0):
                    continue
                filled = behind and await self._store.write(partial(self._fill, org=org, id=webhook))
                started = (filled or due) and await self._start(tasks, org, webhook)
                moved |= filled or started
                if not (filled or started):
                    self._paused[webhook] = time.monotonic() + POLL_S
        return moved

    def _fill(self, transaction: Transaction, org: int, id: UUID) -> bool:
        """The next events: those to be sent are written down with the position; False where it stays."""
        one, health = transaction.webhooks.webhooks.one(org, id), transaction.webhooks.health(org, id)
        author = None if one is None else author_of(transaction, org, one, self._now())
        if one is None or health is None or author is None or not author.may(Scope.EVENTS_READ):
            return False  # what is new waits for rights that come back
        if not one.enabled or transaction.webhooks.waiting(org, id) >= MOST_WAITING:
            return False
        try:
            wanted = permitted(conditions_of(one, ZoneInfo(transaction.rules.zone(org))), author)
        except (BadInput, Forbidden):
            return False
        page = self._history.log_after(transaction.connection, org, health.seq, BATCH)
        for event in page.events:
            if may_see(one, author, event, page) and passes(wanted, event, page):
                transaction.webhooks.put(
                    org, id, f"evt_{event.id.hex}", seq=event.seq, stream=event.stream if one.ordered else None,
                    now=self._now(),
                )  # fmt: skip
        upto = page.events[-1].seq if page.events else head(transaction.connection, org)
        transaction.webhooks.move(org, id, upto)
        return upto > health.seq

    # -- what is due -------------------------------------------------------------------------------------------------

    async def _start(self, tasks: asyncio.TaskGroup, org: int, id: UUID) -> bool:
        most = 1 if id in self._failing else EACH_AT_ONCE
        busy = Counter(one.webhook for one in self._running.values())[id]
        room = min(most - busy, AT_ONCE - len(self._running))
        if room <= 0:
            return False
        jobs = await self._store.write(lambda tx: self._claim(tx, org, id, room, busy))
        for job in jobs:
            self._running[job.delivery.delivery] = job.delivery
            tasks.create_task(self._deliver(job), name=f"delivery-{job.delivery.delivery}")
        return bool(jobs)

    def _claim(self, transaction: Transaction, org: int, id: UUID, room: int, busy: int) -> list[Job]:
        """What may be sent now, as its author sees it now."""
        one, now = transaction.webhooks.webhooks.one(org, id), self._now()
        if one is None:
            return []
        found = transaction.webhooks.due(org, id, now, room + busy)
        author, organisation = author_of(transaction, org, one, now), transaction.organisation(org)
        sealed = transaction.webhooks.secrets(org, id, now)
        secrets = tuple(self._sealer.open(secret, id.bytes) for secret in sealed)
        jobs = []
        for delivery in [one for one in found if one.delivery not in self._running][:room]:
            page = self._seen(transaction, one, author, delivery.seq)
            message = None
            if page is not None and author is not None and organisation is not None:
                message = Message(
                    id=delivery.message, at=now, event=page.events[0], page=page, view=view_of(author), webhook=one,
                    organisation=organisation, type_name=_type_name(transaction, org, page.events[0]),
                    base_url=self._base_url, secrets=secrets, rule=delivery.rule, payload=delivery.payload,
                )  # fmt: skip
            jobs.append(Job(delivery, one, message))
        return jobs

    def _seen(self, transaction: Transaction, one: Webhook, author: Principal | None, seq: int) -> Page | None:
        if author is None or not author.may(Scope.EVENTS_READ):
            return None
        records = author.may(Scope.AUDIT_READ)
        page = self._history.one(transaction.connection, author.organisation, author.grant, seq, records=records)
        return page if page is not None and may_see(one, author, page.events[0], page) else None

    def _format(self, one: Webhook) -> Format:
        found = self._formats.get(one.format)
        if found is None:
            raise Unavailable(f"its format {one.format} is not offered here")
        return found

    def _pause_ns(self, one: Webhook, attempts: int, status: int | None) -> int | None:
        found, chance = self._formats.get(one.format), self._chance()
        return pause_ns(attempts, chance) if found is None else found.pause_ns(attempts, status, chance)

    async def _deliver(self, job: Job) -> None:
        status, error, permanent = None, None, False
        try:
            if job.message is None:
                raise Refused("its author may not see the event, or it was removed")
            built = self._format(job.webhook).build(job.message)
            answer = await self._egress.send("POST", job.webhook.url, headers=built.headers, body=built.body)
            status = answer.status
            error = None if 200 <= status < 300 else f"answered {status}"
        except Unreachable as fault:
            error, permanent = fault.message, fault.permanent
        except GatebookError as fault:
            error, permanent = fault.message, not isinstance(fault, Unavailable)
        try:
            await self._store.write(lambda tx: self._settle(tx, job, status, error, permanent))
        except Unavailable as fault:  # it is due still, and is sent again
            log.warning("delivery %d was not settled: %s", job.delivery.delivery, fault)
        finally:
            self._running.pop(job.delivery.delivery, None)
            self._paused.pop(job.webhook.id, None)
            (self._failing.discard if error is None else self._failing.add)(job.webhook.id)

    def _settle(
        self, transaction: Transaction, job: Job, status: int | None, error: str | None, permanent: bool
    ) -> None:
        one, id, now = job.delivery, job.webhook.id, self._now()
        attempts, webhooks = one.attempts + 1, transaction.webhooks
        if error is None:
            webhooks.settle(one.delivery, "done", attempts=attempts, due=one.due, error=None)
            if one.delivery % FORGETS_EACH == 0:
                webhooks.forget(now - KEPT_NS)
            webhooks.succeeded(one.org, id, now)
            return
        pause = None if permanent or status == GONE else self._pause_ns(job.webhook, attempts, status)
        state, due = ("failed", now) if pause is None else ("waiting", now + pause)
        webhooks.settle(one.delivery, state, attempts=attempts, due=due, error=error)
        if job.message is None:
            return  # nobody was asked: the receiver did not fail
        webhooks.failed(one.org, id, now, error)
        health = webhooks.health(one.org, id)
        since = None if health is None else health.failing_since
        if status == GONE:
            self._disable(transaction, one.org, id, "its receiver answers that it is gone (410)")
        elif since is not None and now - since >= GIVEN_UP_NS:
            self._disable(transaction, one.org, id, "its receiver took nothing for five days")

    def _disable(self, transaction: Transaction, org: int, id: UUID, why: str) -> None:
        """No more is sent until somebody enables it; an alarm says so, once."""
        one = transaction.webhooks.webhooks.one(org, id)
        if one is None or not one.enabled:
            return
        transaction.webhooks.webhooks.change(org, replace(one, enabled=False, why=why, revision=one.revision + 1))
        raising = Raising(
            name=f"Webhook {one.name} is disabled"[:200], stream=ORGANISATION_STREAM, message=why,
            priority=Priority.HIGH, occurred=self._now(),
        )  # fmt: skip
        raise_alarm(transaction, org, raising, self._now(), By(kind="webhook", id=str(id), name=one.name))


def _type_name(transaction: Transaction, org: int, event: Event) -> str | None:
    made = event.event_class.type
    found = None if made is None else transaction.entities.event_types.one(org, made)
    return None if found is None else found.name


def may_see(one: Webhook, author: Principal, event: Event, page: Page) -> bool:
    """Whether the author sees the event now, and saw such when the webhook was written."""
    if event.kind.is_record and not author.may(Scope.AUDIT_READ):
        return False
    place = place_of(event, page)
    return shows(one.reach, place) and shows(author.grant, place)
