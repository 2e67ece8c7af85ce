"""What can be done with a camera, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from gatebook.dialects.smartphonekey.resources import commands, payloads, states
from gatebook.dialects.smartphonekey.resources.acting import CameraPath, Told, command, millis, note_of, or_none
from gatebook.dialects.smartphonekey.resources.history import Locks
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, Forbidden, NotFound
from gatebook.domain.places import Device, DeviceKind
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.wire import json_reply, read_path
from gatebook.services import Services
from gatebook.services.gate_cameras import CameraChange, NewCamera

MANAGE = (Scope.DEVICES_MANAGE,)
CAMERAS_LIMIT = 1_000


async def camera_of(services: Services, caller: Principal, where: CameraPath) -> Device:
    """The camera of this id; NotFound, in the same words, where it is absent, hidden, or no camera."""
    try:
        device = await services.directory.device(caller, where.id)
    except NotFound as error:
        raise NotFound("there is no such camera") from error
    if device.kind is not DeviceKind.CAMERA:
        raise NotFound("there is no such camera")
    return device


class CameraCommands:
    """Each command, on a caller's behalf."""

    def __init__(self, services: Services, locks: Locks) -> None:
        """Acts through these services."""
        self._services = services
        self._acts = services.gates.cameras
        self._locks = locks

    async def register(self, caller: Principal, where: CameraPath, form: commands.RegisterCamera) -> Told:
        """RegisterCamera."""
        now, org_id = self._services.now(), await self._locks.org_id(caller)
        if or_none(form.camera_id) not in (None, where.id):
            raise BadInput("cameraId", "is not the id in the path", "give the same one, or leave it out")
        if or_none(form.org_id) not in (None, org_id):
            raise Forbidden(f"orgId: the credential belongs to another organisation; give {org_id}, or leave it out")
        owner = or_none(form.owner_id)
        payload = payloads.CameraRegistered(
            camera_id=str(where.id),
            three_deye_camera_id="",
            camera_type=form.type,
            name=form.name,
            org_id=org_id,
            owner_id=None if owner is None else str(owner),
            http_url=form.http_url,
            rtsp_url=form.rtsp_url,
            registered_at=millis(now),
        )
        new = NewCamera(
            name=form.name, model=form.type, http_url=form.http_url or "", rtsp_url=form.rtsp_url or "", owner=owner
        )
        done = await self._acts.register(caller, where.id, new, note_of(now, "CameraRegistered", payload))
        return Told(str(where.id), done, "CameraRegistered", payload)

    async def update(self, caller: Principal, where: CameraPath, form: commands.UpdateCamera) -> Told:
        """UpdateCamera."""
        await camera_of(self._services, caller, where)
        now = self._services.now()
        payload = payloads.CameraUpdated(
            camera_id=str(where.id),
            name=form.name,
            camera_type=form.type,
            http_url=form.http_url,
            rtsp_url=form.rtsp_url,
            owner_id=None if form.owner_id is None else UNSET if form.owner_id is UNSET else str(form.owner_id),
            updated_at=millis(now),
        )
        change = CameraChange(
            name=form.name, model=form.type, http_url=form.http_url, rtsp_url=form.rtsp_url, owner=form.owner_id
        )
        done = await self._acts.change(caller, where.id, change, note_of(now, "CameraUpdated", payload))
        return Told(str(where.id), done, "CameraUpdated", payload)

    async def disable(self, caller: Principal, where: CameraPath, form: commands.DisableCamera) -> Told:
        """DisableCamera."""
        await camera_of(self._services, caller, where)
        now, reason = self._services.now(), or_none(form.reason)
        payload = payloads.CameraDisabled(
            camera_id=str(where.id),
            reason=UNSET if reason is None else reason,
            disabled_by=UNSET if form.disabled_by is None else form.disabled_by,
            disabled_at=millis(now),
        )
        done = await self._acts.disable(caller, where.id, note_of(now, "CameraDisabled", payload), reason)
        return Told(str(where.id), done, "CameraDisabled", payload)

    async def link(self, caller: Principal, where: CameraPath, form: commands.CameraLock) -> Told:
        """LinkCameraToLock."""
        await camera_of(self._services, caller, where)
        lock = int(form.lock_id)
        payload = payloads.CameraAndLock(camera_id=str(where.id), lock_id=str(lock))
        note = note_of(self._services.now(), "CameraLinkedToLock", payload)
        done = await self._acts.link(caller, where.id, lock, note)
        return Told(str(where.id), done, "CameraLinkedToLock", payload)

    async def unlink(self, caller: Principal, where: CameraPath, form: commands.CameraNoLock) -> Told:
        """UnlinkCameraFromLock."""
        device = await camera_of(self._services, caller, where)
        named = None if isinstance(form.lock_id, UnsetType) else form.lock_id
        if named is None:
            links = (await self._services.gates.camera(caller, device)).links
            if len(links) != 1:
                raise BadInput("lockId", f"is missing, and the camera has {len(links)} locks", "say which one")
            named = links[0].lock
        lock = int(named)
        payload = payloads.CameraAndLock(camera_id=str(where.id), lock_id=str(lock))
        note = note_of(self._services.now(), "CameraUnlinkedFromLock", payload)
        done = await self._acts.unlink(caller, where.id, lock, note)
        return Told(str(where.id), done, "CameraUnlinkedFromLock", payload)


