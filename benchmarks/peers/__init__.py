"""What a user could pick instead, on the same rows, in a virtual environment of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.running import ROOT

VENV = ROOT / ".bench" / "peers"


def peers_python() -> Path:
    """The interpreter that has the peers, locked by `requirements/bench.txt`; made when it is missing."""
    python = VENV / "bin" / "python"
    stamp = VENV / "made-from"
    wanted = ROOT / "requirements" / "bench.txt"
    if not stamp.exists() or stamp.read_bytes() != wanted.read_bytes():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        subprocess.run(
            [*pip, "--require-hashes", "--no-deps", "-r", str(wanted)], check=True, stderr=subprocess.DEVNULL
        )
        stamp.write_bytes(wanted.read_bytes())
    return python
