"""Loads a simulation's whole history into a store in large transactions, by the same append as every report."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import NamedTuple, TypeVar

from gatebook.domain.events import Draft
from gatebook.services.followers import TALLIES, Follower, advance
from gatebook.simulation.directory import Known, make_known
from gatebook.simulation.drafts import Drafts
from gatebook.simulation.happenings import happenings
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.settings import Settings
from gatebook.simulation.world import world_of
from gatebook.store import Store, Transaction
from gatebook.store.contract import Appended

T = TypeVar("T")
TRANSACTION = 10_000
"""Events in one transaction."""
COUNTED_AT_ONCE = 100_000
"""Events that the follower of the tallies takes at once; within one transaction it touches each bucket once."""
AHEAD = 2
"""Transactions that are made ready while one is being written."""

Progress = Callable[[int], None]
"""Called with the number of events done so far, after each transaction."""


class Loaded(NamedTuple):
    """What was written; repeats are acknowledged and not written again."""

    known: Known
    events: int
    repeats: int


def load(store: Store, org: int, settings: Settings, secret: bytes, progress: Progress = lambda _n: None) -> Loaded:
    """The whole simulation, on disk when this returns.  Single streams are counted by `count_streams`."""
    world, scenes = world_of(settings), scenes_of(settings)
    known = store.write_now(lambda transaction: make_known(transaction, org, world, scenes))
    made = Drafts(settings, world, scenes, known, secret)
    drafts = ([made.draft(told) for told in batch] for batch in happenings(settings, world, scenes))
    return Loaded(known, *append_all(store, org, parts(drafts), progress))


def append_all(
    store: Store, org: int, batches: Iterable[list[Draft]], progress: Progress = lambda _n: None
) -> tuple[int, int]:
    """Each batch in a transaction of its own; how many were written, and how many were repeats."""
    written = repeats = 0
    for new, repeated in in_flight(store.submit(partial(_append, org, batch), len(batch)) for batch in batches):
        written += new
        repeats += repeated
        progress(written)
    return written, repeats


def count_streams(store: Store, org: int, progress: Progress = lambda _n: None) -> None:
    """Brings the counts of single streams and sites up to date, as the server would in the background."""
    follower = Follower(name=TALLIES.name, take=TALLIES.take, batch=COUNTED_AT_ONCE)
    while store.write_now(lambda transaction: advance(transaction, follower, org, follower.batch)):
        progress(store.read_now(store.history.followed, org, follower.name))


def parts(batches: Iterable[list[T]], size: int = TRANSACTION) -> Iterator[list[T]]:
    """The same in lists of `size`, the last one shorter."""
    held: list[T] = []
    for batch in batches:
        held += batch
        while len(held) >= size:
            yield held[:size]
            held = held[size:]
    if held:
        yield held


def in_flight(futures: Iterable[Future[T]], ahead: int = AHEAD) -> Iterator[T]:
    """The results in order, while no more than `ahead` are being waited for."""
    waiting: deque[Future[T]] = deque()
    for future in futures:
        waiting.append(future)
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    for future in waiting:
        yield future.result()


def _append(org: int, drafts: list[Draft], transaction: Transaction) -> tuple[int, int]:
    outcomes = transaction.append(org, drafts)
    new = sum(isinstance(outcome, Appended) and not outcome.repeat for outcome in outcomes)
    return new, len(outcomes) - new
