"""How the native API says no: RFC 9457 problems, which for a report tell where it is kept."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import Raw

from gatebook.domain.errors import FieldFault, GatebookError
from gatebook.http import Request, Response, problems
from gatebook.http.dialect import PROBLEM
from gatebook.http.wire import json_reply


def on_error(request: Request, error: GatebookError) -> Response:
    """Any error as a problem; never raises."""
    return problems.on_error(request, error)


def raw_problem(error: GatebookError, quarantine: UUID | None = None) -> Raw:
    """The problem as it stands in the outcome of one item."""
    return Raw(msgspec.json.encode(_problem(error, quarantine)))


def declined(error: GatebookError, quarantine: UUID | None) -> Response:
    """The answer to one report that was not taken; `quarantine` is its id where it is kept."""
    found = _problem(error, quarantine)
    return json_reply(found, found.status, media=PROBLEM)


def placed(error: GatebookError, at: str) -> GatebookError:
    """The same error, its field told as a place in the body: `$[3].occurred`."""
    if not isinstance(error, FieldFault) or error.field.startswith("$"):
        return error
    return type(error)(f"{at}.{error.field}" if error.field else at, error.fault, error.remedy)


def _problem(error: GatebookError, quarantine: UUID | None) -> problems.Problem:
    found = problems.problem_of(error)
    return found if quarantine is None else msgspec.structs.replace(found, quarantine=str(quarantine))
