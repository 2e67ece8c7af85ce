"""The history of plates that a camera's matcher has decided on, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from gatebook.dialects.smartphonekey.resources.acting import CameraPath
from gatebook.dialects.smartphonekey.resources.cameras import camera_of
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.events import Event
from gatebook.domain.excerpts import excerpt
from gatebook.domain.filters import Condition, During, Field, Operator, all_of
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device
from gatebook.domain.times import Window, parse_bound, rfc3339, window_of
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.wire import json_reply, read_path, read_query
from gatebook.services import Services
from gatebook.store.contract import Page

SIZE: Final = 20
"""Assumed: the vendor publishes no default."""
LARGEST: Final = 100
"""Source: SmartphoneKey "Get LPR event history", heading Query Parameters: "Events per page, maximum 100"."""
LAST_PAGE: Final = 10**15 - 1
DIGITS: Final = 15

ACTIONS: Final[Mapping[str, str]] = {
    action: action.upper().replace("OPENED", "LOCK_OPENED").replace("OPEN_FAILED", "LOCK_OPEN_FAILED")
    for action in (
        "opened", "no_match", "low_confidence", "ambiguous", "no_linked_lock", "not_authorised", "repeat_read",
        "open_failed",
    )
}  # fmt: skip
"""Our words and what SmartphoneKey's clients read; the vendor publishes no list of its own."""
ERASED: Final = "ERASED"
MATCHED: Final = frozenset({"opened", "open_failed", "no_linked_lock", "low_confidence", "repeat_read"})
"""What can be decided on somebody who may pass, or whose plate it is where nothing tells that they may not."""


class LprQuery(Struct, frozen=True, rename="camel"):
    """Source: SmartphoneKey "Get LPR event history", heading Query Parameters.  The vendor's types are all strings."""

    from_: Annotated[str, Meta(description="Inclusive ISO-8601 start timestamp")] | UnsetType = msgspec.field(
        default=UNSET, name="from"
    )
    to: Annotated[str, Meta(description="Inclusive ISO-8601 end timestamp")] | UnsetType = UNSET
    page: (
        Annotated[str, Meta(description="1-based page number", extra_json_schema={"pattern": "^0*[1-9][0-9]{0,14}$"})]
        | UnsetType
    ) = UNSET
    page_size: (
        Annotated[
            str,
            Meta(description="Events per page, maximum 100", extra_json_schema={"pattern": "^0*(100|[1-9][0-9]?)$"}),
        ]
        | UnsetType
    ) = UNSET


class LprRow(Struct, frozen=True, rename="camel", kw_only=True):
    """One decision. Source: SmartphoneKey "Get LPR event history", heading Responses."""

    id: Annotated[str, Meta(description="Audit event id")]
    camera_id: Annotated[str, Meta(description="Camera aggregate id")]
    lock_id: Annotated[str | None, Meta(description="Linked lock id, when known")]
    plate: Annotated[str, Meta(description="Detected license plate")]
    confidence: Annotated[float, Meta(description="Of the read, from 0 to 1")]
    matched: Annotated[bool, Meta(description="Whether the plate matched an authorized user")]
    matched_user_id: Annotated[str | None, Meta(description="Matched user id, when matched")]
    action_taken: Annotated[str, Meta(description=f"One of {', '.join(ACTIONS.values())}, {ERASED}")]
    timestamp: Annotated[str, Meta(description="When it was read, ISO 8601 in UTC with milliseconds")]


class LprHistory(Struct, frozen=True, rename="camel", kw_only=True):
    """A page. Source: SmartphoneKey "Get LPR event history", example response."""

    camera_id: str
    events: list[LprRow]
    page: Annotated[int, Meta(ge=1)]
    page_size: Annotated[int, Meta(ge=1, le=LARGEST)]
    total: Annotated[int, Meta(ge=0)]
    has_more: bool


class Decision(Struct, frozen=True, kw_only=True):
    """The data of a `plate.decided`, as far as SmartphoneKey's clients read them; what is otherwise is left out."""

    plate: str | None = None
    confidence: float | None = None
    action: str | None = None
    matched_plate: str | None = None
    person: int | str | None = None
    lock: int | str | None = None


