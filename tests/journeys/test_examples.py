"""Every program in `examples/` runs against Gatebook with nothing changed but the three constants at its top."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.journeys.pages import values_in
from tests.processes import environ_of, running_server

EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAMS = sorted(path for path in EXAMPLES.glob("*/*") if path.is_file())
CONSTANT = re.compile(r'^((?:const )?([A-Z]\w+) ?= ?)("[^"]*"|\d+)(;?)$', re.MULTILINE)
RUN = {".py": [sys.executable], ".mjs": ["node"], ".sh": ["sh"]}
LOGIN, PASSWORD = "ada", "correct-horse-battery"
SAID = {
    "smartphonekey": ["page 1 of 1, 2 events", "1 access.granted", "2 door.forced"],
    "doorflow": ["2 of 2 events", "32 Channel state forced-open at Front door", "10 Admitted (Card/fob) at Front door"],
    "xprotect": ["… events, the oldest first", "20…Z hardware/…", "20…Z hardware/…", "20…Z cameras/…"],
    "doordeck": ["Front door: 1 events, the newest first", "DOOR_UNLOCK Door unlocked"],
}


@dataclass(frozen=True)
class Site:
    """A server with one lock, at which two things have happened, and a second one, where the native examples play."""

    url: str
    key: str

    def constants(self, dialect: str) -> dict[str, str]:
        return {
            "BASE_URL": self.url, "SERVER_URL": self.url, "API_KEY": self.key,
            "USERNAME": LOGIN, "EMAIL": LOGIN, "PASSWORD": PASSWORD,
            "LOCK_ID": "1", "DEVICE": "2", "SINCE": "2026-01-01T00:00:00Z",
        }  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_server(tmp_path_factory.mktemp("examples")) as server:
        with httpx.Client(base_url=server.url, headers=server.headers, timeout=20) as admin:
            for name, kind in (("Front door", "lock"), ("Yard gate", "camera")):
                admin.post("/v1/devices", json={"name": name, "kind": kind}).raise_for_status()
            for kind in ("access.granted", "door.forced"):
                told = {"kind": kind, "device": 1, "method": "card" if kind == "access.granted" else None}
                admin.post("/v1/events", json=told).raise_for_status()
            admin.post("/v1/events", json={"kind": "motion.started", "device": 2}).raise_for_status()
            user = {
                "login": LOGIN,
                "name": "Ada",
                "password": PASSWORD,
                "scopes": ["events:read"],
                "must_change": False,
            }
            admin.post("/v1/users", json=user).raise_for_status()
        yield Site(server.url, server.key)


def filled(text: str, constants: dict[str, str]) -> tuple[str, int]:
    """The program with its constants, and how many they were; those of the API itself, as a media type, stay."""

    def constant(met: re.Match[str]) -> str:
        begin, name, was, end = met.groups()
        value = constants.get(name)
        return met[0] if value is None else f"{begin}{json.dumps(value) if was.startswith(chr(34)) else value}{end}"

    met = [one for one in CONSTANT.finditer(text) if one[2] in constants]
    return CONSTANT.sub(constant, text), len(met)


def test_every_dialect_has_examples_and_each_of_them_is_listed() -> None:
    listed = set(re.findall(r"\]\((\w+/[\w.]+)\)", (EXAMPLES / "README.md").read_text()))
    dialects = {path.parent.name for path in (EXAMPLES.parent / "src/gatebook/dialects").glob("*/__init__.py")}

    assert listed == {f"{path.parent.name}/{path.name}" for path in PROGRAMS}
    assert {path.parent.name for path in PROGRAMS} == dialects
    assert all({".py", ".mjs", ".sh"} == {path.suffix for path in (EXAMPLES / name).iterdir()} for name in dialects)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_runs_with_three_constants_changed(program: Path, site: Site, tmp_path: Path) -> None:
    text, changed = filled(program.read_text(), site.constants(program.parent.name))
    (tmp_path / program.name).write_text(text)

    done = subprocess.run(
        [*RUN[program.suffix], program.name],
        cwd=tmp_path, env=environ_of(tmp_path), capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert changed == 3
    check(program, done.stdout)


def check(program: Path, told: str) -> None:
    """That it told what happened."""
    if program.suffix == ".sh":
        text = json.dumps(values_in(told))
        assert all(word in text for word in JSON_HAS[program.parent.name]), told
    else:
        said = SAID[program.parent.name] if program.parent.name != "native" else NATIVE[program.suffix]
        wanted = "\n".join(re.escape(line).replace("…", ".+") for line in said)
        assert re.match(wanted, told), told


NATIVE = {
    ".py": ["stored 201, repeated 200, the same event: True", "access.granted is the newest of …"],
    ".mjs": ["before …", "live door.opened"],
}
JSON_HAS = {
    "smartphonekey": ['"totalEvents": 2', "access.granted", "door.forced"],
    "doorflow": ["Admitted (Card/fob)", "Channel state forced-open", "Front door"],
    "xprotect": ['"source"', '"array"'],
    "doordeck": ["DOOR_UNLOCK"],
    "native": ['"version"', "access.granted"],
}
