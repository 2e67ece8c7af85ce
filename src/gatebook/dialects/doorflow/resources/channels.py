"""`/api/3/channels`: the doors, locks and readers that events name, and how the log last told they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

from gatebook.dialects.doorflow.resources.paging import (
    HEADERS,
    Slice,
    flag,
    number_in,
    numbers,
    paged,
    slice_of,
)
from gatebook.dialects.doorflow.schemas import Channel, ChannelsQuery, KeyQuery, Mode, Sync
from gatebook.dialects.doorflow.tokens import CHANNEL_SCOPES, need_scope
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import NotFound
from gatebook.domain.filters import Field, all_of, one_of
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, DeviceKind
from gatebook.domain.times import Instant, with_offset
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.wire import json_reply, read_query
from gatebook.services import Services

CHANNELS: Final = frozenset({DeviceKind.LOCK, DeviceKind.DOOR, DeviceKind.READER})
BATCH: Final = 1_000
NEWEST: Final = 1_000
"""Events of one page that tell how many channels stand, at one reading."""
_MAC: Final = re.compile(r"[0-9a-fA-F]{2}(?:[:-]?[0-9a-fA-F]{2}){5}")

STATUS: Final[Mapping[Kind, Literal["online", "offline"]]] = {
    Kind.DEVICE_STARTED: "online",
    Kind.DEVICE_CONNECTED: "online",
    Kind.DEVICE_STOPPED: "offline",
    Kind.DEVICE_DISCONNECTED: "offline",
}
SYNC: Final[Mapping[Kind, Literal["ok", "fail", "syncing"]]] = {
    Kind.SYNC_STARTED: "syncing",
    Kind.SYNC_SKIPPED: "ok",
    Kind.SYNC_COMPLETED: "ok",
    Kind.SYNC_FAILED: "fail",
    Kind.SYNC_DELAYED: "fail",
}
MODE: Final[Mapping[Kind, Literal["unlock", "normal"]]] = {Kind.SHIFT_STARTED: "unlock", Kind.SHIFT_ENDED: "normal"}
COMPLETED: Final[Mapping[Kind, str]] = {Kind.SYNC_COMPLETED: "completed"}
ASPECTS: Final = (STATUS, SYNC, MODE, COMPLETED)


@dataclass(frozen=True, slots=True)
class Told:
    """What the log last told of one aspect of a channel."""

    kind: Kind
    at: Instant


def operations(services: Services) -> Sequence[Operation]:
    """The list, and one channel."""

    async def channels(request: Request) -> Response:
        query = read_query(request, ChannelsQuery, unknown="ignore")
        need_scope(request, CHANNEL_SCOPES)
        who, sites = principal(request), numbers("site_id", query.site_id)
        wanted = slice_of(query.page, query.per_page, default=500, most=1_000)
        found = [one for one in await channels_of(services, who) if not sites or one.site in sites]
        if flag("skip_pagination", query.skip_pagination):
            wanted = Slice(1, max(1, len(found)))
        page = found[wanted.offset : wanted.offset + wanted.size]
        shown = {one.id: one for one in await shown_of(services, who, page)}
        return paged(found, wanted, lambda one: shown[one.number])

    async def channel(request: Request) -> Response:
        read_query(request, KeyQuery, unknown="ignore")
        need_scope(request, CHANNEL_SCOPES)
        number = number_in(request)
        if number is None:
            raise NotFound("no such channel")
        who = principal(request)
        try:
            found = await services.directory.device(who, number)
        except NotFound as error:
            raise NotFound("no such channel") from error
        (shown,) = await shown_of(services, who, [found])
        return json_reply(shown)

    return (
        Operation(
            method="GET", path="/api/3/channels", handler=channels, summary="List channels", query=ChannelsQuery,
            replies={200: Reply(shape=list[Channel], headers=HEADERS)}, scopes=(Scope.EVENTS_READ,),
            tags=("Channels",), example="/api/3/channels?per_page=100",
        ),
        Operation(
            method="GET", path="/api/3/channels/{id}", handler=channel, summary="Retrieve a channel", query=KeyQuery,
            replies={200: Reply(shape=Channel)}, scopes=(Scope.EVENTS_READ,), tags=("Channels",),
        ),
    )  # fmt: skip


async def channels_of(services: Services, who: Principal) -> list[Device]:
    """All channels that the principal may see, by id."""
    found: list[Device] = []
    after = 0
    while batch := await services.directory.devices(who, after=after, limit=BATCH):
        found += [device for device in batch if device.kind in CHANNELS]
        after = batch[-1].number
    return found


async def shown_of(services: Services, who: Principal, devices: Sequence[Device]) -> list[Channel]:
    """Channels with what the log last told of them."""
    if not devices:
        return []
    told = await last_told(services, who, devices)
    sites = await services.directory.sites_of(who, devices)
    local = await services.directory.zone(who)
    zones: dict[int | None, tzinfo] = {number: ZoneInfo(site.zone) for number, site in sites.items()}
    return [channel_of(one, told, zones.get(one.site, local)) for one in devices]


async def last_told(services: Services, who: Principal, devices: Sequence[Device]) -> dict[tuple[int, int], Told]:
    """By device and aspect, the newest event that tells of it.

    The newest thousand of each aspect mostly tell of every channel; a channel that they leave out is asked for alone.
    """
    found: dict[tuple[int, int], Told] = {}
    numbers_ = sorted(device.number for device in devices)
    for index, aspect in enumerate(ASPECTS):
        many = await _newest(services, who, aspect, numbers_, index, found, NEWEST)
        for number in numbers_ if many else ():
            if (number, index) not in found:
                await _newest(services, who, aspect, [number], index, found, 1)
    return found


async def _newest(
    services: Services,
    who: Principal,
    aspect: Mapping[Kind, str],
    devices: Sequence[int],
    index: int,
    found: dict[tuple[int, int], Told],
    limit: int,
) -> bool:
    """Notes the newest events of an aspect; True when there are more than were read."""
    wanted = all_of(one_of(Field.KIND, sorted(aspect)), one_of(Field.DEVICE, devices))
    limit = 1 if len(devices) == 1 else limit
    page = await services.history.page(who, wanted, limit=limit, with_total=False, vendor=True)
    for event in page.events:
        place = page.places.get(event.stream)
        if place is not None and place.device is not None:
            found.setdefault((place.device, index), Told(event.kind, event.occurred))
    return page.more


def channel_of(device: Device, told: Mapping[tuple[int, int], Told], zone: tzinfo) -> Channel:
    """A channel as clients read it; one of which the log tells nothing is online, in normal mode and not yet synced."""
    status, sync, mode, completed = (told.get((device.number, index)) for index in range(len(ASPECTS)))
    return Channel(
        id=device.number,
        name=device.name,
        mac_address=next((one for one in device.vendor_ids if _MAC.fullmatch(one)), None),
        status="online" if status is None else STATUS[status.kind],
        unit=1,
        site_id=device.site,
        sync=Sync(
            status="pending" if sync is None else SYNC[sync.kind],
            last_sync_completed_at=None if completed is None else with_offset(completed.at, zone, 0),
        ),
        mode=Mode(description="normal" if mode is None else MODE[mode.kind]),
    )
