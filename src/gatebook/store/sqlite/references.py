"""How a client names a thing: by integer, by UUID, or by a word of the thing's own; and the row that is meant."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import apsw

from gatebook.store.contract import Ref
from gatebook.store.sqlite.connection import Row, first


def row_by_ref(
    connection: apsw.Connection, queries: Mapping[str, str], noun: str, org: int, ref: Ref, word: str | None = None
) -> Row | None:
    """A text is the `word` (a vendor's id, a name, a login), else a UUID if it reads as one, else the integer.

    `queries` holds `<noun>_by_uuid` and, where the thing has them, `<noun>_by_number` and `<noun>_by_<word>`.
    """

    def by(way: str, value: object) -> Row | None:
        query = queries.get(f"{noun}_by_{way}")
        return None if query is None else first(connection, query, {"org": org, "ref": value})

    if isinstance(ref, UUID):
        return by("uuid", ref.bytes)
    if isinstance(ref, int):
        return by("number", ref) if 0 <= ref < 2**63 else None
    row = by(word, ref) if word else None
    if row is None and len(ref) in (32, 36):
        try:
            row = by("uuid", UUID(ref).bytes)
        except ValueError:
            return None
    if row is None and ref.isascii() and ref.isdigit() and len(ref) < 19:
        row = by("number", int(ref))
    return row
