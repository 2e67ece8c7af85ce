"""What is installed is whole: the wheel in an environment of its own, the systemd unit, the image's steps."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import venv
from configparser import ConfigParser
from fnmatch import fnmatch
from importlib.metadata import distribution
from pathlib import Path

import httpx
import pytest

from tests.processes import address_told, environ_of

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
UNIT = ROOT / "packaging" / "gatebook.service"
SERVED = (
    "/",
    "/docs/native",
    "/docs/style.css",
    "/console/sign-in",
    "/openapi.json",
    "/readyz",
    "/.well-known/jwks.json",
)


def pip(*arguments: str, python: Path | None = None) -> None:
    """This environment's pip, without a network."""
    named = [] if python is None else ["--python", str(python)]
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *named, *arguments, "--no-index"],
        cwd=ROOT, check=True, capture_output=True, timeout=50,
    )  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as the image builds it."""
    folder = tmp_path_factory.mktemp("wheels")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), ".")
    [found] = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `gatebook` lies in a fresh environment: the wheel and what is locked for the server, and nothing else.

    As `pipx install` makes one; what is locked is lent from the tests' environment and not downloaded again.
    """
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    pip("install", "--no-deps", str(wheel), python=folder / "bin" / "python")
    [packages] = folder.glob("lib/python*/site-packages")
    locked = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements/core.txt").read_text(), re.MULTILINE)
    for name in locked:
        lend(name, packages)
    return folder / "bin"


def lend(name: str, packages: Path) -> None:
    """Makes one distribution of the tests' environment importable in another one."""
    try:
        found = distribution(name)
    except ImportError:
        return  # of another platform or Python
    for top in {file.parts[0] for file in found.files or () if file.parts[0] != ".."}:
        if not (packages / top).exists():
            (packages / top).symlink_to(found.locate_file(top))


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(installed / "gatebook"), *arguments], cwd=folder, env=environ_of(folder), capture_output=True, text=True,
        check=False, timeout=50,
    )  # fmt: skip


def test_the_wheel_asks_for_what_is_locked_and_runs_with_nothing_else(installed: Path, tmp_path: Path) -> None:
    version = run(installed, tmp_path, "--version")
    made = run(installed, tmp_path, "init", "--name", "Acme")
    parquet = run(installed, tmp_path, "events", "export", "all.parquet")
    checked = subprocess.run(
        [installed / "python", "-c", "import gatebook; print(gatebook.__file__)"],
        cwd=tmp_path, env=environ_of(tmp_path), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert version.stdout == f"gatebook {distribution('gatebook').version}\n"
    assert (made.returncode, made.stderr) == (0, "")
    assert str(installed.parent) in checked.stdout
    assert parquet.returncode == 4
    assert parquet.stderr.endswith("run: pip install 'gatebook[parquet]'\n")


def test_the_wheel_serves_its_pages_and_stops_in_good_order(installed: Path, tmp_path: Path) -> None:
    assert run(installed, tmp_path, "init").returncode == 0
    with (tmp_path / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [str(installed / "gatebook"), "serve", "--port", "0"],
            cwd=tmp_path, env=environ_of(tmp_path), stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    try:
        url = address_told(process, tmp_path)
        with httpx.Client(base_url=url, trust_env=False) as client:
            statuses = {path: client.get(path, follow_redirects=True).status_code for path in SERVED}
            page = client.get("/console/sign-in").text
            styles = [
                client.get(path).status_code for path in re.findall(r'(?:href|src)="(/console/static/[^"]+)"', page)
            ]
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
    finally:
        process.kill()
        process.communicate()

    assert statuses == dict.fromkeys(SERVED, 200)
    assert styles
    assert set(styles) == {200}
    assert code == 0


# -- systemd ---------------------------------------------------------------------------------------------------------


def test_the_unit_shuts_the_service_in() -> None:
    parsed = ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # names are told in their own case
    parsed.read(UNIT)
    service = parsed["Service"]

    assert service["ExecStart"] == "/opt/gatebook/bin/gatebook serve"
    assert service["User"] == "gatebook"
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["CapabilityBoundingSet"]) == (
        "yes",
        "strict",
        "",
    )
    assert service["RestartPreventExitStatus"].split() == ["2", "4"]
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_knows_every_line_of_the_unit_and_finds_it_safe(installed: Path, tmp_path: Path) -> None:
    here = tmp_path / "gatebook.service"
    here.write_text(UNIT.read_text().replace("/opt/gatebook/bin/gatebook", str(installed / "gatebook")))

    verified = subprocess.run(
        ["systemd-analyze", "verify", here], capture_output=True, text=True, check=False, timeout=50
    )
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", here],
        capture_output=True, text=True, check=False, timeout=50,
    )  # fmt: skip

    assert (verified.returncode, verified.stderr) == (0, "")
    assert judged.returncode == 0, judged.stdout[-300:]


