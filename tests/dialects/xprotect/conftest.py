from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatebook.dialects.native import DIALECT as NATIVE
from gatebook.dialects.xprotect import DIALECT
from tests.houses import House, house_in


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One organisation that speaks XProtect beside the native API, by which tests report."""
    with house_in(tmp_path_factory.mktemp("house"), NATIVE, DIALECT) as found:
        yield found
