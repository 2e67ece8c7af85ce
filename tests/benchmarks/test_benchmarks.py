"""The benchmarks run: with tiny sizes, so that they say nothing of speed and yet cannot rot."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.machine import Machine
from benchmarks.registry import MEASURES
from benchmarks.report import BEGIN, END, Results, write_page
from benchmarks.rows import Row, at_least, at_most, below, percentile, ratio_of_pairs

WITH_PEERS = {"datasette", "eventsourcing"}
"""Need packages that the tests do not install."""


@pytest.mark.timeout(400)
def test_every_row_can_be_measured(tmp_path: Path) -> None:
    measured = [one.name for one in MEASURES if one.name not in WITH_PEERS]
    only = [argument for name in measured for argument in ("--only", name)]

    results = main(["--quick", "--events", "3000", "--loads", "uniform", "--folder", str(tmp_path), *only])

    assert [(row.what, row.note) for row in results.rows if row.figure == "failed"] == []
    assert len(results.rows) >= len(measured)
    (kept,) = (tmp_path / "results").glob("*.json")
    assert len(json.loads(kept.read_text())["rows"]) == len(results.rows)
    assert not (tmp_path / "uniform").exists()


def test_the_page_keeps_what_people_wrote(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"# Title\n\n{BEGIN}\nold\n{END}\n\nWords.\n")
    where = Machine(date="d", cores=1, processor="p", memory_gb=1, system="s", python="3", sqlite="3", others="o",
                    pinning="n")  # fmt: skip
    row = Row(what="w", load="burst", figure="1/s", limit="2/s", **at_least(0.5, 0.6))

    write_page(Results(where, 10, 60.0, [row]), page)

    text = page.read_text()
    assert text.startswith("# Title\n")
    assert text.endswith(f"{END}\n\nWords.\n")
    assert "| w | burst | 1/s | 2/s | 0.50 | ≥ 0.6 | **missed** |" in text
    assert "old" not in text


@pytest.mark.parametrize(
    ("verdict", "met"),
    [(at_least(0.6, 0.6), True), (at_least(0.59, 0.6), False), (at_most(2.0, 2), True), (at_most(2.1, 2), False),
     (below(49.9, 50, "ms"), True), (below(50.0, 50, "ms"), False)],
)  # fmt: skip
def test_a_goal_is_met_or_missed(verdict: dict[str, object], met: bool) -> None:
    assert verdict["met"] is met


def test_pairs_are_compared_one_by_one() -> None:
    assert ratio_of_pairs([1.0, 10.0, 100.0], [2.0, 20.0, 100.0]) == 0.5
    assert percentile([float(n) for n in range(1, 101)], 0.99) == 100.0
    assert percentile([3.0], 0.5) == 3.0
