"""`gatebook doctor` beside a server that writes, on a terminal, and with faults planted."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from pathlib import Path
from threading import Thread

from tests.durability.posters import Ledger, add_devices
from tests.durability.test_crash import post_for_ever
from tests.durability.test_doctor import change
from tests.processes import GATEBOOK, environ_of, gatebook, initialised, running_server


def test_a_store_that_is_written_meanwhile_passes(tmp_path: Path) -> None:
    ledger = Ledger()
    with running_server(tmp_path) as server:
        asyncio.run(add_devices(server))
        posting = Thread(target=lambda: asyncio.run(post_for_ever(server, ledger)))
        posting.start()
        examined = [gatebook(tmp_path, "doctor", "--json") for _ in range(3)]
        server.process.kill()
        posting.join()

    assert len(ledger.stored) > 100
    assert [json.loads(done.stdout) for done in examined] == [[], [], []]


def test_a_bar_is_shown_on_a_terminal(tmp_path: Path) -> None:
    initialised(tmp_path)
    ours, theirs = os.openpty()

    done = subprocess.run(
        [*GATEBOOK, "doctor"], cwd=tmp_path, env=environ_of(tmp_path, {"TERM": "xterm"}), stdout=subprocess.PIPE,
        stderr=theirs, text=True, check=False,
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)

    assert done.stdout == "Nothing is wrong with gatebook.db.\n"
    assert "agrees with" in shown


def test_the_command_counts_anew(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        asyncio.run(add_devices(server))
    change(tmp_path / "gatebook.db", "INSERT INTO tallies VALUES (1, 1, 0, 24000, 1, 5)")

    before, after = gatebook(tmp_path, "doctor"), gatebook(tmp_path, "doctor", "--recount")

    assert before.returncode == 1
    assert "run `gatebook doctor --recount`" in before.stdout
    assert after.returncode == 0, after


def test_the_command_says_that_nothing_is_wrong(tmp_path: Path) -> None:
    initialised(tmp_path)

    done = gatebook(tmp_path, "doctor")

    assert (done.returncode, done.stdout) == (0, "Nothing is wrong with gatebook.db.\n"), done.stderr


def test_the_command_finds_a_secret_that_others_can_read(tmp_path: Path) -> None:
    initialised(tmp_path)
    os.chmod(tmp_path / "gatebook.db.secret", 0o644)

    done = gatebook(tmp_path, "doctor", "--json")

    assert done.returncode == 1
    [line] = json.loads(done.stdout)
    assert (line["check"], line["remedy"]) == ("secret", "run `chmod 600 gatebook.db.secret`")


def test_the_command_finds_a_secret_that_is_gone(tmp_path: Path) -> None:
    initialised(tmp_path)
    (tmp_path / "gatebook.db.secret").unlink()

    done = gatebook(tmp_path, "doctor", "--json")

    assert done.returncode == 1
    [line] = json.loads(done.stdout)
    assert "missing" in line["what"]
