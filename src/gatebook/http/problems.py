"""Any error as an RFC 9457 problem: the native dialect's answer, and the fallback where no dialect is asked."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from gatebook.domain.errors import FieldFault, GatebookError, MethodNotAllowed, TooMany, Unavailable
from gatebook.http.dialect import PROBLEM

TITLES = {
    400: "Bad input",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Too slow",
    409: "Conflict",
    412: "Precondition failed",
    413: "Too large",
    415: "Unsupported media type",
    422: "Cannot be placed",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}


class Problem(Struct, frozen=True, kw_only=True):
    """An RFC 9457 problem; `type` is a path of the documentation that says more.

    Source: RFC 9457 section 3.1; the members from `field` on are Gatebook's extensions.
    """

    type: str
    title: str
    status: int
    detail: str
    field: str | UnsetType = UNSET
    """What the client wrote that was wrong: a parameter's name, or a path into the body."""
    fault: str | UnsetType = UNSET
    remedy: str | UnsetType = UNSET
    retry_after: int | UnsetType = UNSET
    """Seconds."""
    request_id: str | UnsetType = UNSET
    quarantine: str | UnsetType = UNSET
    """Where a report that could not be placed is kept."""


def problem_of(error: GatebookError, request_id: str | None = None) -> Problem:
    """The problem that tells this error; one of status 500 tells nothing but the request's id."""
    status = error.status
    title = TITLES.get(status, "Error")
    faulty = error if isinstance(error, FieldFault) else None
    waits = error if isinstance(error, TooMany | Unavailable) else None
    return Problem(
        type=f"/docs/problems#{title.lower().replace(' ', '-')}",
        title=title,
        status=status,
        detail=error.message
        if status != 500
        else "Something failed here; the server's log has it under the request's id",
        field=faulty.field if faulty else UNSET,
        fault=faulty.fault if faulty else UNSET,
        remedy=faulty.remedy if faulty else UNSET,
        retry_after=waits.retry_after_s if waits else UNSET,
        request_id=request_id if request_id and status >= 500 else UNSET,
    )


def on_error(request: Request, error: GatebookError) -> Response:
    """Answer with a problem; never raises."""
    problem = problem_of(error, request.scope.get("gatebook.request_id"))
    headers = {"Allow": ", ".join(error.allowed)} if isinstance(error, MethodNotAllowed) else None
    return Response(msgspec.json.encode(problem), problem.status, headers, PROBLEM)
