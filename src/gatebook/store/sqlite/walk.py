"""Walks a selection in order of time by its counts: skips whole months, days and quarters, and says where to read.

A page at any depth costs what the first page costs, because what lies before it is summed and not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gatebook.domain.times import Grain, Window, bucket_window
from gatebook.store.sqlite.counts import Counts
from gatebook.store.sqlite.tallies import FINER


class Leaf(NamedTuple):
    """A stretch to read: at most `n` events of the selection lie in it, None where they were not counted."""

    window: Window
    n: int | None


class Walk:
    """One walk through a window; `skip` is how many events are still to be passed over, and falls as it goes."""

    def __init__(self, counts: Counts, window: Window, *, descending: bool, skip: int = 0) -> None:
        """`descending`: newest first."""
        self._counts = counts
        self._window = window
        self._descending = descending
        self.skip = skip

    def leaves(self) -> Iterator[Leaf]:
        """Stretches that hold events, in order, from the one in which `skip` runs out."""
        yield from self._level(Grain.MONTH, self._window, None)

    def _level(self, grain: Grain, window: Window, parent: int | None) -> Iterator[Leaf]:
        sums = self._counts.sums(grain, window, parent)
        for bucket in sorted(sums, reverse=self._descending):
            whole = bucket_window(bucket, grain)
            inside = whole.meet(self._window)
            n = sums[bucket]
            if inside == whole and n <= self.skip:
                self.skip -= n
            elif self._counts.divides(grain, bucket, n):
                yield from self._level(FINER[grain], inside, bucket)
            elif inside == whole:
                yield Leaf(inside, n)
            else:
                yield from self._ragged(inside)

    def _ragged(self, window: Window) -> Iterator[Leaf]:
        if not self.skip:
            yield Leaf(window, None)
            return
        n = self._counts.in_log(window)
        if n <= self.skip:
            self.skip -= n
        else:
            yield Leaf(window, n)


def total(counts: Counts, window: Window) -> int:
    """Exactly how many events of the selection lie in the window."""
    return _total(counts, window, Grain.MONTH, window, None)


def _total(counts: Counts, whole_window: Window, grain: Grain, window: Window, parent: int | None) -> int:
    n = 0
    for bucket, here in counts.sums(grain, window, parent).items():
        of_bucket = bucket_window(bucket, grain)
        inside = of_bucket.meet(whole_window)
        if inside == of_bucket:
            n += here
        elif counts.divides(grain, bucket, here):
            n += _total(counts, whole_window, FINER[grain], inside, bucket)
        else:
            n += counts.in_log(inside)
    return n
