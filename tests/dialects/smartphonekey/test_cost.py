"""A page costs the same at any depth: a place in an index, and ten rows from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from gatebook.dialects.smartphonekey.mapping import versions_on
from gatebook.domain.places import Device
from tests.dialects.smartphonekey.house import House, house_in

EVENTS = 6_000
SLACK = 5
"""The end of an index is noticed an instruction sooner or later."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Device, Device]]:
    with house_in(tmp_path_factory.mktemp("filled")) as house:
        small, large = house.add_device(), house.add_device()
        house.report(small, *["door.opened"] * 30)
        for _ in range(EVENTS // 1_000):
            house.report(large, *["door.opened"] * 1_000)
        yield house, small, large


def steps(house: House, path: Path, device: Device, page: int) -> int:
    """Instructions of SQLite's machine that a page takes; the second time, when the directory is known."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    counted = 0

    def count() -> bool:
        nonlocal counted
        counted += 1
        return False

    for _ in range(2):
        counted = 0
        connection.set_progress_handler(count, 1)
        found = house.store.history.versions(connection, house.org, device.stream, *versions_on(page))
        assert len(found.events) == 10
    connection.close()
    return counted


def test_a_page_at_depth_costs_what_the_first_one_costs(filled: tuple[House, Device, Device]) -> None:
    """SmartphoneKey "Get lock event history", heading Query Parameters: any page."""
    house, small, large = filled
    path = house.store.path

    first = steps(house, path, large, 1)
    others = [
        steps(house, path, large, EVENTS // 10),
        steps(house, path, large, EVENTS // 20),
        steps(house, path, small, 3),
    ]

    assert [abs(other - first) <= SLACK for other in others] == [True] * 3, (first, others)
    assert first < 1_000
