"""The end of an organisation in SQL: whether anything was ever reported to it, and everything of it gone."""

from __future__ import annotations

import apsw

from gatebook.store.sql import load
from gatebook.store.sqlite.connection import fetch

SQL = load("sqlite", "organisations")
REMOVALS = tuple(name for name in SQL if name.startswith("remove_"))


class OrganisationChanges:
    """What a use case may do about whole organisations within its transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def has_reports(self, org: int) -> bool:
        """Whether the log holds more than the record of what was done with the organisation."""
        return bool(fetch(self._connection, SQL["reported"], {"org": org})[0][0])

    def has_children(self, org: int) -> bool:
        """Whether another has it as its parent."""
        return bool(fetch(self._connection, SQL["children"], {"org": org})[0][0])

    def remove(self, org: int) -> None:
        """Everything of it; its number is never given again, so that no credential of before means another."""
        for name in (*REMOVALS, *REMOVALS):  # what a removal writes down elsewhere goes in the second turn
            self._connection.execute(SQL[name], {"org": org})
        self._connection.execute(SQL["keep_organisation"], {"org": org})
