"""How DoorFlow says no: a word and a sentence, and on its OAuth pages the words of RFC 6749."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import UNSET

from gatebook.dialects.doorflow.schemas import Refusal
from gatebook.domain.errors import BadInput, GatebookError, TooMany, Unplaceable
from gatebook.http import Request, Response
from gatebook.http.wire import json_reply

WORDS: Final[Mapping[int, str]] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout",
    409: "conflict",
    412: "precondition_failed",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "unprocessable_entity",
    429: "rate_limited",
    500: "internal_server_error",
    502: "bad_gateway",
    503: "service_unavailable",
}
"""Source: DoorFlow openapi.yaml, Error, 2026-08-20, for 400, 401, 403, 404, 429, 500.  Assumed: the others."""

OAUTH_WORDS: Final[Mapping[tuple[str, int], str]] = {
    ("/oauth/token", 400): "invalid_request",
    ("/oauth/token", 401): "invalid_client",
    ("/oauth/revoke", 400): "invalid_request",
    ("/oauth/revoke", 403): "unauthorized_client",
    ("/oauth/token/info", 401): "invalid_token",
}
"""Source: DoorFlow openapi.yaml, /oauth/token, /oauth/revoke and /oauth/token/info, 2026-08-20."""

FIELD_WORDS: Final[Mapping[str, str]] = {
    "grant_type": "unsupported_grant_type",
    "refresh_token": "invalid_grant",
    "scope": "invalid_scope",
}
"""What is wrong with a form for a token, by its field.  Source: RFC 6749 section 5.2."""

INVALID_TOKEN: Final = "The access token is invalid"
"""Source: DoorFlow openapi.yaml, 401, 2026-08-20."""
UNKNOWN_CODES: Final = "The following event codes are not valid for this method: "
"""The only fault that is told in the vendor's own sentence, with nothing added.  Source: DoorFlow openapi.yaml,
listEvents, 400, 2026-08-20."""


def on_error(request: Request, error: GatebookError) -> Response:
    """Any error in the vendor's form; one of status 500 tells the request's id and nothing else."""
    status, told = error.status, _told(request, error)
    refusal = Refusal(
        error=_word(request, error),
        error_description=told,
        description=told if isinstance(error, TooMany) else UNSET,
        retry_in=error.retry_after_s if isinstance(error, TooMany) else UNSET,
        errors={error.field: [error.fault]} if isinstance(error, Unplaceable) else UNSET,
    )
    return json_reply(refusal, status)


def _word(request: Request, error: GatebookError) -> str:
    operation = request.scope.get("gatebook.operation")
    path = operation.path if operation is not None else ""
    word = OAUTH_WORDS.get((path, error.status), WORDS[error.status])
    if path == "/oauth/token" and isinstance(error, BadInput):
        return FIELD_WORDS.get(error.field, word)
    return word


def _told(request: Request, error: GatebookError) -> str:
    if error.status == 500:
        return f"Something failed here; the server's log has it under {request.scope.get('gatebook.request_id')}"
    if error.status == 401 and _word(request, error) != "invalid_client":
        return INVALID_TOKEN
    if isinstance(error, BadInput) and error.fault.startswith(UNKNOWN_CODES):
        return error.fault
    return error.message
