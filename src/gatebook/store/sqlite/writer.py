"""The one writer: a thread that gathers all waiting work into one transaction, commits it, and then tells everybody.

A report alone waits for no timer: whatever is waiting when the writer is free goes into the next transaction.
Acknowledgements leave only after COMMIT has returned, and COMMIT returns only after fsync.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import apsw

from gatebook.domain.errors import QueueFull, Unavailable
from gatebook.domain.events import Draft
from gatebook.store.contract import Outcome
from gatebook.store.sqlite.connection import fault_of
from gatebook.store.sqlite.tallies import LIMIT
from gatebook.store.sqlite.transaction import Transaction

log = logging.getLogger(__name__)
T = TypeVar("T")
Work = Callable[[Transaction], T]
Place = Callable[[Transaction], Sequence[Draft]]
"""Work that returns the drafts to append: many of these share one append.

It may do what holds whoever fails beside it: look up, intern a class, put a report into quarantine.  It sees the log
as it was before this group's appends.
"""
Waiter = Future[Any] | asyncio.Future[Any]

ENVIRONMENT = (apsw.FullError, apsw.IOError, apsw.BusyError, apsw.CorruptError, apsw.ReadOnlyError, apsw.NotADBError)
"""Faults of the file or the machine: every job of the group shares them."""


class Half(Exception):
    """A `place` refused after it had written: what it wrote must go, and with it the whole transaction."""


@dataclass(slots=True)
class Job:
    """One use case waiting for its turn: either general `work`, or a `place` for one organisation."""

    weight: int
    done: Waiter
    work: Work[Any] | None = None
    place: Place | None = None
    org: int = 0
    drafts: Sequence[Draft] = ()
    result: Any = None
    error: Exception | None = None


@dataclass(slots=True)
class Measures:
    """What the writer did so far; read by the metrics."""

    commits: int = 0
    events: int = 0
    refused: int = 0
    waiting: int = 0
    commit_sizes: deque[int] = field(default_factory=lambda: deque(maxlen=512))
    watcher: Callable[[int, int, float], None] = lambda _jobs, _events, _seconds: None
    """Told of each commit on the writer's thread: jobs, events, seconds.  It must be quick and not raise."""


