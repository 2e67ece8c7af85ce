"""Tells what was measured: a table on the terminal, a part of `docs/benchmarks.md`, and JSON to keep."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.machine import Machine
from benchmarks.rows import Row

BEGIN = "<!-- measured: written by `make bench` -->"
END = "<!-- /measured -->"


class Results(msgspec.Struct, frozen=True):
    """One run."""

    machine: Machine
    events: int
    took_s: float
    rows: list[Row]


def verdict(row: Row) -> str:
    """In a word."""
    return "" if row.met is None else "met" if row.met else "missed"


def ratio(row: Row) -> str:
    """As it is printed."""
    return "" if row.ratio is None else f"{row.ratio:.2f}"


def show(results: Results, console: Console) -> None:
    """The table; met in green, missed in red."""
    table = Table(title=f"{results.events:,} events, {results.machine.date}, {results.took_s / 60:.0f} min")
    for name in ("what", "load", "figure", "limit", "ratio", "goal", ""):
        table.add_column(name, overflow="fold", justify="right" if name == "ratio" else "left")
    for row in results.rows:
        colour = {"met": "green", "missed": "red"}.get(verdict(row), "")
        said = f"[{colour}]{verdict(row)}[/]" if colour else ""
        table.add_row(row.what, row.load, row.figure, row.limit, ratio(row), row.goal, said)
    console.print(table)
    for row in results.rows:
        if row.note:
            console.print(f"[dim]{row.what} ({row.load}): {row.note}[/]", highlight=False)


def write_json(results: Results, path: Path) -> None:
    """For whoever compares runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2))


def write_page(results: Results, page: Path) -> None:
    """Puts the table between the page's markers; what people wrote around them stays."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{markdown(results)}\n{END}{after}")


def markdown(results: Results) -> str:
    """Machine and table."""
    met = [row.met for row in results.rows if row.met is not None]
    where = results.machine
    lines = [
        f"{where.date}; {results.events:,} events in each store; {results.took_s / 60:.0f} minutes; "
        f"{met.count(True)} of {len(met)} goals met.",
        "",
        f"{where.cores} cores ({where.processor}), {where.memory_gb} GB, {where.system}; Python {where.python}, "
        f"SQLite {where.sqlite}, {where.others}; {where.pinning}.",
        "",
        "| what | load | figure | limit | ratio | goal | |",
        "|---|---|---|---|---:|---|---|",
    ]
    lines += [f"| {row.what} | {row.load} | {row.figure} | {row.limit} | {ratio(row)} | {row.goal} | {_bold(row)} |"
              for row in results.rows]  # fmt: skip
    notes = dict.fromkeys(f"- {row.what}: {row.note}" for row in results.rows if row.note and row.load != "burst")
    return "\n".join([*lines, "", *notes, ""])


def _bold(row: Row) -> str:
    return f"**{verdict(row)}**" if verdict(row) == "missed" else verdict(row)
