"""The console's pages: what happened, alarms, signing in and out, one's own sessions, one's own password."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hmac import compare_digest
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Struct, field

from gatebook.console import assets
from gatebook.console.feed import sockets
from gatebook.console.frame import (
    FORM_COOKIE,
    FORM_FIELD,
    PASSWORD,
    ROOT,
    SIGN_IN,
    THEME_COOKIE,
    THEMES,
    check_site,
    cookie_of,
    drop_cookie,
    go,
    on_error,
    own_path,
    page,
    posted,
    put_cookie,
    session_of,
    sign_in_page,
    visit,
)
from gatebook.console.pages import alarms, events
from gatebook.console.pages.operation import operation as _operation
from gatebook.console.shapes import Shapes
from gatebook.console.view import EVENTS
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, Forbidden, NotFound, Unauthenticated
from gatebook.domain.kinds import Kind
from gatebook.domain.times import rfc3339
from gatebook.http import Request, Response
from gatebook.http.dialect import Dialect, Operation, Security
from gatebook.http.queries import read_form
from gatebook.http.wire import read_query
from gatebook.services import Services

SIGN_IN_COST = 50.0
SESSIONS = f"{ROOT}/sessions"
SESSION = Security(name="session", scheme={"type": "apiKey", "in": "cookie", "name": "gatebook"})


class Following(Struct, frozen=True):
    """Where the form leads once somebody has signed in."""

    following: str | None = field(default=None, name="next")


async def principal_of(services: Services, request: Request) -> Principal:
    """Whose session it is; who must choose another password is led to that page from any other."""
    secret = cookie_of(request)
    if secret is None:
        raise Unauthenticated("nobody has signed in")
    session = await services.sessions.recognised(secret, visit(request))
    request.scope["gatebook.session"] = session
    return session.principal


def operations(services: Services, shapes: Shapes) -> Sequence[Operation]:
    """All pages; `shapes` tells of an event in each dialect."""
    sessions = services.sessions

    async def sign_in_form(request: Request) -> Response:
        following = own_path(read_query(request, Following, unknown="ignore").following)
        token = cookie_of(request, FORM_COOKIE) or secrets.token_urlsafe(32)
        return put_cookie(sign_in_page(request, form=token, following=following), services, request, token, FORM_COOKIE)

    async def sign_in(request: Request) -> Response:
        form = (await read_form(request)).fields
        request.scope["gatebook.following"] = following = own_path(form.get("next"))
        check_site(request)
        token = cookie_of(request, FORM_COOKIE)
        if token is None or not compare_digest(token.encode(), form.get(FORM_FIELD, "").encode()):
            raise Forbidden("the form was not made for this browser; open the page again, and let it keep cookies")
        session = await sessions.sign_in(
            form.get("login", ""), form.get("password", ""), visit(request), before=cookie_of(request)
        )
        following = PASSWORD if session.principal.must_change_password else following
        return put_cookie(go(following), services, request, session.secret)

    async def sign_out(request: Request) -> Response:
        await posted(request)
        await sessions.sign_out(session_of(request))
        return drop_cookie(go(SIGN_IN))

    async def first_page(request: Request) -> Response:
        who = session_of(request).principal
        if who.must_change_password:
            return go(PASSWORD)
        return go(EVENTS if who.may(Scope.EVENTS_READ) else SESSIONS)

    async def theme(request: Request) -> Response:
        wanted = (await posted(request)).fields.get("theme", "")
        response = go(own_path(urlsplit(request.headers.get("referer", "")).path))
        if wanted in THEMES:
            return put_cookie(response, services, request, wanted, THEME_COOKIE)
        response.delete_cookie(THEME_COOKIE, path=ROOT)
        return response

    async def own_sessions(request: Request) -> Response:
        session = session_of(request)
        rows = [
            {"id": row.id, "since": rfc3339(row.created), "seen": rfc3339(row.seen), "row": row}
            for row in await sessions.list(session.principal)
        ]
        return page(request, "sessions.html", session=session, here="sessions", rows=rows)

    async def end_session(request: Request) -> Response:
        await posted(request)
        session = session_of(request)
        try:
            id_ = UUID(request.path_params["id"])
        except ValueError as error:
            raise NotFound("no such session") from error
        await sessions.end(session.principal, id_)
        return drop_cookie(go(SIGN_IN)) if id_ == session.id else go(SESSIONS)

    async def password_form(request: Request) -> Response:
        return page(request, "password.html", session=session_of(request), here="password", fault=None)

    async def change_password(request: Request) -> Response:
        form, session = (await posted(request)).fields, session_of(request)
        try:
            if form.get("new", "") != form.get("again", ""):
                raise BadInput("new", "is not the same twice", "write the same in both")
            session = await sessions.change_password(session, form.get("old", ""), form.get("new", ""))
        except BadInput as error:
            return page(request, "password.html", 400, session=session, here="password", fault=error.message)
        return put_cookie(go(ROOT), services, request, session.secret)

    return (
        _operation("GET", assets.PATH, assets.asset, "One of the console's own files", public=True),
        _operation("GET", SIGN_IN, sign_in_form, "The form to sign in", Following, public=True),
        _operation("POST", SIGN_IN, sign_in, "Sign in", cost=SIGN_IN_COST, public=True),
        _operation("POST", f"{ROOT}/sign-out", sign_out, "Sign out"),
        _operation("GET", ROOT, first_page, "To the first page"),
        _operation("POST", f"{ROOT}/theme", theme, "Light, dark, or as the system has it"),
        _operation("GET", SESSIONS, own_sessions, "One's own sessions"),
        *events.operations(services, shapes),
        *alarms.operations(services),
        _operation("POST", f"{ROOT}/sessions/{{id}}/end", end_session, "End one of one's own sessions"),
        _operation("GET", PASSWORD, password_form, "The form to change one's own password"),
        _operation("POST", PASSWORD, change_password, "Change one's own password", cost=SIGN_IN_COST),
    )


def dialect_of(shapes: Shapes) -> Dialect[Services]:
    """The console; `shapes` tells of an event in each dialect that is spoken beside it."""
    return Dialect(
        name="console",
        title="Console",
        roots=(ROOT,),
        operations=lambda services: operations(services, shapes),
        sockets=sockets,
        on_error=on_error,
        error_shape=str,
        error_media="text/html",
        principal_of=principal_of,
        security=(SESSION,),
        unspoken=frozenset(Kind),
    )
