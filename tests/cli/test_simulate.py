"""`gatebook simulate` writes the history that was asked for, once, and beside nothing else."""

from pathlib import Path

from tests.processes import gatebook


def simulated(folder: Path) -> str:
    folder.mkdir()
    assert gatebook(folder, "init").returncode == 0
    done = gatebook(folder, "simulate", "--events", "2000", "--days", "3", "--devices", "12", "--people", "30")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout + gatebook(folder, "events", "list", "--limit", "5", "--oldest-first").stdout


def listed(text: str) -> list[tuple[str, ...]]:
    """What happened and when, without the ids that each store gives."""
    return [tuple(line.split("\t")[:3]) for line in text.splitlines()]


def test_the_same_settings_write_the_same_history(tmp_path: Path) -> None:
    one, other = simulated(tmp_path / "one"), simulated(tmp_path / "other")

    assert " events are written; " in one
    assert listed(one) == listed(other)
    assert len(listed(one)) == 7


def test_it_refuses_a_log_that_holds_events(tmp_path: Path) -> None:
    before = simulated(tmp_path / "one")

    again = gatebook(tmp_path / "one", "simulate", "--events", "100")

    assert (again.returncode, again.stdout) == (4, "")
    assert "holds events already" in again.stderr
    assert before.startswith("1")
