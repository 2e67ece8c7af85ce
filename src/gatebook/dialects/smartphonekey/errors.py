"""How SmartphoneKey says no: one body that holds the fields of all its error forms."""

from __future__ import annotations

from typing import Final

from gatebook.dialects.smartphonekey.schemas import Fault, Refusal
from gatebook.domain.errors import GatebookError, Unavailable
from gatebook.http import Request, Response
from gatebook.http.wire import json_reply

TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Payload Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


class LockUnreachable(Unavailable):
    """The lock is not on the line.  Source: SmartphoneKey OpenAPI document, OpenLock, 502."""

    status = 502


def on_error(request: Request, error: GatebookError) -> Response:
    """Any error in the vendor's form; one of status 500 tells the request's id and nothing else."""
    status = error.status
    message = error.message
    if status == 500:
        message = f"Something failed here; the server's log has it under {request.scope.get('gatebook.request_id')}"
    body = Refusal(
        success=False, error=TITLES[status], message=message, code=status, errors=[Fault(code=status, message=message)]
    )
    return json_reply(body, status)
