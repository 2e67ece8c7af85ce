"""Brings a store's tables up to date at start, one numbered file at a time, and refuses a newer store."""

from __future__ import annotations

from importlib.resources import files

import apsw

from gatebook.domain.errors import Broken


def migrations(engine: str) -> list[tuple[int, str, str]]:
    """`(number, name, sql)` of each migration, in order."""
    folder = files(__package__).joinpath("migrations", engine)
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), name[5:-4], folder.joinpath(name).read_text(encoding="utf-8")) for name in found]


def migrate(connection: apsw.Connection) -> list[str]:
    """Applies what is missing, each in one transaction, and returns the names applied.

    A store made by a newer Gatebook is refused and left as it is.
    """
    known = migrations("sqlite")
    applied: list[str] = []
    for number, name, sql in known:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = version_of(connection)
            if version > known[-1][0]:
                raise Broken(
                    f"the store has version {version}, and this Gatebook knows up to {known[-1][0]}; "
                    "install the newer Gatebook that wrote it"
                )
            if version < number:
                for _ in connection.execute(sql):
                    pass
                connection.pragma("user_version", number)
                applied.append(f"{number:04d}_{name}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # the engine itself has rolled back where the disk failed
                connection.execute("ROLLBACK")
            raise
    return applied


def version_of(connection: apsw.Connection) -> int:
    """The number of the last migration applied; 0 for an empty file."""
    return int(connection.pragma("user_version"))
