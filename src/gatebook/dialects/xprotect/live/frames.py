"""What goes over the events socket, either way.  Source: mipsdk-samples-protocol 3f42081, EventsAndState samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from gatebook.dialects.xprotect.live.items import Item
from gatebook.dialects.xprotect.live.subscriptions import FilterForm
from gatebook.dialects.xprotect.words.members import names_of, respelled

FRAME_BYTES: Final = 512 * 1024
"""Common WebSocket libraries take up to 1 MiB.  Source: TCS-NetMon, which had to raise that for getState."""


class Command(Struct, frozen=True, kw_only=True, rename="camel"):
    """Any command; members that it has no use for are ignored."""

    command: str
    command_id: int | None = None
    token: str | None = None
    session_id: str | None = None
    event_id: str | None = None
    subscription_id: str | None = None
    filters: list[FilterForm] | None = None


MEMBERS: Final = names_of(Command, FilterForm)


class Told(Struct, frozen=True, kw_only=True, rename="camel"):
    """Why a command failed."""

    error_text: str


class StateItem(Struct, frozen=True, kw_only=True, rename={"local_id": "localId", "spec_version": "specVersion"}):
    """The event that holds in a group of states.  The version is spelt in both ways that are on record."""

    specversion: str = "1.0"
    spec_version: str = "1.0"
    type: str
    source: str
    time: str
    id: str
    local_id: int
    stategroupid: str


class Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    """The reply to a command."""

    command_id: int | None
    status: int = 200
    session_id: str | UnsetType = UNSET
    inactive_timeout_seconds: int | UnsetType = UNSET
    subscription_id: str | UnsetType = UNSET
    states: list[StateItem] | UnsetType = UNSET
    error: Told | UnsetType = UNSET


def frames_of(items: Iterable[Item]) -> Iterator[tuple[bytes, int]]:
    """Batches `{"events":[...]}` and each one's last seq: the oldest first, none empty, one over FRAME_BYTES alone."""
    batch: list[bytes] = []
    size = last = 0
    for item in items:
        text = msgspec.json.encode(item)
        if batch and size + len(text) > FRAME_BYTES:
            yield _batch(batch), last
            batch, size = [], 0
        batch.append(text)
        size, last = size + len(text), item.local_id
    if batch:
        yield _batch(batch), last


def _batch(texts: list[bytes]) -> bytes:
    return b'{"events":[' + b",".join(texts) + b"]}"


def command_of(text: str) -> Command | None:
    """None for what is no command: not JSON, no object, or a member of another type."""
    try:
        return msgspec.json.decode(respelled(text.encode(), MEMBERS), type=Command)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None
