"""`gatebook devices`: the locks, doors, readers and cameras that report."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.cli.rooms import Expires, NewName, Ref, emptied, kept, share, time_of
from gatebook.domain.places import Device, DeviceKind
from gatebook.services.forms import DeviceChange, NewDevice, NewDeviceToken

app = typer.Typer(name="devices", help="The locks, doors, readers and cameras that report.", no_args_is_help=True)


class Line(msgspec.Struct, frozen=True):
    """One device; `site` is its site's number."""

    number: int
    id: str
    kind: str
    name: str
    site: int | None
    vendor_ids: tuple[str, ...]


def line_of(device: Device) -> Line:
    """A device as it is printed."""
    return Line(device.number, str(device.id), device.kind, device.name, device.site, tuple(sorted(device.vendor_ids)))


share(app, lambda desk: desk.services.entities.devices, Line, line_of,
      remove="Decommission a device: it reports no more, and its history stays.")  # fmt: skip


@app.command("add")
def add_device(
    context: typer.Context,
    kind: Annotated[DeviceKind, typer.Option(help="What it is.")],
    name: Annotated[str, typer.Option(help="What it is called.")],
    site: Annotated[str | None, typer.Option(help="Where it stands: a site's number, UUID or name.")] = None,
    number: Annotated[int | None, typer.Option(min=1, help="The next free one if not given.")] = None,
    id: Annotated[UUID | None, typer.Option("--id", help="A new UUID if not given.")] = None,
    vendor_id: Annotated[list[str] | None, typer.Option(help="What its maker calls it; may be repeated.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Make a device known."""

    async def add(desk: Desk) -> Device:
        form = NewDevice(
            kind=kind, name=name, site=None if site is None else (await desk.site(site)).number, number=number, id=id,
            vendor_ids=tuple(vendor_id or ()),
        )  # fmt: skip
        return await desk.services.entities.devices.add(desk.principal, form)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, add))], as_json)


@app.command("change")
def change_device(
    context: typer.Context,
    ref: Ref,
    name: NewName = None,
    kind: Annotated[DeviceKind | None, typer.Option(help="What it is.")] = None,
    site: Annotated[str | None, typer.Option(help="Where it stands from now on, with its history; or `none`.")] = None,
    vendor_id: Annotated[list[str] | None, typer.Option(help="All that its maker calls it; may be repeated.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Rename or move a device; what is not named stays as it is."""

    async def change(desk: Desk) -> Device:
        form = DeviceChange(
            name=kept(name), kind=kept(kind), site=emptied(site),
            vendor_ids=kept(tuple(vendor_id) if vendor_id else None),
        )  # fmt: skip
        return await desk.services.entities.devices.change(desk.principal, ref, form)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, change))], as_json)


@app.command("token")
def make_token(
    context: typer.Context, ref: Ref, name: Annotated[str, typer.Option(help="What the token is for.")],
    expires: Expires = None, organisation: OrganisationOption = None,
) -> None:  # fmt: skip
    """Make a token by which the device reports about itself, and print it once."""

    async def make(desk: Desk) -> str:
        form = NewDeviceToken(device=ref, name=name, expires=time_of(desk, expires))
        return (await desk.services.entities.device_tokens.add(desk.principal, form)).secret

    terminal.say(at_desk(context, organisation, make))
