"""Examines a store from outside, whether or not a server runs on it, and says what is wrong and what would help."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from gatebook.domain.errors import Broken
from gatebook.domain.times import Instant
from gatebook.store import Store, Transaction
from gatebook.store.contract import Fault
from gatebook.store.sqlite.checks import organisations
from gatebook.store.sqlite.examination import Examination, Limits, Step
from gatebook.store.sqlite.recount import rewrite

CHECKS = {
    "secret": "the secret is there, and nobody else can read it",
    "space": "there is room on the disk and in the file",
    "log": "the write-ahead log is moved into the file",
    "tables": "the tables are those that this Gatebook knows",
    "pages": "every page, row and index can be read and agrees with the others",
    "numbers": "seq and version have no gap, and the heads agree with the log",
    "references": "keys and personal parts belong to events",
    "clock": "no event comes from the future",
    "followers": "followers keep up and have parked nothing",
    "quarantine": "the quarantine is not nearly full",
    "tallies": "every count of every grain, stream and site agrees with the log",
}
"""What is examined, in words."""

Told = Callable[[str, int, int], None]
"""`told(check, done, of)` before each step."""


def examine(
    path: Path,
    *,
    now: Callable[[], Instant],
    secret: Callable[[], object],
    limits: Limits | None = None,
    told: Told = lambda _check, _done, _of: None,
) -> Iterator[Fault]:
    """Every fault found, as it is found.  `secret()` raises Broken where there is something wrong with the secret.

    The file is not changed, brought up to date, or moved to; a step holds a snapshot no longer than it takes.
    """
    limits = limits or Limits()
    for group in chain([outside(path, secret, limits)], inside(path, now, limits)):
        for done, step in enumerate(group):
            told(step.check, done, len(group))
            yield from step.run()


def recount(store: Store) -> None:
    """Writes every count anew from the log.  Writers wait meanwhile: some seconds for a million events."""

    def rewritten(transaction: Transaction) -> None:
        for org in organisations(transaction.connection):
            rewrite(transaction.connection, org)

    store.write_now(rewritten)


def outside(path: Path, secret: Callable[[], object], limits: Limits) -> list[Step]:
    """What can be seen without opening the file."""
    return [
        Step("secret", lambda: missing_secret(path, secret)),
        Step("space", lambda: full_disk(path, limits)),
        Step("log", lambda: long_log(path, limits)),
    ]


def inside(path: Path, now: Callable[[], Instant], limits: Limits) -> Iterator[list[Step]]:
    """The steps for which the file is opened."""
    try:
        examination = Examination(path, limits)
    except Broken as error:
        fault = Fault(check="pages", where=str(path), what="the file cannot be opened", remedy=error.message)
        yield [Step("pages", lambda: [fault])]
        return
    try:
        yield from examination.steps(now)
    finally:
        examination.close()


def missing_secret(path: Path, secret: Callable[[], object]) -> Iterator[Fault]:
    """Cursors and repeats from before cannot be recognised without it."""
    try:
        secret()
    except Broken as error:
        what, _, remedy = error.message.partition("; ")
        yield Fault(check="secret", where=f"{path}.secret", what=what, remedy=remedy)


def full_disk(path: Path, limits: Limits) -> Iterator[Fault]:
    """A disk that is nearly full: soon nothing can be acknowledged."""
    free = shutil.disk_usage(path.parent).free
    if free < limits.free_bytes:
        what = f"{free / 1e6:,.0f} MB are free on its disk"
        yield Fault(check="space", where=str(path.parent), what=what, remedy="free disk space")


def long_log(path: Path, limits: Limits) -> Iterator[Fault]:
    """A write-ahead log that grows and is not moved."""
    log = path.with_name(path.name + "-wal")
    length = log.stat().st_size if log.exists() else 0
    if length > limits.log_bytes:
        what = f"it has {length / 1e6:,.0f} MB and is not being moved into the store"
        remedy = "end whatever reads the store for long, or restart the server"
        yield Fault(check="log", where=str(log), what=what, remedy=remedy)
