"""What a measurement says: one row each, with its figure, its limit and its goal."""

from __future__ import annotations

from statistics import median

from msgspec import Struct


class Row(Struct, frozen=True, kw_only=True):
    """One line of the table.  `ratio` is what `goal` speaks of; `met` is None where there is no goal."""

    what: str
    load: str
    """`uniform`, `burst`, or empty where it makes no difference."""
    figure: str
    limit: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None
    note: str = ""


def at_least(ratio: float, goal: float) -> dict[str, object]:
    """The ratio of a figure that should be high, with its verdict."""
    return {"ratio": ratio, "goal": f"≥ {goal:g}", "met": ratio >= goal}


def at_most(ratio: float, goal: float) -> dict[str, object]:
    """The ratio of a figure that should be low, with its verdict."""
    return {"ratio": ratio, "goal": f"≤ {goal:g}", "met": ratio <= goal}


def below(value: float, goal: float, unit: str) -> dict[str, object]:
    """A figure with a bound of its own."""
    return {"goal": f"< {goal:g} {unit}", "met": value < goal}


def percentile(values: list[float], share: float) -> float:
    """The value below which this share lies; the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def rate(values: list[float]) -> str:
    """The median of so many per second, with its range."""
    return f"{median(values):,.0f}/s [{min(values):,.0f}-{max(values):,.0f}]"


def times(values_s: list[float]) -> str:
    """p50 and p99 in milliseconds."""
    return f"p50 {percentile(values_s, 0.5) * 1e3:.2f}, p99 {percentile(values_s, 0.99) * 1e3:.2f} ms"


def ratio_of_pairs(figures: list[float], limits: list[float]) -> float:
    """The median of the ratios of pairs that were measured one after the other."""
    return median(figure / limit for figure, limit in zip(figures, limits, strict=True))
