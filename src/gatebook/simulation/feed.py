"""Makes a simulation's drafts in a process of its own, so that whoever writes them has the interpreter to itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import msgpack

from gatebook.domain.events import Draft
from gatebook.services import feeding
from gatebook.simulation.directory import Known
from gatebook.simulation.drafts import Drafts
from gatebook.simulation.happenings import happenings
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.settings import Settings
from gatebook.simulation.world import world_of

TRANSACTION = 50_000
"""Events in one batch and so in one transaction: keys and people lie all over their indexes, and a leaf that several of
them share is written once."""

Packed = bytes
"""A batch of drafts; `unpacked` makes them again."""


@contextmanager
def fed(settings: Settings, known: Known, secret: bytes) -> Iterator[Iterator[Packed]]:
    """All batches of `TRANSACTION` drafts, the last one shorter; Broken where the process ends before its time."""
    with feeding.fed("the simulation", packed, settings, known, secret) as batches:
        yield batches


_decoder = msgpack.Decoder(list[Draft])


def unpacked(batch: Packed) -> list[Draft]:
    """The drafts."""
    return _decoder.decode(batch)


def packed(settings: Settings, known: Known, secret: bytes) -> Iterator[Packed]:
    """All batches of a simulation."""
    world, scenes = world_of(settings), scenes_of(settings)
    made = Drafts(settings, world, scenes, known, secret)
    held: list[Draft] = []
    for batch in happenings(settings, world, scenes):
        held += [made.draft(told) for told in batch]
        while len(held) >= TRANSACTION:
            yield msgpack.encode(held[:TRANSACTION])
            held = held[TRANSACTION:]
    if held:
        yield msgpack.encode(held)
