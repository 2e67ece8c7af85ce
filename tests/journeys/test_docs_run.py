"""Every line that the documentation prints to be pasted is pasted, block by block, into one shell for each page."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.processes import GATEBOOK, RunningServer, environ_of, running_server

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
ELSEWHERE = {"README.md", "CONTRIBUTING.md", "docs/simulation.md"}
"""By `test_readme` and `tests/simulation/test_live.py`; what the second tells is how these tests are run."""
PAGES = sorted(
    path
    for path in ROOT.glob("docs/**/*.md")
    if BLOCK.search(path.read_text()) and str(path.relative_to(ROOT)) not in ELSEWHERE
)
PASSWORD = "correct horse"


@dataclass(frozen=True)
class Site:
    """A server that has what the pages speak of."""

    server: RunningServer
    said: dict[str, str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_server(tmp_path_factory.mktemp("docs")) as server:
        yield Site(server, furnished(server))


def furnished(server: RunningServer) -> dict[str, str]:
    """What stands in the pages as a variable."""

    def made(path: str, **wanted: object) -> Any:
        answer = httpx.post(server.url + path, json=wanted, headers=server.headers, timeout=20)
        assert answer.status_code < 300, answer.text
        return answer.json()

    made("/v1/devices", name="Front door", kind="lock")
    lock = made("/v1/devices", name="Back door", kind="lock", number=123)
    made("/v1/people", name="Somebody", number=17)
    for login in ("info@doordeck.com", "joe"):
        made("/v1/users", login=login, name=login, password=PASSWORD, scopes=["events:read"], must_change=False)
    made("/v1/events", kind="access.granted", device=123, method="card", person=17)
    wanted = {"login": "joe", "password": PASSWORD, "dialect": "doorflow"}
    signed = httpx.post(f"{server.url}/v1/tokens", json=wanted, timeout=20).raise_for_status().json()
    return {
        "GATEBOOK": server.url, "KEY": server.key, "LOCK": lock["id"], "TOKEN": signed["token"],
        "USER_NAME": "joe", "PASSWORD": PASSWORD,
    }  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_printed_works_as_pasted(page: Path, site: Site, tmp_path: Path) -> None:
    folder = site.server.folder
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "gatebook").write_text(f'#!/bin/sh\nexec {GATEBOOK[0]} -m gatebook "$@"\n')
    (tools / "curl").write_text('#!/bin/sh\nexec /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin curl --fail "$@"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    env = environ_of(folder, site.said) | {"PATH": f"{tools}:{os.environ['PATH']}"}

    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script_of(page, site, tmp_path)],
        cwd=folder, env=env, input="y\n" * 3, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr


def script_of(page: Path, site: Site, room: Path) -> str:
    """Its blocks, one after another, with the places and passwords of here."""
    script = "\n".join(BLOCK.findall(page.read_text()))
    for told, here in {
        '"password":"…"': f'"password":"{PASSWORD}"',
        "/backups": str(room),
    }.items():
        script = script.replace(told, here)
    # "Where there is no store yet": in a folder of its own.
    return script.replace("\ngatebook restore", f"\nmkdir {room / 'other'} && cd {room / 'other'}\ngatebook restore")


def test_no_page_with_lines_to_paste_is_left_out() -> None:
    everywhere = {path.relative_to(ROOT) for path in ROOT.glob("**/*.md") if BLOCK.search(path.read_text())}
    told = {path for path in everywhere if path.parts[0] not in (".venv", "node_modules", "build", ".demo")}

    assert told == {path.relative_to(ROOT) for path in PAGES} | {Path(name) for name in ELSEWHERE}
