"""Each contract of the import linter is kept by the package and broken by a fault planted in a copy of it."""

from pathlib import Path

import pytest

from tests.house.arrows import Copy

CONTRACTS = ("floors", "dialects", "ground", "circles", "web", "egress")
FAULTS = {
    "a lower floor that imports a higher one": (
        "floors",
        {"domain/planted.py": "import gatebook.store\n"},
        "gatebook.domain is not allowed to import gatebook.store",
    ),
    "an import for type checking alone": (
        "floors",
        {"store/planted.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import gatebook.http\n"},
        "gatebook.store is not allowed to import gatebook.http",
    ),
    "two rooms of one floor": (
        "floors",
        {"console/planted.py": "import gatebook.connectors\n"},
        "gatebook.console is not allowed to import gatebook.connectors",
    ),
    "a folder without a floor": (
        "floors",
        {"cellar/planted.py": "ANSWER = 42\n"},
        "gatebook.cellar",
    ),
    "a dialect that knows another": (
        "dialects",
        {
            "dialects/planted_a/words.py": "",
            "dialects/planted_b/words.py": "import gatebook.dialects.planted_a.words\n",
        },
        "gatebook.dialects.planted_b.words -> gatebook.dialects.planted_a.words",
    ),
    "a ground floor that reads files": (
        "ground",
        {"domain/planted.py": "import os\n"},
        "gatebook.domain is not allowed to import os",
    ),
    "two modules in a circle": (
        "circles",
        {
            "services/planted_a.py": "import gatebook.services.planted_b\n",
            "services/planted_b.py": "import gatebook.services.planted_a\n",
        },
        "planted_a",
    ),
    "a service with a way out of its own": (
        "egress",
        {"services/planted.py": "import httpx\n"},
        "gatebook.services.planted -> httpx",
    ),
    "a connector that opens a socket": (
        "egress",
        {"connectors/planted.py": "import socket\n"},
        "gatebook.connectors.planted -> socket",
    ),
    "a dialect that knows the web framework": (
        "web",
        {"dialects/planted/routes.py": "import starlette.routing\n"},
        "gatebook.dialects is not allowed to import starlette",
    ),
}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_package_keeps_the_contract(contract: str, tmp_path: Path) -> None:
    copy = Copy(tmp_path)

    verdict = copy.ask(contract)

    assert verdict.kept, verdict.report


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_planted_fault_breaks_its_contract(fault: str, tmp_path: Path) -> None:
    contract, modules, complaint = FAULTS[fault]
    copy = Copy(tmp_path)
    for path, text in modules.items():
        copy.plant(path, text)

    verdict = copy.ask(contract)

    assert not verdict.kept
    assert complaint in verdict.report


def test_every_contract_has_a_planted_fault() -> None:
    planted = {contract for contract, _, _ in FAULTS.values()}

    assert planted == set(CONTRACTS)
