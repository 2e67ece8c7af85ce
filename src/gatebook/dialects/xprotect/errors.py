"""How XProtect says no: a code, and one sentence or more, in the gateway's own texts where those are known."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

from gatebook.domain.errors import (
    FieldFault,
    Forbidden,
    GatebookError,
    LockedOut,
    MethodNotAllowed,
    NotFound,
    Unauthenticated,
    Unplaceable,
)
from gatebook.http import Request, Response
from gatebook.http.wire import json_reply
from gatebook.services.access import WRONG

UNKNOWN_REQUEST: Final = "Bad request: Unknown request"
"""A known resource, and a verb that it does not have.  Source: cns-live, recorded from 2025 R1, 2026-11-21."""
UNKNOWN_RESOURCE: Final = "Unknown resource: "
"""Source: cns-live, recorded from 2025 R1, 2026-11-21."""
UNKNOWN_ID: Final = "Not Found, the requested id does not exist"
"""Source: Configuration API, schema error404, 2026-11-21."""
EXPIRED: Final = "Token validation failed: the token is expired."
"""Source: milestonexprotectrestPython 1.0.5, which looks for `token is expired`; recorded, 2026-11-21."""
INVALID: Final = "Token validation failed: the token is not valid."
"""Assumed: in the manner of the one for expired tokens."""
UNAUTHORIZED: Final = "Unauthorized"
"""Source: Configuration API, schema error401, 2026-11-21."""
NO_RIGHT: Final = "You do not have sufficient permissions to complete the operation."
NO_RIGHT_ID: Final = "VMO61008"
"""Source: milestonexprotectrestPython 1.0.5, recorded from 2023 R2, 2026-11-21."""

RECORDED: Final = (UNKNOWN_RESOURCE, "Bad request: ", "Invalid parent. ", "Device not found. ")
"""How the gateway's own texts begin; an error that is raised with one of them is told in it, and with nothing added."""


ErrorCode = Literal["InvalidCredentials", "LockedOut", "ChangePassword"]
TOKEN_PATHS: Final = ("/idp/connect/token", "/api/idp/connect/token")
INVALID_PASSWORD: Final = "invalid_username_or_password"
"""Source: milestonexprotectrestPython 1.0.5, recorded from 2023 R2, 2026-11-21."""


class TokenRefusal(Struct, frozen=True, kw_only=True):
    """Why there is no token.  Source: milestonexprotectrestPython 1.0.5; for `error_code` the protocol sample
    SecurityPermission, 2026-11-21; for the other words of `error` RFC 6749 section 5.2."""

    error: str
    error_description: str
    error_code: ErrorCode | UnsetType = UNSET


class Detail(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One thing that is wrong.  Source: Configuration API, schema error400, 2026-11-21."""

    error_text: str
    property: str | UnsetType = UNSET
    error_text_id: str | UnsetType = UNSET


class Fault(Struct, frozen=True, kw_only=True, rename="camel"):
    """Source: cns-live, recorded from 2025 R1, 2026-11-21."""

    http_code: int
    details: list[Detail]


class Refusal(Struct, frozen=True, kw_only=True):
    """The whole body.  Source: cns-live, recorded from 2025 R1, 2026-11-21."""

    error: Fault


def on_error(request: Request, error: GatebookError) -> Response:
    """Any error in the vendor's form; one of status 500 tells the request's id and nothing else."""
    operation = request.scope.get("gatebook.operation")
    if operation is not None and operation.path in TOKEN_PATHS:
        return json_reply(_no_token(request, error), error.status if error.status >= 500 else 400)
    fault = fault_of(request, error)
    return json_reply(Refusal(error=fault), fault.http_code)


def fault_of(request: Request, error: GatebookError) -> Fault:
    """What stands under `error`: of a whole answer, or of one item in a bulk answer."""
    return Fault(http_code=status_of(error), details=_details(request, error))


def status_of(error: GatebookError) -> int:
    """The gateway answers 400 to a verb that a resource does not have, and knows no 422."""
    return 400 if isinstance(error, MethodNotAllowed | Unplaceable) else error.status


def _wrong(code: ErrorCode) -> TokenRefusal:
    return TokenRefusal(error="invalid_grant", error_description=INVALID_PASSWORD, error_code=code)


def _no_token(request: Request, error: GatebookError) -> TokenRefusal:
    """Every failed sign-in with a password is an `invalid_grant`, and says no more than the code does."""
    match error:
        case LockedOut():
            return _wrong("LockedOut")
        case Forbidden():
            return _wrong("ChangePassword")
        case Unauthenticated(message=message) if message == WRONG:
            return _wrong("InvalidCredentials")
        case Unauthenticated():
            return TokenRefusal(error="invalid_client", error_description=error.message)
        case FieldFault(field="grant_type"):
            return TokenRefusal(error="unsupported_grant_type", error_description=error.message)
    if error.status >= 500:
        word = "server_error" if error.status == 500 else "temporarily_unavailable"
        return TokenRefusal(error=word, error_description=_details(request, error)[0].error_text)
    return TokenRefusal(error="invalid_request", error_description=error.message)


def _details(request: Request, error: GatebookError) -> list[Detail]:
    match error:
        case MethodNotAllowed():
            return [Detail(error_text=UNKNOWN_REQUEST)]
        case FieldFault():
            return [Detail(error_text=_told(error), property=_field(error) or UNSET)]
        case Unauthenticated():
            return [Detail(error_text=_token_fault(error.message))]
        case Forbidden():
            return [Detail(error_text=NO_RIGHT, error_text_id=NO_RIGHT_ID), Detail(error_text=error.message)]
        case NotFound():
            return [Detail(error_text=_missing(request, error.message))]
    if error.status == 500:
        told = f"Something failed here; the server's log has it under {request.scope.get('gatebook.request_id')}"
        return [Detail(error_text=told)]
    return [Detail(error_text=error.message)]


def _told(error: FieldFault) -> str:
    if error.fault.startswith(RECORDED):
        return error.fault
    field = _field(error)
    return f"Bad request: {f'{field}: ' if field else ''}{error.fault}; {error.remedy}"


def _field(error: FieldFault) -> str:
    """As it stands in what was sent: `filterBy[0].target`."""
    return "body" if error.field == "$" else error.field.removeprefix("$").removeprefix(".")


def _token_fault(message: str) -> str:
    if "expired" in message:
        return EXPIRED
    return INVALID if "token is not valid" in message or "revoked" in message else UNAUTHORIZED


def _missing(request: Request, message: str) -> str:
    """Of a path that nothing serves: its first segment that leads nowhere."""
    if message.startswith(RECORDED):
        return message
    if "gatebook.operation" in request.scope:
        return UNKNOWN_ID
    segments, reached = request.scope.get("gatebook.lost", ((), 0))
    if [segment.lower() for segment in segments[:3]] == ["api", "rest", "v1"]:
        reached = max(reached, 3)
    return UNKNOWN_RESOURCE + (segments[min(reached, len(segments) - 1)][:100] if segments else "")
