"""All checks of a store's file, one step after another, each of which can be told to whoever waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import apsw

from gatebook.domain.errors import GatebookError
from gatebook.domain.times import Instant
from gatebook.store.contract import Fault
from gatebook.store.sqlite import checks, recount
from gatebook.store.sqlite.checkpoints import LATE_BYTES
from gatebook.store.sqlite.connection import fault_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where something that is normal in small begins to be a fault."""

    free_bytes: int = 1 << 30
    """Less than this left on the disk."""
    page_share: float = 0.9
    """More than this part of the pages that the file may have."""
    log_bytes: int = 2 * LATE_BYTES
    """A write-ahead log longer than this is not being moved into the file."""
    lag: int = 20_000
    """Events that a follower is behind."""
    quarantine_share: float = 0.9
    """More than this part of what a quarantine holds."""


class Step(NamedTuple):
    """One part of the examination."""

    check: str
    run: Callable[[], Iterable[Fault]]


class Examination:
    """The checks of one file.  Ends with `close`."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Raises Broken where the file cannot be opened at all."""
        self._connection = checks.open_checked(path)
        self._path = path
        self._limits = limits

    def steps(self, now: Callable[[], Instant]) -> Iterator[list[Step]]:
        """The steps in groups: first those that need no table to be right, then, if there are tables, the others."""
        connection, limits = self._connection, self._limits
        yield [
            Step("tables", self._guarded("tables", partial(checks.tables, connection))),
            Step("pages", self._guarded("pages", partial(checks.pages, connection))),
            Step("space", self._guarded("space", partial(checks.page_limit, connection, limits.page_share))),
        ]
        organisations = self._organisations()
        for org in organisations:
            yield [
                Step(check, self._guarded(check, run))
                for check, run in (
                    ("numbers", partial(checks.numbers, connection, org)),
                    ("references", partial(checks.references, connection, org)),
                    ("clock", partial(checks.clock, connection, org, now)),
                    ("followers", partial(checks.followers, connection, org, limits.lag)),
                    ("quarantine", partial(checks.quarantined, connection, org, limits.quarantine_share)),
                )
            ]
            yield list(self._recounts(org))

    def _organisations(self) -> list[int]:
        try:
            return checks.organisations(self._connection)
        except apsw.Error:  # no tables, or damaged ones: told by the steps before
            return []

    def _recounts(self, org: int) -> Iterator[Step]:
        try:
            for part in recount.parts(self._connection, org):
                yield Step("tallies", self._guarded("tallies", partial(recount.compare, self._connection, part)))
        except apsw.Error as fault:
            yield Step("tallies", partial(self._unreadable, "tallies", fault))

    def _guarded(self, check: str, run: Callable[[], Iterable[Fault]]) -> Callable[[], list[Fault]]:
        """In a snapshot of its own, so that a server may write and move its log; what cannot be read is a fault."""

        def guarded() -> list[Fault]:
            try:
                self._connection.execute("BEGIN")
                return list(run())
            except apsw.Error as fault:
                return self._unreadable(check, fault)
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

        return guarded

    def _unreadable(self, check: str, fault: apsw.Error) -> list[Fault]:
        """The engine's fault as one of ours."""
        error: GatebookError = fault_of(fault, self._path)
        return [Fault(check=check, where=str(self._path), what=f"cannot be checked: {fault}", remedy=error.message)]

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()
