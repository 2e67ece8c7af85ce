"""Reports as they stand in a file, a line each: as they are sent, or as an export wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from hashlib import blake2b
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from gatebook.dialects.native.mapping import report_of
from gatebook.dialects.native.resources.written import NULL
from gatebook.dialects.native.schemas import Credential, Message, Named, Reported, Tag, Time, Word
from gatebook.domain.errors import BadInput, FieldFault
from gatebook.domain.kinds import Kind, Method, Reason
from gatebook.http.wire import check_json, decode_json
from gatebook.services.ingest import Report, plain_body_of

EXPORTED: Final = b'{"id":'
"""How a line begins that an export wrote."""
RECORDS: Final = frozenset(kind.value for kind in Kind if kind.is_record)


class Written(Struct, frozen=True, gc=False):
    """An event as an export wrote it; what a report does not say is passed over."""

    id: UUID
    kind: Word
    occurred: Time
    device: Named | None = None
    method: Method | None = None
    reason: Reason | None = None
    type: UUID | None = None
    person: Named | None = None
    credential: Credential | None = None
    tag: Tag | None = None
    message: Message | None = None
    data: Raw = NULL


_reports: Final = msgspec.json.Decoder(Reported)
_events: Final = msgspec.json.Decoder(Written)


class Fault(Struct, frozen=True, array_like=True):
    """A line that cannot be read, and why."""

    line: int
    reason: str


class Filed(Struct, frozen=True, array_like=True):
    """What some lines hold; `numbers` are those of the lines that the reports stand on."""

    reports: list[Report]
    bodies: list[bytes]
    """What tells whether two reports under one key say the same."""
    numbers: list[int]
    faults: list[Fault]
    records: int
    """Lines of the record of who looked, which is written by its own server and by nobody else."""
    lines: int
    """The number of the last line."""
    upto: int
    """The file's length up to there."""


def filed_of(lines: Sequence[bytes], first: int, upto: int, zone: tzinfo) -> Filed:
    """Lines as reports; the first of them has the number `first`, `upto` is the place in the file where they end."""
    found = Filed([], [], [], [], 0, first + len(lines) - 1, upto)
    records = 0
    for number, (line, item) in enumerate(zip(lines, _read(lines), strict=True), first):
        if item is None:
            continue
        try:
            shape = _again(line) if isinstance(item, BadInput) else item
            if isinstance(shape, Written) and shape.kind in RECORDS:
                records += 1
                continue
            sent = _sent_of(shape) if isinstance(shape, Written) else shape
            report = report_of(sent, zone, sent.key or _key_of(number, line))
            found.reports.append(report)
            found.bodies.append(plain_body_of(report))
            found.numbers.append(number)
        except FieldFault as error:
            found.faults.append(Fault(number, str(error)))
    return msgspec.structs.replace(found, records=records)


def _read(lines: Sequence[bytes]) -> Iterable[Reported | Written | BadInput | None]:
    """All of them in one go where all are alike and in order; None for an empty line."""
    body = b"".join(lines)
    decoder: msgspec.json.Decoder[Reported] | msgspec.json.Decoder[Written] = (
        _events if body.startswith(EXPORTED) else _reports
    )
    try:
        check_json(body, lines=True)
        found = decoder.decode_lines(body)
        if len(found) == len(lines):
            return found
    except (msgspec.DecodeError, FieldFault, RecursionError):
        pass
    again = BadInput("$", "is to be read by itself", "")
    return [again if line.strip() else None for line in lines]


def _again(line: bytes) -> Reported | Written:
    check_json(line, lines=False)
    if line.lstrip().startswith(EXPORTED):
        return decode_json(line, Written)
    return decode_json(line, Reported)


def _sent_of(event: Written) -> Reported:
    """An exported event as it would be reported now; its id is its key."""
    return Reported(
        kind=event.kind,
        device=None if event.device is None else str(event.device.id),
        occurred=event.occurred,
        method=event.method,
        reason=event.reason,
        type=event.type,
        person=None if event.person is None or event.person.id is None else str(event.person.id),
        person_name=None if event.person is None else event.person.name,
        credential=event.credential,
        tag=event.tag,
        message=event.message,
        data=event.data,
        key=str(event.id),
    )


def _key_of(number: int, line: bytes) -> str:
    """The same line at the same place is the same report."""
    return f"line/{number}/{blake2b(line.strip(), digest_size=16).hexdigest()}"
