"""`/v1/webhooks`: where events are sent, what became of each, and how to send it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from gatebook.dialects.native.resources.entities import Resource, ref_of
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.times import rfc3339
from gatebook.http import Request, Response
from gatebook.http.cursors import Binding, Cursors, LogCursor
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.wire import json_reply, read_json, read_query
from gatebook.services import Services
from gatebook.services.rule_forms import When
from gatebook.services.webhooks import OVERLAP_S, NewWebhook, WebhookChange
from gatebook.store.webhooks import Delivery, Webhook

MANAGES = (Scope.ADMIN,)


class HealthShown(Struct, frozen=True):
    """How a webhook fares; `failures` are in a row, `lag` is how many places in the log are not looked at yet."""

    last_success: str | None
    failing_since: str | None
    failures: int
    error: str | None
    lag: int


class WebhookShown(Struct, frozen=True, kw_only=True):
    """A webhook; `disabled_because` where Gatebook disabled it."""

    id: UUID
    revision: int
    name: str
    url: str
    filter: When
    sends: str
    ordered: bool
    format: str
    enabled: bool
    disabled_because: str | None
    author: str
    health: HealthShown


class WebhookWithSecret(WebhookShown, frozen=True, kw_only=True):
    """The same with its secret, which is not told again."""

    secret: str


class WebhooksShown(Struct, frozen=True):
    """A page of webhooks."""

    items: Sequence[WebhookShown]
    next: str | None


class DeliveryShown(Struct, frozen=True, kw_only=True):
    """One event for one webhook; `message` is its `webhook-id`."""

    id: int
    message: str
    state: str
    attempts: int
    created: str
    due: str
    error: str | None
    rule: UUID | None


class DeliveriesShown(Struct, frozen=True):
    """Deliveries, newest first; `next` is the `before` of the page after."""

    items: list[DeliveryShown]
    next: int | None


class DeliveriesWanted(Struct, frozen=True):
    """Which deliveries."""

    state: Literal["waiting", "done", "failed"] | None = None
    before: Annotated[int, Meta(ge=1, le=2**53)] = 2**53
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100


class RotationWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """So long the secrets before sign beside the new one."""

    overlap_s: Annotated[float, Meta(ge=0, le=2_592_000)] = OVERLAP_S


class ReplayWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """One of these: a delivery, all that failed, or what was not delivered since a log cursor of all events."""

    delivery: int | None = None
    failed: bool = False
    since: str | None = None


class Replayed(Struct, frozen=True):
    """How many are sent again; null where the log is looked at again."""

    count: int | None


def operations(services: Services) -> Sequence[Operation]:
    """Webhooks."""
    room = services.webhooks
    cursors = Cursors(services.cursor_key)

    async def shown(who: Principal, found: Sequence[Webhook]) -> list[WebhookShown]:
        head = await services.live.head(who.organisation)
        return [await shown_of(services, who, one, head) for one in found]

    hooks: Resource[Webhook] = Resource(
        services=services, room=room, path="/v1/webhooks", tag="webhooks", shape=WebhookShown, page=WebhooksShown,
        shown=shown, one="a webhook, by UUID or name", reads=MANAGES, manages=MANAGES,
    )  # fmt: skip

    async def add(who: Principal, form: NewWebhook) -> tuple[Webhook, str]:
        made = await room.add(who, form)
        return made.webhook, made.secret

    async def rotated(request: Request) -> Response:
        who, wanted = principal(request), await read_json(request, RotationWanted)
        made = await room.rotate(who, ref_of(request), wanted.overlap_s)
        return await hooks.answer(who, made.webhook, 200, made.secret, WebhookWithSecret)

    async def deliveries(request: Request) -> Response:
        asked = read_query(request, DeliveriesWanted)
        found = await room.deliveries(
            principal(request), ref_of(request), state=asked.state, before=asked.before, limit=asked.limit
        )
        following = found[-1].delivery if len(found) == asked.limit else None
        return json_reply(DeliveriesShown([delivery_of(one) for one in found], following))

    async def replayed(request: Request) -> Response:
        who, wanted = principal(request), await read_json(request, ReplayWanted)
        if (wanted.delivery is not None) + wanted.failed + (wanted.since is not None) != 1:
            raise BadInput("delivery", "is not given alone", "give one of delivery, failed and since")
        if wanted.since is None:
            return json_reply(Replayed(await room.replay(who, ref_of(request), wanted.delivery)))
        binding = Binding("/v1/webhooks", who.organisation, principal=who.id)
        seq = cursors.open(wanted.since, binding, LogCursor, "since").seq
        await room.replay_missing(who, ref_of(request), seq)
        return json_reply(Replayed(None))

    async def cursor(request: Request) -> Response:
        who = principal(request)
        binding = Binding("/v1/webhooks", who.organisation, principal=who.id)
        place = LogCursor(await services.live.head(who.organisation))
        return json_reply(PlaceShown(cursors.seal(place, binding)))

    example = '{"name":"Control room","url":"https://hooks.example.org/gate","filter":{"kind":"door.forced"}}'
    return (
        hooks.adding(NewWebhook, NewWebhook, add, example=example, shape=WebhookWithSecret),
        hooks.listing(),
        Operation(
            method="GET", path="/v1/webhooks/cursor", handler=cursor, summary="Get the log's end as a cursor",
            description="To be kept by a receiver, and given as `since` when it missed something.",
            replies={200: Reply(shape=PlaceShown)}, scopes=MANAGES, tags=("webhooks",),
        ),
        hooks.getting(),
        hooks.changing(WebhookChange, WebhookChange, example='{"enabled":false}'),
        hooks.removing("What waits to be sent goes with it."),
        Operation(
            method="POST", path="/v1/webhooks/{ref}/rotate", handler=rotated, summary="Give a webhook a new secret",
            description="Those before sign beside it until the overlap ends.",
            body=Body(shape=RotationWanted, example='{"overlap_s":3600}'),
            replies={200: Reply(shape=WebhookWithSecret)}, scopes=MANAGES, tags=("webhooks",),
        ),
        Operation(
            method="GET", path="/v1/webhooks/{ref}/deliveries", handler=deliveries, query=DeliveriesWanted,
            summary="Get what was and is to be sent", replies={200: Reply(shape=DeliveriesShown)}, scopes=MANAGES,
            tags=("webhooks",),
        ),
        Operation(
            method="POST", path="/v1/webhooks/{ref}/replay", handler=replayed, summary="Send again",
            body=Body(shape=ReplayWanted, example='{"failed":true}'), replies={200: Reply(shape=Replayed)},
            scopes=MANAGES, tags=("webhooks",),
        ),
    )  # fmt: skip


class PlaceShown(Struct, frozen=True):
    """A place in the log."""

    cursor: str


async def shown_of(services: Services, who: Principal, one: Webhook, head: int) -> WebhookShown:
    """A webhook on the wire."""
    found = await services.webhooks.health(one, who.organisation)
    health = HealthShown(
        last_success=None if found.succeeded is None else rfc3339(found.succeeded),
        failing_since=None if found.failing_since is None else rfc3339(found.failing_since),
        failures=found.failures, error=found.error, lag=max(0, head - found.seq) if one.sends == "events" else 0,
    )  # fmt: skip
    return WebhookShown(
        id=one.id, revision=one.revision, name=one.name, url=one.url,
        filter=msgspec.json.decode(one.filter, type=When), sends=one.sends, ordered=one.ordered, format=one.format,
        enabled=one.enabled, disabled_because=one.why or None, author=f"{one.author_kind}/{one.author}", health=health,
    )  # fmt: skip


def delivery_of(one: Delivery) -> DeliveryShown:
    """A delivery on the wire."""
    return DeliveryShown(
        id=one.delivery, message=one.message, state=one.state, attempts=one.attempts, created=rfc3339(one.created),
        due=rfc3339(one.due), error=one.error, rule=one.rule,
    )  # fmt: skip
