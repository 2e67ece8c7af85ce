"""`/v1/retention`, `/v1/removed` and `/v1/erasures`: what age removes, what is gone, and whose parts are erased."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from gatebook.dialects.native.resources import kept
from gatebook.dialects.native.resources.events import id_of
from gatebook.domain.access import Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.kinds import Kind
from gatebook.domain.times import rfc3339
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.wire import json_reply, read_json, read_query
from gatebook.services import Services
from gatebook.services.erasing import Erasing
from gatebook.services.keeping import Keeping, Verdict
from gatebook.store.contract import RetentionRule

ADMIN: Final = (Scope.ADMIN,)
KINDS: Final = {kind.value: kind for kind in Kind}
RUN_COST: Final = 20.0


def operations(services: Services) -> Sequence[Operation]:
    """Keeping and forgetting; for administrators of the whole organisation."""
    return (*_rules(services.keeping), *_removals(services, services.keeping), _erasures(services.erasing))


def _rules(keeping: Keeping) -> Sequence[Operation]:
    async def listed(request: Request) -> Response:
        return json_reply(kept.Rules([rule_of(one) for one in await keeping.rules(principal(request))]))

    async def put(request: Request) -> Response:
        id_, wanted = id_of(request.path_params["id"]), await read_json(request, kept.RuleWanted)
        kinds = None if wanted.kinds is None else kinds_of(wanted.kinds)
        rule = await keeping.put_rule(
            principal(request), name=wanted.name, days=wanted.days, kinds=kinds, type=wanted.type, id=id_
        )
        return json_reply(rule_of(rule), 201 if rule.revision == 1 else 200)

    async def drop(request: Request) -> Response:
        await keeping.drop_rule(principal(request), id_of(request.path_params["id"]))
        return Response(status_code=204)

    return (
        Operation(
            method="GET", path="/v1/retention", handler=listed, summary="The rules of retention; none: all is kept",
            replies={200: Reply(shape=kept.Rules)}, scopes=ADMIN, tags=("keeping",),
        ),
        Operation(
            method="PUT", path="/v1/retention/{id}", handler=put, summary="Make or change a rule",
            description="You choose its UUID. Nothing is removed until the rules are run.",
            body=Body(shape=kept.RuleWanted, example='{"name":"Motion","days":30,"kinds":["motion.started"]}'),
            replies={200: Reply(shape=kept.Rule, description="Changed"), 201: Reply(shape=kept.Rule)},
            scopes=ADMIN, tags=("keeping",),
        ),
        Operation(
            method="DELETE", path="/v1/retention/{id}", handler=drop, summary="Remove a rule",
            replies={204: Reply()}, scopes=ADMIN, tags=("keeping",),
        ),
    )  # fmt: skip


def _removals(services: Services, keeping: Keeping) -> Sequence[Operation]:
    async def due(request: Request) -> Response:
        return json_reply(verdicts_of(await keeping.due(principal(request))))

    async def run(request: Request) -> Response:
        return json_reply(verdicts_of(await keeping.run(principal(request))))

    async def removed(request: Request) -> Response:
        who, wanted = principal(request), read_query(request, kept.RemovedOf).device
        stream = 0 if wanted is None else (await services.directory.device(who, wanted)).stream
        spans = await keeping.removed(who, stream)
        return json_reply(kept.Removed([kept.Span(one.first, one.last, one.by_seq) for one in spans]))

    return (
        Operation(
            method="GET", path="/v1/retention/due", handler=due, summary="What would go if the rules were run now",
            replies={200: Reply(shape=kept.Verdicts)}, scopes=ADMIN, cost=RUN_COST, tags=("keeping",),
        ),
        Operation(
            method="POST", path="/v1/retention/run", handler=run, summary="Remove what is due",
            description="Each batch is one transaction, and an event names the ranges that went. A request that runs"
            " out of time may be repeated; it goes on where the last one stopped.",
            replies={200: Reply(shape=kept.Verdicts)}, scopes=ADMIN, cost=RUN_COST, tags=("keeping",),
        ),
        Operation(
            method="GET", path="/v1/removed", handler=removed, summary="The numbers that are gone",
            query=kept.RemovedOf, query_style={"device": "UUID, integer or vendor id; then of its versions"},
            replies={200: Reply(shape=kept.Removed)}, scopes=ADMIN, tags=("keeping",),
        ),
    )  # fmt: skip


def _erasures(erasing: Erasing) -> Operation:
    async def erase(request: Request) -> Response:
        who, wanted = principal(request), await read_json(request, kept.ErasureWanted)
        text = wanted.credential if wanted.credential is not None else wanted.plate
        if sum(one is not None for one in (wanted.person, wanted.credential, wanted.plate)) != 1:
            raise BadInput("$", "names none or several", "give one of person, credential and plate")
        if wanted.person is not None:
            work = erasing.bearing_person if wanted.dry_run else erasing.erase_person
            return json_reply(kept.Erased(await work(who, wanted.person), wanted.dry_run))
        assert text is not None
        work_on = erasing.bearing_credential if wanted.dry_run else erasing.erase_credential
        return json_reply(kept.Erased(await work_on(who, text), wanted.dry_run))

    return Operation(
        method="POST", path="/v1/erasures", handler=erase,
        summary="Erase the personal parts of one person, credential or plate",
        description="Events keep their numbers, times and places; names, credentials, messages and personal data go."
        " What is proved stays provable. With `dry_run` nothing is erased.",
        body=Body(shape=kept.ErasureWanted, example='{"person":17,"dry_run":true}'),
        replies={200: Reply(shape=kept.Erased)}, scopes=ADMIN, cost=RUN_COST, tags=("keeping",),
    )  # fmt: skip


def kinds_of(words: Iterable[str]) -> frozenset[Kind]:
    """The kinds that a rule names; BadInput for a word that is none."""
    found = set()
    for index, word in enumerate(words):
        if word not in KINDS:
            raise BadInput(f"$.kinds[{index}]", f"got {word[:60]!r}", "expected a kind of `GET /v1/kinds`")
        found.add(KINDS[word])
    return frozenset(found)


def rule_of(rule: RetentionRule) -> kept.Rule:
    """A rule on the wire."""
    kinds = None if rule.kinds is None else sorted(rule.kinds)
    return kept.Rule(rule.id, rule.name, rule.days, None if kinds is None else list(kinds), rule.type, rule.revision)


def verdicts_of(found: Sequence[Verdict]) -> kept.Verdicts:
    """What each rule removes, on the wire."""
    items = [
        kept.Verdict(
            rule=rule_of(one.rule),
            before=rfc3339(one.before),
            events=one.due.n,
            oldest=None if one.due.oldest is None else rfc3339(one.due.oldest),
            newest=None if one.due.newest is None else rfc3339(one.due.newest),
        )
        for one in found
    ]
    return kept.Verdicts(items, sum(one.events for one in items))
