"""`gatebook simulate` writes the history that was asked for, once, and beside nothing else."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.terminals import call, run_on_terminal

pytestmark = pytest.mark.timeout(240)
ASKED = ("--events", "2000", "--days", "3", "--devices", "12", "--people", "30")


def simulated(folder: Path, *arguments: str) -> str:
    folder.mkdir()
    assert call(folder, "init").code == 0
    done = call(folder, "simulate", *ASKED, *arguments)
    assert (done.code, done.err) == (0, "")
    return done.out


def listed(folder: Path) -> list[tuple[str, ...]]:
    """What happened and when, without the ids that each store gives."""
    text = call(folder, "events", "list", "--limit", "5", "--oldest-first").out
    return [tuple(line.split("\t")[:3]) for line in text.splitlines()]


def test_the_same_settings_write_the_same_history_and_the_same_truth(tmp_path: Path) -> None:
    one = simulated(tmp_path / "one", "--truth", "truth.ndjson", "--rates")
    other = simulated(tmp_path / "other", "--truth", "truth.ndjson", "--json", "--rates")

    told = json.loads(other)
    sentence, columns, *rates = one.splitlines()
    assert sentence == f"{told['stored']} events are written; {told['repeats']} reports came again."
    assert told["stored"] + told["repeats"] == 2_000
    assert columns.split("\t") == ["rate", "among", "asked", "seen", "tolerance"]
    assert [row.split("\t")[0] for row in rates] == [rate["name"] for rate in told["rates"]]
    assert listed(tmp_path / "one") == listed(tmp_path / "other")
    assert len(listed(tmp_path / "one")) == 6
    truth = (tmp_path / "one" / "truth.ndjson").read_text()
    assert truth == (tmp_path / "other" / "truth.ndjson").read_text()
    first = min((json.loads(line) for line in truth.splitlines()), key=lambda line: line["told"])
    assert first["told"][:19] == listed(tmp_path / "one")[1][1][:19].replace(" ", "T")
    assert len(truth.splitlines()) == 2_000


def test_on_a_terminal_it_says_how_far_it_is(tmp_path: Path) -> None:
    assert call(tmp_path, "init").code == 0

    done = run_on_terminal(tmp_path, "simulate", *ASKED)

    assert done.code == 0
    for bar in ("Events", "Counts"):
        assert re.search(rf"{bar}.*100%", done.out)
    assert "events are written" in done.out


def test_it_begins_when_it_is_told_to(tmp_path: Path) -> None:
    simulated(tmp_path / "one", "--from", "2026-02-03", "--even")

    assert listed(tmp_path / "one")[1][1][:10] in ("2026-02-02", "2026-02-03")  # a late report tells of the day before


def test_it_refuses_a_log_that_holds_events(tmp_path: Path) -> None:
    before = simulated(tmp_path / "one")

    again = call(tmp_path / "one", "simulate", "--events", "100")

    assert (again.code, again.out) == (4, "")
    assert "holds events already" in again.err
    assert before.startswith("1")
