"""Rows for the routes of XProtect's dialect."""

from __future__ import annotations

from tests.leaks.row import READERS, Row

COLLECTIONS = (
    ("sites", "site", ("sites", "recordingServers")),
    ("recordingServers", "device", ("hardware",)),
    ("hardware", "device", ("cameras",)),
    ("cameras", "device", ()),
    ("userDefinedEvents", "device", ()),
    ("eventTypes", "mine", ()),
    ("eventTypeGroups", "mine", ("eventTypes", "userDefinedEvents", "analyticsEvents")),
    ("stateGroups", "mine", ()),
    ("analyticsEvents", "mine", ()),
)
"""Of XProtect's configuration: what the path names, and what stands below; a device is in one of them alone."""


def _collection(name: str, target: str, children: tuple[str, ...]) -> dict[str, Row]:
    """A collection as it is read, and what stands below one of it."""
    path = f"/api/rest/v1/{name}"
    lists = (
        "",
        "?disabled",
        "?page=1&size=2",
        "?name=contains:zq",
        "?includeChildren=recordingServers,hardware,cameras",
    )
    ok = (200, 404) if target == "device" else (200,)
    rows = {
        f"GET {path}": Row(any=READERS, queries=lists),
        f"GET {path}/{{id}}": Row(any=READERS, target=target, ok=ok, queries=("", "?tasks&resources&disabled")),
        f"GET {path}/{{id}}/{{child}}": Row(any=READERS, target=target, ok=(404,)),
        f"GET {path}/{{id}}/{{child}}/{{inner}}": Row(any=READERS, target=target, ok=(404,)),
    }
    for child in children:
        rows[f"GET {path}/{{id}}/{child}"] = Row(any=READERS, target=target, ok=ok, queries=lists)
        rows[f"GET {path}/{{id}}/{child}/{{inner}}"] = Row(any=READERS, target=target, ok=(404,))
    return rows


def _written(name: str, *, whole: bool) -> dict[str, Row]:
    """A collection of XProtect's that clients write to; what would make something sends what makes nothing."""
    path = f"/api/rest/v1/{name}"
    return {
        f"POST {path}": Row(needs="devices:manage", body={}, ok=(400,), whole=whole),
        f"PUT {path}/{{id}}": Row(needs="devices:manage", target="mine", body={}),
        f"PATCH {path}/{{id}}": Row(needs="devices:manage", target="mine", body={}),
        f"DELETE {path}/{{id}}": Row(needs="devices:manage", target="mine"),
    }


CONFIGURATION: dict[str, Row] = {
    route: row
    for rows in (
        *(_collection(*one) for one in COLLECTIONS),
        _written("userDefinedEvents", whole=False),
        _written("stateGroups", whole=True),
        _written("analyticsEvents", whole=True),
    )
    for route, row in rows.items()
}

EVENT_SESSIONS: dict[str, Row] = {
    "POST /api/rest/v1/eventSessions": Row(needs="events:read", body={}, ok=(400,)),
    "GET /api/rest/v1/eventSessions/{id}": Row(needs="events:read", target="mine"),
    "GET /api/rest/v1/eventSessions/{id}/events": Row(needs="events:read", target="mine"),
    "DELETE /api/rest/v1/eventSessions/{id}": Row(needs="events:read", target="mine"),
}

EVENTS: dict[str, Row] = {
    "GET /api/rest/v1/events": Row(needs="events:read", queries=(
        "", "?size=2000&include=data", "?size=2&page=1", "?orderBy=desc:time&size=3", "?source.id={hidden device}",
        "?source.name=contains:zq", "?source.id=contains:e/", "?tag=contains:zq", "?id={hidden event}",
    )),
    "GET /api/rest/v1/events/{id}": Row(needs="events:read", target="event", queries=("", "?include=data")),
    "POST /api/rest/v1/events": Row(needs="events:write", body={}, ok=(400,)),
    "POST /api/rest/v1/events/bulk": Row(needs="events:write", body={}, ok=(400,)),
}  # fmt: skip

WATCHERS = "events:read|alarms:manage"
ALARMS: dict[str, Row] = {
    "GET /api/rest/v1/alarms": Row(any=WATCHERS, queries=(
        "", "?size=2000&include=data", "?orderBy=desc:time&size=3", "?source={hidden device}", "?name=contains:zq",
    )),
    "POST /api/rest/v1/alarms": Row(needs="alarms:manage", body={}, ok=(400,)),
    "GET /api/rest/v1/alarms/{id}": Row(any=WATCHERS, target="mine", queries=("", "?include=data")),
    "PATCH /api/rest/v1/alarms/{id}": Row(needs="alarms:manage", target="mine", body={}),
    "GET /api/rest/v1/alarms/{id}/history": Row(any=WATCHERS, target="mine"),
    **{f"GET /api/rest/v1/{name}": Row(any=WATCHERS)
       for name in ("alarmStates", "alarmPriorities", "alarmCategories", "closeReasons", "alarmStatistics")},
}  # fmt: skip

ALARM_SESSIONS: dict[str, Row] = {
    "POST /api/rest/v1/alarmSessions": Row(any=WATCHERS, body={}, ok=(400,)),
    "GET /api/rest/v1/alarmSessions/{id}": Row(any=WATCHERS, target="mine"),
    "GET /api/rest/v1/alarmSessions/{id}/alarms": Row(any=WATCHERS, target="mine"),
    "DELETE /api/rest/v1/alarmSessions/{id}": Row(any=WATCHERS, target="mine"),
}

AUTOMATION: dict[str, Row] = {
    route: row
    for name in ("rules", "alarmDefinitions", "timeProfiles")
    for route, row in (
        (f"GET /api/rest/v1/{name}", Row(needs="alarms:manage", queries=("", "?disabled", "?name=contains:zq"))),
        (f"POST /api/rest/v1/{name}", Row(needs="alarms:manage", body={}, ok=(400,), whole=name == "timeProfiles")),
        (f"GET /api/rest/v1/{name}/{{id}}", Row(needs="alarms:manage", target="mine")),
        (f"PUT /api/rest/v1/{name}/{{id}}", Row(needs="alarms:manage", target="mine", body={})),
        (f"PATCH /api/rest/v1/{name}/{{id}}", Row(needs="alarms:manage", target="mine", body={})),
        (f"DELETE /api/rest/v1/{name}/{{id}}", Row(needs="alarms:manage", target="mine")),
    )
}

XPROTECT: dict[str, Row] = {
    **ALARM_SESSIONS,
    **AUTOMATION,
    **ALARMS,
    **CONFIGURATION,
    **EVENTS,
    **EVENT_SESSIONS,
    "GET /api/.well-known/uris": Row(public=True),
    **{
        f"{method} {root}{path}": row
        for root in ("/idp", "/api/idp")
        for method, path, row in (
            ("POST", "/connect/token", Row(public=True, body={}, ok=(400,))),
            ("GET", "/.well-known/openid-configuration", Row(public=True)),
            ("GET", "/.well-known/openid-configuration/jwks", Row(public=True)),
        )
    },
}