def camera_operations(services: Services, locks: Locks) -> Sequence[Operation]:
    """Commands and queries of cameras."""
    acts = CameraCommands(services, locks)

    async def details(request: Request) -> Response:
        caller = principal(request)
        device = await camera_of(services, caller, read_path(request, CameraPath))
        state = await services.gates.camera(caller, device)
        return json_reply(states.camera_details(state, await locks.org_id(caller), services.now()))

    async def mine(request: Request) -> Response:
        caller = principal(request)
        org_id, now = await locks.org_id(caller), services.now()
        found = await services.gates.cameras_of(caller, CAMERAS_LIMIT)
        rows = [states.camera_details(one, org_id, now) for one in found]
        return json_reply(states.Cameras(cameras=rows, total_count=len(rows)))

    path, tag = "/cameras/{id}/", "Camera"
    return (
        Operation(
            method="GET", path="/cameras/my", handler=mine, summary="List the caller's cameras",
            description="Those of the person to whom the token is bound; for a key, all that it shows, at most 1000.",
            replies={200: Reply(shape=states.Cameras, description="By their numbers")}, scopes=(Scope.EVENTS_READ,),
            tags=(tag,), example="/cameras/my",
        ),
        Operation(
            method="GET", path=path + "details", handler=details, summary="Get a camera", params=CameraPath,
            replies={200: Reply(shape=states.CameraDetails, description="As it stands now")},
            scopes=(Scope.EVENTS_READ,), tags=(tag,),
        ),
        command(path + "RegisterCamera", CameraPath, commands.RegisterCamera, acts.register,
                summary="Register a camera", scopes=MANAGE, tag=tag, creates=True),
        command(path + "UpdateCamera", CameraPath, commands.UpdateCamera, acts.update, summary="Change a camera",
                scopes=MANAGE, tag=tag),
        command(path + "DisableCamera", CameraPath, commands.DisableCamera, acts.disable, summary="Disable a camera",
                scopes=MANAGE, tag=tag),
        command(path + "LinkCameraToLock", CameraPath, commands.CameraLock, acts.link,
                summary="Let a camera open a lock", scopes=MANAGE, tag=tag),
        command(path + "UnlinkCameraFromLock", CameraPath, commands.CameraNoLock, acts.unlink,
                summary="Let a camera open a lock no more", scopes=MANAGE, tag=tag),
    )  # fmt: skip
