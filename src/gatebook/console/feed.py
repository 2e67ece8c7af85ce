"""The socket of an open page: rows as they come in, from where the page ended, and a word when an alarm changes.

What goes over it is what the first page held: the same template, the same rights, asked again whenever they change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from gatebook.console.frame import cookie_of, rendered, visit
from gatebook.console.pages.history import live_binding, live_cursor
from gatebook.console.view import view_from, wanted_of
from gatebook.console.words import Clocks, clocks_of, row_of
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Forbidden, GatebookError, Unauthenticated
from gatebook.domain.filters import EVERY, Filter
from gatebook.domain.kinds import Kind
from gatebook.http import WebSocket
from gatebook.http.cursors import Cursors, LogCursor
from gatebook.http.dialect import Socket
from gatebook.http.sockets import POLICY, Line, open_line
from gatebook.http.wire import pairs_of
from gatebook.services import Services
from gatebook.services.views import permitted, view_of
from gatebook.store.contract import Page

PATH: Final = "/console/feed"
ALARMS: Final = frozenset({Kind.ALARM_RAISED, Kind.ALARM_CHANGED, Kind.ALARM_CLOSED})
WATCH_S: Final = 0.5
"""How often it is looked whether the session still holds."""
MOST_ROWS: Final = 200
"""In one message; of a page that was away for longer, the newest so many are sent, and how many there were."""


class News(Struct, frozen=True, omit_defaults=True):
    """One message: rows as HTML, newest first, how many events they stand for, and where to go on."""

    after: str
    rows: str = ""
    n: int = 0
    alarms: bool = False


def sockets(services: Services) -> Sequence[Socket]:
    """The feed."""

    async def feed(websocket: WebSocket) -> None:
        secret = cookie_of(websocket)
        if secret is None:
            raise Unauthenticated("nobody has signed in")
        session = await services.sessions.recognised(secret, visit(websocket))
        who = session.principal
        if who.must_change_password or not who.may(Scope.EVENTS_READ):
            raise Forbidden("this needs the scope events:read")
        pairs = dict(pairs_of(websocket.scope["query_string"].decode("latin-1")))
        binding = live_binding(who)
        after = Cursors(services.cursor_key).open(pairs.pop("after", ""), binding, LogCursor, "after").seq
        view = view_from(pairs)
        zone = await services.directory.zone(who)
        said = wanted_of(view, who, zone, services.now()).said if pairs else EVERY
        async with open_line(websocket, principal=who) as line:
            feeding = asyncio.create_task(_feed(services, line, who, after, said))
            watching = asyncio.create_task(_watch(services, line, secret))
            try:
                async for _said in line:
                    pass  # a page has nothing to say here
            finally:
                for task in (feeding, watching):
                    task.cancel()
                await asyncio.gather(feeding, watching, return_exceptions=True)

    return (Socket(path=PATH, handler=feed, summary="Rows as they come in, for an open page"),)


async def _feed(services: Services, line: Line, who: Principal, after: int, said: Filter) -> None:
    def changed(principal: Principal) -> Filter:
        nonlocal who
        who = principal
        return permitted(said, principal)

    clocks = await clocks_of(services, who)
    try:
        async for page in services.live.subscribe(who, after, permitted(said, who), changed=changed):
            if page.events and not line.put(_news(services, page, who, clocks)):
                return
    except GatebookError as error:
        line.end(POLICY, error.message[:100])


def _news(services: Services, page: Page, who: Principal, clocks: Clocks) -> News:
    sight = view_of(who)
    newest = [row_of(event, page, sight, clocks) for event in reversed(page.events[-MOST_ROWS:])]
    return News(
        after=live_cursor(services, who, page.ceiling),
        rows="".join(rendered("parts/row.html", row=row) for row in newest),
        n=len(page.events),
        alarms=any(event.kind in ALARMS for event in page.events),
    )


async def _watch(services: Services, line: Line, secret: str) -> None:
    """Ends the line when its session does; a page that is only looked at does not keep its session alive."""
    while await services.sessions.holds(secret):
        await asyncio.sleep(WATCH_S)
    line.end(POLICY, "the session is over; sign in again")
