"""Runs the command line with a store that syncs nothing, to show that the check of syncs would notice.

Stands before `python -m gatebook` on a command line.
"""

from __future__ import annotations

import sys
from pathlib import Path

import apsw

from gatebook.cli.main import main
from gatebook.store.sqlite import store
from gatebook.store.sqlite.connection import open_writer


def unsynced(path: Path) -> apsw.Connection:
    connection = open_writer(path)
    connection.pragma("synchronous", "OFF")
    return connection


if __name__ == "__main__":
    del sys.argv[1:4]
    vars(store)["open_writer"] = unsynced
    main()