class Writer:
    """Owns the connection that writes.  `submit` and `append` may be called from any thread."""

    def __init__(
        self,
        connection: apsw.Connection,
        path: Path,
        *,
        queue_limit: int = 20_000,
        group_limit: int = 10_000,
        on_commit: Callable[[], None] = lambda: None,
        burst: int = LIMIT,
    ) -> None:
        """`queue_limit`: events that may wait; `group_limit`: events in one transaction; `on_commit`: wakes.

        `burst`: events in a bucket beyond which finer tallies are kept.
        """
        self._connection = connection
        self._path = path
        self._queue_limit = queue_limit
        self._group_limit = group_limit
        self._on_commit = on_commit
        self._waiting: deque[Job] = deque()
        self._weight = 0
        self._wake = threading.Condition()
        self._closing = False
        self._transaction = Transaction(connection, burst)
        self.measures = Measures()
        self._thread = threading.Thread(target=self._run, name="gatebook-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T], weight: int = 1) -> Future[T]:
        """Runs `work` under a savepoint of its own: if it raises, nothing of it stays and no neighbour is touched."""
        done: Future[T] = Future()
        self._enqueue(Job(weight, done, work=work))
        return done

    async def write(self, work: Work[T], weight: int = 1) -> T:
        """`submit`, awaited."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._enqueue(Job(weight, done, work=work))
        return await done

    async def append(self, org: int, place: Place, weight: int) -> list[Outcome]:
        """Appends the drafts that `place` returns; one outcome for each, in order."""
        done: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self._enqueue(Job(weight, done, place=place, org=org))
        return await done

    def _enqueue(self, job: Job) -> None:
        with self._wake:
            if self._closing:
                raise Unavailable("the server is stopping; try again", 2)
            job.weight = max(1, job.weight)
            if self._waiting and self._weight + job.weight > self._queue_limit:
                self.measures.refused += 1
                raise QueueFull("the queue for writing is full; try again", 1)
            self._waiting.append(job)
            self._weight += job.weight
            self._wake.notify()

    @property
    def waiting(self) -> int:
        """Events in the queue."""
        return self._weight

    def close(self) -> None:
        """Finishes what is waiting, then stops."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _take(self) -> list[Job]:
        """All that is waiting, up to the group's limit; empty when closing and nothing is left."""
        with self._wake:
            while not self._waiting and not self._closing:
                self._wake.wait()
            taken: list[Job] = []
            weight = 0
            while self._waiting and (not taken or weight + self._waiting[0].weight <= self._group_limit):
                weight += self._waiting[0].weight
                taken.append(self._waiting.popleft())
            self._weight -= weight
            return taken

    def _run(self) -> None:
        while jobs := self._take():
            self._settle(jobs)
            resolve(jobs)
            try:
                self._on_commit()
            except Exception:  # the thread must outlive a bell that fails: all who write wait for it
                log.exception("a bell could not be rung after a commit")

    def _settle(self, jobs: Sequence[Job]) -> None:
        """Commits the group; where one of it makes the whole group fail, each is tried alone."""
        try:
            self._commit(jobs)
        except Exception as fault:  # the thread must outlive whatever one job brings
            self._undo()
            if len(jobs) > 1 and not isinstance(fault, ENVIRONMENT):
                for job in jobs:
                    job.error, job.result, job.drafts = None, None, ()
                    self._settle([job])
                return
            for job in jobs:
                if not isinstance(fault, Half):
                    job.error = fault_of(fault, self._path) if isinstance(fault, apsw.Error) else fault

    def _commit(self, jobs: Sequence[Job]) -> None:
        begun = time.perf_counter()
        self._connection.execute("BEGIN IMMEDIATE")
        self._transaction.begun()
        appending: list[Job] = []
        for job in jobs:
            if job.place is not None:
                self._place(job)
                appending.append(job)
                continue
            self._append(appending)
            appending = []
            self._alone(job)
        self._append(appending)
        self._connection.execute("COMMIT")
        self.measures.commits += 1
        self.measures.events += self._transaction.appended
        self.measures.commit_sizes.append(len(jobs))
        self.measures.watcher(len(jobs), self._transaction.appended, time.perf_counter() - begun)

    def _place(self, job: Job) -> None:
        assert job.place is not None
        before = self._connection.total_changes()
        try:
            job.drafts = job.place(self._transaction)
        except ENVIRONMENT:
            raise
        except Exception as error:  # whatever a use case raises belongs to its caller
            job.error, job.drafts = error, ()
            if self._connection.total_changes() != before:
                raise Half from error

    def _append(self, jobs: Sequence[Job]) -> None:
        """One append for each organisation met, in the order of arrival."""
        by_org: dict[int, list[Job]] = {}
        for job in jobs:
            if job.error is None:
                by_org.setdefault(job.org, []).append(job)
        for org, group in by_org.items():
            outcomes = self._transaction.append(org, [draft for job in group for draft in job.drafts])
            start = 0
            for job in group:
                job.result = outcomes[start : start + len(job.drafts)]
                start += len(job.drafts)

    def _alone(self, job: Job) -> None:
        assert job.work is not None
        self._connection.execute("SAVEPOINT job")
        before = self._transaction.appended
        try:
            job.result = job.work(self._transaction)
        except ENVIRONMENT:
            raise
        except Exception as error:  # whatever a use case raises belongs to its caller
            job.error = error
            self._connection.execute("ROLLBACK TO job")
            self._transaction.forget()
            self._transaction.appended = before
        self._connection.execute("RELEASE job")

    def _undo(self) -> None:
        self._transaction.forget()
        if self._connection.in_transaction:
            with suppress(apsw.Error):  # a disk that fails may fail here, too: the next group tries again
                self._connection.execute("ROLLBACK")


def resolve(jobs: Sequence[Job]) -> None:
    """Hands each caller its result or its error; each event loop is woken once for all of its callers."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        if isinstance(job.done, asyncio.Future):
            by_loop.setdefault(job.done.get_loop(), []).append(job)
        elif job.done.set_running_or_notify_cancel():
            _hand_over(job)
    for loop, mine in by_loop.items():
        with suppress(RuntimeError):  # the loop has been closed: nobody waits there any more
            loop.call_soon_threadsafe(_hand_over_all, mine)


def _hand_over_all(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if not job.done.done():
            _hand_over(job)


def _hand_over(job: Job) -> None:
    if job.error is not None:
        job.done.set_exception(job.error)
    else:
        job.done.set_result(job.result)
