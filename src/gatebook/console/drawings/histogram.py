"""A histogram as paths and links: values in, numbers out; the template only writes them down."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

WIDTH = 1_000.0
"""Units from the left edge to the right one; the drawing is stretched to the table's width."""
HEIGHT = 100.0
GAP = 0.15
"""Of a bar's width."""
LABELS = 8
LAST_LABEL = 92.0
"""Percent of the width: a label that begins further right would be cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: what it counts by group, where it leads, and what it is called for who cannot see it."""

    counts: Mapping[str, int]
    address: str
    since: str
    """The bar's first instant, as a bound of an address: a drag over bars asks from the first one's to the last's."""
    until: str
    name: str
    label: str = ""
    """Beneath the bar, where there is room; empty at most of them."""

    @property
    def n(self) -> int:
        """All groups together."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a bar's link lies, in percent of the width."""

    bar: Bar
    left: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """What is drawn: one path for each group, one link for each bar, labels beneath, and the scale in words."""

    paths: Mapping[str, str]
    places: Sequence[Place]
    labels: Sequence[tuple[float, str]]
    highest: int
    scale: str


def histogram(bars: Sequence[Bar], groups: Sequence[str], *, scale: str = "linear") -> Histogram:
    """The drawing of these bars, groups stacked from the bottom in their order.

    `scale` `root` draws square roots, so that one flood does not flatten all else; heights within a bar stay in the
    proportion of their counts.
    """
    highest = max((bar.n for bar in bars), default=0)
    step = WIDTH / max(1, len(bars))
    height = _scaled(scale)
    unit = HEIGHT / height(highest) if highest else 0.0
    pieces: dict[str, list[str]] = {group: [] for group in groups}
    for index, bar in enumerate(bars):
        if not bar.n:
            continue
        left, width = index * step + step * GAP / 2, step * (1 - GAP)
        bottom, whole = HEIGHT, height(bar.n) * unit
        for group in groups:
            n = bar.counts.get(group, 0)
            if not n:
                continue
            tall = whole * n / bar.n
            bottom -= tall
            pieces[group].append(f"M{left:.2f} {bottom:.2f}h{width:.2f}v{tall:.2f}h-{width:.2f}z")
    every = max(1, len([bar for bar in bars if bar.label]) // LABELS + 1)
    named = [(100 * index / len(bars), bar.label) for index, bar in enumerate(bars) if bar.label][::every]
    named = [(left, label) for left, label in named if left <= LAST_LABEL]
    return Histogram(
        paths={group: "".join(found) for group, found in pieces.items() if found},
        places=[Place(bar=bar, left=100 * index / len(bars), width=100 / len(bars)) for index, bar in enumerate(bars)],
        labels=named,
        highest=highest,
        scale=scale,
    )


def _scaled(scale: str) -> Callable[[int], float]:
    return math.sqrt if scale == "root" else float
