"""The pages of events: the list, one event's panel, the histogram, and the words that the search box offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from gatebook.console.frame import page, session_of
from gatebook.console.pages.history import chart_part, history_page, panel_part
from gatebook.console.pages.operation import operation
from gatebook.console.shapes import Shapes
from gatebook.console.view import EVENTS, KIND_WORDS
from gatebook.domain.access import Scope
from gatebook.domain.errors import NotFound
from gatebook.domain.properties import PROPERTIES
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation
from gatebook.services import Services

READS: Final = (Scope.EVENTS_READ,)
DEVICES: Final = 1_000
LIST_COST: Final = 4.0


def operations(services: Services, shapes: Shapes) -> Sequence[Operation]:
    """All of them."""

    async def listed(request: Request) -> Response:
        return await history_page(request, services, shapes)

    async def chart(request: Request) -> Response:
        return await chart_part(request, services)

    async def one(request: Request) -> Response:
        try:
            id_ = UUID(request.path_params["id"])
        except ValueError as error:
            raise NotFound("no such event") from error
        return await panel_part(request, services, shapes, id_)

    async def words(request: Request) -> Response:
        who = session_of(request).principal
        devices = await services.directory.devices(who, limit=DEVICES)
        named = sorted({device.name for device in devices})
        return page(request, "parts/words.html", names=named, kinds=sorted(KIND_WORDS), properties=list(PROPERTIES))

    return (
        operation("GET", EVENTS, listed, "What happened, the newest first", cost=LIST_COST, scopes=READS),
        operation("GET", f"{EVENTS}/chart", chart, "The histogram alone", cost=LIST_COST, scopes=READS),
        operation("GET", f"{EVENTS}/words", words, "What the search box offers", scopes=READS),
        operation("GET", f"{EVENTS}/{{id}}", one, "One event alone", scopes=READS),
    )
