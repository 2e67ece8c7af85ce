"""A store that cannot be written is refused at the start, in one line that says what is wrong; nothing is changed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes import GATEBOOK, environ_of, initialised

MOUNTED = 'mount --bind "$PWD" "$PWD" && mount -o remount,bind,ro "$PWD" && cd "$PWD" && exec "$@"'
"""Makes the working folder read-only in a name space of its own: permissions would not hold up root."""


def read_only(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in the folder, which it sees mounted read-only."""
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", MOUNTED, "sh", *GATEBOOK, *arguments],
        cwd=folder,
        env=environ_of(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("migrate",), ("devices", "list")], ids=" ".join)
def test_a_read_only_disk_is_refused_in_one_line(command: tuple[str, ...], tmp_path: Path) -> None:
    initialised(tmp_path)
    before = contents(tmp_path)

    done = read_only(tmp_path, *command)

    assert done.returncode == 3, done
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert "gatebook.db cannot be" in line
    assert "; check " in line
    assert contents(tmp_path) == before


def test_a_folder_that_is_read_only_cannot_hold_a_new_store(tmp_path: Path) -> None:
    done = read_only(tmp_path, "init")

    assert done.returncode != 0
    assert contents(tmp_path) == {}


def test_the_store_is_served_again_when_it_can_be_written(tmp_path: Path) -> None:
    initialised(tmp_path)
    read_only(tmp_path, "migrate")

    done = subprocess.run(
        [*GATEBOOK, "devices", "list"],
        cwd=tmp_path,
        env=environ_of(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_the_system_can_make_a_folder_read_only() -> None:
    assert shutil.which("unshare"), "unshare is part of util-linux"
