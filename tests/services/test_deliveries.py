"""Webhooks against a real receiver that takes, fails, hangs, redirects, is gone, or answers without end."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Reference

from gatebook.app.build import services_of
from gatebook.app.stores import Opened
from gatebook.domain.access import EVERYTHING, Grant, Principal, Scope
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import DAY_NS, SECOND_NS, Instant
from gatebook.services import Services
from gatebook.services.directory import found_organisation, new_id
from gatebook.services.egress import Egress
from gatebook.services.keys import make_key
from gatebook.services.webhooks import Made, NewWebhook
from gatebook.store import open_store


class Receiver:
    """Notes what it takes; `answers` by path, 204 else."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: dict[str, int] = {}
        receiver = self

        class Takes(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                if self.path == "/hangs":
                    time.sleep(2)
                self.send_response(receiver.answers.get(self.path, 204))
                if self.path == "/redirects":
                    self.send_header("Location", "/elsewhere")
                size = 100_000 if self.path == "/huge" else 0
                self.send_header("Content-Length", str(size))
                self.end_headers()
                self.wfile.write(b"x" * size)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Takes)

    def at(self, path: str) -> list[str]:
        """The ids that came to a path, in order."""
        return [headers["webhook-id"] for where, headers, _body in self.got if where == path]


class Site:
    """An organisation with two doors, its services under a clock of their own, and a receiver."""

    def __init__(self, folder: Path, receiver: Receiver, allow: tuple[str, ...] = ("127.0.0.1",)) -> None:
        self.now = Instant(1_780_000_000 * SECOND_NS)
        self.receiver = receiver
        self.url = f"http://127.0.0.1:{receiver.server.server_port}"
        self.store = open_store(str(folder / "gatebook.db"))
        egress = Egress(allow=allow, timeout_s=0.7, limit_bytes=4_096)
        self.services: Services = services_of(Opened(self.store, b"s" * 32), egress, now=lambda: self.now)
        self.org = self.store.write_now(lambda tx: found_organisation(tx, "Acme", "UTC"))
        self.doors = [
            self.store.write_now(lambda tx, n=name: tx.add_device(self.org, new_id(), DeviceKind.DOOR, n))
            for name in ("one", "two")
        ]

    def admin(self, grant: Grant = EVERYTHING) -> Principal:
        key = self.store.write_now(
            lambda tx: make_key(tx, self.org, "k", frozenset({Scope.ADMIN}), now=self.now, grant=grant)
        )
        return asyncio.run(self.services.keys.principal_of(key))

    def hook(self, path: str, who: Principal | None = None, **fields: Any) -> Made:
        form = NewWebhook(name=path, url=self.url + path, **{"filter": {"kind": "door.opened"}, **fields})
        return asyncio.run(self.services.webhooks.add(who or self.admin(), form))

    def opens(self, *doors: int) -> None:
        def work(tx: Any) -> None:
            opened = tx.class_of(self.org, EventClass(Kind.DOOR_OPENED))
            tx.append(self.org, [
                Draft(stream=self.doors[n].stream, event_class=opened, occurred=self.now, received=self.now)
                for n in doors
            ])  # fmt: skip

        self.store.write_now(work)

    def drain(self, later_s: float = 0) -> None:
        self.now = Instant(self.now + round(later_s * SECOND_NS))
        asyncio.run(self.services.deliveries.drain())

    def states(self, made: Made) -> list[tuple[str, int, str | None]]:
        found = self.store.read_now(self.store.webhooks.deliveries_of, self.org, made.webhook.id, None, 2**62, 100)
        return [(one.state, one.attempts, one.error) for one in found]

    def again(self, made: Made) -> Any:
        return self.store.read_now(self.store.webhooks.webhooks.one, self.org, made.webhook.id)


@contextmanager
def site_in(folder: Path, **fields: Any) -> Iterator[Site]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    site = Site(folder, receiver, **fields)
    try:
        yield site
    finally:
        site.store.close()
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with site_in(tmp_path) as found:
        yield found


def test_each_event_of_the_filter_comes_once_signed_as_the_reference_library_wants(site: Site) -> None:
    made = site.hook("/good")
    site.now = Instant(time.time_ns())  # the library looks at the clock
    site.opens(0, 1, 0)

    site.drain()
    site.drain()

    assert len(set(site.receiver.at("/good"))) == len(site.receiver.at("/good")) == 3
    for _path, headers, body in site.receiver.got:
        assert Reference(made.secret).verify(body, headers) == json.loads(body)
        assert json.loads(body)["kind"] == "door.opened"


