"""What a dialect is built on, for the contract: all services, over a store of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gatebook.app.build import services_of
from gatebook.app.stores import Opened
from gatebook.services import Services
from gatebook.store import open_store


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    store = open_store(str(tmp_path / "gatebook.db"))
    try:
        yield services_of(Opened(store, b"s" * 32))
    finally:
        store.close()
