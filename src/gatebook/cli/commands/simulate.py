"""`gatebook simulate`: years of made-up history, written in bulk; the same settings give the same events."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from gatebook.app.secrets import derived
from gatebook.app.stores import opened
from gatebook.cli import terminal
from gatebook.cli.desk import OrganisationOption, choose
from gatebook.cli.frame import settings_of
from gatebook.domain.errors import Conflict
from gatebook.simulation import Settings
from gatebook.simulation.bulk import count_streams, load

app = typer.Typer()
DEFAULTS = Settings()


@app.command("simulate")
def simulate(
    context: typer.Context,
    events: Annotated[int, typer.Option(min=1, help="Reports in all.")] = DEFAULTS.events,
    days: Annotated[int, typer.Option(min=1, help="Over so many days, from 2025-01-01.")] = DEFAULTS.days,
    seed: Annotated[int, typer.Option(help="Another one gives another simulation.")] = DEFAULTS.seed,
    devices: Annotated[int, typer.Option(min=1, help="How many report.")] = DEFAULTS.devices,
    people: Annotated[int, typer.Option(min=1, help="How many come and go.")] = DEFAULTS.people,
    sites: Annotated[int, typer.Option(min=1, help="Where they do.")] = DEFAULTS.sites,
    organisation: OrganisationOption = None,
) -> None:
    """Write made-up history; refuses an organisation where other events are."""
    chosen = Settings(seed=seed, events=events, days=days, devices=devices, people=people, sites=sites)
    found = opened(settings_of(context).settings.store, checkpoints=False)
    try:
        org = choose(found.store.read_now(found.store.directory.organisations), organisation).number
        if found.store.read_now(found.store.history.head, org):
            raise Conflict("the organisation's log holds events already; make a store for the simulation")
        with Progress(console=Console(stderr=True), disable=not Console(stderr=True).is_terminal) as progress:
            task = progress.add_task("Events", total=events)
            loaded = load(
                found.store, org, chosen, derived(found.secret, "source keys"),
                lambda done: progress.update(task, completed=done),
            )  # fmt: skip
        count_streams(found.store, org)
    finally:
        found.store.close()
    terminal.say(f"{loaded.events} events are written; {loaded.repeats} reports came again.")
