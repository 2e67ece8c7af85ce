"""`python -m benchmarks`: builds the stores, measures every row, prints and keeps the results."""

from __future__ import annotations

import argparse
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from msgspec import structs
from rich.console import Console

from benchmarks.machine import machine
from benchmarks.options import LOADS, Options
from benchmarks.registry import MEASURES, Measure
from benchmarks.report import Results, show, write_json, write_page
from benchmarks.rows import Row
from benchmarks.running import ROOT
from benchmarks.stage import Stage, is_kept, staged

PAGE = ROOT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> Results:
    """One run."""
    chosen = _parsed(arguments)
    events = chosen.events or (200_000 if chosen.quick else 10_000_000)
    folder, only = chosen.keep or chosen.folder, tuple(chosen.only or ())
    options = Options(events=events, quick=chosen.quick, folder=folder, keep=chosen.keep is not None, only=only)
    console = Console()
    begun = time.perf_counter()
    kept = chosen.folder / "results" / f"{int(time.time())}.json"
    results = Results(machine(), events, 0.0, [])
    for load in chosen.loads or (*LOADS, "lean"):
        measures = [one for one in MEASURES if load in one.loads and (not options.only or one.name in options.only)]
        if not measures:
            continue
        size = max(10_000, events // 10) if load == "lean" else events
        sized = replace(options, events=size)
        told = "lie there from an earlier run" if is_kept(sized, load) else "are written, twice …"
        console.print(f"[bold]{load}[/]: {size:,} events {told}")
        with staged(sized, load) as stage:
            for measure in measures:
                results.rows.extend(measured(measure, stage, console))
                results = structs.replace(results, took_s=time.perf_counter() - begun)
                write_json(results, kept)
    show(results, console)
    whole = not (chosen.quick or chosen.events or chosen.only or chosen.loads)
    if chosen.write or (chosen.write is None and whole):
        write_page(results, PAGE)
    return results


def measured(measure: Measure, stage: Stage, console: Console) -> list[Row]:
    """Its rows, told at once; a failure is a row too, so that all other figures are not lost."""
    begun = time.perf_counter()
    try:
        rows = measure.run(stage)
    except Exception as error:
        traceback.print_exc()
        rows = [Row(what=measure.name, load=stage.load, figure="failed", met=False, note=f"{error}"[:200])]
    for row in rows:
        console.print(f"  {row.what}: {row.figure}  [dim]{row.limit}[/]", highlight=False)
    console.print(f"  [dim]{measure.name}: {time.perf_counter() - begun:.0f} s[/]", highlight=False)
    return rows


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--events", type=int, help="in each store; 10,000,000 if not given")
    parser.add_argument("--quick", action="store_true", help="200,000 events and short turns, to try it")
    parser.add_argument(
        "--write", action=argparse.BooleanOptionalAction, help="put the table into docs/benchmarks.md; a whole run does"
    )
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench", help="where stores and results lie")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the stores there; measure again what lies there")
    parser.add_argument("--only", action="append", choices=[one.name for one in MEASURES], help="may be repeated")
    parser.add_argument("--loads", action="append", choices=(*LOADS, "lean"), help="may be repeated")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
