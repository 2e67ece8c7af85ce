"""No Python file is longer than 300 lines, save those named here with their reason."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "benchmarks", "scripts")
LIMIT = 300
EXCEPTIONS: dict[str, str] = {}
"""Path from the root -> why it may be longer."""


def too_long(root: Path) -> dict[str, int]:
    """The Python files under `root`'s folders over the limit, with their number of lines."""
    files = (path for folder in FOLDERS for path in (root / folder).rglob("*.py"))
    lengths = {str(path.relative_to(root)): len(path.read_text().splitlines()) for path in files}
    return {path: length for path, length in lengths.items() if length > LIMIT}


def test_files_stay_short() -> None:
    long_files = too_long(ROOT)

    assert {path: length for path, length in long_files.items() if path not in EXCEPTIONS} == {}


def test_every_exception_is_still_needed() -> None:
    long_files = too_long(ROOT)

    assert set(EXCEPTIONS) <= set(long_files)


@pytest.mark.parametrize(("length", "found"), [(LIMIT, False), (LIMIT + 1, True)])
def test_the_limit_is_counted_to_the_line(length: int, found: bool, tmp_path: Path) -> None:
    module = tmp_path / "src" / "module.py"
    module.parent.mkdir()
    module.write_text("x = 1\n" * length)

    assert ("src/module.py" in too_long(tmp_path)) is found
