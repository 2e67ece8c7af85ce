"""A long trail, written while more is reported: whole, in order, without a long transaction, cut off if it fails."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import apsw
import httpx
import pytest

from gatebook.domain.places import Device
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.ingest import Report
from tests.dialects.doordeck.house import V2, House, Rows

EVENTS = 20_000
BASE_S = 1_700_000_000
WORDLESS = 7
"""One event in so many has no word."""


@dataclass
class Clerk:
    """Writes down what is reported at a lock, in the order of the log."""

    house: House
    lock: Device
    random: random.Random
    written: list[tuple[int, int, str]] = field(default_factory=list)
    """(occurred, seq, message); the message of an event without a word is empty."""

    def report(self, n: int) -> None:
        start = len(self.written)
        reports = [
            Report(
                kind="access.denied" if (start + i) % WORDLESS == 0 else "door.opened",
                device=self.lock.number,
                occurred=Instant((BASE_S + self.random.randrange(EVENTS)) * SECOND_NS),
                message=f"m{start + i}",
            )
            for i in range(n)
        ]
        accepted = self.house.reports(reports)
        for report, one in zip(reports, accepted, strict=True):
            assert report.occurred is not None
            message = "" if report.kind == "access.denied" else str(report.message)
            self.written.append((report.occurred, one.outcome.seq, message))

    def expected(self, n: int) -> tuple[list[str], int]:
        """The messages of the first n reports, newest first, and how many of those reports have no word."""
        ordered = sorted(self.written[:n], reverse=True)
        return [message for _, _, message in ordered if message], sum(not message for _, _, message in ordered)


@pytest.fixture(scope="module")
def clerk(house: House) -> Clerk:
    clerk = Clerk(house, house.device(), random.Random(4))
    for _ in range(EVENTS // 1_000):
        clerk.report(1_000)
    return clerk


@contextmanager
def opened(house: House, path: str, token: str | None = None) -> Iterator[httpx.Response]:
    headers = {"Authorization": f"Bearer {token or house.token}", "Accept": V2}
    with house.client.stream("GET", f"{path}?start=0", headers=headers) as answer:
        yield answer


def test_a_trail_is_what_the_log_held_when_it_was_asked_for(house: House, clerk: Clerk) -> None:
    """Doordeck "Get Lock Audit Trail (v2)": all log events of a lock, while more arrive."""
    before = len(clerk.written)
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            clerk.report(20)

    reporter = threading.Thread(target=go_on)
    reporter.start()
    try:
        answers = [house.get(f"/device/{clerk.lock.id}/log", start=0) for _ in range(3)]
    finally:
        stop.set()
        reporter.join(20)

    for answer in answers:
        rows: Rows = answer.json()
        held = len(rows) + int(answer.headers["gatebook-omitted"])
        expected, omitted = clerk.expected(held)
        assert [row["message"] for row in rows] == expected
        assert answer.headers["gatebook-omitted"] == str(omitted)
        assert held >= before
    assert len(clerk.written) > before


def test_what_comes_after_the_first_byte_is_not_in_it(house: House, clerk: Clerk) -> None:
    """Doordeck "Get Lock Audit Trail (v2)": one answer, one moment."""
    expected, omitted = clerk.expected(len(clerk.written))

    with opened(house, f"/device/{clerk.lock.id}/log") as answer:
        pieces = answer.iter_bytes()
        text = next(pieces)
        clerk.report(500)
        text += b"".join(pieces)

    assert [row["message"] for row in json.loads(text)] == expected
    assert answer.headers["gatebook-omitted"] == str(omitted)


def test_a_slow_reader_holds_no_transaction(house: House, clerk: Clerk) -> None:
    """Gatebook's own rule: a reader who is slow must not keep the log from being folded into the database."""
    connection = apsw.Connection(str(house.store.path))
    connection.set_busy_timeout(5_000)
    connection.execute("SELECT count(*) FROM streams").fetchall()  # so that it knows of the write-ahead log

    with opened(house, f"/device/{clerk.lock.id}/log") as answer:
        pieces = answer.iter_bytes()
        begun = next(pieces)
        clerk.report(10)
        left = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        rest = b"".join(pieces)

    connection.close()
    assert left == (0, 0)
    assert (begun + rest).endswith(b"]")


def test_a_broken_trail_does_not_end_in_a_bracket(house: House, clerk: Clerk) -> None:
    """Gatebook's own rule: nobody takes a part for the whole; here its reader signs out half-way."""
    token = house.sign_in("root@acme.example").json()["authToken"]
    read = b""

    with (
        httpx.Client(base_url=house.base_url) as other,
        opened(house, f"/device/{clerk.lock.id}/log", token) as answer,
    ):
        pieces = answer.iter_bytes()
        read += next(pieces)
        ended = other.post("/auth/token/destroy", headers={"Authorization": f"Bearer {token}"})
        with pytest.raises(httpx.RemoteProtocolError):
            read += b"".join(pieces)

    assert (ended.status_code, answer.status_code) == (204, 200)
    assert read.startswith(b"[{")
    assert not read.endswith(b"]")


def test_a_users_trail_goes_on_beyond_its_first_chunk(house: House) -> None:
    """Doordeck "Get user audit trail": without a bound."""
    lock, ada = house.device(), house.person("Ada")
    for batch in range(6):
        reports = [
            Report(kind="access.granted", device=lock.number, occurred=Instant((BASE_S + n) * SECOND_NS),
                   person=ada.number, message=str(batch * 1_000 + n))
            for n in range(1_000)
        ]  # fmt: skip
        house.reports(reports)
    house.report(lock, "access.denied", person=ada.number)

    answer = house.get(f"/user/{ada.id}/log", start=0)

    expected = [str(batch * 1_000 + n) for n in reversed(range(1_000)) for batch in reversed(range(6))]
    assert [row["message"] for row in answer.json()] == expected
    assert answer.headers["gatebook-omitted"] == "1"


def test_head_of_a_trail_ends(house: House, clerk: Clerk) -> None:
    """RFC 9110 section 9.3.2."""
    headers = {"Authorization": f"Bearer {house.token}"}

    answer = house.client.head(f"/device/{clerk.lock.id}/log?start=0", headers=headers)

    assert (answer.status_code, answer.content) == (200, b"")
