"""A server that cannot start says why in one line, and what to do."""

import ctypes
import socket
from pathlib import Path

import apsw
import pytest

from gatebook.cli.frame import ExitCode
from tests.processes import gatebook, initialised

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE = 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    initialised(tmp_path)
    return tmp_path


def refused(folder: Path, *arguments: str, **env: str) -> tuple[int, str]:
    """Exit code and the one line of a start that fails."""
    done = gatebook(folder, "serve", "--port", "0", *arguments, env=env)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.returncode, done.stderr.removeprefix("gatebook: ").strip()


def test_without_a_store(tmp_path: Path) -> None:
    assert refused(tmp_path) == (ExitCode.STORE, "there is no store at gatebook.db; run `gatebook init`")
    assert list(tmp_path.iterdir()) == []


def test_with_a_taken_port(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        code, told = refused(folder, "--port", port)

    assert code == ExitCode.REFUSED
    assert told == f"port {port} on 127.0.0.1 is taken; stop what listens there, or give --port"


def test_with_a_wrong_setting(folder: Path) -> None:
    (folder / "gatebook.toml").write_text("[server]\nprot = 8480\n")

    assert refused(folder) == (ExitCode.USAGE, "server.prot: unknown setting; did you mean server.port?")


def test_with_a_dialect_that_there_is_not(folder: Path) -> None:
    code, told = refused(folder, GATEBOOK_DIALECTS_ENABLED="native,klingon")

    assert code == ExitCode.USAGE
    assert told.startswith("dialects.enabled: klingon: no dialect of this name; ")


def test_with_a_prefix_for_a_dialect_that_is_switched_off(folder: Path) -> None:
    code, told = refused(folder, GATEBOOK_DIALECTS_ENABLED="native", GATEBOOK_DIALECTS_PREFIX="smartphonekey=/lobby")

    assert code == ExitCode.USAGE
    assert told == "dialects.prefix: smartphonekey is not served; expected one of native"


def test_with_a_store_of_a_newer_gatebook(folder: Path) -> None:
    connection = apsw.Connection(str(folder / "gatebook.db"))
    connection.pragma("user_version", 9999)
    connection.close()

    code, told = refused(folder)

    assert code == ExitCode.STORE
    assert "version 9999" in told
    assert "install the newer Gatebook" in told


def test_with_a_file_that_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "gatebook.db").write_bytes(b"not a database, " * 1000)

    code, told = refused(tmp_path)

    assert code == ExitCode.STORE
    assert "is damaged" in told


def test_without_the_secret(folder: Path) -> None:
    (folder / "gatebook.db.secret").unlink()

    code, told = refused(folder)

    assert code == ExitCode.STORE
    assert "the secret gatebook.db.secret is missing" in told


def test_with_a_secret_that_others_can_read(folder: Path) -> None:
    (folder / "gatebook.db.secret").chmod(0o644)

    code, told = refused(folder)

    assert code == ExitCode.STORE
    assert "chmod 600 gatebook.db.secret" in told


def bound_by_file_modes() -> None:
    """For the child: gives up root's right to pass over them."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


@pytest.mark.parametrize("mode", [0o400, 0o000], ids=["read-only", "out of reach"])
def test_with_a_store_that_may_not_be_written(folder: Path, mode: int) -> None:
    (folder / "gatebook.db").chmod(mode)

    done = gatebook(folder, "serve", "--port", "0", preexec=bound_by_file_modes)

    assert (done.returncode, done.stdout) == (ExitCode.STORE, "")
    told = "the store gatebook.db cannot be written; check its owner and its file system"
    assert done.stderr == f"gatebook: {told}\n"
