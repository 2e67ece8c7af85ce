"""`gatebook events export` and `gatebook events import`: the log into a file, and files into the log."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO
from zoneinfo import ZoneInfo

import msgspec
import typer

from gatebook.app import exporting, importing
from gatebook.cli import terminal
from gatebook.cli.bars import bar
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import ExitCode, Json
from gatebook.cli.questions import Purpose, Since, Until, Where, asked_of
from gatebook.dialects.native.resources.filed import Filed
from gatebook.domain.errors import BadInput

app = typer.Typer()
STREAM = Path("-")


class Written(msgspec.Struct, frozen=True):
    """What was exported; `resumed` events of it by an earlier run."""

    path: str
    form: str
    events: int
    bytes: int
    resumed: int


class Taken(msgspec.Struct, frozen=True):
    """What was imported; `records` are lines of another server's own record, which are passed over."""

    lines: int
    new: int
    repeats: int
    records: int
    refused: int


@app.command("export")
def export(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The file to make; - for standard output.")],
    form: Annotated[
        str | None, typer.Option("--format", help="ndjson, csv or parquet; without it, as the file's name ends.")
    ] = None,
    where: Where = None,
    since: Since = None,
    until: Until = None,
    afresh: Annotated[bool, typer.Option("--restart", help="Give up what an interrupted export left.")] = False,
    purpose: Purpose = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Write events into a file, the oldest first; the same command goes on with what was interrupted."""
    form = exporting.form_of(None if target == STREAM else target, form)

    async def written(desk: Desk) -> exporting.Written | None:
        exports, wanted = desk.services.exports, asked_of(where, since, until, desk.zone)
        with bar("Exporting") as told:
            if target == STREAM:
                await exporting.pour(exports, desk.principal, wanted, form=form, file=sys.stdout.buffer, told=told)
                return None
            return await exporting.into(
                exports, desk.principal, wanted, form=form, target=target, told=told, afresh=afresh
            )

    done = at_desk(context, organisation, written, purpose=purpose)
    if done is not None:
        line = Written(str(done.path), done.form, done.events, done.bytes, done.resumed)
        terminal.show_lines(Written, [line], as_json)


@app.command("import")
def import_(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="Reports, a line of JSON each; - for standard input.")],
    skip: Annotated[int, typer.Option(min=0, help="Begin after so many lines.")] = 0,
    batch: Annotated[
        int, typer.Option(min=1, max=200_000, help="Lines written at once, all or none; fewer beside a busy server.")
    ] = importing.BATCH,
    with_rules: Annotated[bool, typer.Option("--with-rules", help="Let rules look at what comes in.")] = False,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Take reports in from a file, or what `events export` wrote; given again, it goes on, and stores nothing twice."""
    if source != STREAM and not source.is_file():
        raise BadInput("FILE", f"{source} is no file", "name one that is there")

    async def taken(desk: Desk) -> importing.Tally:
        tally = importing.Tally(lines=skip)
        size = 0 if source == STREAM else source.stat().st_size
        try:
            with batches_of(source, desk.zone, skip, batch) as batches, bar("Importing") as told:
                steps = importing.taken(desk.services.imports, desk.principal, batches, triggers_rules=with_rules)
                async for tally in steps:
                    told(tally.bytes, size)
                    for fault in tally.faults:
                        terminal.remark(f"line {fault.line}: {fault.reason}")
        except asyncio.CancelledError:
            terminal.remark(
                f"Interrupted; {tally.lines} lines are done. The same command goes on, and sooner with --skip."
            )
            raise
        return tally

    tally = at_desk(context, organisation, taken)
    line = Taken(tally.lines, tally.new, tally.repeats, tally.records, tally.refused)
    terminal.show_lines(Taken, [line], as_json)
    if tally.refused:
        raise typer.Exit(ExitCode.FOUND)


@contextmanager
def batches_of(source: Path, zone: ZoneInfo, skip: int, batch: int) -> Iterator[Iterator[Filed]]:
    """What the file, or standard input, holds."""
    if source == STREAM:
        yield importing.read(typed(), zone, skip, batch)
        return
    with importing.filed(source, zone, skip, batch) as batches:
        yield batches


def typed() -> BinaryIO:
    """Standard input, read by an object of its own: the interpreter's end waits for nobody who reads from that."""
    try:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except OSError:  # no file stands behind it
        return sys.stdin.buffer
