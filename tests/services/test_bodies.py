"""What tells a repeat from a conflict says nothing to whoever has the file alone."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import apsw
import pytest

from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import Instant
from gatebook.services.ingest import Accepted, Declined, Ingest, Report, plain_body_of
from gatebook.store import Store, open_store

NOW = Instant(1_767_225_600 * 10**9)
REPORT = Report(kind="access.granted", device=1, occurred=NOW, key="one", tag="gate")
OTHER = Report(kind="access.granted", device=1, occurred=NOW, key="one", tag="yard")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gate.db"


@pytest.fixture
def store(path: Path) -> Store:
    return open_store(str(path))


@pytest.fixture
def who(store: Store) -> Principal:
    org = store.write_now(lambda tx: tx.add_organisation(uuid4(), "Works", "Europe/London"))
    store.write_now(lambda tx: tx.add_device(org, uuid4(), DeviceKind.DOOR, "Gate", None))
    return Principal(
        kind=PrincipalKind.KEY, id=uuid4(), organisation=org, name="key", scopes=frozenset(Scope), grant=EVERYTHING
    )


def stored(path: Path) -> bytes:
    [(body,)] = apsw.Connection(str(path)).execute("SELECT body FROM keys_seen").fetchall()
    assert isinstance(body, bytes)
    return body


@pytest.mark.anyio
async def test_the_hash_of_a_body_cannot_be_guessed_without_the_secret(
    store: Store, path: Path, who: Principal
) -> None:
    await Ingest(store, now=lambda: NOW, secret=b"a" * 32).accept(who, [REPORT])

    body = stored(path)

    assert len(body) == 8
    assert body != plain_body_of(REPORT)


@pytest.mark.anyio
async def test_a_repeat_of_what_an_older_store_holds_is_a_repeat_still(
    store: Store, path: Path, who: Principal
) -> None:
    ingest = Ingest(store, now=lambda: NOW, secret=b"a" * 32)
    [first] = await ingest.accept(who, [REPORT])
    with apsw.Connection(str(path)) as connection:
        connection.execute("UPDATE keys_seen SET body = ?", (plain_body_of(REPORT),))

    [again] = await ingest.accept(who, [REPORT])
    [other] = await ingest.accept(who, [OTHER])

    assert isinstance(first, Accepted)
    assert isinstance(again, Accepted)
    assert again.outcome.seq == first.outcome.seq
    assert isinstance(other, Declined)
