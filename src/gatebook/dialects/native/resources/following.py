"""Where somebody begins to follow the log, and what they hear from there: some history first, then what comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Final

from gatebook.dialects.native.resources.asking import Asked
from gatebook.dialects.native.resources.events import live_binding
from gatebook.dialects.native.resources.telling import Telling
from gatebook.dialects.native.schemas import Conditions
from gatebook.domain.errors import BadInput
from gatebook.http.cursors import LogCursor
from gatebook.services import Services
from gatebook.services.views import View, permitted, view_of
from gatebook.store.contract import Page

MOST: Final = 1_000
HISTORY_NOTE: Final = f"So many of the newest events first, oldest first, 1 to {MOST}; not beside `cursor`"


class Followed(Conditions, frozen=True, kw_only=True):
    """Conditions, and how much of the past."""

    history: int | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A place in the log, and the page of history that leads up to it."""

    after: int
    past: Page | None = None


async def begin(services: Services, telling: Telling, asked: Asked, last: str | None = None) -> Begun:
    """Where to go on, with the search on record; `last` is the `Last-Event-ID` of one who comes back.

    BadInput where a cursor is none of this question, or stands beside `history`.
    """
    size, text = asked.whole("history", 1, MOST), asked.paging.get("cursor")
    if size is not None and text is not None:
        raise BadInput("history", "stands beside cursor", "give one of the two")
    if size is not None and last is None:
        page = await services.history.page(asked.reader, asked.filter, limit=size, with_total=False)
        return Begun(page.ceiling, replace(page, events=list(reversed(page.events))))
    await services.audit.searched(asked.reader, asked.filter)
    place = last or text
    if place is None:
        return Begun(await services.live.head(asked.reader.organisation))
    parameter = "Last-Event-ID" if last else "cursor"
    return Begun(telling.cursors.open(place, live_binding(asked), LogCursor, parameter).seq)


async def told(
    services: Services,
    asked: Asked,
    begun: Begun,
    tell: Callable[[Page, Asked, View], bytes],
    past: Callable[[Page, Asked, View], bytes],
) -> AsyncIterator[tuple[int, bytes]]:
    """What is heard as it goes over the wire, and how far it goes; empty where nothing came for a while.

    `tell` is one method for all, `past` the same for the history that comes first.
    """
    if begun.past is not None:
        yield begun.after, past(begun.past, asked, view_of(asked.reader)) if begun.past.events else b""
    heard = services.live.told(
        asked.reader,
        begun.after,
        asked.filter,
        lambda page, who: tell(page, asked, view_of(who)),
        (tell, asked.said),
        changed=lambda who: permitted(asked.said, who),
    )
    async for place, text in heard:
        yield place, text
