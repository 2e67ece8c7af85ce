"""On what it was measured."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import apsw
import msgspec
import starlette
import uvicorn

from benchmarks.options import CLIENT_CORE, SERVER_CORE


class Machine(msgspec.Struct, frozen=True):
    """Date, processor and versions."""

    date: str
    cores: int
    processor: str
    memory_gb: int
    system: str
    python: str
    sqlite: str
    others: str
    pinning: str


def machine() -> Machine:
    """This one, now."""
    processor = next(line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                     if line.startswith("model name"))  # fmt: skip
    apart = SERVER_CORE != CLIENT_CORE
    return Machine(
        date=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        cores=os.cpu_count() or 1,
        processor=processor,
        memory_gb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        sqlite=f"{apsw.sqlite_lib_version()} (apsw {apsw.apsw_version()})",
        others=f"uvicorn {uvicorn.__version__}, Starlette {starlette.__version__}, msgspec {msgspec.__version__}",
        pinning="server and raw SQLite on one core, client on another" if apart else "one core for all",
    )
