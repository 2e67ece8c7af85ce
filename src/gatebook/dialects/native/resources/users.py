"""`/v1/users`: who signs in by name and password; `/v1/me`: who asks, and one's own password."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources import shown, wanted
from gatebook.dialects.native.resources.entities import ETAG, MATCH, Resource, expected_of, ref_of, when
from gatebook.domain.access import Principal, Scope
from gatebook.domain.accounts import User
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.wire import json_reply, read_json
from gatebook.services import Services
from gatebook.services.forms import NewUser, UserChange

HASHING = 10.0
"""What an operation costs that hashes a password."""


def operations(services: Services) -> Sequence[Operation]:
    """Users."""
    room = services.entities.users
    users: Resource[User] = Resource(
        services=services, room=room, path="/v1/users", tag="users", shape=shown.User, page=shown.Users,
        shown=users_of, one="a user, by UUID, integer or login", reads=(Scope.ADMIN,), manages=(Scope.ADMIN,),
    )  # fmt: skip

    async def add(who: Principal, form: NewUser) -> tuple[User, None]:
        return await room.add(who, form), None

    return (
        users.adding(wanted.UserWanted, NewUser, add, example='{"login":"ada","name":"Ada","scopes":["events:read"]}'),
        users.listing(),
        users.getting(),
        users.changing(wanted.UserChanged, UserChange, example='{"disabled":true}'),
        users.removing(),
        _resetting(services, users),
        *_ntlm(services),
        *_own(services),
    )


def _resetting(services: Services, users: Resource[User]) -> Operation:
    async def reset(request: Request) -> Response:
        who, body = principal(request), await read_json(request, wanted.PasswordWanted)
        made = await services.entities.users.reset_password(
            who, ref_of(request), body.password, expected=expected_of(request)
        )
        return await users.answer(who, made.account, 200, made.secret, shown.UserWithPassword)

    return Operation(
        method="POST",
        path="/v1/users/{ref}/password",
        handler=reset,
        summary="Give a user another password, which has to be changed at the next sign-in",
        headers=MATCH,
        body=Body(shape=wanted.PasswordWanted, example="{}"),
        replies={200: Reply(shape=shown.UserWithPassword, headers=ETAG)},
        scopes=(Scope.ADMIN,),
        cost=HASHING,
        tags=("users",),
    )


def _ntlm(services: Services) -> Sequence[Operation]:
    async def let_in(request: Request) -> Response:
        who, body = principal(request), await read_json(request, wanted.NtlmWanted)
        await services.ntlm.let_in(who, ref_of(request), body.password)
        return Response(status_code=204)

    async def shut_out(request: Request) -> Response:
        await services.ntlm.shut_out(principal(request), ref_of(request))
        return Response(status_code=204)

    return (
        Operation(
            method="PUT", path="/v1/users/{ref}/ntlm", handler=let_in, summary="Let a user sign in by NTLM",
            description="With the password that the user has; another password later ends it. An NT hash is kept, "
            "encrypted, which is worth the password to whoever can read it.",
            body=Body(shape=wanted.NtlmWanted, example='{"password":"…"}'), replies={204: Reply()},
            scopes=(Scope.ADMIN,), cost=HASHING, tags=("users",),
        ),
        Operation(
            method="DELETE", path="/v1/users/{ref}/ntlm", handler=shut_out,
            summary="Let a user sign in by NTLM no longer", replies={204: Reply()}, scopes=(Scope.ADMIN,),
            tags=("users",),
        ),
    )  # fmt: skip


def _own(services: Services) -> Sequence[Operation]:
    async def me(request: Request) -> Response:
        return json_reply(me_of(principal(request)))

    async def change(request: Request) -> Response:
        body = await read_json(request, wanted.OwnPasswordWanted)
        await services.entities.users.change_own_password(principal(request), body.old, body.new)
        return Response(status_code=204)

    return (
        Operation(
            method="GET",
            path="/v1/me",
            handler=me,
            summary="Who asks",
            replies={200: Reply(shape=shown.Me)},
            tags=("users",),
        ),
        Operation(
            method="POST",
            path="/v1/me/password",
            handler=change,
            summary="Change one's own password",
            body=Body(shape=wanted.OwnPasswordWanted, example='{"old":"…","new":"…"}'),
            replies={204: Reply()},
            cost=HASHING,
            tags=("users",),
        ),
    )


async def users_of(_who: Principal, found: Sequence[User]) -> list[shown.User]:
    """Users on the wire."""
    return [
        shown.User(
            id=one.id, number=one.number, login=one.login, name=one.name, scopes=sorted(one.scopes),
            grant=shown.grant_of(one.grant), person=one.person, purpose=one.purpose, must_change=one.must_change,
            has_password=one.password is not None, created=when(one.created) or "", expires=when(one.expires),
            disabled=when(one.disabled), password_changed=when(one.password_changed), last_used=when(one.last_used),
        )
        for one in found
    ]  # fmt: skip


def me_of(who: Principal) -> shown.Me:
    """A principal on the wire."""
    return shown.Me(
        kind=who.kind, id=who.id, name=who.name, organisation=who.organisation, scopes=sorted(who.scopes),
        grant=shown.grant_of(who.grant), person=who.person, must_change_password=who.must_change_password,
    )  # fmt: skip
