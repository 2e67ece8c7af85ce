"""One town for all: nothing here changes it but what a test makes for itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.leaks.town import Town, town_in


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("town")) as found:
        yield found
