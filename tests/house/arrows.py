"""A copy of the package in which a test may plant a fault, and the linter run on it."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Verdict(NamedTuple):
    """What the linter said of one contract."""

    kept: bool
    report: str


class Copy:
    """The package under `folder`, free to be spoilt."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "src" / "gatebook", folder / "gatebook", ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", folder)

    def plant(self, path: str, text: str) -> None:
        """Write a module at `path` inside the package, with the folders it needs."""
        module = self.folder / "gatebook" / path
        module.parent.mkdir(parents=True, exist_ok=True)
        (module.parent / "__init__.py").touch()
        module.write_text(text)

    def ask(self, contract: str) -> Verdict:
        """Run one contract, by its id in pyproject.toml."""
        linter = Path(sys.executable).with_name("lint-imports")
        command = [linter, "--config", "pyproject.toml", "--no-cache", "--contract", contract]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        return Verdict(done.returncode == 0, done.stdout + done.stderr)
