"""Makes a simulation's drafts in a process of its own, so that whoever writes them has the interpreter to itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from msgspec import msgpack

from gatebook.domain.errors import Broken
from gatebook.domain.events import Draft
from gatebook.simulation.directory import Known
from gatebook.simulation.drafts import Drafts
from gatebook.simulation.happenings import happenings
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.settings import Settings
from gatebook.simulation.world import world_of

TRANSACTION = 50_000
"""Events in one batch and so in one transaction: keys and people lie all over their indexes, and a leaf that several of
them share is written once."""

END = b""
"""Comes after the last batch: without it, the simulation was cut short."""
Packed = bytes
"""A batch of drafts; `unpacked` makes them again."""


@contextmanager
def fed(settings: Settings, known: Known, secret: bytes) -> Iterator[Iterator[Packed]]:
    """All batches of `TRANSACTION` drafts, the last one shorter; Broken where the process ends before its time."""
    context = get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_feed, args=(sending, settings, known, secret), daemon=True)
    process.start()
    sending.close()

    def batches() -> Iterator[Packed]:
        try:
            while (batch := receiving.recv_bytes()) != END:
                yield batch
        except EOFError as error:
            process.join()
            raise Broken(f"the simulation ended early, with exit code {process.exitcode}; run it again") from error

    try:
        yield batches()
    finally:
        receiving.close()
        process.terminate()
        process.join()


_decoder = msgpack.Decoder(list[Draft])


def unpacked(batch: Packed) -> list[Draft]:
    """The drafts."""
    return _decoder.decode(batch)


def _feed(sending: Connection, settings: Settings, known: Known, secret: bytes) -> None:
    world, scenes = world_of(settings), scenes_of(settings)
    made = Drafts(settings, world, scenes, known, secret)
    held: list[Draft] = []
    for batch in happenings(settings, world, scenes):
        held += [made.draft(told) for told in batch]
        while len(held) >= TRANSACTION:
            sending.send_bytes(msgpack.encode(held[:TRANSACTION]))
            held = held[TRANSACTION:]
    if held:
        sending.send_bytes(msgpack.encode(held))
    sending.send_bytes(END)
