"""`/v1/cameras/{ref}`: how a camera reads plates, and which locks it opens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import NotFound
from gatebook.domain.gates import Level
from gatebook.domain.places import Device, DeviceKind
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.wire import json_reply, read_json, read_path
from gatebook.services import Services
from gatebook.services.gate_acts import Note
from gatebook.services.gate_cameras import CameraChange, NewCamera

Ref = int | UUID | str


class CameraPath(Struct, frozen=True):
    """A camera, by UUID, integer or vendor id."""

    ref: Annotated[str, Meta(min_length=1, max_length=255)]


class CameraShown(Struct, frozen=True, kw_only=True):
    """How a camera reads plates."""

    id: UUID
    number: int
    name: str
    enabled: bool
    threshold: float
    level: Level
    locks: list[int]
    """Numbers of the locks that it opens, as far as the caller sees them."""


class CameraChanged(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be another; what is left out stays."""

    enabled: bool | UnsetType = UNSET
    threshold: Annotated[float, Meta(ge=0, le=1)] | UnsetType = UNSET
    """The least confidence that opens."""
    level: Level | UnsetType = UNSET
    """How near a read must come to a plate: exact, look_alike or one_edit."""
    locks: Annotated[list[int], Meta(max_length=100)] | UnsetType = UNSET
    """All locks that it is to open, by number."""


def operations(services: Services) -> Sequence[Operation]:
    """Reads and changes of one camera."""

    async def get(request: Request) -> Response:
        who = principal(request)
        return json_reply(await shown(services, who, await camera(request, who)))

    async def change(request: Request) -> Response:
        who = principal(request)
        form = await read_json(request, CameraChanged)
        device, rooms = await camera(request, who), services.gates.cameras
        note = Note(occurred=services.now())
        try:
            before = await shown(services, who, device)
        except NotFound:  # known to the directory, and not set up to read plates
            await rooms.register(who, device.id, NewCamera(name=device.name), note)
            before = await shown(services, who, device)
        wanted = CameraChange(enabled=form.enabled, threshold=form.threshold, level=form.level)
        await rooms.change(who, device.id, wanted, note)
        if isinstance(form.locks, list):
            for lock in sorted(set(form.locks) - set(before.locks)):
                await rooms.link(who, device.id, lock, note)
            for lock in sorted(set(before.locks) - set(form.locks)):
                await rooms.unlink(who, device.id, lock, note)
        return json_reply(await shown(services, who, device))

    async def camera(request: Request, who: Principal) -> Device:
        found = await services.directory.device(who, ref_of(read_path(request, CameraPath).ref))
        if found.kind is not DeviceKind.CAMERA or found.removed:
            raise NotFound("there is no such camera")
        return found

    tell = {200: Reply(shape=CameraShown)}
    return (
        Operation(
            method="GET",
            path="/v1/cameras/{ref}",
            handler=get,
            summary="How a camera reads plates",
            params=CameraPath,
            replies=tell,
            scopes=(Scope.DEVICES_MANAGE,),
            tags=("plates",),
        ),
        Operation(
            method="PATCH",
            path="/v1/cameras/{ref}",
            handler=change,
            summary="Set a camera up to read plates, or change how it does",
            description="A camera of the directory that was not set up is set up by the first change of it.",
            params=CameraPath,
            body=Body(shape=CameraChanged, example='{"threshold":0.85,"level":"exact","locks":[3]}'),
            replies=tell,
            scopes=(Scope.DEVICES_MANAGE,),
            tags=("plates",),
        ),
    )


async def shown(services: Services, who: Principal, device: Device) -> CameraShown:
    """A camera on the wire; NotFound where it is not set up."""
    state = await services.gates.camera(who, device)
    return CameraShown(
        id=device.id,
        number=device.number,
        name=device.name,
        enabled=state.setting.enabled,
        threshold=state.setting.threshold,
        level=state.setting.level,
        locks=[link.lock for link in state.links],
    )


def ref_of(text: str) -> Ref:
    """An integer or UUID where it is one, else a vendor id."""
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text)
    try:
        return UUID(text)
    except ValueError:
        return text
