"""A house that speaks the native dialect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gatebook.dialects.native import DIALECT
from tests.houses import House, house_in


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path, DIALECT) as found:
        yield found