def test_no_page_of_the_server_has_to_be_written_and_run(installed: Path, tmp_path: Path) -> None:
    """As `MemoryDenyWriteExecute` has it, by the kernel's own switch where there is one (prctl PR_SET_MDWE, 6.3)."""
    told = "import ctypes, os, sys; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"
    command = [sys.executable, "-c", told, str(installed / "gatebook"), "init"]

    ended = subprocess.run(command, cwd=tmp_path, env=environ_of(tmp_path), capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")


# -- the image: there is no engine for it here, so its steps are tried one by one ------------------------------------


def told_by(word: str) -> list[list[str]]:
    """The arguments of each such line of the Dockerfile."""
    return [shlex.split(line.removeprefix(word)) for line in DOCKERFILE.splitlines() if line.startswith(f"{word} ")]


def test_everything_that_the_image_copies_is_there_and_sent_to_the_builder() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]

    copied = [path for words in told_by("COPY") if not words[0].startswith("--") for path in words[:-1]]

    assert copied
    for path in copied:
        assert (ROOT / path).exists(), path
        assert any(fnmatch(path, pattern) for pattern in kept), path


def test_the_image_builds_the_wheel_as_it_was_built_here_and_installs_what_is_locked() -> None:
    steps = [" ".join(words) for words in told_by("RUN")]

    assert "python -m pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels ." in steps
    assert sum("--require-hashes --no-deps -r requirements/" in step for step in steps) == 2


def test_the_image_serves_and_finds_itself_well(installed: Path, tmp_path: Path) -> None:
    told = dict(word.split("=", 1) for [word] in told_by("ENV"))
    data = told["GATEBOOK_STORE_URL"].rpartition("/")[0]
    assert [data] in told_by("VOLUME") and [data] in told_by("WORKDIR")  # noqa: PT018
    environ = {
        **environ_of(tmp_path), **told, "PATH": f"{installed}{os.pathsep}{os.environ['PATH']}",
        "GATEBOOK_STORE_URL": str(tmp_path / "gatebook.db"), "GATEBOOK_SERVER_HOST": "127.0.0.1",
    }  # fmt: skip
    entry = re.search(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.MULTILINE)
    command = re.search(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)
    check = re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert entry and command and check  # noqa: PT018
    words = [*json.loads(entry[1]), *json.loads(command[1])]
    assert run(installed, tmp_path, "init").returncode == 0

    with (tmp_path / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [*words, "--port", "0"], cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        port = address_told(process, tmp_path).rpartition(":")[2]
        probe = [word.replace(":8480/", f":{port}/") for word in json.loads(check[1])]
        healthy = subprocess.run(probe, env=environ, capture_output=True, check=False, timeout=50)
        process.terminate()
        process.wait(30)
        ill = subprocess.run(probe, env=environ, capture_output=True, check=False, timeout=50)
    finally:
        process.kill()
        process.communicate()

    assert healthy.returncode == 0, healthy.stderr
    assert ill.returncode != 0
    assert (tmp_path / "serve.log").read_text().startswith('{"')
