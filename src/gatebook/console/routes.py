"""The console's pages so far: signing in and out, one's own sessions, one's own password."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hmac import compare_digest
from uuid import UUID

from msgspec import Struct, field

from gatebook.console.frame import (
    FORM_COOKIE,
    FORM_FIELD,
    PASSWORD,
    ROOT,
    SIGN_IN,
    STYLE,
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
from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, Forbidden, NotFound, Unauthenticated
from gatebook.domain.kinds import Kind
from gatebook.domain.times import rfc3339
from gatebook.http import Request, Response
from gatebook.http.dialect import Dialect, Handler, Operation, Reply, Security
from gatebook.http.queries import read_form
from gatebook.http.wire import read_query
from gatebook.services import Services

SIGN_IN_COST = 50.0
PUBLIC = (SIGN_IN, f"{ROOT}/style.css")
HTML = Reply(shape=str, media=("text/html",))
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


def operations(services: Services) -> Sequence[Operation]:
    """All pages."""
    sessions = services.sessions

    async def style(_request: Request) -> Response:
        return Response(STYLE, 200, {"Cache-Control": "max-age=3600"}, "text/css")

    async def sign_in_form(request: Request) -> Response:
        following = own_path(read_query(request, Following, unknown="ignore").following)
        token = cookie_of(request, FORM_COOKIE) or secrets.token_urlsafe(32)
        return put_cookie(sign_in_page(form=token, following=following), services, request, token, FORM_COOKIE)

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
        session = session_of(request)
        if session.principal.must_change_password:
            return go(PASSWORD)
        rows = [
            {"id": row.id, "since": rfc3339(row.created), "seen": rfc3339(row.seen), "row": row}
            for row in await sessions.list(session.principal)
        ]
        return page("sessions.html", session=session, rows=rows)

    async def end_session(request: Request) -> Response:
        await posted(request)
        session = session_of(request)
        try:
            id_ = UUID(request.path_params["id"])
        except ValueError as error:
            raise NotFound("no such session") from error
        await sessions.end(session.principal, id_)
        return drop_cookie(go(SIGN_IN)) if id_ == session.id else go(ROOT)

    async def password_form(request: Request) -> Response:
        return page("password.html", session=session_of(request), fault=None)

    async def change_password(request: Request) -> Response:
        form, session = (await posted(request)).fields, session_of(request)
        try:
            if form.get("new", "") != form.get("again", ""):
                raise BadInput("new", "is not the same twice", "write the same in both")
            session = await sessions.change_password(session, form.get("old", ""), form.get("new", ""))
        except BadInput as error:
            return page("password.html", 400, session=session, fault=error.message)
        return put_cookie(go(ROOT), services, request, session.secret)

    return (
        _operation("GET", f"{ROOT}/style.css", style, "How the console looks"),
        _operation("GET", SIGN_IN, sign_in_form, "The form to sign in", Following),
        _operation("POST", SIGN_IN, sign_in, "Sign in", cost=SIGN_IN_COST),
        _operation("POST", f"{ROOT}/sign-out", sign_out, "Sign out"),
        _operation("GET", ROOT, first_page, "One's own sessions"),
        _operation("POST", f"{ROOT}/sessions/{{id}}/end", end_session, "End one of one's own sessions"),
        _operation("GET", PASSWORD, password_form, "The form to change one's own password"),
        _operation("POST", PASSWORD, change_password, "Change one's own password", cost=SIGN_IN_COST),
    )


def _operation(
    method: str, path: str, handler: Handler, summary: str, query: type[Struct] | None = None, cost: float | None = None
) -> Operation:
    public = path in PUBLIC
    return Operation(
        method=method, path=path, handler=handler, summary=summary, query=query, cost=cost, public=public,
        replies={200: HTML},
    )  # fmt: skip


DIALECT: Dialect[Services] = Dialect(
    name="console",
    title="Console",
    roots=(ROOT,),
    operations=operations,
    on_error=on_error,
    error_shape=str,
    error_media="text/html",
    principal_of=principal_of,
    security=(SESSION,),
    unspoken=frozenset(Kind),
)
