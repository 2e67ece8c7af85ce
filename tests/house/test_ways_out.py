"""No call goes out by a way that the import contract cannot see: parts of packages, and functions of asyncio."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "src" / "gatebook"
MODULES = ("urllib.request", "http.client", "asyncio.streams")
CALLS = frozenset(
    {
        "open_connection",
        "create_connection",
        "open_unix_connection",
        "create_unix_connection",
        "create_datagram_endpoint",
        "sock_connect",
        "getaddrinfo",
        "urlopen",
        "import_module",
        "__import__",
    }
)
EXCEPTED = {
    "services/egress.py": {"create_connection", "getaddrinfo"},
    "app/serve.py": {"getaddrinfo"},
    "dialects/__init__.py": {"import_module"},
}
"""Where such a thing is right: the one way out, the address that is listened on, the registry of dialects."""


def ways_out(source: str) -> set[str]:
    """What in this text could call another server, or import what could."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {name.name for name in names if name.name.startswith(MODULES)}
            case ast.ImportFrom(module=str(module), names=names):
                imported = {module, *(f"{module}.{name.name}" for name in names)}
                found |= {name for name in imported if name.startswith(MODULES)}
                found |= {name.name for name in names} & CALLS
            case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)) if name in CALLS:
                found.add(name)
    return found


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_no_way_out_of_its_own(path: Path) -> None:
    excepted = EXCEPTED.get(str(path.relative_to(ROOT)), set())

    assert ways_out(path.read_text()) - excepted == set()


@pytest.mark.parametrize(
    "planted",
    [
        "import urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import http.client",
        "await asyncio.open_connection(host, 80)",
        "from asyncio import open_connection",
        "await loop.create_connection(P, host, 80)",
        "importlib.import_module('httpx')",
        "__import__('httpx')",
    ],
)
def test_a_planted_way_out_is_found(planted: str) -> None:
    body = planted if planted.startswith(("import ", "from ")) else f"async def f():\n    {planted}"

    assert ways_out(body)


def test_what_only_reads_addresses_is_none() -> None:
    assert ways_out("from urllib.parse import quote\nimport asyncio\nasyncio.run(main())") == set()
