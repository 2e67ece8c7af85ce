"""`GET /v1/events/stream`: server-sent events from any place in the log, for as long as the client stays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

from gatebook.dialects.native.resources.asking import Asked, read_asked
from gatebook.dialects.native.resources.following import HISTORY_NOTE, Begun, Followed, begin, told
from gatebook.dialects.native.resources.telling import Telling
from gatebook.domain.access import Scope
from gatebook.domain.errors import Refused
from gatebook.http import Request, Response
from gatebook.http.cursors import Cursors
from gatebook.http.dialect import EVENT_STREAM, Operation, Reply, principal
from gatebook.http.problems import problem_of
from gatebook.http.streams import EventStream, ServerEvent, event_of
from gatebook.services import Services

PARAMETERS: Final = ("cursor", "history")
ENDED: Final = "error"
"""The event that ends a stream whose reader may read no longer; its data is a problem."""
LAST: Final = "last-event-id"


def operations(services: Services) -> Sequence[Operation]:
    """The stream."""
    telling = Telling(Cursors(services.cursor_key))

    async def stream(request: Request) -> Response:
        asked = await read_asked(request, services, principal(request), PARAMETERS)
        begun = await begin(services, telling, asked, request.headers.get(LAST))
        return EventStream(batches(asked, begun))

    async def batches(asked: Asked, begun: Begun) -> AsyncIterator[Sequence[ServerEvent] | bytes]:
        try:
            async for _place, text in told(services, asked, begun, telling.server_events, telling.past_events):
                yield text
        except Refused as error:  # the status went out long ago: the last event says why there are no more
            yield [event_of(problem_of(error), event=ENDED)]

    return (
        Operation(
            method="GET",
            path="/v1/events/stream",
            handler=stream,
            summary="Events as they come in, as server-sent events",
            description="Each has the kind as its event, a log cursor as its id, and the event's JSON as its data. The"
            " last one of a reader who may read no longer is `error`, with a problem.",
            query=Followed,
            query_style={
                "cursor": "The `live` of a history answer, or the id of an event; without: from now on",
                "history": HISTORY_NOTE,
            },
            headers={"Last-Event-ID": "As browsers send it when they come back; it outdoes `cursor`"},
            replies={200: Reply(shape=str, media=(EVENT_STREAM,))},
            scopes=(Scope.EVENTS_READ,),
            tags=("events",),
        ),
    )
