"""Gives drafts their place in the log: sets repeats aside, numbers the rest densely, writes them in few steps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import NamedTuple
from uuid import UUID

import apsw
from uuid_utils import uuid7

from gatebook.domain.events import Draft
from gatebook.domain.times import Instant
from gatebook.store.contract import Appended, KeyConflict, Outcome
from gatebook.store.sql import load, many
from gatebook.store.sqlite.connection import Row, carray, carray_of, fetch
from gatebook.store.sqlite.tallies import LIMIT, count_appended

SQL = load("sqlite", "append")
ROWS_PER_STEP = 250
"""Rows in one INSERT: enough that the interpreter's lock is handed over rarely, few enough to stay cached."""
Insert = Callable[[apsw.Connection, str, Sequence[Row]], object]


class Bulk(NamedTuple):
    """What became of many drafts: how many were new, the newest seq, and the places of those whose key is taken."""

    new: int
    last: int
    conflicts: Sequence[int] = ()


def append(connection: apsw.Connection, org: int, drafts: Sequence[Draft], burst: int = LIMIT) -> list[Outcome]:
    """Appends within the open transaction; one outcome for each draft, in order.

    `seq` and `version` come from heads read here and now: another process may have written since.  A repeat takes no
    number, so both stay dense.
    """
    return _outcomes(connection, org, _write(connection, org, drafts, burst, insert))


def append_history(connection: apsw.Connection, org: int, drafts: Sequence[Draft], burst: int = LIMIT) -> Bulk:
    """`append` for whom no outcome interests but how many were new, and which keys were used for something else.

    Row by row, which is quicker where no other thread wants the interpreter's lock.
    """
    answers = _write(connection, org, drafts, burst, apsw.Connection.executemany)
    conflicts = [index for index, answer in enumerate(answers) if isinstance(answer, KeyConflict)]
    rows = [answer for answer in answers if isinstance(answer, tuple) and not isinstance(answer, KeyConflict)]
    return Bulk(new=len(rows), last=rows[-1][1] if rows else 0, conflicts=conflicts)


def _write(
    connection: apsw.Connection, org: int, drafts: Sequence[Draft], burst: int, insert: Insert
) -> list[Row | int | KeyConflict]:
    """For each draft the row of `events` that it became, the seq of the first where it is a repeat, or its conflict."""
    seen = _seen(connection, org, drafts)
    streams = {draft.stream for draft in drafts}
    heads: dict[int, int] = dict(fetch(connection, SQL["heads_of"], (org, carray([0, *streams]))))
    seq = heads.get(0, 0)
    answers: list[Row | int | KeyConflict] = []
    rows: list[Row] = []
    personal: list[Row] = []
    keys: list[Row] = []
    salts = os.urandom(16 * len(drafts))
    touched: set[int] = set()
    for draft in drafts:
        key = draft.key
        if key is not None:
            body = draft.body or b""
            first = seen.get(key)
            if first is not None:
                answers.append(first[1] if first[0] in (body, draft.unkeyed_body) else KeyConflict(first[1]))
                continue
        seq += 1
        stream = draft.stream
        version = heads.get(stream, 0) + 1
        heads[stream] = version
        touched.add(stream)
        # fmt: off
        row = (org, seq, uuid7().bytes, stream, version, draft.event_class, draft.occurred, draft.received,
               draft.reported, draft.cause, draft.tag, None if draft.data_is_personal else draft.data)
        if _has_personal(draft):
            personal.append((org, seq, salts[16 * len(personal):16 * len(personal) + 16], draft.occurred, draft.person,
                             draft.person_name, draft.credential, draft.message,
                             draft.data if draft.data_is_personal else None))
        # fmt: on
        if key is not None:
            keys.append((org, key, body, seq))
            seen[key] = (body, seq)
        rows.append(row)
        answers.append(row)
    if rows:
        heads[0] = seq
        insert(connection, SQL["insert_events"], rows)
        insert(connection, SQL["insert_personal"], personal)
        insert(connection, SQL["insert_keys"], keys)
        insert(connection, SQL["raise_heads"], [(org, stream, heads[stream]) for stream in (0, *sorted(touched))])
        count_appended(connection, org, [(row[6], row[5]) for row in rows], seq, burst)
    return answers


def _has_personal(draft: Draft) -> bool:
    return (
        draft.person is not None
        or draft.credential is not None
        or draft.message is not None
        or draft.person_name is not None
        or (draft.data_is_personal and draft.data is not None)
    )


def insert(connection: apsw.Connection, sql: str, rows: Sequence[Row]) -> None:
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


def _outcomes(connection: apsw.Connection, org: int, answers: Sequence[Row | int | KeyConflict]) -> list[Outcome]:
    """Where each stands: the new ones as they were written, the repeats where the first one stands."""
    repeats = [answer for answer in answers if isinstance(answer, int)]
    places = _places(connection, org, repeats) if repeats else {}
    outcomes: list[Outcome] = []
    for answer in answers:
        if isinstance(answer, int):
            outcomes.append(places[answer])
        elif isinstance(answer, KeyConflict):
            outcomes.append(answer)
        else:
            _, seq, id_, _, version, _, occurred, received, *_ = answer
            outcomes.append(Appended(seq, UUID(bytes=id_), version, occurred, received))
    return outcomes
