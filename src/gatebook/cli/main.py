"""The command line: `gatebook`, its options, and the list of its commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatebook import __version__
from gatebook.cli import terminal
from gatebook.cli.commands import (
    alarms,
    audit,
    backup,
    cert,
    credentials,
    demo,
    devices,
    doctor,
    events,
    init,
    keys,
    migrate,
    organisations,
    people,
    quarantine,
    retention,
    rules,
    serve,
    services,
    settings,
    simulate,
    sites,
    tokens,
    types,
    users,
    webhooks,
)
from gatebook.cli.frame import Call, Commands

COMMANDS = (
    demo.app,
    simulate.app,
    init.app,
    serve.app,
    events.app,
    organisations.app,
    sites.app,
    devices.app,
    people.app,
    credentials.app,
    types.app,
    users.app,
    services.app,
    keys.app,
    tokens.app,
    rules.app,
    alarms.app,
    webhooks.app,
    quarantine.app,
    audit.app,
    retention.app,
    retention.erasures,
    backup.app,
    migrate.app,
    doctor.app,
    settings.app,
    cert.app,
)
"""In the order of `gatebook --help`: a Typer without a name adds its commands here, one with a name is a group."""

app = typer.Typer(
    name="gatebook",
    cls=Commands,
    help="One log of everything that happens at an organisation's doors, locks and cameras.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in COMMANDS:
    app.add_typer(command)


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        terminal.say(f"gatebook {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(help="The settings file; without it GATEBOOK_CONFIG, or gatebook.toml if it is there."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """One log of everything that happens at an organisation's doors, locks and cameras."""
    context.obj = Call(config=config)


def main() -> None:
    """Run the command line of this process, and end the process with its exit code."""
    app(prog_name="gatebook")
