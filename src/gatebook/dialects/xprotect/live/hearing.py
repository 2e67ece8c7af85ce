"""One session of the events socket: it follows the log for its subscriptions, with its reader's rights."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from gatebook.dialects.xprotect.live.frames import frames_of
from gatebook.dialects.xprotect.live.items import Item, Teller
from gatebook.dialects.xprotect.live.subscriptions import (
    MOST_SUBSCRIPTIONS,
    FilterForm,
    Subscription,
    kept,
    read_kept,
    rules_of,
)
from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, GatebookError, Refused, Unavailable
from gatebook.domain.events import Event
from gatebook.domain.filters import EVERY, Filter
from gatebook.http.sockets import POLICY, TRY_AGAIN, Line
from gatebook.services import Services
from gatebook.services.listeners import Listener
from gatebook.services.names import new_id
from gatebook.services.views import view_of
from gatebook.store.contract import Page

GROUPS_S = 1.0
"""How old what is known of the groups of types that were made may be."""
FAILED = 1011

log = logging.getLogger("gatebook.xprotect")


class Hearing:
    """Puts what is for its subscriptions on the line.  Begun with `go_on`, ended with `stop`."""

    def __init__(
        self, services: Services, line: Line, listener: Listener, after: int, reader: Principal, teller: Teller
    ) -> None:
        """`after`: the seq of the last event that the client has."""
        self._services = services
        self._line = line
        self._listener = listener
        self._after = after
        self._reader = reader
        self._teller = teller
        self._subscriptions = read_kept(listener.subscriptions)
        self._changing = asyncio.Lock()
        self._groups_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._end = self._resumed_elsewhere  # one and the same object, by which the place is given up
        services.listeners.connect(listener, self._end)

    # -- subscriptions -------------------------------------------------------------------------------------------------

    @property
    def is_filtered(self) -> bool:
        """Whether any subscription has filters."""
        return any(one.rules for one in self._subscriptions)

    def admits(self, source: str, type: str) -> bool:
        """Whether any subscription is for such events."""
        return any(one.admits(source, type) for one in self._subscriptions)

    async def add(self, id: str | None, forms: Sequence[FilterForm] | None) -> str:
        """Subscribes to what comes from now on; its id.  One of the same id is replaced."""
        rules, name = rules_of(forms), (id or str(new_id()))[:100]
        async with self._changing:
            others = [one for one in self._subscriptions if one.id != name]
            if len(others) >= MOST_SUBSCRIPTIONS:
                raise BadInput("subscriptionId", f"is one more than {MOST_SUBSCRIPTIONS}", "remove another first")
            since = self._after

            def change(head: int) -> bytes:
                nonlocal since
                since = head
                return kept([*others, Subscription(id=name, since=head, rules=rules)])

            await self._services.listeners.subscribe(self._listener, change)
            self._subscriptions = (*others, Subscription(id=name, since=since, rules=rules))
        return name

    async def remove(self, id: str) -> None:
        """Ends a subscription; BadInput where there is none of this id."""
        async with self._changing:
            left = tuple(one for one in self._subscriptions if one.id != id)
            if len(left) == len(self._subscriptions):
                raise BadInput("subscriptionId", "is unknown", "give the one that addSubscription answered")
            await self._services.listeners.subscribe(self._listener, lambda _head: kept(left))
            self._subscriptions = left

    # -- following -----------------------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Begins to follow, if it does not yet."""
        if self._task is None:
            self._task = asyncio.create_task(self._follow(), name="events socket")

    async def renew(self, reader: Principal) -> None:
        """The same reader with a newer token."""
        await self._halt()
        self._reader = reader

    async def stop(self) -> None:
        """Gives up its place; the client has its time to come back."""
        await self._halt()
        with suppress(GatebookError):
            await self._services.listeners.disconnect(self._listener, self._end)

    async def _halt(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _resumed_elsewhere(self) -> None:
        self._line.end(POLICY, "the session was resumed on another connection")

    async def _follow(self) -> None:
        try:
            pages = self._services.live.subscribe(
                self._reader, self._after, EVERY, changed=self._changed, recorded=True
            )
            async for page in pages:
                with suppress(Unavailable):
                    await self._services.listeners.alive()
                await self._pass_on(page)
        except Refused as error:
            self._line.end(POLICY, error.message)
        except Unavailable as error:
            self._line.end(TRY_AGAIN, error.message)
        except Exception:
            log.exception("a session of the events socket failed")
            self._line.end(FAILED, "something failed here")

    def _changed(self, reader: Principal) -> Filter:
        self._reader = reader
        self._teller = replace(self._teller, view=view_of(reader))
        return EVERY

    async def _pass_on(self, page: Page) -> None:
        async with self._changing:
            if any(event.type is not None for event in page.events):
                await self._know_groups()
            items = [item for event in page.events if (item := self._for_it(event, page)) is not None]
            for frame, last in frames_of(items):
                if not (await self._line.room(len(frame)) and self._line.put(frame)):
                    return
                self._after = last
            self._after = max(self._after, page.ceiling)

    def _for_it(self, event: Event, page: Page) -> Item | None:
        heard = [one for one in self._subscriptions if one.rules and one.since < event.seq]
        item = self._teller.item(event, page) if heard else None
        if item is None or not any(one.admits(item.source, item.type) for one in heard):
            return None
        return item

    async def _know_groups(self) -> None:
        if time.monotonic() - self._groups_at >= GROUPS_S:
            self._groups_at = time.monotonic()
            groups = await self._services.states.groups(self._listener.organisation)
            self._teller = replace(self._teller, groups=groups)
