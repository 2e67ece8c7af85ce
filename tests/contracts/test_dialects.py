"""The contract of dialects, run on each that is built in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gatebook import dialects
from gatebook.http.dialect import Dialect
from tests.contracts.every_dialect import EveryDialect

FOLDERS = Path(dialects.__file__).parent


class TestEveryBuiltInDialect(EveryDialect):
    @pytest.fixture(params=dialects.BUILT_IN)
    def dialect(self, request: pytest.FixtureRequest) -> Dialect[Any]:
        (found,) = dialects.load((request.param,))
        return found

    @pytest.fixture
    def folder(self, dialect: Dialect[Any]) -> Path:
        return FOLDERS / dialect.name

    @pytest.fixture
    def others(self, dialect: Dialect[Any]) -> Sequence[Dialect[Any]]:
        return dialects.load(tuple(name for name in dialects.BUILT_IN if name != dialect.name))


def test_every_folder_is_in_the_list() -> None:
    folders = {path.parent.name for path in FOLDERS.glob("*/__init__.py")}

    assert folders == set(dialects.BUILT_IN)


def test_an_unknown_dialect_is_an_error_at_the_start() -> None:
    with pytest.raises(ImportError, match="nonesuch"):
        dialects.load(("nonesuch",))
