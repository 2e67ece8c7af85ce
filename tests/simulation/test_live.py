"""A simulation reports to a server as devices do, and what the server tells afterwards is what the truth says."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import msgspec
import pytest

from gatebook.app.clock import now
from gatebook.domain.errors import Refused
from gatebook.domain.times import SECOND_NS, parse_instant
from gatebook.simulation import Settings, world_of
from gatebook.simulation.brands import CAMERA_MAKERS, MAKERS
from gatebook.simulation.remote import Play, Remote, Watcher
from gatebook.simulation.truth import Truth
from tests.cli.terminals import call
from tests.processes import GATEBOOK, environ_of, gatebook, running_server
from tests.simulation.sites import OPENED_WITHIN_S, Site, decided, heard

pytestmark = pytest.mark.timeout(240)
DOCS = Path(__file__).parents[2] / "docs" / "simulation.md"
SIZE = ("--seed", "2", "--devices", "24", "--people", "30", "--sites", "2")
SETTINGS = Settings(seed=2, devices=24, people=30, sites=2)
LIVE = replace(SETTINGS, even=True, days=1, events=40 * 86_400)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A thousand reports of four days, sent by the command to a real server."""
    folder = tmp_path_factory.mktemp("site")
    with running_server(folder) as server:
        (folder / "admin.key").write_text(server.key)
        done = subprocess.run(
            [*GATEBOOK, "simulate", "--url", server.url, "--key-file", "admin.key", *SIZE,
             "--events", "1000", "--days", "4", "--truth", "truth.ndjson", "--json"],
            cwd=folder, env=environ_of(folder), capture_output=True, text=True, check=False, timeout=200,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        lines = (folder / "truth.ndjson").read_bytes().splitlines()
        truth = [msgspec.json.decode(line, type=Truth) for line in lines]
        yield Site(server, folder, json.loads(done.stdout), truth)


def test_every_report_is_acknowledged_and_stored_once(site: Site) -> None:
    told = Counter(one.status for one in site.truth)

    assert told == {201: site.summary["stored"], 200: site.summary["repeats"]}
    assert site.summary["stored"] + site.summary["repeats"] == 1_000
    assert site.summary["refused"] == 0
    assert len(site.events()) == len(site.by_id) == site.summary["stored"]


def test_every_maker_is_understood(site: Site) -> None:
    heard = {one.brand for one in site.truth if one.status == 201}

    assert heard == {maker.name for maker in (*MAKERS, *CAMERA_MAKERS)}
    assert {one.brand for one in site.truth if one.kind == "plate.read"} == {maker.name for maker in CAMERA_MAKERS}


def test_the_server_tells_of_each_event_what_its_device_said(site: Site) -> None:
    people = {str(one.id) for one in world_of(SETTINGS).people}
    for event in site.events():
        truth = site.by_id[event["id"]]
        said = parse_instant(event["reported"] or event["occurred"], None, "occurred")

        assert (event["kind"], event["method"], event["reason"]) == (truth.kind, truth.method, truth.reason)
        assert abs(said - parse_instant(truth.told, None, "told")) < 1_000  # one maker tells microseconds
        assert (event["person"] or {}).get("id") == (None if truth.person is None else str(truth.person))
        if truth.person is not None:
            assert str(truth.person) in people


def test_plates_are_told_as_they_were_read_and_not_as_they_are(site: Site) -> None:
    bare = re.compile(r"[^A-Z0-9]")
    reads = [event for event in site.events() if event["kind"] == "plate.read"]

    for event in reads:
        truth = site.by_id[event["id"]]
        assert truth.read is not None
        assert truth.plate is not None
        assert bare.sub("", event["credential"]) == bare.sub("", truth.read)
        assert ("misread" in truth.marks) == (truth.read != truth.plate)
    assert len(reads) > 10


def test_the_rates_are_those_of_the_truth(site: Site) -> None:
    kinds = Counter(one.kind for one in site.truth if "again" not in one.marks)
    rates = {rate["name"]: rate for rate in site.summary["rates"]}
    late = sum("late" in one.marks for one in site.truth)

    assert rates["late"]["seen"] == pytest.approx(late / 1_000)
    assert rates["denied"]["among"] <= kinds["access.granted"] + kinds["access.denied"]
    assert all(abs(rate["seen"] - rate["asked"]) <= rate["tolerance"] for rate in rates.values())


def test_tokens_are_kept_for_their_owner_and_do_without_the_key(site: Site) -> None:
    kept = site.folder / "simulation.tokens"
    again = gatebook(site.folder, "simulate", "--url", site.server.url, *SIZE, "--events", "20", "--days", "1")
    elsewhere = gatebook(site.folder, "simulate", "--url", "http://127.0.0.1:9", *SIZE, "--events", "20")

    assert kept.stat().st_mode & 0o777 == 0o600
    assert (again.returncode, again.stderr) == (0, "")
    assert "20 events are written" in again.stdout
    assert elsewhere.returncode == 4
    assert "name another file with --tokens" in elsewhere.stderr


@pytest.mark.parametrize(
    ("key", "code", "told"),
    [
        (None, 2, "--key-file: is missing"),
        ("wrong.key", 4, "the server answers 401"),
        ("absent.key", 2, "absent.key cannot be read"),
    ],
)
def test_without_a_key_or_with_a_wrong_one_nothing_is_set_up(site: Site, key: str | None, code: int, told: str) -> None:
    (site.folder / "wrong.key").write_text("nonsense")
    arguments = ["simulate", "--url", site.server.url, "--devices", "3", "--tokens", "none.tokens"]

    done = call(site.folder, *arguments, *([] if key is None else ["--key-file", key]))

    assert (done.code, done.out) == (code, "")
    assert told in done.err
    assert not (site.folder / "none.tokens").exists()


@pytest.mark.parametrize(
    "arguments", [("--live",), ("--key-file", "a"), ("--url", "ftp://there"), ("--url", "http://h", "--ca", "none.pem")]
)
def test_what_does_not_go_together_is_refused(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = call(tmp_path, "simulate", *arguments)

    assert (done.code, done.out) == (2, "")
    assert "gatebook: --" in done.err


async def test_a_plate_opens_a_gate_on_the_device_link_and_the_lock_tells_it(site: Site) -> None:
    remote = Remote(url=site.server.url, tokens=site.folder / "simulation.tokens")
    play = Play(remote, LIVE, Watcher(say=print))
    running = asyncio.create_task(play.run(live=now))
    try:
        opened = await decided(site, "opened")
        shut = await heard(site, "lock.locked", since=opened["received"])
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert opened["data"]["lock"] == shut["device"]["number"]
    assert play.tally.refused == 0
    with httpx.Client(base_url=site.server.url, headers=site.server.headers) as client:
        rows = client.get(f"/cameras/{opened['device']['id']}/lpr-events").json()["events"]
    assert "LOCK_OPENED" in {row["actionTaken"] for row in rows}


async def test_a_jammed_lock_refuses(site: Site) -> None:
    remote = Remote(url=site.server.url, tokens=site.folder / "simulation.tokens")
    play = Play(remote, replace(LIVE, jammed=1.0), Watcher(say=print))
    running = asyncio.create_task(play.run(live=now))
    try:
        failed = await decided(site, "open_failed", reason="refused")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert failed["data"]["reason"] == "refused"


async def test_a_live_one_tells_what_happens_now_and_ends_when_it_is_told(site: Site) -> None:
    began = now()
    told: list[Truth] = []
    remote = Remote(url=site.server.url, tokens=site.folder / "simulation.tokens")
    play = Play(remote, LIVE, Watcher(say=print, truth=told.append))

    await play.run(live=now, for_s=4)

    assert play.tally.stored >= len({one.key for one in told}) > 10  # a lock that opens meanwhile reports that, too
    arrives = [parse_instant(one.arrives, None, "arrives") for one in told]
    assert began <= min(arrives)
    assert max(arrives) <= now()
    assert max(arrives) - min(arrives) > SECOND_NS


def test_ctrl_c_ends_a_live_one_and_it_says_what_came_of_it(site: Site) -> None:
    truth = site.folder / "live.ndjson"
    process = subprocess.Popen(
        [*GATEBOOK, "simulate", "--url", site.server.url, *SIZE, "--live", "--rate", "40", "--even", "--truth", truth],
        cwd=site.folder, env=environ_of(site.folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + OPENED_WITHIN_S
        while not (truth.exists() and truth.stat().st_size):
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()

    assert (process.returncode, err) == (130, "")
    written = re.match(r"(\d+) events are written; 0 reports came again\.$", out)
    assert written is not None
    assert int(written[1]) >= 1


async def test_what_cannot_be_delivered_is_delivered_later(site: Site, tmp_path: Path) -> None:
    said: list[str] = []
    refusals = [b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n", b""]
    passed: list[bytes] = []

    async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Stands before the server: refuses the first request, hangs up on the second, and hands on the others."""
        head = await reader.readuntil(b"\r\n\r\n")
        if refusals:
            writer.write(refusals.pop(0))
        else:
            passed.append(head)
            port = int(site.server.url.rsplit(":", 1)[1])
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            far_writer.write(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            writer.write(await far_reader.read())
            far_writer.close()
        writer.close()

    async with await asyncio.start_server(between, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        play = Play(
            Remote(url=f"http://127.0.0.1:{port}", key="nonsense", tokens=tmp_path / "tokens"), SETTINGS,
            Watcher(say=said.append),
        )  # fmt: skip
        with pytest.raises(Refused, match="401"):
            await play.run()

    assert len(passed) == 1
    assert [line.split(" (")[0] for line in said] == ["The server cannot be reached", "The server answers again."]


def test_the_commands_of_the_documentation_run(site: Site, tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", DOCS.read_text(), re.DOTALL)
    lines = [line.partition("   #")[0] for block in blocks for line in block.splitlines()]
    (tmp_path / "key").write_text(site.server.key)

    for line in lines:
        assert line.startswith("gatebook ")
        words = line.replace("http://127.0.0.1:8480", site.server.url).split()[1:]
        words += SIZE if "--url" in words else ()
        done = gatebook(tmp_path, *words)
        assert (done.returncode, done.stderr) == (0, ""), line
    assert len(lines) == 3


def test_another_simulation_is_not_set_up_beside_it(site: Site, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(site.server.key)
    sizes = ("--devices", "2", "--people", "1", "--sites", "1")

    done = call(tmp_path, "simulate", "--url", site.server.url, "--key-file", "key", *sizes)

    assert (done.code, done.out) == (4, "")
    assert "another simulation is set up there" in done.err
