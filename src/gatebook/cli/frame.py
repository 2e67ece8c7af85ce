"""What every command shares: its settings, and the one place where an error becomes a line and an exit code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gatebook.app.config import Loaded, load
from gatebook.cli import terminal
from gatebook.domain.errors import BadInput, Broken, GatebookError, Refused, Unavailable

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
"""The option of every command that prints something a program may read."""


class ExitCode(IntEnum):
    """How a command ends; `docs/cli.md` says the same."""

    OK = 0
    FOUND = 1
    """The command did its work and found something wrong."""
    USAGE = 2
    """The command line or a setting is wrong; nothing was done."""
    STORE = 3
    """The store cannot be used, or not now."""
    REFUSED = 4
    """The command was understood and refused: something is not there, is taken, or is not allowed."""
    INTERRUPTED = 130


def exit_code(error: GatebookError) -> ExitCode:
    """The exit code that an error ends a command with."""
    match error:
        case BadInput():
            return ExitCode.USAGE
        case Refused():
            return ExitCode.REFUSED
        case Unavailable() | Broken():
            return ExitCode.STORE
        case _:
            return ExitCode.FOUND


class Commands(TyperGroup):
    """The root of all commands: an error of any becomes one line on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; `Any`, because typer keeps the context's type to itself."""
        try:
            return super().invoke(ctx)
        except GatebookError as error:
            terminal.complain(str(error))
            raise typer.Exit(exit_code(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What stood on the command line before the command's name."""

    config: Path | None


def settings_of(context: typer.Context) -> Loaded:
    """The settings for this command.  Raises BadInput."""
    call = context.find_object(Call)
    assert call is not None, "the root command makes the call"
    return load(call.config)
