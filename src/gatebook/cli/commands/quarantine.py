"""`gatebook quarantine`: reports that had no place, and their second chance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import ExitCode, Json
from gatebook.dialects.native.mapping import sent_of
from gatebook.dialects.native.schemas import Reported
from gatebook.domain.errors import BadInput, Refused
from gatebook.domain.times import rfc3339
from gatebook.services.ingest import Report
from gatebook.services.views import view_of
from gatebook.store.contract import Quarantined

app = typer.Typer(name="quarantine", help="Reports that had no place.", no_args_is_help=True)

PAGE = 500


class Line(msgspec.Struct, frozen=True):
    """One report that waits; `times` it came."""

    id: str
    device: str | None
    received: str
    times: int
    reason: str


class Whole(msgspec.Struct, frozen=True):
    """The same, with the report as it came."""

    id: str
    device: str | None
    received: str
    times: int
    reason: str
    report: Reported


class Outcome(msgspec.Struct, frozen=True):
    """What became of one report: its `seq` in the log, or why it still waits."""

    id: str
    seq: int | None
    reason: str | None


@app.command("list")
def list_quarantined(context: typer.Context, organisation: OrganisationOption = None, as_json: Json = False) -> None:
    """Print what waits, oldest first."""

    async def listed(desk: Desk) -> list[Line]:
        return [line_of(one) for one in await everything(desk)]

    terminal.show_lines(Line, at_desk(context, organisation, listed), as_json)


@app.command("show")
def show(
    context: typer.Context,
    id: Annotated[UUID, typer.Argument(help="Which report.")],
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Print one that waits, and the report as it came."""

    async def found(desk: Desk) -> Whole:
        one = await desk.services.quarantine.one(desk.principal, id)
        report = sent_of(msgspec.json.decode(one.report, type=Report), view_of(desk.principal))
        return Whole(**msgspec.structs.asdict(line_of(one)), report=report)

    whole = at_desk(context, organisation, found)
    if as_json:
        terminal.show_json(whole)
        return
    told = json.loads(msgspec.json.encode(whole))
    fields = {**told, **{f"report.{name}": value for name, value in told.pop("report").items()}}
    terminal.show_table(
        ("property", "value"),
        [
            (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
            for name, value in fields.items()
            if value is not None and name != "report"
        ],
    )


@app.command("drop")
def drop(
    context: typer.Context,
    id: Annotated[UUID, typer.Argument(help="Which report.")],
    organisation: OrganisationOption = None,
) -> None:
    """Give a report up that will never have a place."""

    async def dropped(desk: Desk) -> None:
        await desk.services.quarantine.drop(desk.principal, id)

    at_desk(context, organisation, dropped)


@app.command("replay")
def replay(
    context: typer.Context,
    ids: Annotated[list[UUID] | None, typer.Argument(metavar="[ID]...", help="Which reports.")] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Send reports in again, with the time at which they first came; ends with 1 where some still have no place."""
    if bool(ids) is all_of_them:
        raise BadInput("quarantine replay", "takes ids or --all", "give one of the two")

    async def replayed(desk: Desk) -> list[Outcome]:
        wanted = [one.id for one in await everything(desk)] if all_of_them else ids or []
        return [await once_more(desk, id) for id in wanted]

    outcomes = at_desk(context, organisation, replayed)
    terminal.show_lines(Outcome, outcomes, as_json)
    if any(one.seq is None for one in outcomes):
        raise typer.Exit(ExitCode.FOUND)


async def everything(desk: Desk) -> Sequence[Quarantined]:
    """All that waits, oldest first."""
    found: list[Quarantined] = []
    while page := await desk.services.quarantine.listed(
        desk.principal, after=found[-1].id if found else None, limit=PAGE
    ):
        found += page
    return found


def line_of(one: Quarantined) -> Line:
    """A report as it is printed."""
    return Line(str(one.id), one.device, rfc3339(one.received), one.times, one.reason)


async def once_more(desk: Desk, id: UUID) -> Outcome:
    """Sends one in again.  NotFound where it does not wait at all."""
    await desk.services.quarantine.one(desk.principal, id)
    try:
        accepted = await desk.services.quarantine.replay(desk.principal, id)
    except Refused as error:
        return Outcome(str(id), None, str(error))
    return Outcome(str(id), accepted.outcome.seq, None)
