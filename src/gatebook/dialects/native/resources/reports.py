"""`POST /v1/events`: one report or many, in Gatebook's own form or as CloudEvents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from msgspec import Struct

from gatebook.dialects.native.errors import declined, placed, raw_problem
from gatebook.dialects.native.resources.cloudevents import BATCH, STRUCTURED
from gatebook.dialects.native.resources.reading import read_sent, waiting_of
from gatebook.dialects.native.schemas import Outcomes, Receipt, Reported, Stored, Taken
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.times import Instant, rfc3339
from gatebook.http import Request, Response
from gatebook.http.dialect import JSON, NDJSON, Body, Operation, Reply, principal
from gatebook.http.limits import EVENT_COST, charge
from gatebook.http.wire import json_reply, read_query
from gatebook.services import Services
from gatebook.services.ingest import Accepted, Answer, Declined, Report

KEY: Final = "idempotency-key"
KEY_LIMIT: Final = 250
"""Characters; a slash and an item's index still fit into the 256 of a key."""
EXAMPLE: Final = '{"kind":"access.granted","device":1,"occurred":"2026-01-15T02:10:00Z","method":"card"}'


class How(Struct, frozen=True):
    """How a list is to be taken."""

    atomic: bool = False


def operations(services: Services) -> Sequence[Operation]:
    """The one door by which reports come in."""

    async def report(request: Request) -> Response:
        how, key = read_query(request, How), key_of(request)
        who, sent = principal(request), await read_sent(request)
        zone = await services.directory.zone(who) if sent.needs_zone else UTC
        waiting = waiting_of(sent, zone, key)
        charge(request, EVENT_COST * len(waiting))
        if sent.single:
            return single(request, await answer_to(services, who, waiting[0]))
        if how.atomic:
            return together(await services.ingest.accept_all(who, waiting))
        return json_reply(Outcomes(outcomes(await services.ingest.accept(who, waiting))), 207)

    return (
        Operation(
            method="POST",
            path="/v1/events",
            handler=report,
            summary="Report what happened: one event, or a list",
            description=(
                "One report answers 201, a repeat 200, one without a place 422 with its id in quarantine. A list (JSON"
                f" array, {NDJSON}, {BATCH}) answers 207 with one outcome for each item, in order. One CloudEvent comes"
                f" as {STRUCTURED}, or in the binary mode with its attributes as `ce-` headers."
            ),
            query=How,
            query_style={"atomic": "All items of a list or none: 201, or the first refusal and nothing stored"},
            headers={
                "Idempotency-Key": "What makes a repeat a repeat; in a list, a slash and the item's index are added"
            },
            body=Body(
                shape=Reported | list[Reported],
                media=(JSON,),
                example=EXAMPLE,
            ),
            replies={
                200: Reply(shape=Receipt, description="A repeat: it stands there already"),
                201: Reply(
                    shape=Stored,
                    description="Stored; on disk",
                    headers={"Location": "The event"},
                ),
                207: Reply(shape=Outcomes, description="One outcome for each item"),
            },
            scopes=(Scope.EVENTS_WRITE,),
            tags=("events",),
        ),
    )


def key_of(request: Request) -> str | None:
    """The request's key, as sent."""
    key = request.headers.get(KEY)
    if key is not None and not 0 < len(key) <= KEY_LIMIT:
        raise BadInput("Idempotency-Key", f"has {len(key)} characters", f"expected 1 to {KEY_LIMIT}")
    return key


async def answer_to(services: Services, who: Principal, waiting: Report | Declined) -> Answer:
    """What became of one report; what could not be read is raised."""
    if isinstance(waiting, Declined):
        raise waiting.error
    [answer] = await services.ingest.accept(who, [waiting])
    return answer


def single(request: Request, answer: Answer) -> Response:
    """The answer to one report."""
    if isinstance(answer, Declined):
        return declined(placed(answer.error, "$"), answer.quarantine)
    stored = answer.outcome
    receipt = Receipt(
        stored.id, answer.device.id, stored.version, rfc3339(stored.occurred), rfc3339(stored.received)
    )  # fmt: skip
    where = f"{request.scope['gatebook.prefix']}/v1/events/{stored.id}"
    return json_reply(receipt, 200 if stored.repeat else 201, {"Location": where})


def together(accepted: Sequence[Accepted]) -> Response:
    """The answer to a list that was taken as a whole."""
    return json_reply(Outcomes(outcomes(accepted)), 201)


def outcomes(answers: Sequence[Answer]) -> list[Taken]:
    """One outcome for each item."""
    told: dict[Instant, str] = {}
    found: list[Taken] = []
    for index, answer in enumerate(answers):
        if isinstance(answer, Declined):
            error = placed(answer.error, f"$[{index}]")
            found.append(Taken(status=error.status, problem=raw_problem(error, answer.quarantine)))
            continue
        (_seq, id_, version, occurred, received, repeat), device = answer
        if received not in told:
            told[received] = rfc3339(received)
        found.append(Taken(200 if repeat else 201, id_, device.id, version, rfc3339(occurred), told[received]))
    return found
