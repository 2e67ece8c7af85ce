"""Loads a simulation's whole history into a store in large transactions, by the same append as every report."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import NamedTuple, TypeVar

from gatebook.services.followers import TALLIES, Follower, advance
from gatebook.simulation.directory import Known, make_known
from gatebook.simulation.feed import Packed, fed, unpacked
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.settings import Settings
from gatebook.simulation.world import world_of
from gatebook.store import Store, Transaction

T = TypeVar("T")
COUNTED_AT_ONCE = 100_000
"""Events that the follower of the tallies takes at once; within one transaction it touches each bucket once."""
MEMORY_MB = 512
"""What the writer keeps of the file meanwhile: a transaction touches most leaves of the indexes by key and person."""
AHEAD = 2
"""Transactions that wait while one is being written."""

Progress = Callable[[int], None]
"""Called with the number of events done so far, after each transaction."""


class Loaded(NamedTuple):
    """What was written; repeats are acknowledged and not written again."""

    known: Known
    events: int
    repeats: int


def load(store: Store, org: int, settings: Settings, secret: bytes, progress: Progress = lambda _n: None) -> Loaded:
    """The whole simulation, on disk when this returns.  Single streams are counted by `count_streams`."""
    known = know(store, org, settings)
    with fed(settings, known, secret) as batches:
        written = append_all(store, org, batches, progress)
    return Loaded(known, written, settings.events - written)


def know(store: Store, org: int, settings: Settings) -> Known:
    """Makes the simulation's devices and people known."""
    world, scenes = world_of(settings), scenes_of(settings)
    return store.write_now(lambda transaction: make_known(transaction, org, world, scenes))


def append_all(store: Store, org: int, batches: Iterable[Packed], progress: Progress = lambda _n: None) -> int:
    """Each batch in a transaction of its own; how many were new."""
    written = 0
    store.write_now(lambda transaction: transaction.keep_in_memory(MEMORY_MB))
    for new in in_flight(store.submit(partial(_append, org, batch)) for batch in batches):  # `in_flight` is the bound
        written += new
        progress(written)
    store.write_now(lambda transaction: transaction.keep_in_memory())
    return written


def count_streams(store: Store, org: int, progress: Progress = lambda _n: None) -> None:
    """Brings the counts of single streams and sites up to date, as the server would in the background."""
    follower = Follower(name=TALLIES.name, take=TALLIES.take, batch=COUNTED_AT_ONCE)
    while store.write_now(lambda transaction: advance(transaction, follower, org, follower.batch)):
        progress(store.read_now(store.history.followed, org, follower.name))


def in_flight(futures: Iterable[Future[T]], ahead: int = AHEAD) -> Iterator[T]:
    """The results in order, while no more than `ahead` are being waited for."""
    waiting: deque[Future[T]] = deque()
    for future in futures:
        waiting.append(future)
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    for future in waiting:
        yield future.result()


def _append(org: int, batch: Packed, transaction: Transaction) -> int:
    return transaction.append_history(org, unpacked(batch)).new
