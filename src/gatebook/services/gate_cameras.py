"""Cameras that read plates: registered, changed, switched off, and tied to the locks that they open."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, Conflict, Forbidden, NotFound
from gatebook.domain.gates import CameraLink, CameraSetting, Direction, Level
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, DeviceKind
from gatebook.services.forms import given
from gatebook.services.gate_acts import Act, Done, GateActs, Note, device_in, missing, named_lock, named_person
from gatebook.services.names import named
from gatebook.services.rooms import need
from gatebook.store import Transaction
from gatebook.store.contract import Ref

CAMERAS = frozenset({DeviceKind.CAMERA})


class NewCamera(Struct, frozen=True, kw_only=True):
    """A camera to be registered; it may stand in the directory already."""

    name: str
    model: str = "generic"
    http_url: str = ""
    rtsp_url: str = ""
    registration_code: str | None = None
    owner: UUID | None = None


class CameraChange(Struct, frozen=True, kw_only=True):
    """What is to be another with a camera; what is UNSET stays."""

    name: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    http_url: str | UnsetType = UNSET
    rtsp_url: str | UnsetType = UNSET
    owner: UUID | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    threshold: float | UnsetType = UNSET
    level: Level | UnsetType = UNSET
    direction: Direction | UnsetType = UNSET


class GateCameras(GateActs):
    """What may be done with a camera."""

    async def register(self, principal: Principal, id: UUID, form: NewCamera, note: Note) -> Done:
        """Registers the camera of this id, which is made where it is not there; once more writes nothing."""
        need(principal, Scope.DEVICES_MANAGE)
        org = principal.organisation

        def work(transaction: Transaction) -> Done:
            device = transaction.device(org, id)
            known = device is not None and principal.grant.shows(device.number, device.site)
            if not (known or principal.grant.everything):
                raise Forbidden("you could not see the camera; register it with a grant that shows it")
            if device is None:
                device = transaction.add_device(org, id, DeviceKind.CAMERA, named(form.name))
            elif device.removed or device.kind is not DeviceKind.CAMERA:
                raise Conflict("another device has this id; choose another")
            elif transaction.gates.camera(org, device.number) is not None:
                return self._unchanged(transaction, principal, device.stream)
            owner = None if form.owner is None else named_person(transaction, principal, form.owner, "ownerId")
            setting = CameraSetting(
                device=device.number,
                owner=None if owner is None else owner.number,
                model=form.model,
                http_url=form.http_url,
                rtsp_url=form.rtsp_url,
                registration_code=form.registration_code,
            )
            transaction.gates.put_camera(org, setting)
            return self._tell(transaction, principal, _act(device, Kind.SETTING_CHANGED, "camera registered"), note)

        return await self._store.write(work)

    async def change(self, principal: Principal, ref: Ref, form: CameraChange, note: Note) -> Done:
        """Changes what the form gives; a form that changes nothing writes nothing."""
        need(principal, Scope.DEVICES_MANAGE)
        org = principal.organisation

        def work(transaction: Transaction) -> Done:
            device, before = self._registered(transaction, principal, ref)
            fields = given(form, "name", "owner")
            if isinstance(form.owner, UUID):
                fields["owner"] = named_person(transaction, principal, form.owner, "ownerId").number
            elif form.owner is None:
                fields["owner"] = None
            after = replace(before, **fields)
            if not 0 <= after.threshold <= 1:
                raise BadInput("threshold", f"{after.threshold} is out of range", "give 0 to 1")
            name = named(form.name) if isinstance(form.name, str) else device.name
            if after == before and name == device.name:
                return self._unchanged(transaction, principal, device.stream)
            if name != device.name:
                transaction.change_device(org, device, name=name, kind=device.kind, site=device.site)
            transaction.gates.put_camera(org, after)
            return self._tell(transaction, principal, _act(device, Kind.SETTING_CHANGED, "camera changed"), note)

        return await self._store.write(work)

    async def disable(self, principal: Principal, ref: Ref, note: Note, reason: str | None) -> Done:
        """What the camera reads opens nothing from now on; once more writes nothing."""
        need(principal, Scope.DEVICES_MANAGE)

        def work(transaction: Transaction) -> Done:
            device, before = self._registered(transaction, principal, ref)
            if not before.enabled:
                return self._unchanged(transaction, principal, device.stream)
            transaction.gates.put_camera(principal.organisation, replace(before, enabled=False))
            act = _act(device, Kind.DEVICE_STOPPED, "camera disabled")._replace(message=reason)
            return self._tell(transaction, principal, act, note)

        return await self._store.write(work)

    async def link(self, principal: Principal, ref: Ref, lock: int, note: Note) -> Done:
        """What the camera reads may open the lock; the same link again writes nothing."""
        need(principal, Scope.DEVICES_MANAGE)
        org = principal.organisation

        def work(transaction: Transaction) -> Done:
            device, _ = self._registered(transaction, principal, ref)
            link = CameraLink(camera=device.number, lock=named_lock(transaction, principal, lock, "lockId").number)
            if link in transaction.gates.links_of_camera(org, device.number):
                return self._unchanged(transaction, principal, device.stream)
            transaction.gates.insert_link(org, link)
            return self._tell(transaction, principal, _act(device, Kind.SETTING_CHANGED, "camera linked"), note)

        return await self._store.write(work)

    async def unlink(self, principal: Principal, ref: Ref, lock: int, note: Note) -> Done:
        """It may not any more; BadInput where it could not."""
        need(principal, Scope.DEVICES_MANAGE)
        org = principal.organisation

        def work(transaction: Transaction) -> Done:
            device, _ = self._registered(transaction, principal, ref)
            link = CameraLink(camera=device.number, lock=lock)
            found = transaction.device(org, lock)
            shown = found is not None and principal.grant.shows(found.number, found.site)
            if not shown or link not in transaction.gates.links_of_camera(org, device.number):
                raise missing("lockId", "the camera is not linked to it")
            transaction.gates.drop_link(org, link)
            return self._tell(transaction, principal, _act(device, Kind.SETTING_CHANGED, "camera unlinked"), note)

        return await self._store.write(work)

    def _registered(self, transaction: Transaction, principal: Principal, ref: Ref) -> tuple[Device, CameraSetting]:
        device = device_in(transaction, principal, ref, CAMERAS, "camera")
        setting = transaction.gates.camera(principal.organisation, device.number)
        if setting is None:
            raise NotFound("there is no such camera")
        return device, setting


def _act(device: Device, kind: Kind, what: str) -> Act:
    return Act(device.stream, kind, f"device/{device.id}", what)
