"""Names that say nothing are not used, and a vendor is named only in its own dialect and in the list of dialects."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "gatebook"
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common", "data", "info", "process", "misc"}
VENDORS = {
    "smartphonekey": "smartphonekey",
    "doorflow": "doorflow",
    "xprotect": "xprotect",
    "milestone": "xprotect",
    "doordeck": "doordeck",
}
"""What a vendor is called, in lower case -> the dialect folder in which it may be called so."""
REGISTRY = Path("dialects/__init__.py")
TEXTS = {".py", ".sql", ".html", ".css", ".js", ".toml", ".txt"}


def empty_names(package: Path) -> Iterator[str]:
    """Modules, folders and functions whose name says nothing."""
    for path in package.rglob("*"):
        if path.stem in EMPTY_NAMES and (path.is_dir() or path.suffix == ".py"):
            yield str(path.relative_to(package))
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("handle_"):
                yield f"{path.relative_to(package)}: {node.name}"


def misplaced_vendors(package: Path) -> Iterator[str]:
    """Lines that name a vendor outside its dialect; the list of dialects may name each once."""
    for path in sorted(package.rglob("*")):
        where = path.relative_to(package)
        if path.suffix not in TEXTS:
            continue
        text = path.read_text().lower()
        for vendor, folder in VENDORS.items():
            own = where.parts[:2] == ("dialects", folder)
            allowed = text.count(vendor) if own else int(where == REGISTRY)
            if text.count(vendor) > allowed:
                yield f"{where}: {vendor}"


def test_no_name_is_empty() -> None:
    assert list(empty_names(PACKAGE)) == []


def test_vendors_are_named_only_at_home() -> None:
    assert list(misplaced_vendors(PACKAGE)) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("store/utils.py", ""),
        ("helpers/words.py", ""),
        ("http/words.py", "async def handle_request() -> None: ...\n"),
    ],
)
def test_an_empty_name_is_found(path: str, text: str, tmp_path: Path) -> None:
    module = tmp_path / path
    module.parent.mkdir()
    module.write_text(text)

    assert len(list(empty_names(tmp_path))) == 1


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("dialects/doorflow/routes.py", "# DoorFlow, DoorFlow\n", False),
        ("dialects/__init__.py", 'BUILT_IN = ("native", "doorflow")\n', False),
        ("dialects/__init__.py", 'BUILT_IN = ("doorflow",)\nSPECIAL = "doorflow"\n', True),
        ("dialects/doorflow/routes.py", "# as Doordeck has it\n", True),
        ("services/ingest.py", "# DoorFlow wants integers\n", True),
        ("store/sql/events.sql", "-- for XProtect\n", True),
    ],
)
def test_a_vendor_away_from_home_is_found(path: str, text: str, found: bool, tmp_path: Path) -> None:
    module = tmp_path / path
    module.parent.mkdir(parents=True)
    module.write_text(text)

    assert bool(list(misplaced_vendors(tmp_path))) is found
