"""What all commands share: the body that is read, the event that is told, the answer that is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Final, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta, Struct, UnsetType

from gatebook.dialects.smartphonekey.resources.commands import CommandDone, CommandEvent
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import UnsupportedMedia
from gatebook.domain.times import Instant
from gatebook.http import Request, Response
from gatebook.http.dialect import JSON, Body, Operation, Reply, principal
from gatebook.http.wire import check_json, decode_json, is_json, json_reply, media_of, read_body, read_path
from gatebook.services.gate_acts import Done, Note

P = TypeVar("P", bound=Struct)
B = TypeVar("B", bound=Struct)
T = TypeVar("T")
MS: Final = 1_000_000


class CameraPath(Struct, frozen=True):
    """Which camera."""

    id: Annotated[UUID, Meta(description="Camera ID")]


class UserPath(Struct, frozen=True):
    """Which user."""

    id: Annotated[UUID, Meta(description="User ID")]


class Told(NamedTuple):
    """How a command ended: in which aggregate, and the event by its name and payload."""

    aggregate: str
    done: Done
    type: str
    payload: Struct


def command(
    path: str,
    params: type[P],
    shape: type[B],
    act: Callable[[Principal, P, B], Awaitable[Told]],
    *,
    summary: str,
    scopes: tuple[Scope, ...],
    tag: str,
    creates: bool = False,
) -> Operation:
    """The operation of one command; one that `creates` answers 201, and 200 with a null event the second time."""

    async def handler(request: Request) -> Response:
        where = read_path(request, params)
        told = await act(principal(request), where, await _read(request, shape))
        event = CommandEvent(told.type, msgspec.Raw(msgspec.json.encode(told.payload))) if told.done.fresh else None
        reply = CommandDone(success=True, aggregate_id=told.aggregate, version=told.done.version, event=event)
        return json_reply(reply, 201 if creates and told.done.fresh else 200)

    done = Reply(shape=CommandDone, description="Done; a null event where it was so already")
    replies = {201: Reply(shape=CommandDone, description="Created"), 200: done} if creates else {200: done}
    return Operation(
        method="POST",
        path=path,
        handler=handler,
        summary=summary,
        params=params,
        body=Body(shape=shape, required=_needs_something(shape)),
        replies=replies,
        scopes=scopes,
        tags=(tag,),
    )


def note_of(at: Instant, tag: str | None = None, kept: Struct | Mapping[str, object] | None = None) -> Note:
    """The note of an event; `kept` goes into its data."""
    return Note(occurred=at, tag=tag, data=msgspec.json.encode(kept) if kept else None)


def or_none(value: T | UnsetType | None) -> T | None:
    """None for what was not given."""
    return None if isinstance(value, UnsetType) else value


def millis(at: Instant) -> int:
    """Milliseconds since 1970."""
    return at // MS


async def _read(request: Request, shape: type[B]) -> B:
    """The body; where nothing in it is required, it may be left out."""
    body = await read_body(request)
    if not body and not _needs_something(shape):
        return shape()
    if not is_json(media_of(request)):
        raise UnsupportedMedia(f"Content-Type {media_of(request)[:60] or '(none)'} is not spoken here; send {JSON}")
    check_json(body)
    return decode_json(body, shape)


def _needs_something(shape: type[Struct]) -> bool:
    return any(field.required for field in msgspec.structs.fields(shape))
