"""`GET /v1/events/stream`: server-sent events from any place in the log, for as long as the client stays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from gatebook.dialects.native.mapping import wire_of
from gatebook.dialects.native.resources.asking import Asked, read_asked
from gatebook.dialects.native.resources.events import live_binding
from gatebook.dialects.native.schemas import Conditions
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Refused
from gatebook.domain.events import Event
from gatebook.domain.filters import Filter
from gatebook.http import Request, Response
from gatebook.http.cursors import Cursors, LogCursor
from gatebook.http.dialect import EVENT_STREAM, Operation, Reply, principal
from gatebook.http.problems import problem_of
from gatebook.http.streams import EventStream, ServerEvent, event_of
from gatebook.services import Services
from gatebook.services.views import View, permitted, view_of
from gatebook.store.contract import Page

PARAMETERS: Final = ("cursor",)
ENDED: Final = "error"
"""The event that ends a stream whose reader may read no longer; its data is a problem."""
LAST: Final = "last-event-id"
KEPT: Final = 2_048
"""Events of which the encoded form is kept, so that many subscribers cost one encoding."""
KEPT_BYTES: Final = 8_192
"""A longer one is not kept: what is kept stays within some megabytes, whatever the events hold."""


class Encoded:
    """Events as JSON, each encoded once for all subscribers who see the same of it."""

    def __init__(self) -> None:
        """Empty."""
        self._kept: dict[tuple[int, int, View, tuple[int, int]], bytes] = {}

    def of(self, organisation: int, event: Event, page: Page, view: View) -> bytes:
        """The event's JSON; names change with the directory, whose state is part of what it is kept under."""
        key = (organisation, event.seq, view, page.freshness)
        found = self._kept.get(key)
        if found is None:
            found = msgspec.json.encode(wire_of(event, page, view))
            if b"\n" in found or b"\r" in found:  # `data` is kept as it was sent, and a line end there is white space
                found = found.replace(b"\r", b" ").replace(b"\n", b" ")
            if len(self._kept) >= KEPT:
                self._kept.clear()
            if len(found) <= KEPT_BYTES:
                self._kept[key] = found
        return found


def operations(services: Services) -> Sequence[Operation]:
    """The stream."""
    cursors = Cursors(services.cursor_key)
    encoded = Encoded()

    async def stream(request: Request) -> Response:
        asked = await read_asked(request, services, principal(request), PARAMETERS)
        after = await begin(request, asked)
        await services.audit.searched(asked.reader, asked.filter)  # before the status goes out
        return EventStream(batches(asked, after))

    async def begin(request: Request, asked: Asked) -> int:
        """Where to go on: a client that comes back says so in a header, whatever its address says."""
        told = request.headers.get(LAST)
        parameter = "Last-Event-ID" if told else "cursor"
        text = told or asked.paging.get("cursor")
        if text is None:
            return await services.live.head(asked.reader.organisation)
        return cursors.open(text, live_binding(asked), LogCursor, parameter).seq

    async def batches(asked: Asked, after: int) -> AsyncIterator[Sequence[ServerEvent]]:
        view, binding = view_of(asked.reader), live_binding(asked)

        def changed(who: Principal) -> Filter:
            nonlocal view
            view = view_of(who)
            return permitted(asked.said, who)

        pages = services.live.subscribe(asked.reader, after, asked.filter, changed=changed, recorded=True)
        try:
            async for page in pages:
                if page.events:
                    yield [
                        ServerEvent(
                            encoded.of(asked.reader.organisation, event, page, view),
                            event.kind.value,
                            cursors.seal(LogCursor(event.seq), binding),
                        )
                        for event in page.events
                    ]
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
            query=Conditions,
            query_style={"cursor": "The `live` of a history answer, or the id of an event; without: from now on"},
            headers={"Last-Event-ID": "As browsers send it when they come back; it outdoes `cursor`"},
            replies={200: Reply(shape=str, media=(EVENT_STREAM,))},
            scopes=(Scope.EVENTS_READ,),
            tags=("events",),
        ),
    )
