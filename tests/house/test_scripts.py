"""The scripts behind `make` say in the first second what a machine lacks."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


class Machine:
    """A machine of which some programs are replaced, used by somebody who is not root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.put("id", "echo 1000")

    def put(self, program: str, body: str) -> str:
        """Make `program` do what `body`, in bash, says; its path."""
        path = self.folder / program
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)
        return str(path)

    def run(self, script: str, *arguments: str) -> tuple[int, str]:
        """Exit code, and what was said on standard error."""
        environ = {"PATH": f"{self.folder}:{os.environ['PATH']}"}
        command = [SCRIPTS / script, *arguments]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=10)
        return done.returncode, done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_python_that_will_do_is_passed_over_in_silence(machine: Machine) -> None:
    python = machine.put("python", "exit 0")

    assert machine.run("check-python", python) == (0, "")


def test_a_missing_python_is_named(machine: Machine) -> None:
    code, said = machine.run("check-python", "no-such-python")

    assert code == 1
    assert said.startswith("no-such-python: not found; Gatebook needs Python 3.11 or newer")


def test_an_old_python_is_named_with_its_version(machine: Machine) -> None:
    python = machine.put("python", 'if [ "$1" = -V ]; then echo "Python 3.9.2"; else exit 1; fi')

    code, said = machine.run("check-python", python)

    assert code == 1
    assert "is Python 3.9.2; Gatebook needs Python 3.11 or newer" in said


def test_without_ensurepip_the_one_line_to_run_is_printed(machine: Machine) -> None:
    python = machine.put("python", 'case "$2" in *ensurepip*) exit 1;; *print*) echo 3.12;; esac')
    machine.put("apt-get", "exit 1")

    code, said = machine.run("check-python", python)

    assert code == 1
    assert said.splitlines()[-1].strip() == (
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends python3.12-venv"
    )


def test_programs_that_are_here_need_nothing(machine: Machine) -> None:
    machine.put("strace", "exit 0")

    assert machine.run("system-packages", "strace", "bash") == (0, "")


def test_a_missing_program_is_asked_for_by_one_line(machine: Machine) -> None:
    code, said = machine.run("system-packages", "bash", "no-such-program")

    assert code == 1
    assert said.splitlines()[-1].strip().endswith("install -y --no-install-recommends no-such-program")


def test_root_installs_what_is_missing(machine: Machine) -> None:
    machine.put("id", "echo 0")
    machine.put("apt-get", f'echo "$@" >> {machine.folder}/asked')

    code, _ = machine.run("system-packages", "no-such-program")

    assert code == 0
    assert "install -y -qq --no-install-recommends no-such-program" in (machine.folder / "asked").read_text()