@pytest.mark.parametrize(
    ("path", "answer", "error"),
    [
        ("/fails", 500, "answered 500"),
        ("/redirects", 302, "answered 302"),
        ("/hangs", 204, "127.0.0.1 did not answer within 0.7 s"),
        ("/huge", 200, "127.0.0.1 answered with more than 4096 bytes"),
    ],
)
def test_what_is_not_taken_is_tried_again_under_the_same_id(site: Site, path: str, answer: int, error: str) -> None:
    site.receiver.answers[path] = answer
    made, _ = site.hook(path), site.opens(0)

    site.drain()
    site.drain(later_s=4)
    site.drain(later_s=2)

    assert site.states(made) == [("waiting", 2, error)]
    assert len(site.receiver.at(path)) == 2
    assert len(set(site.receiver.at(path))) == 1
    assert site.receiver.at("/elsewhere") == []


def test_after_eight_attempts_it_is_a_dead_letter_that_is_sent_again_when_asked(site: Site) -> None:
    site.receiver.answers["/fails"] = 503
    made, _ = site.hook("/fails"), site.opens(0)
    for pause in (0, 6, 330, 1980, 7920, 19800, 39600, 39600, 39600):
        site.drain(later_s=pause)
    dead = site.states(made)
    del site.receiver.answers["/fails"]

    count = asyncio.run(site.services.webhooks.replay(site.admin(), str(made.webhook.id)))
    site.drain()

    assert dead == [("failed", 8, "answered 503")]
    assert (count, site.states(made)) == (1, [("done", 1, None)])
    assert len(site.receiver.at("/fails")) == 9
    assert len(set(site.receiver.at("/fails"))) == 1


def test_a_receiver_that_is_gone_is_disabled_at_once_with_an_alarm(site: Site) -> None:
    site.receiver.answers["/gone"] = 410
    made, _ = site.hook("/gone"), site.opens(0)

    site.drain()
    site.opens(0)
    site.drain(later_s=60)

    assert (site.again(made).enabled, "410" in site.again(made).why) == (False, True)
    assert len(site.receiver.at("/gone")) == 1
    [(alarms,)] = site.store.read_now(lambda c: c.execute("SELECT count(*) FROM alarms").fetchall())
    assert alarms == 1


def test_a_receiver_that_takes_nothing_for_five_days_is_disabled(site: Site) -> None:
    site.receiver.answers["/fails"] = 500
    made, _ = site.hook("/fails"), site.opens(0)
    site.drain()

    site.opens(0)
    site.drain(later_s=5 * DAY_NS / SECOND_NS)

    assert (site.again(made).enabled, site.again(made).why) == (False, "its receiver took nothing for five days")


def test_where_order_counts_a_device_waits_for_its_first_and_another_does_not(site: Site) -> None:
    site.receiver.answers["/ordered"] = 500
    site.hook("/ordered", ordered=True)
    site.opens(0, 0, 1)

    site.drain()
    failed = site.receiver.at("/ordered")
    del site.receiver.answers["/ordered"]
    site.drain(later_s=6)

    assert len(set(failed)) == 2  # the first of each
    assert len(site.receiver.at("/ordered")) == 5
    later = [headers for _p, headers, body in site.receiver.got if json.loads(body)["device"]["name"] == "one"]
    assert [one["webhook-id"] for one in later[:2]] == [later[0]["webhook-id"]] * 2
    assert later[2]["webhook-id"] != later[0]["webhook-id"]


def test_what_is_hidden_from_its_maker_never_goes_out(site: Site) -> None:
    site.hook("/narrow", site.admin(Grant(devices=frozenset({site.doors[0].number}))))
    site.opens(0, 1)

    site.drain()

    assert [json.loads(body)["device"]["name"] for _p, _h, body in site.receiver.got] == ["one"]


def test_a_private_address_that_no_setting_names_is_never_called(tmp_path: Path) -> None:
    with site_in(tmp_path, allow=()) as site:
        made, _ = site.hook("/good"), site.opens(0)

        site.drain()

        assert site.receiver.got == []
        [(state, attempts, error)] = site.states(made)
        assert (state, attempts) == ("failed", 1)
        assert error is not None
        assert "not public" in error


def test_missing_ones_are_sent_and_delivered_ones_are_not(site: Site) -> None:
    made, _ = site.hook("/good"), site.opens(0)
    site.drain()
    start = site.store.read_now(site.store.history.head, site.org)
    site.opens(1)
    site.store.write_now(lambda tx: tx.webhooks.move(site.org, made.webhook.id, start + 1))  # as if it was missed

    site.drain()
    before = len(site.receiver.got)
    asyncio.run(site.services.webhooks.replay_missing(site.admin(), str(made.webhook.id), 0))
    site.drain()

    assert (before, len(site.receiver.got), len(set(site.receiver.at("/good")))) == (1, 2, 2)


def test_a_receiver_that_hangs_holds_up_no_other(site: Site) -> None:
    site.hook("/hangs")
    site.hook("/good")
    site.opens(*[0] * 8)
    came: list[float] = []

    async def work() -> None:
        began = time.monotonic()
        task = asyncio.create_task(site.services.deliveries.run())
        async with asyncio.timeout(10):
            while len(site.receiver.at("/good")) < 8:
                await asyncio.sleep(0.02)
        came.append(time.monotonic() - began)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(work())

    assert came[0] < 5
