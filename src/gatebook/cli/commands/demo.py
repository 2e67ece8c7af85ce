"""`gatebook demo`: a server with made-up events to try things on, and what can be shown of it."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gatebook.app.demo import Folder, demonstrate
from gatebook.app.settings import Server
from gatebook.app.tour import Act, Shapes, running, same_event, story
from gatebook.cli import terminal
from gatebook.cli.frame import ExitCode, Json

app = typer.Typer(name="demo", invoke_without_command=True)
FOLDER = Path(".demo")
NARROWEST, BETWEEN = 54, "   "
"""Of a column that JSON is read in, and what stands between two."""
UNTOLD_WIDTH = 170
"""Where no terminal says how wide it is."""

FolderOption = Annotated[Path, typer.Option(help="Where its store lies.")]


@app.callback()
def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where its store lies; remove it to begin anew.")] = FOLDER,
    port: Annotated[int, typer.Option(min=0, max=65535, help="If it is taken, the next free one.")] = Server().port,
    began: Annotated[float | None, typer.Option(hidden=True, help="When `make` began, in seconds since 1970.")] = None,
) -> None:
    """Serve made-up events on this machine alone, and say what to ask; settings are not read."""
    if context.invoked_subcommand is not None:
        return
    try:
        demonstrate(Folder(folder), port, terminal.say, began=began)
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None


@app.command("same-event")
def show_same_event(folder: FolderOption = FOLDER, as_json: Json = False) -> None:
    """Report one event to a running demonstration, and print it in every vendor's JSON side by side."""
    with running(Folder(folder)) as found:
        shapes = asyncio.run(same_event(found))
    if as_json:
        terminal.show_json(shapes)
        return
    for line in side_by_side(shapes, shutil.get_terminal_size((UNTOLD_WIDTH, 24)).columns):
        terminal.say(line)


@app.command("story")
def tell_story(folder: FolderOption = FOLDER, as_json: Json = False) -> None:
    """Play a forced door on a running demonstration: report, rule, alarm, and how it is worked."""

    def told(act: Act) -> None:
        if as_json:
            terminal.say_line(act, True)
        else:
            event = "" if act.event is None else f"  (event {act.event})"
            terminal.say(f"{act.at[11:23]}  {act.who:<20}  {act.what}{event}")

    with running(Folder(folder)) as found:
        story(found, told)
        if not as_json:
            terminal.say(f"See it at {found.address}/console/alarms?state=closed")


def side_by_side(shapes: Shapes, width: int) -> list[str]:
    """What was reported, then the shapes, as many beside one another as the width allows."""
    blocks = [
        [one.dialect, one.url, "", *json.dumps(one.shape, indent=1, ensure_ascii=False).splitlines()]
        for one in shapes.shapes
    ]
    across = max(1, (width + len(BETWEEN)) // (NARROWEST + len(BETWEEN)))
    column = (width + len(BETWEEN)) // across - len(BETWEEN)
    lines = ["POST /v1/events", *folded(json.dumps(shapes.reported), width)]
    for at in range(0, len(blocks), across):
        row = [[part for line in block for part in folded(line, column)] for block in blocks[at : at + across]]
        lines += ["", *(beside(parts, column) for parts in zip_longest_of(row))]
    return lines


def folded(line: str, width: int) -> list[str]:
    """A line in pieces that fit."""
    return [line[at : at + width] for at in range(0, len(line), width)] or [""]


def zip_longest_of(blocks: Sequence[Sequence[str]]) -> list[list[str]]:
    """Line by line, as long as the longest has any."""
    longest = max(map(len, blocks))
    return [[block[n] if n < len(block) else "" for block in blocks] for n in range(longest)]


def beside(parts: Sequence[str], column: int) -> str:
    """Columns of one line."""
    return BETWEEN.join(part.ljust(column) for part in parts).rstrip()
