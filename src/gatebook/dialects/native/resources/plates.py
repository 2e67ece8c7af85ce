"""`/v1/plate-reads`: what cameras read on number plates, in the neutral form and in those of two readers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from msgspec import Struct

from gatebook.dialects.native.resources.plate_forms import Hook, PlateRead, Tracked, neutral, recognised, tracked
from gatebook.dialects.native.resources.reading import is_local
from gatebook.dialects.native.resources.reports import answer_to, outcomes, single
from gatebook.dialects.native.schemas import Outcomes, Receipt, Stored
from gatebook.domain.access import Principal, PrincipalKind, Scope
from gatebook.domain.errors import BadInput, Unauthenticated
from gatebook.http import Request, Response
from gatebook.http.dialect import FORM, Body, Operation, Reply, principal
from gatebook.http.limits import EVENT_COST, charge
from gatebook.http.multipart import MULTIPART, read_fields
from gatebook.http.visits import visited
from gatebook.http.wire import ITEMS_LIMIT, check_json, decode_json, json_reply, read_json, read_path
from gatebook.services import Services
from gatebook.services.ingest import Report

PATH: Final = "/v1/plate-reads"
EXAMPLE: Final = '{"camera":7,"plate":"AB12 CDE","confidence":0.93,"captured":"2026-01-15T02:10:00Z","vehicle":"v-1"}'
TAKEN: Final = {200: Reply(shape=Outcomes, description="One outcome for each plate; none for what tells of no plate")}
IN_PATH: Final = "The token is a device token of the camera; it reports for that camera and reads nothing."


class TokenPath(Struct, frozen=True):
    """What the camera signs in with, where its reader can send no header."""

    token: str


def operations(services: Services) -> Sequence[Operation]:
    """The ways in which reads come."""

    async def read(request: Request) -> Response:
        who = principal(request)
        sent = await read_json(request, PlateRead | list[PlateRead])
        reads = [sent] if isinstance(sent, PlateRead) else sent
        assert isinstance(reads, list)
        if len(reads) > ITEMS_LIMIT:
            raise BadInput("body", f"has {len(reads)} items", f"send at most {ITEMS_LIMIT}")
        local = any(one.captured is not None and is_local(one.captured) for one in reads)
        zone = await services.directory.zone(who) if local else UTC
        own = next(iter(who.grant.devices)) if who.kind is PrincipalKind.DEVICE else None
        reports = [neutral(one, own, zone) for one in reads]
        charge(request, EVENT_COST * len(reports))
        if isinstance(sent, PlateRead):
            return single(request, await answer_to(services, who, reports[0]))
        return json_reply(Outcomes(outcomes(await services.ingest.accept(who, reports))), 207)

    async def plate_recognizer(request: Request) -> Response:
        who, camera = await camera_of(services, request)
        text = (await read_fields(request)).get("json", "").encode()
        if not text:
            raise BadInput("json", "is missing", "send the result as the form field json")
        check_json(text)
        return await taken(request, who, recognised(decode_json(text, Hook), camera))

    async def frigate(request: Request) -> Response:
        who, camera = await camera_of(services, request)
        update = await read_json(request, Tracked, any_media=True)
        return await taken(request, who, tracked(update, camera))

    async def taken(request: Request, who: Principal, reports: list[Report]) -> Response:
        charge(request, EVENT_COST * len(reports))
        answers = await services.ingest.accept(who, reports) if reports else []
        return json_reply(Outcomes(outcomes(answers)))

    return (
        Operation(
            method="POST",
            path=PATH,
            handler=read,
            summary="Report what a camera read: one plate, or a list",
            description="Answers as `POST /v1/events` does. Without `id`, the same plate with the same `captured` is a"
            " repeat.",
            body=Body(shape=PlateRead | list[PlateRead], example=EXAMPLE),
            replies={
                200: Reply(shape=Receipt, description="A repeat: it stands there already"),
                201: Reply(shape=Stored, description="Stored; on disk"),
                207: Reply(shape=Outcomes, description="One outcome for each item"),
            },
            scopes=(Scope.EVENTS_WRITE,),
            tags=("plates",),
        ),
        Operation(
            method="POST",
            path=f"{PATH}/plate-recognizer/{{token}}",
            handler=plate_recognizer,
            summary="Report what Plate Recognizer read, as its webhook sends it",
            description=f"Multipart, or urlencoded: the field `json`; a picture beside it is not kept. {IN_PATH}",
            params=TokenPath,
            body=Body(shape=str, media=(MULTIPART, FORM)),
            replies=TAKEN,
            public=True,
            tags=("plates",),
        ),
        Operation(
            method="POST",
            path=f"{PATH}/frigate/{{token}}",
            handler=frigate,
            summary="Report what Frigate read, as it publishes tracked_object_update",
            description=f"Updates that are not of type `lpr` are answered and left. {IN_PATH}",
            params=TokenPath,
            body=Body(shape=Tracked, example='{"type":"lpr","id":"1.5-a","plate":"AB12CDE","score":0.95}'),
            replies=TAKEN,
            public=True,
            tags=("plates",),
        ),
    )


async def camera_of(services: Services, request: Request) -> tuple[Principal, int]:
    """Who holds the token in the path, and the camera's number; whatever is no device token is Unauthenticated."""
    secret = read_path(request, TokenPath).token
    found = await services.admission.principal_of_secret(secret)
    if found.kind is not PrincipalKind.DEVICE:
        raise Unauthenticated("the path needs a device token of the camera")
    who = visited(found, request, "native", f"POST {PATH}")
    request.scope["gatebook.principal"] = who
    return who, next(iter(who.grant.devices))
