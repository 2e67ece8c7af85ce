"""Audit trails of a lock and of a user: newest first, without a bound, read in chunks and written as they are read.

No snapshot is held between two chunks: each goes on by key below the first one's ceiling, so that what is reported
meanwhile neither enters nor shifts the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from gatebook.dialects.doordeck.mapping import UNSPOKEN, WORDS, Seen, View, record_of, window
from gatebook.dialects.doordeck.resources.accepting import MEDIA, version_of
from gatebook.dialects.doordeck.resources.doors import Doors
from gatebook.dialects.doordeck.schemas import AuditRecord, ById, LogQuery
from gatebook.domain.access import Principal, Scope
from gatebook.domain.filters import NONE, Condition, During, Field, Filter, Not, Operator, all_of, one_of
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.limits import EVENT_COST, charge
from gatebook.http.streams import Pieces
from gatebook.http.wire import read_path, read_query
from gatebook.services import Services
from gatebook.store.contract import Page, Position

CHUNK: Final = 1_000

_LEFT_OUT: Final = one_of(Field.KIND, sorted(kind.value for kind in UNSPOKEN if not kind.is_record))
_AT_A_DEVICE: Final = Not(Condition(Field.DEVICE, Operator.EQUALS, (None,)))


@dataclass(frozen=True, slots=True)
class Trail:
    """What is asked for, by whom, and how it is shown."""

    caller: Principal
    wanted: Filter
    view: View


class Logs:
    """Writes trails."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._doors = Doors(services)

    async def of_device(self, request: Request) -> Response:
        """The trail of a lock."""
        caller = principal(request)
        version, during = version_of(request), self._during(request)
        device = await self._doors.device(caller, read_path(request, ById).id)
        wanted = all_of(Condition(Field.DEVICE, Operator.EQUALS, (device.number,)), during)
        view = View(min(version, 2), caller.may(Scope.PEOPLE_READ))
        return await self._written(request, Trail(caller, wanted, view), MEDIA[version - 1])

    async def of_user(self, request: Request) -> Response:
        """The trail of a user; it is a search for a person, and recorded as such."""
        caller = principal(request)
        version, during = version_of(request), self._during(request)
        person = await self._doors.person(caller, read_path(request, ById).id)
        wanted: Filter = NONE
        if person is not None:
            wanted = all_of(Condition(Field.PERSON, Operator.EQUALS, (person.number,)), _AT_A_DEVICE, during)
        trail = Trail(caller, wanted, View(min(version, 2), True))
        return await self._written(request, trail, MEDIA[version - 1])

    def _during(self, request: Request) -> During:
        query = read_query(request, LogQuery, unknown="ignore")
        return During(Field.OCCURRED, window(query.start, query.end, self._services.now()))

    async def _written(self, request: Request, trail: Trail, media: str) -> Response:
        history = self._services.history
        first = await history.page(trail.caller, trail.wanted, limit=CHUNK, with_total=False, vendor=True)
        headers = {"Gatebook-Omitted": await self._omitted(trail, first), "Vary": "Accept"}
        if not first.more:
            charge(request, EVENT_COST * len(first.events))
            return Response(_encoded(first, trail), headers=headers, media_type=media)
        return await Pieces.begun(self._pieces(request, trail, first), headers=headers, media=media)

    async def _omitted(self, trail: Trail, first: Page) -> str:
        """How many events have no word, up to the ceiling; known before the first of them is passed over."""
        if not first.more:
            return str(len(first.events) - len(seen_of(first)))
        left_out = all_of(trail.wanted, _LEFT_OUT)
        found = await self._services.history.page(
            trail.caller, left_out, limit=1, ceiling=first.ceiling, vendor=True, recorded=True
        )
        total = found.total
        assert total is not None
        return str(total.n) if total.exact else f"at least {total.n}"

    async def _pieces(self, request: Request, trail: Trail, first: Page) -> AsyncIterator[bytes]:
        """The array, a piece for each chunk; whoever loses the right to read it meanwhile reads no more of it."""
        page, opened = first, b"["
        while True:
            charge(request, EVENT_COST * len(page.events))
            if len(told := _encoded(page, trail)) > len(b"[]"):
                yield opened + told[1:-1]
                opened = b","
                await asyncio.sleep(0)  # others are served between two pieces, however fast the reader is
            if not page.more:
                break
            caller = await self._services.tokens.renewed(trail.caller)
            page = await self._services.history.page(
                caller, trail.wanted, limit=CHUNK, after=_place(page), ceiling=first.ceiling, with_total=False,
                vendor=True, recorded=True,
            )  # fmt: skip
        yield b"[]" if opened == b"[" else b"]"


def _place(page: Page) -> Position:
    """Where the next chunk goes on."""
    if page.reached is not None:
        return page.reached
    return Position(page.events[-1].occurred, page.events[-1].seq)


def _encoded(page: Page, trail: Trail) -> bytes:
    return msgspec.json.encode([record_of(one, trail.view) for one in seen_of(page)])


def seen_of(page: Page) -> Sequence[Seen]:
    """The events of a page that have a word and a device."""
    return [
        Seen(event, place.device_id, None if event.person is None else page.people.get(event.person))
        for event in page.events
        for place in [page.places.get(event.stream)]
        if event.kind in WORDS and place is not None and place.device_id is not None
    ]


def operations(services: Services) -> Sequence[Operation]:
    """Both trails."""
    logs = Logs(services)
    told = Reply(
        shape=list[AuditRecord],
        description="The whole trail, newest first",
        media=MEDIA,
        headers={"Gatebook-Omitted": "How many events were left out, since Doordeck has no word for their kind"},
    )
    described = (
        "Between `start` and `end`, both inclusive; by default the last seven days. v1 for `Accept: "
        "application/json`, v2 for `application/vnd.doordeck.api-v2+json`."
    )
    accept = {"Accept": "Which version"}
    return (
        Operation(
            method="GET",
            path="/device/{id}/log",
            handler=logs.of_device,
            summary="Get lock audit trail",
            description=described,
            params=ById,
            query=LogQuery,
            headers=accept,
            replies={200: told},
            scopes=(Scope.EVENTS_READ,),
            tags=("Audit",),
            example="/device/00000000-0000-0000-0000-000000000000/log?start=1593558000&end=1610495999",
        ),
        Operation(
            method="GET",
            path="/user/{id}/log",
            handler=logs.of_user,
            summary="Get user audit trail",
            description=described,
            params=ById,
            query=LogQuery,
            headers=accept,
            replies={200: told},
            scopes=(Scope.EVENTS_READ,),
            tags=("Audit",),
            example="/user/00000000-0000-0000-0000-000000000000/log?start=1593558000&end=1610495999",
        ),
    )
