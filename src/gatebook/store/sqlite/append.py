"""Gives drafts their place in the log: sets repeats aside, numbers the rest densely, writes them in few steps."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

import apsw
from uuid_utils import uuid7

from gatebook.domain.events import Draft
from gatebook.domain.times import Instant
from gatebook.store.contract import Appended, KeyConflict, Outcome
from gatebook.store.sql import load, many
from gatebook.store.sqlite.connection import carray, carray_of, fetch
from gatebook.store.sqlite.tallies import LIMIT, count_appended

SQL = load("sqlite", "append")
ROWS_PER_STEP = 250
"""Rows in one INSERT: enough that the interpreter's lock is handed over rarely, few enough to stay cached."""


def append(connection: apsw.Connection, org: int, drafts: Sequence[Draft], burst: int = LIMIT) -> list[Outcome]:
    """Appends within the open transaction; one outcome for each draft, in order.

    `seq` and `version` come from heads read here and now: another process may have written since.  A repeat takes no
    number, so both stay dense.
    """
    seen = _seen(connection, org, drafts)
    streams = {draft.stream for draft in drafts}
    heads: dict[int, int] = dict(fetch(connection, SQL["heads_of"], (org, carray([0, *streams]))))
    seq = heads.get(0, 0)
    outcomes: list[Outcome | int] = []
    rows: list[tuple[Any, ...]] = []
    personal: list[tuple[Any, ...]] = []
    keys: list[tuple[Any, ...]] = []
    salts = os.urandom(16 * len(drafts))
    touched: set[int] = set()
    for draft in drafts:
        body = draft.body or b""
        if draft.key is not None:
            first = seen.get(draft.key)
            if first is not None:
                outcomes.append(first[1] if first[0] == body else KeyConflict(first[1]))
                continue
        seq += 1
        version = heads.get(draft.stream, 0) + 1
        heads[draft.stream] = version
        touched.add(draft.stream)
        id_ = uuid7().bytes
        # fmt: off
        rows.append((org, seq, id_, draft.stream, version, draft.event_class, draft.occurred, draft.received,
                     draft.reported, draft.cause, draft.tag, None if draft.data_is_personal else draft.data))
        if _has_personal(draft):
            personal.append((org, seq, salts[16 * len(personal):16 * len(personal) + 16], draft.occurred, draft.person,
                             draft.person_name, draft.credential, draft.message,
                             draft.data if draft.data_is_personal else None))
        # fmt: on
        if draft.key is not None:
            keys.append((org, draft.key, body, seq))
            seen[draft.key] = (body, seq)
        outcomes.append(Appended(seq, UUID(bytes=id_), version, draft.occurred, draft.received))
    if rows:
        heads[0] = seq
        insert(connection, SQL["insert_events"], rows)
        insert(connection, SQL["insert_personal"], personal)
        insert(connection, SQL["insert_keys"], keys)
        insert(connection, SQL["raise_heads"], [(org, stream, heads[stream]) for stream in (0, *sorted(touched))])
        count_appended(connection, org, [(row[6], row[5]) for row in rows], seq, burst)
    return _with_repeats(connection, org, outcomes)


def _has_personal(draft: Draft) -> bool:
    return (
        draft.person is not None
        or draft.credential is not None
        or draft.message is not None
        or draft.person_name is not None
        or (draft.data_is_personal and draft.data is not None)
    )


def insert(connection: apsw.Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """All rows, in as few steps as the statement cache likes."""
    start = 0
    for size in (ROWS_PER_STEP, 25, 5, 1):
        while len(rows) - start >= size:
            connection.execute(many(sql, size), tuple(chain.from_iterable(rows[start : start + size])))
            start += size


def _seen(connection: apsw.Connection, org: int, drafts: Iterable[Draft]) -> dict[bytes, tuple[bytes, int]]:
    """`{key: (body, seq)}` of the keys that were seen before and whose event still stands."""
    keys = {draft.key for draft in drafts if draft.key is not None}
    if not keys:
        return {}
    found = fetch(connection, SQL["keys_of"], (org, carray_of(keys)))
    if not found:
        return {}
    standing = _places(connection, org, [seq for _, _, seq in found])
    return {key: (body, seq) for key, body, seq in found if seq in standing}


def _places(connection: apsw.Connection, org: int, seqs: Sequence[int]) -> dict[int, Appended]:
    found = fetch(connection, SQL["places_of"], (org, carray(seqs)))
    return {
        seq: Appended(seq, UUID(bytes=id_), version, Instant(occurred), Instant(received), True)
        for seq, id_, _stream, version, occurred, received in found
    }


def _with_repeats(connection: apsw.Connection, org: int, outcomes: list[Outcome | int]) -> list[Outcome]:
    """Fills in, for each repeat, the place where the first one stands."""
    repeats = [outcome for outcome in outcomes if isinstance(outcome, int)]
    places = _places(connection, org, repeats) if repeats else {}
    return [places[outcome] if isinstance(outcome, int) else outcome for outcome in outcomes]
