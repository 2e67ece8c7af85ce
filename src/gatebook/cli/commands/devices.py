"""`gatebook devices`: the locks, doors, readers and cameras that report."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.domain.places import Device, DeviceKind

app = typer.Typer(name="devices", help="The locks, doors, readers and cameras that report.", no_args_is_help=True)

PAGE = 500


class Line(msgspec.Struct, frozen=True):
    """One device; `site` is its site's number."""

    number: int
    id: str
    kind: str
    name: str
    site: int | None
    vendor_ids: tuple[str, ...]


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
        place = None if site is None else (await desk.site(site)).number
        return await desk.services.directory.add_device(
            desk.principal, kind=kind, name=name, site=place, number=number, id=id, vendor_ids=vendor_id or ()
        )

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, add))], as_json)


@app.command("list")
def list_devices(context: typer.Context, organisation: OrganisationOption = None, as_json: Json = False) -> None:
    """Print every device."""

    async def listed(desk: Desk) -> list[Line]:
        lines: list[Line] = []
        while page := await desk.services.directory.devices(
            desk.principal, after=lines[-1].number if lines else 0, limit=PAGE
        ):
            lines += map(line_of, page)
        return lines

    terminal.show_lines(Line, at_desk(context, organisation, listed), as_json)


def line_of(device: Device) -> Line:
    """A device as it is printed."""
    return Line(device.number, str(device.id), device.kind, device.name, device.site, tuple(sorted(device.vendor_ids)))
