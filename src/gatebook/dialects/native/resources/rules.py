"""`/v1/rules`: made, changed, tried on history, and what each did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

import msgspec

from gatebook.dialects.native.resources import rule_shapes as shapes
from gatebook.dialects.native.resources.entities import Resource, ref_of
from gatebook.dialects.native.resources.reading import is_local
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.times import DAY_NS, Instant, Window, parse_bound, rfc3339
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.wire import json_reply, read_json, read_query
from gatebook.services import Services
from gatebook.services.rule_forms import Body as RuleBody
from gatebook.services.rule_forms import NewRule, RuleChange
from gatebook.services.rules import RuleLog, body_of
from gatebook.services.trial import Tried, TriedFiring
from gatebook.store.rules import Definition, Revision

MANAGES = (Scope.ALARMS_MANAGE,)
TRIAL_S = 20.0
"""So long a trial may take over HTTP; the command line has no such limit."""
DRAFT = '{"name":"Forced doors","when":{"kind":"door.forced"},"actions":[{"alarm":{"priority":"high"}}]}'


def operations(services: Services) -> Sequence[Operation]:
    """Rules."""
    room = services.rules
    rules: Resource[Definition] = Resource(
        services=services, room=room, path="/v1/rules", tag="rules", shape=shapes.RuleShown, page=shapes.RulesShown,
        shown=rules_of, one="a rule, by UUID or name", reads=MANAGES, manages=MANAGES,
    )  # fmt: skip

    async def add(who: Principal, form: NewRule) -> tuple[Definition, None]:
        return await room.add(who, form), None

    async def tried(request: Request) -> Response:
        who, wanted = principal(request), await read_json(request, shapes.TrialWanted)
        window = await window_of(services, who, wanted.since, wanted.until)
        found = await services.trial.run(who, wanted.rule, window, most=wanted.limit, limit_s=TRIAL_S)
        return json_reply(trial_of(found))

    async def log(request: Request) -> Response:
        asked = read_query(request, shapes.LogWanted)
        found = await room.log(principal(request), ref_of(request), before=asked.before, limit=asked.limit)
        return json_reply(log_of(found, asked.limit))

    async def revisions(request: Request) -> Response:
        found = await room.revisions(principal(request), ref_of(request))
        return json_reply(shapes.RevisionsShown(items=[revision_of(one) for one in found]))

    return (
        rules.adding(NewRule, NewRule, add, example=DRAFT),
        rules.listing(),
        Operation(
            method="POST", path="/v1/rules/trial", handler=tried, summary="Try a rule on history",
            description=f"Nothing is written. Takes {TRIAL_S:.0f} seconds at most, and says so in `whole`.",
            body=Body(shape=shapes.TrialWanted, example=f'{{"rule":{DRAFT},"since":"2026-05-01"}}'),
            replies={200: Reply(shape=shapes.TrialShown)}, scopes=MANAGES, tags=("rules",), cost=10.0,
        ),
        rules.getting(),
        rules.changing(RuleChange, RuleChange, example='{"enabled":false}'),
        rules.removing("What it raised and derived stays, and so do its revisions."),
        Operation(
            method="GET", path="/v1/rules/{ref}/log", handler=log, summary="Get what a rule did, and why it did not",
            query=shapes.LogWanted, replies={200: Reply(shape=shapes.LogShown)}, scopes=MANAGES, tags=("rules",),
        ),
        Operation(
            method="GET", path="/v1/rules/{ref}/revisions", handler=revisions, summary="Get every revision of a rule",
            replies={200: Reply(shape=shapes.RevisionsShown)}, scopes=MANAGES, tags=("rules",),
        ),
    )  # fmt: skip


async def rules_of(_who: Principal, found: Sequence[Definition]) -> list[shapes.RuleShown]:
    """Rules on the wire."""
    return [rule_of(one) for one in found]


def rule_of(one: Definition) -> shapes.RuleShown:
    """A rule on the wire."""
    body = body_of(one)
    parts = {name: getattr(body, name) for name in RuleBody.__struct_fields__}
    return shapes.RuleShown(
        id=one.id, revision=one.revision, name=one.name, enabled=one.enabled, changed=rfc3339(one.changed),
        author=shapes.AuthorShown(kind=one.author_kind, id=one.author), **parts,
    )  # fmt: skip


def revision_of(one: Revision) -> shapes.RevisionShown:
    """A revision on the wire."""
    return shapes.RevisionShown(
        revision=one.revision, name=one.name, enabled=one.enabled, changed=rfc3339(one.changed),
        author=shapes.AuthorShown(kind=one.author_kind, id=one.author),
        rule=msgspec.json.decode(one.body, type=RuleBody),
    )  # fmt: skip


def log_of(found: RuleLog, limit: int) -> shapes.LogShown:
    """What a rule did, on the wire."""
    fired = [
        shapes.FiredShown(
            n=one.n, revision=one.revision, at=rfc3339(one.at), fired=rfc3339(one.fired), group=one.group,
            cause=one.cause, events=len(msgspec.json.decode(one.events)), done=msgspec.json.decode(one.done),
        )
        for one in found.fired
    ]  # fmt: skip
    refused = [
        shapes.RefusedShown(revision=one.revision, why=one.why, times=one.n, first=rfc3339(one.first),
                            last=rfc3339(one.last))
        for one in found.refused
    ]  # fmt: skip
    effects = [
        shapes.EffectShown(
            id=one.key.hex(), kind=one.kind, target=one.target, state=one.state, attempts=one.attempts,
            created=rfc3339(one.created), due=rfc3339(one.due), error=one.error,
            deadline=None if one.deadline is None else rfc3339(one.deadline),
        )
        for one in found.effects
    ]  # fmt: skip
    following = fired[-1].n if len(fired) == limit and fired[-1].n > 1 else None
    return shapes.LogShown(fired=fired, refused=refused, effects=effects, next=following)


def trial_of(found: Tried) -> shapes.TrialShown:
    """What came of a trial, on the wire."""
    return shapes.TrialShown(
        fired=found.fired, quiet=found.quiet, matched=found.matched, looked=found.looked, of=found.of,
        whole=found.is_whole, took_s=round(found.took_s, 3), firings=[tried_of(one) for one in found.firings],
    )  # fmt: skip


def tried_of(one: TriedFiring) -> shapes.TriedShown:
    """One firing of a trial, on the wire."""
    events = [
        shapes.TriedEvent(id=event.id, kind=event.kind, occurred=rfc3339(event.occurred), device=place.device_id,
                          device_name=place.device_name)
        for event, place in zip(one.events, one.places, strict=True)
    ]  # fmt: skip
    return shapes.TriedShown(at=rfc3339(one.at), group=one.group, events=events)


async def window_of(services: Services, who: Principal, since: str | None, until: str | None) -> Window:
    """Both bounds are inclusive; without the first, the last seven days."""
    local = any(text is not None and is_local(text) for text in (since, until))
    zone: tzinfo = await services.directory.zone(who) if local else UTC
    now = services.now()
    end = Instant(now + 1) if until is None else parse_bound(until, zone, "until").end
    begin = Instant(max(0, now - 7 * DAY_NS)) if since is None else parse_bound(since, zone, "since").instant
    if begin >= end:
        raise BadInput("since", "is not before until", "give the earlier time as since")
    return Window(begin, end)
