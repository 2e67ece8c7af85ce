"""Reads a file of reports in a process of its own, and takes them in, batch for batch, while the next one is read."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import msgspec

from gatebook.dialects.native.resources.filed import Fault, Filed, filed_of
from gatebook.domain.access import Principal
from gatebook.domain.errors import GatebookError
from gatebook.services.feeding import fed
from gatebook.services.imports import Imports

BATCH = 50_000
"""Lines in one transaction: keys and people lie all over their indexes, and a leaf that several of them share is
written once."""
REPLAY = ", then replay"
"""How a refusal ends of what would wait in quarantine."""
_decoder = msgspec.msgpack.Decoder(Filed)


@dataclass(slots=True)
class Tally:
    """What has become of a file so far."""

    lines: int = 0
    new: int = 0
    repeats: int = 0
    records: int = 0
    refused: int = 0
    bytes: int = 0
    faults: list[Fault] = field(default_factory=list)
    """Of the last batch."""


async def taken(
    imports: Imports, principal: Principal, batches: Iterator[Filed], *, triggers_rules: bool
) -> AsyncIterator[Tally]:
    """The tally after each batch, when it is on disk; the next one is being read by then."""
    tally = Tally()
    await imports.begin()
    try:
        following = await next_of(batches)
        while following is not None:
            filed = following
            writing = asyncio.ensure_future(
                imports.take(principal, filed.reports, filed.bodies, triggers_rules=triggers_rules)
            )
            following = await next_of(batches)
            done = await writing
            refused = [Fault(filed.numbers[index], str(error).removesuffix(REPLAY)) for index, error in done.refused]
            tally.faults = sorted([*filed.faults, *refused], key=lambda one: one.line)
            tally.lines, tally.bytes = filed.lines, filed.upto
            tally.new += done.new
            tally.repeats += done.repeats
            tally.records += filed.records
            tally.refused += len(tally.faults)
            yield tally
    finally:
        await imports.end()


async def next_of(batches: Iterator[Filed]) -> Filed | None:
    """The next batch, or None; waited for by a thread that holds up nobody's end, since it may wait for a keyboard."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Filed | None] = loop.create_future()

    def tell(found: Filed | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(found)
        else:
            done.set_exception(error)

    def fetch() -> None:
        found, error = None, None
        try:
            found = next(batches, None)
        except (GatebookError, OSError) as fault:
            error = fault
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, found, error)

    threading.Thread(target=fetch, name="gatebook-import", daemon=True).start()
    return await done


@contextmanager
def filed(path: Path, zone: ZoneInfo, skip: int, batch: int = BATCH) -> Iterator[Iterator[Filed]]:
    """The file's batches, read by a process of its own; Broken where that ends before its time."""
    with fed(f"the reading of {path}", packed, path, zone, skip, batch) as batches:
        yield map(_decoder.decode, batches)


def read(file: BinaryIO, zone: ZoneInfo, skip: int, batch: int = BATCH) -> Iterator[Filed]:
    """The batches of an open file, from the line after the first `skip`."""
    number = upto = 0
    while lines := list(islice(file, skip if number < skip else batch)):
        upto += sum(map(len, lines))
        number += len(lines)
        if number > skip:
            yield filed_of(lines, number - len(lines) + 1, upto, zone)


def packed(path: Path, zone: ZoneInfo, skip: int, batch: int) -> Iterator[bytes]:
    """The same of a file by its name, packed."""
    with path.open("rb") as file:
        for found in read(file, zone, skip, batch):
            yield msgspec.msgpack.encode(found)
