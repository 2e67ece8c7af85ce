"""A house that speaks the native dialect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gatebook.dialects.native import DIALECT
from tests.dialects.native.histories import generated
from tests.houses import House, house_in


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path, DIALECT) as found:
        yield found


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Three devices, two of them at a site, 300 events."""
    with house_in(tmp_path_factory.mktemp("house"), DIALECT) as found:
        site = found.site("North Gate")
        found.device("one", site=site.number, vendor_ids=("dev-1",))
        found.device("two", site=site.number)
        found.device("three")
        found.reports(generated(300))
        yield found
