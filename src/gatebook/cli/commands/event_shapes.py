"""`gatebook events shapes`: one event as the clients of every dialect get it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from gatebook.app.build import dialects_of
from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import settings_of
from gatebook.cli.questions import ref_of
from gatebook.console.shapes import Shape, shapes_of

app = typer.Typer()


@app.command("shapes")
def shapes(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="EVENT", help="Its seq or UUID.")],
    organisation: OrganisationOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, by dialect.")] = False,
) -> None:
    """Print what each vendor's API answers of one event, and where it is asked."""
    spoken, places = dialects_of(settings_of(context).settings.dialects)

    async def found(desk: Desk) -> list[Shape]:
        page = await desk.services.history.event(desk.principal, ref_of(ref))
        return list(await shapes_of(spoken, places)(desk.services, desk.principal, page.events[0]))

    told = at_desk(context, organisation, found)
    if as_json:
        terminal.show_json({one.name: {"url": one.url, "shape": json.loads(one.json or "null")} for one in told})
        return
    for one in told:
        terminal.say(f"{one.title}  GET {one.url}" if one.json else f"{one.title}  {one.why}")
        for line in one.json.splitlines():
            terminal.say(f"  {line}")
