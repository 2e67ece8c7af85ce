"""Adding a dialect takes one folder and one name: a sixth one is added here, served, and thrown away."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

from gatebook import dialects
from gatebook.http.dialect import Dialect
from tests.contracts.every_dialect import EveryDialect

FOLDER = Path(__file__).parent / "throwaway"
PACKAGE = Path(dialects.__file__).parents[1]
NAME = "gatebook_throwaway"

SERVE = """
from gatebook.dialects import BUILT_IN, load
from gatebook.http.mount import mount

(dialect,) = load(BUILT_IN[-1:])
print(dialect.name, len(mount([dialect], None).served[0].operations))
"""


@pytest.fixture(scope="module")
def throwaway() -> Dialect[Any]:
    """The dialect as a package of others would bring it: importable, and not among the built in."""
    spec = importlib.util.spec_from_file_location(
        NAME, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)
    found = module.DIALECT
    assert isinstance(found, Dialect)
    return found


class TestThrowaway(EveryDialect):
    @pytest.fixture
    def dialect(self, throwaway: Dialect[Any]) -> Dialect[Any]:
        return throwaway

    @pytest.fixture
    def folder(self) -> Path:
        return FOLDER

    @pytest.fixture
    def services(self) -> None:
        return None

    @pytest.fixture
    def others(self) -> Sequence[Dialect[Any]]:
        return []


def test_one_folder_and_one_name_are_all_it_takes(tmp_path: Path) -> None:
    package = tmp_path / "gatebook"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))

    shutil.copytree(FOLDER, package / "dialects" / "throwaway", ignore=shutil.ignore_patterns("__pycache__"))
    registry = package / "dialects" / "__init__.py"
    listed = re.compile(r"^(BUILT_IN.*?= \()([^)]*?),?(\s*\))", re.MULTILINE | re.DOTALL)
    registry.write_text(listed.sub(r'\1\2,"throwaway",\3', registry.read_text()).replace("(,", "("))

    told = subprocess.run(
        [sys.executable, "-c", SERVE], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert (told.stdout, told.stderr) == ("throwaway 3\n", "")


def test_a_dialect_of_others_is_loaded_only_when_it_is_named(
    throwaway: Dialect[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = EntryPoint("throwaway", f"{NAME}:DIALECT", dialects.ENTRY_POINTS)
    monkeypatch.setattr(dialects, "entry_points", lambda *, group: EntryPoints([offer]).select(group=group))

    assert dialects.load(("throwaway",)) == [throwaway]
    assert "throwaway" not in [one.name for one in dialects.load()]
