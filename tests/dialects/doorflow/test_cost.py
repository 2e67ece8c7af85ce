"""A page of events costs the same at any depth: counted in instructions of SQLite's machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from gatebook.dialects.doorflow import DIALECT
from gatebook.dialects.doorflow.mapping import ACTIVITY, coded
from gatebook.dialects.native import DIALECT as NATIVE
from gatebook.domain.access import EVERYTHING
from gatebook.store.contract import Asked
from tests.houses import House, house_in

EVENTS = 12_000
KINDS = ("access.granted", "door.opened", "access.denied")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_in(tmp_path_factory.mktemp("filled"), NATIVE, DIALECT) as house:
        door = house.device()
        for batch in range(EVENTS // 1_000):
            house.reports(
                [
                    {
                        "kind": KINDS[n % 3],
                        "device": door.number,
                        "occurred": f"2026-0{1 + batch % 6}-1{n % 9}T{n % 24:02}:{n // 24 % 60:02}:00Z",
                    }
                    for n in range(1_000)
                ]
            )
        yield house


def steps(path: Path, house: House, page: int) -> int:
    """Instructions that a page of 50 takes, the second time, when the directory is known."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.execute("SELECT 1")
    counted = 0

    def count() -> bool:
        nonlocal counted
        counted += 1
        return False

    asked = Asked(
        organisation=house.org, grant=EVERYTHING, filter=coded(ACTIVITY), limit=50, offset=50 * (page - 1)
    )  # fmt: skip
    for _ in range(2):
        counted = 0
        connection.set_progress_handler(count, 1)
        found = house.store.history.page(connection, asked)
        assert len(found.events) == 50
    connection.close()
    return counted


def test_a_page_at_depth_costs_what_the_first_one_costs(filled: House) -> None:
    """DoorFlow openapi.yaml, listEvents, page: any page, of the default list."""
    first = steps(filled.store.path, filled, 1)

    deep = [steps(filled.store.path, filled, page) for page in (40, 80, 150)]

    assert max(deep) < 3 * first, (first, deep)
