"""Rows for what the server itself answers."""

from __future__ import annotations

from tests.leaks.row import Row

SERVER: dict[str, Row] = {
    "GET /.well-known/jwks.json": Row(public=True),
    "GET /console/static/{version}/{name}": Row(public=True, ok=(404,)),
    "POST /console/theme": Row(public=True, ok=(303, 400, 401, 403, 415)),
    "GET /console/sessions": Row(public=True, ok=(303, 401)),
    "GET /console/events": Row(public=True, ok=(303, 401)),
    "GET /console/events/chart": Row(public=True, ok=(303, 401)),
    "GET /console/events/words": Row(public=True, ok=(303, 401)),
    "GET /console/events/{id}": Row(public=True, ok=(303, 401)),
    "GET /console/alarms": Row(public=True, ok=(303, 401)),
    "GET /console/alarms/{id}": Row(public=True, ok=(303, 401)),
    "POST /console/alarms/{id}": Row(public=True, ok=(303, 400, 401, 403, 415)),
    "GET /console/sign-in": Row(public=True),
    "POST /console/sign-in": Row(public=True, ok=(400, 401, 403, 415)),
    "POST /console/sign-out": Row(public=True, ok=(303, 400, 401, 403, 415)),
    "GET /console": Row(public=True, ok=(303, 401)),
    "POST /console/sessions/{id}/end": Row(public=True, ok=(303, 400, 401, 403, 415)),
    "GET /console/password": Row(public=True, ok=(303, 401)),
    "POST /console/password": Row(public=True, ok=(303, 400, 401, 403, 415)),
    "GET /healthz": Row(public=True),
    "GET /readyz": Row(public=True),
    "GET /metrics": Row(needs="admin", whole=True, figures=True),
    "GET /docs": Row(public=True),
    "GET /docs/problems": Row(public=True),
    "GET /": Row(public=True),
    "GET /docs/style.css": Row(public=True),
    "GET /docs/try.js": Row(public=True),
    "GET /docs/{dialect}": Row(public=True, ok=(404,)),
    "GET /docs/{dialect}/openapi.json": Row(public=True, ok=(404,)),
}
"""Nobody signs in here by a key: the console's session is a cookie, and all callers are strangers to it."""
