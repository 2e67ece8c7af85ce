"""What every kind of account and entity serves in the same way: a list, one, a new one, a change, a removal; ETags."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from msgspec import UNSET, Meta, Struct
from msgspec.structs import fields

from gatebook.dialects.native.resources.reading import is_local
from gatebook.dialects.native.schemas import Within
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import PreconditionFailed
from gatebook.domain.times import Instant, parse_instant, rfc3339
from gatebook.http import Request, Response
from gatebook.http.cursors import Binding, Cursors
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.paging import link_header, same_path
from gatebook.http.wire import json_reply, read_json, read_query
from gatebook.services import Services
from gatebook.services.rooms import Room
from gatebook.services.telling import Entity

V = TypeVar("V", bound=Entity)
F = TypeVar("F", bound=Struct)

ETAG: Final = {"ETag": "Its revision, for If-Match"}
MADE: Final = {"Location": "Where it can be fetched", **ETAG}
MATCH: Final = {"If-Match": "The ETag that it must still have; another one is 412"}
TIMES: Final = ("expires", "valid_from", "valid_until")
"""Fields of a body that are times."""
_TAG: Final = re.compile(r'\s*(?:W/)?"([0-9]{1,18})"\s*\Z')


class Listed(Struct, frozen=True):
    """A page of a list; the cursor is the `next` of the page before."""

    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100
    cursor: str | None = None
    organisation: str | None = None
    """One that the reader's own is the parent of, by number or UUID; without, the reader's own."""


class Place(Struct, frozen=True, array_like=True):
    """Where a list goes on: after this number, or this id."""

    after: int | UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Generic[V]):
    """One kind: where it is served, by which room, and what it looks like."""

    services: Services
    room: Room[Any, Any]
    path: str
    tag: str
    shape: type[Struct]
    page: type[Struct]
    """A Struct of `items` and `next`."""
    shown: Callable[[Principal, Sequence[V]], Awaitable[Sequence[Struct]]]
    one: str
    """What one is called, by what it can be named: `a device, by UUID, integer or vendor id`."""
    reads: tuple[Scope, ...] = field(default=())
    """Scopes that are all needed to read; where any of several will do, the room says so."""
    manages: tuple[Scope, ...] = ()

    @property
    def _readers(self) -> str:
        return "" if self.reads else f"Needs one of the scopes {', '.join(self.room.reads)}."

    def listing(self) -> Operation:
        """`GET` of the list."""

        async def handler(request: Request) -> Response:
            return await self._list(request)

        return Operation(
            method="GET", path=self.path, handler=handler, summary=f"List {self.tag}", query=Listed,
            description=self._readers,
            replies={200: Reply(shape=self.page, headers={"Link": "The next page"})},
            scopes=self.reads, tags=(self.tag,),
        )  # fmt: skip

    def getting(self) -> Operation:
        """`GET` of one."""

        async def handler(request: Request) -> Response:
            within = read_query(request, Within).organisation
            who = await self.services.access.reading(principal(request), within)
            return await self.answer(who, await self.room.get(who, ref_of(request)))

        return Operation(
            method="GET", path=f"{self.path}/{{ref}}", handler=handler, summary=f"Get {self.one}", query=Within,
            description=self._readers, replies={200: Reply(shape=self.shape, headers=ETAG)}, scopes=self.reads,
            tags=(self.tag,), cost=1.0,
        )  # fmt: skip

    def adding(
        self, wanted: type[Struct], form: type[F], add: Callable[[Principal, F], Awaitable[tuple[V, str | None]]],
        *, example: str, shape: type[Struct] | None = None,
    ) -> Operation:  # fmt: skip
        """`POST`: makes one; `add` returns it with its secret, if it has one, which `shape` then shows once."""

        async def handler(request: Request) -> Response:
            who = principal(request)
            body = await read_json(request, wanted)
            made, secret = await add(who, await form_of(body, form, self.services, who))
            location = f"{request.scope['gatebook.prefix']}{self.path}/{made.id}"
            return await self.answer(who, made, 201, secret, shape, {"Location": location})

        return Operation(
            method="POST", path=self.path, handler=handler, summary=f"Make {self.one.partition(',')[0]}",
            body=Body(shape=wanted, example=example), replies={201: Reply(shape=shape or self.shape, headers=MADE)},
            scopes=self.manages, tags=(self.tag,),
        )  # fmt: skip

    def changing(self, wanted: type[Struct], form: type[Struct], *, example: str) -> Operation:
        """`PATCH`: what the body does not name stays as it is."""

        async def handler(request: Request) -> Response:
            who, expected = principal(request), expected_of(request)
            change = await form_of(await read_json(request, wanted), form, self.services, who)
            return await self.answer(who, await self.room.change(who, ref_of(request), change, expected=expected))

        return Operation(
            method="PATCH", path=f"{self.path}/{{ref}}", handler=handler, summary=f"Change {self.one}",
            headers=MATCH, body=Body(shape=wanted, example=example),
            replies={200: Reply(shape=self.shape, headers=ETAG)}, scopes=self.manages, tags=(self.tag,),
        )  # fmt: skip

    def removing(self, description: str = "") -> Operation:
        """`DELETE`."""

        async def handler(request: Request) -> Response:
            await self.room.remove(principal(request), ref_of(request), expected=expected_of(request))
            return Response(status_code=204)

        return Operation(
            method="DELETE", path=f"{self.path}/{{ref}}", handler=handler, summary=f"Remove {self.one}",
            description=description, headers=MATCH, replies={204: Reply()}, scopes=self.manages, tags=(self.tag,),
        )  # fmt: skip

    async def answer(
        self, who: Principal, value: V, status: int = 200, secret: str | None = None,
        shape: type[Struct] | None = None, headers: dict[str, str] | None = None,
    ) -> Response:  # fmt: skip
        """One on the wire, with its ETag; with its secret, in the shape that has room for it."""
        [told] = await self.shown(who, [value])
        if secret is not None and shape is not None:
            told = shape(**{one.name: getattr(told, one.name) for one in fields(told)}, secret=secret)
        return json_reply(told, status, {"ETag": f'W/"{value.revision}"', **(headers or {})})

    async def _list(self, request: Request) -> Response:
        asked = read_query(request, Listed)
        who = await self.services.access.reading(principal(request), asked.organisation)
        cursors = Cursors(self.services.cursor_key)
        binding = Binding(self.path, who.organisation, principal=who.id)
        after = None if asked.cursor is None else cursors.open(asked.cursor, binding, Place).after
        found = await self.room.list(who, after=after, limit=asked.limit + 1)
        shown = await self.shown(who, found[: asked.limit])
        following = None
        if len(found) > asked.limit:
            following = cursors.seal(Place(self.room.place_of(found[asked.limit - 1])), binding)
        links = {"next": None if following is None else same_path(request, cursor=following)}
        return json_reply(self.page(items=shown, next=following), headers=link_header(links))


def ref_of(request: Request) -> str:
    """By what the path names one."""
    ref: str = request.path_params["ref"]
    return ref


def expected_of(request: Request) -> int | None:
    """The revision that `If-Match` asks for; None without one and for `*`.  One that nothing can have is 412."""
    told = request.headers.get("if-match")
    if told is None or told.strip() == "*":
        return None
    match = _TAG.match(told)
    if match is None:
        raise PreconditionFailed("If-Match is not an ETag of this kind; send the one that came with the last GET")
    return int(match[1])


async def form_of(body: Struct, form: type[F], services: Services, who: Principal) -> F:
    """The body as the services want it: times read, a grant named, what is not given left out."""
    given = {one.name: getattr(body, one.name) for one in fields(body)}
    given = {name: value for name, value in given.items() if value is not UNSET}
    for name in TIMES:
        text = given.get(name)
        if isinstance(text, str):
            zone: tzinfo = await services.directory.zone(who) if is_local(text) else UTC
            given[name] = parse_instant(text, zone, name)
    if given.get("grant"):
        given["grant"] = given["grant"].reach()
    return form(**given)


def when(instant: Instant | None) -> str | None:
    """An instant on the wire."""
    return None if instant is None else rfc3339(instant)
