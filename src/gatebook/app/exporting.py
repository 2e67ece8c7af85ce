"""Writes an export into a file, so that one that was interrupted goes on where it ended, without loss or repeat.

What is there already lies in `<file>.part`, and how far it is in `<file>.resume`, which never tells of more than is on
disk.  Parquet has its sums at its end: until all is there, its part holds lines of JSON.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from gatebook.app import parquet
from gatebook.dialects.native.resources.written import WRITERS, events_of
from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, Conflict
from gatebook.domain.filters import Filter, fingerprint
from gatebook.domain.times import Instant
from gatebook.services.exports import Export, Exports
from gatebook.store.contract import Position

FORMS: Final = (*WRITERS, parquet.FORM)
ENDINGS: Final = {"json": "ndjson", "jsonl": "ndjson"}
"""Endings of files' names that are no form's own."""
NOTED: Final = 10_000
"""Events after which it is noted how far the export has come."""
Progress = Callable[[int, int], None]
"""Told how many events are written, and how many there are in all."""


class Standing(Struct, frozen=True):
    """How far an export has come."""

    form: str
    question: str
    """A fingerprint of filter and organisation."""
    ceiling: int
    events: int
    bytes: int
    """Of the part."""
    occurred: Instant = Instant(0)
    seq: int = 0

    @property
    def after(self) -> Position | None:
        """Where it goes on."""
        return Position(self.occurred, self.seq) if self.events else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written, `resumed` events of it by an earlier run."""

    path: Path
    form: str
    events: int
    bytes: int
    resumed: int


def form_of(target: Path | None, said: str | None) -> str:
    """The form that is asked for, else the one that the file's name ends in, else NDJSON; BadInput for another.

    Refused where it is Parquet and its library is not there.
    """
    ending = "" if target is None else target.suffix.lower().removeprefix(".")
    ending = ENDINGS.get(ending, ending)
    form = said or (ending if ending in FORMS else "ndjson")
    if form not in FORMS:
        raise BadInput("--format", f"got {form[:20]!r}", f"expected one of {', '.join(FORMS)}")
    if form == parquet.FORM:
        parquet.needed()
        if target is None:
            raise BadInput("--format", "Parquet cannot be written to standard output", "name a file")
    return form


async def pour(exports: Exports, who: Principal, wanted: Filter, *, form: str, file: BinaryIO, told: Progress) -> int:
    """Into an open file, from the first to the last; how many."""
    _media, heading, write = WRITERS[form]
    export = await exports.begin(who, wanted, form=form)
    file.write(heading)
    done = 0
    async for chunk in exports.chunks(export):
        file.write(write(events_of(chunk.page, chunk.view)))
        file.flush()
        done += len(chunk.page.events)
        told(done, export.total.n)
    return done


async def into(
    exports: Exports, who: Principal, wanted: Filter, *, form: str, target: Path, told: Progress, afresh: bool = False
) -> Written:
    """Into the file, going on where an earlier run of the same question ended; `afresh`: without what that left.

    Conflict where the file is there, or the part is of another question.
    """
    if target.exists():
        raise Conflict(f"{target} is there already; name another file, or remove it")
    part, note = (target.with_name(target.name + ending) for ending in (".part", ".resume"))
    if afresh:
        note.unlink(missing_ok=True)
    question = (fingerprint(wanted) + b"%d" % who.organisation).hex()
    begun = standing_of(note, form, question)
    export = await exports.begin(who, wanted, form=form, ceiling=begun.ceiling if begun else None)
    standing = begun or opened(part, note, Standing(form, question, export.ceiling, 0, 0))
    standing = await _rest(exports, export, standing, part, note, told)
    if form == parquet.FORM:
        parquet.write(part, target)
        part.unlink()
    else:
        part.rename(target)
    synced(target.parent)
    note.unlink()
    resumed = begun.events if begun else 0
    return Written(path=target, form=form, events=standing.events, bytes=target.stat().st_size, resumed=resumed)


def standing_of(note: Path, form: str, question: str) -> Standing | None:
    """What an earlier run left; Conflict where that was of another question."""
    try:
        standing = msgspec.json.decode(note.read_bytes(), type=Standing)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise Conflict(f"{note} cannot be read; begin afresh with --restart") from error
    if (standing.form, standing.question) != (form, question):
        raise Conflict(f"{note} is of another export; repeat that one, or begin afresh with --restart")
    return standing


def opened(part: Path, note: Path, standing: Standing) -> Standing:
    """An empty part, with its heading."""
    heading = b"" if standing.form == parquet.FORM else WRITERS[standing.form][1]
    with part.open("wb") as file:
        file.write(heading)
        return noted(file, note, replace(standing, bytes=len(heading)))


def noted(file: BinaryIO, note: Path, standing: Standing) -> Standing:
    """Writes down how far it is, once that is on disk."""
    file.flush()
    os.fsync(file.fileno())
    fresh = note.with_name(note.name + ".new")
    fresh.write_bytes(msgspec.json.encode(standing))
    fresh.replace(note)
    return standing


def synced(folder: Path) -> None:
    """The folder's names are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def _rest(
    exports: Exports, export: Export, standing: Standing, part: Path, note: Path, told: Progress
) -> Standing:
    """What is still missing of the part."""
    write = WRITERS["ndjson" if standing.form == parquet.FORM else standing.form][2]
    with part.open("r+b") as file:
        file.truncate(standing.bytes)
        file.seek(standing.bytes)
        noted_at = standing.events
        async for chunk in exports.chunks(export, standing.after):
            file.write(write(events_of(chunk.page, chunk.view)))
            if not chunk.page.events:
                continue
            last = chunk.page.events[-1]
            standing = replace(
                standing, events=standing.events + len(chunk.page.events), bytes=file.tell(), occurred=last.occurred,
                seq=last.seq,
            )  # fmt: skip
            if standing.events - noted_at >= NOTED:
                noted_at = noted(file, note, standing).events
            told(standing.events, export.total.n)
        return noted(file, note, standing)
