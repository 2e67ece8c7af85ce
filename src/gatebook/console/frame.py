"""What every page of the console shares: its layout, its headers, its cookies, and how it says no."""

from __future__ import annotations

import gzip
import re
from typing import Final, Literal
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from gatebook.console.assets import accepts_gzip, address_of_asset
from gatebook.domain.access import Visit
from gatebook.domain.errors import BadInput, Forbidden, GatebookError, Unauthenticated
from gatebook.http import HTTPConnection, Request, Response
from gatebook.http.problems import TITLES
from gatebook.http.queries import Form, read_form
from gatebook.http.visits import PURPOSE, visit_of
from gatebook.services import Services
from gatebook.services.sessions import Session

ROOT: Final = "/console"
SIGN_IN: Final = f"{ROOT}/sign-in"
PASSWORD: Final = f"{ROOT}/password"
COOKIE: Final = "gatebook"
FORM_COOKIE: Final = "gatebook-form"
"""Holds what the form of a browser that has not signed in must send back."""
FORM_FIELD: Final = "form"
THEME_COOKIE: Final = "gatebook-theme"
THEMES: Final = ("light", "dark")
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
NAVIGATION: Final = (
    ("events", f"{ROOT}/events", "Events"),
    ("alarms", f"{ROOT}/alarms", "Alarms"),
    ("sessions", f"{ROOT}/sessions", "Sessions"),
    ("password", PASSWORD, "Password"),
)
"""Name, path and title of the pages in the frame."""
OWN_PATH: Final = re.compile(r"/console(?:/[A-Za-z0-9._~%-]+)*(?:\?[A-Za-z0-9._~%=&+:,*-]*)?\Z")
COOKIE_CHARACTERS: Final = 100
PACKED_BYTES: Final = 2_000
"""A shorter page is not worth packing."""
PACKED_LEVEL: Final = 5

_templates = Environment(
    loader=PackageLoader("gatebook.console", "templates"), autoescape=True, undefined=StrictUndefined
)


def page(
    request: HTTPConnection, name: str, status: int = 200, *, session: Session | None = None, **values: object
) -> Response:
    """A page; `session` is whose, None before signing in.  What it shows is kept by no cache."""
    text = rendered(name, session, theme=request.cookies.get(THEME_COOKIE), **values)
    headers = {"Content-Security-Policy": CSP, "Cache-Control": "no-store", "Vary": "Accept-Encoding, Cookie"}
    body = text.encode()
    if len(body) > PACKED_BYTES and accepts_gzip(request):
        body, headers["Content-Encoding"] = gzip.compress(body, PACKED_LEVEL), "gzip"
    return Response(body, status, headers, "text/html")


def rendered(name: str, session: Session | None = None, *, theme: str | None = None, **values: object) -> str:
    """A template with what every page has."""
    shared = {
        "session": session,
        "form": None if session is None else session.form_token,
        "theme": theme if theme in THEMES else "",
        "navigation": NAVIGATION,
        "here": "",
        "asset": address_of_asset,
    }
    return _templates.get_template(name).render({**shared, **values})


def sign_in_page(
    request: HTTPConnection, status: int = 200, *, form: str, following: str = ROOT, fault: str | None = None
) -> Response:
    """The form of whoever has not signed in; `form` is what it must send back, `following` where it leads."""
    return page(request, "sign-in.html", status, form=form, following=following, fault=fault)


def go(path: str) -> Response:
    """To another page of the console, whatever the method was."""
    return Response(status_code=303, headers={"Location": path})


def own_path(text: str | None) -> str:
    """Where a page may lead: a path of the console itself; whatever is none is its first page."""
    return text if text is not None and OWN_PATH.match(text) else ROOT


def visit(request: HTTPConnection) -> Visit:
    """The circumstances of a request to a page."""
    return visit_of(request, "console", f"{request.scope.get('method', 'GET')} {request.scope['path'][:200]}")


def session_of(request: Request) -> Session:
    """Whose request it is; only in operations that are not public."""
    found = request.scope["gatebook.session"]
    assert isinstance(found, Session)
    return found


def put_cookie(response: Response, services: Services, request: Request, value: str, name: str = COOKIE) -> Response:
    """The response, which gives the browser a cookie that ends with it and that no script and no other site can use."""
    secure = request.url.scheme == "https" or services.tokens.issuer("console").startswith("https:")
    site: Literal["strict", "lax"] = "strict" if name == FORM_COOKIE else "lax"
    response.set_cookie(name, value, path=ROOT, secure=secure, httponly=True, samesite=site)
    return response


def drop_cookie(response: Response) -> Response:
    """The response, which takes the session's cookie from the browser."""
    response.delete_cookie(COOKIE, path=ROOT, httponly=True, samesite="lax")
    return response


def cookie_of(request: HTTPConnection, name: str = COOKIE) -> str | None:
    """The cookie's value; None where there is none that we can have given."""
    value = request.cookies.get(name)
    return value if value and len(value) <= COOKIE_CHARACTERS else None


async def posted(request: Request) -> Form:
    """The form of a session's page; Forbidden where it was not made for this session."""
    form = await read_form(request)
    session_of(request).check_form(form.fields.get(FORM_FIELD, ""))
    return form


def check_site(request: Request) -> None:
    """Forbidden for what a browser says to come from the page of another site.

    Source: W3C Fetch Metadata Request Headers, section 2.4; a client that sends none is not asked for it.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("the form came from another site; open the page here")


def on_error(request: Request, error: GatebookError) -> Response:
    """Any error as a page; who is not signed in is led to the form, and back from there, save who opens a socket."""
    path = request.scope["path"].rstrip("/")
    status = error.status
    if path == SIGN_IN and request.method == "POST" and status in (401, 429):
        following = own_path(request.scope.get("gatebook.following"))
        return sign_in_page(
            request, status, form=cookie_of(request, FORM_COOKIE) or "", following=following, fault=error.message
        )
    if isinstance(error, Unauthenticated) and "sec-websocket-key" not in request.headers:
        query = request.scope["query_string"].decode("latin-1")
        wanted = own_path(f"{path}?{query}" if query else path) if request.method == "GET" else ROOT
        return drop_cookie(go(SIGN_IN if wanted == ROOT else f"{SIGN_IN}?next={quote(wanted, safe='')}"))
    if isinstance(error, BadInput) and error.field == PURPOSE:  # which a browser cannot send
        error = Forbidden("a search for somebody needs a purpose here, and none is fixed on you; ask an administrator")
        status = error.status
    told = error.message if status != 500 else "Something failed here; the server's log has it under the request's id."
    request_id = request.scope.get("gatebook.request_id") if status >= 500 else None
    return page(request, "fault.html", status, title=TITLES.get(status, "Error"), told=told, request_id=request_id)