class LprRows:
    """The rows of one page, for one caller."""

    def __init__(self, services: Services, caller: Principal, camera: Device, page: Page) -> None:
        """What the caller may not see of locks is null."""
        self._services = services
        self._caller = caller
        self._camera = camera
        self._page = page
        self._locks: dict[int | str, str | None] = {}
        self._people: dict[int | str, str | None] = {number: str(one.id) for number, one in page.people.items()}

    async def all(self) -> list[LprRow]:
        """Each in its place."""
        return [await self._row(event) for event in self._page.events]

    async def _row(self, event: Event) -> LprRow:
        told = _decision(event)
        user = event.person if event.person is not None else told.person
        named = None if user is None else await self._user(user)
        action = ERASED if event.erased else ACTIONS.get(told.action or "", (told.action or "no_match").upper())
        return LprRow(
            id=str(event.id),
            camera_id=str(self._camera.id),
            lock_id=None if told.lock is None else await self._lock(told.lock),
            plate=(told.plate or event.credential or "").upper(),
            confidence=min(1.0, max(0.0, told.confidence or 0.0)),
            matched=named is not None and told.action in MATCHED,
            matched_user_id=named,
            action_taken=action,
            timestamp=rfc3339(event.occurred, 3),
        )

    async def _lock(self, ref: int | str) -> str | None:
        if ref not in self._locks:
            try:
                found = await self._services.directory.device(self._caller, _ref(ref))
                self._locks[ref] = str(found.number)
            except NotFound:
                self._locks[ref] = None
        return self._locks[ref]

    async def _user(self, ref: int | str) -> str | None:
        if ref not in self._people:
            try:
                self._people[ref] = str((await self._services.directory.person(self._caller, _ref(ref))).id)
            except NotFound:
                self._people[ref] = None
        return self._people[ref]


def lpr_operation(services: Services) -> Operation:
    """`GET /cameras/{id}/lpr-events`."""

    async def lpr_events(request: Request) -> Response:
        caller = principal(request)
        wanted = read_query(request, LprQuery, unknown="ignore")
        page = _number(wanted.page, 1, LAST_PAGE, "page")
        size = _number(wanted.page_size, SIZE, LARGEST, "pageSize")
        window = await _window(services, caller, wanted)
        camera = await camera_of(services, caller, read_path(request, CameraPath))
        asked = all_of(
            Condition(Field.DEVICE, Operator.EQUALS, (camera.number,)),
            Condition(Field.KIND, Operator.EQUALS, (Kind.PLATE_DECIDED.value,)),
            During(Field.OCCURRED, window),
        )
        offset = size * (page - 1)
        found = await services.history.page(caller, asked, limit=size, offset=offset, vendor=True)
        total = 0 if found.total is None else found.total.n
        rows = await LprRows(services, caller, camera, found).all()
        return json_reply(
            LprHistory(
                camera_id=str(camera.id),
                events=rows,
                page=page,
                page_size=size,
                total=total,
                has_more=offset + len(rows) < total and bool(rows),
            )
        )

    return Operation(
        method="GET",
        path="/cameras/{id}/lpr-events",
        handler=lpr_events,
        summary="Get LPR event history",
        description="Returns paginated license plate recognition audit history for a camera, newest first. Supports "
        "from/to date filters.",
        params=CameraPath,
        query=LprQuery,
        replies={200: Reply(shape=LprHistory, description="One page")},
        scopes=(Scope.EVENTS_READ, Scope.PLATES_READ),
        tags=("Camera",),
    )


async def _window(services: Services, caller: Principal, wanted: LprQuery) -> Window:
    zone = await services.directory.zone(caller)
    since = None if wanted.from_ is UNSET else parse_bound(wanted.from_, zone, "from")
    until = None if wanted.to is UNSET else parse_bound(wanted.to, zone, "to")
    window = window_of(since, until)
    if since is not None and until is not None and (window.is_empty or since.instant > until.instant):
        raise BadInput("from", "is after to", "give the earlier time as from")
    return window


def _number(given: str | UnsetType, default: int, largest: int, field: str) -> int:
    if isinstance(given, UnsetType):
        return default
    if given.isascii() and given.isdecimal() and len(given.lstrip("0")) <= DIGITS and 1 <= int(given) <= largest:
        return int(given)
    raise BadInput(field, f"got {excerpt(given)}", f"expected a whole number from 1 to {largest}")


def _decision(event: Event) -> Decision:
    try:
        return Decision() if event.data is None else msgspec.json.decode(event.data, type=Decision)
    except msgspec.DecodeError:
        return Decision()


def _ref(ref: int | str) -> int | UUID | str:
    try:
        return ref if isinstance(ref, int) else UUID(ref)
    except ValueError:
        return ref


__all__ = ["ACTIONS", "lpr_operation"]
