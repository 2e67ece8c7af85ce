"""A row for every route: what it asks of a caller, what it names, and how it answers one who may."""

from __future__ import annotations

from tests.leaks.row import READERS, WATCHERS, Row
from tests.leaks.rows_of_server import SERVER
from tests.leaks.rows_of_xprotect import XPROTECT


def _entity(path: str, target: str, reads: Row, manages: str, *, whole: bool = False) -> dict[str, Row]:
    """The five operations of an entity; what would change something sends what changes nothing."""
    lists = ("", "?limit=1000", "?limit=1")
    return {
        f"GET {path}": Row(needs=reads.needs, any=reads.any, queries=lists),
        f"POST {path}": Row(needs=manages, body={}, ok=(400,), whole=whole),
        f"GET {path}/{{ref}}": Row(needs=reads.needs, any=reads.any, target=target),
        f"PATCH {path}/{{ref}}": Row(needs=manages, target=target, body={"no such field": 1}, ok=(400,), absent=(400,)),
        f"DELETE {path}/{{ref}}": Row(needs=manages, target=target, ok=(412,), absent=(403, 404)),
    }


UNREADABLE = {name: [] for name in ("uuid", "userId", "keyUuid", "name", "reason", "lockId", "plate")}


def _commands(collection: str, needs: str, target: str, names: str) -> dict[str, Row]:
    """The commands of a vendor's collection, each with a body that cannot be read."""
    row = Row(needs=needs, target=target, body=UNREADABLE, ok=(400,), absent=(400,))
    return {f"POST /{collection}/{{id}}/{name}": row for name in names.split()}


SEARCHES = (
    "", "?limit=1000", "?page=1&size=1000", "?page=2&size=2", "?order=asc&limit=3", "?kind=door.forced",
    "?device={hidden device}", "?device={hidden number}", "?device_name=contains:zq", "?site_name=contains:zq",
    "?tag=contains:zq", "?message=contains:zq", "?id={hidden event}",
)  # fmt: skip

NATIVE: dict[str, Row] = {
    "POST /v1/events": Row(needs="events:write", ok=(422,), body={"kind": "door.opened", "device": "no such device"}),
    "GET /v1/events": Row(needs="events:read", queries=SEARCHES),
    "GET /v1/events/{id}": Row(needs="events:read", target="event"),
    "GET /v1/events/export": Row(
        needs="events:read",
        queries=("", "?format=csv", "?kind=door.forced", "?device_name=contains:zq", "?message=contains:zq&format=csv"),
    ),
    "GET /v1/events/counts": Row(
        needs="events:read",
        queries=tuple(f"?by={by}" for by in ("class", "kind", "type", "device", "site"))
        + tuple(f"?from=2026-05-01&to=2026-06-30&by={by}" for by in ("month", "day,kind")),
    ),
    "GET /v1/events/stream": Row(needs="events:read"),
    "POST /v1/plate-reads": Row(
        needs="events:write", ok=(422,), body={"camera": "no such device", "plate": "AB12CDE", "confidence": 0.9}
    ),
    "POST /v1/plate-reads/plate-recognizer/{token}": Row(public=True, ok=(401,), body={}),
    "POST /v1/plate-reads/frigate/{token}": Row(public=True, ok=(401,), body={}),
    "GET /v1/cameras/{ref}": Row(needs="devices:manage", target="device", ok=(404,)),
    "PATCH /v1/cameras/{ref}": Row(
        needs="devices:manage", target="device", body={"no such field": 1}, ok=(400,), absent=(400,)
    ),
    "GET /v1/quarantine": Row(needs="devices:manage", whole=True, queries=("", "?limit=1000")),
    "POST /v1/quarantine/replay": Row(needs="devices:manage events:write", whole=True),
    "GET /v1/quarantine/{id}": Row(needs="devices:manage", whole=True, target="mine"),
    "DELETE /v1/quarantine/{id}": Row(needs="devices:manage", whole=True, target="mine"),
    "POST /v1/quarantine/{id}/replay": Row(needs="devices:manage events:write", whole=True, target="mine"),
    "POST /v1/organisations": Row(needs="admin", body={}, ok=(400,)),
    "GET /v1/organisations": Row(queries=("", "?limit=1")),
    "GET /v1/organisations/{ref}": Row(target="organisation"),
    "DELETE /v1/organisations/{ref}": Row(
        needs="admin", whole=True, target="organisation", ok=(412,), absent=(403, 404)
    ),
    "PATCH /v1/organisations/{ref}": Row(
        needs="admin", target="organisation", body={"no such field": 1}, ok=(400,), absent=(400,)
    ),
    **_entity("/v1/sites", "site", Row(any=READERS), "devices:manage"),
    **_entity("/v1/devices", "device", Row(any=READERS), "devices:manage"),
    **_entity("/v1/people", "person", Row(any="people:read|people:manage"), "people:manage"),
    **_entity("/v1/credentials", "mine", Row(any="credentials:read|people:manage"), "people:manage"),
    **_entity("/v1/event-types", "mine", Row(any=READERS), "devices:manage"),
    **_entity("/v1/users", "mine", Row(needs="admin"), "admin"),
    "POST /v1/users/{ref}/password": Row(needs="admin", target="mine", body={}, absent=(400, 403, 404)),
    "PUT /v1/users/{ref}/ntlm": Row(needs="admin", target="mine", body={}, ok=(400,), absent=(400, 403, 404)),
    "DELETE /v1/users/{ref}/ntlm": Row(needs="admin", target="mine", absent=(403, 404)),
    "GET /v1/me": Row(ok=(200, 403, 404)),
    "POST /v1/me/password": Row(body={}, ok=(400, 403, 404)),
    **_entity("/v1/services", "mine", Row(needs="admin"), "admin"),
    "POST /v1/services/{ref}/secret": Row(needs="admin", target="mine", absent=(400, 403, 404)),
    **_entity("/v1/keys", "mine", Row(needs="admin"), "admin"),
    **_entity("/v1/device-tokens", "mine", Row(needs="devices:manage"), "devices:manage"),
    "POST /v1/tokens": Row(public=True, body={"no such field": 1}, ok=(400, 401)),
    "GET /v1/tokens": Row(queries=("", "?limit=1")),
    "GET /v1/tokens/current": Row(ok=(400, 404)),
    "DELETE /v1/tokens/{jti}": Row(target="mine", absent=(204, 403, 404)),
    "POST /v1/tokens/revoke": Row(body={}, ok=(400,)),
    "POST /v1/tokens/rotate-keys": Row(needs="admin", body={"no such field": 1}, ok=(200, 400), whole=True),
    "GET /v1/audit": Row(needs="audit:read", queries=("", "?limit=1000", "?page=1&size=1000", "?kind=door.forced")),
    "GET /v1/audit/refusals": Row(needs="admin", whole=True),
    "GET /v1/retention": Row(needs="admin", whole=True),
    "PUT /v1/retention/{id}": Row(needs="admin", whole=True, target="mine", body={}, ok=(400,), absent=(400,)),
    "DELETE /v1/retention/{id}": Row(needs="admin", whole=True, target="mine"),
    "GET /v1/retention/due": Row(needs="admin", whole=True),
    "POST /v1/retention/run": Row(needs="admin", whole=True),
    "GET /v1/removed": Row(needs="admin", whole=True),
    "POST /v1/erasures": Row(needs="admin", whole=True, body={"person": 1, "dry_run": True}, ok=(404,)),
    "GET /v1/alarms": Row(any=WATCHERS, queries=("", "?state=open&order=newest&size=1000", "?device={hidden number}")),
    "POST /v1/alarms": Row(needs="alarms:manage", body={}, ok=(400,)),
    "GET /v1/alarms/counts": Row(any=WATCHERS),
    "GET /v1/alarms/{ref}": Row(any=WATCHERS, target="mine"),
    "PATCH /v1/alarms/{ref}": Row(needs="alarms:manage", target="mine", body={}),
    "GET /v1/alarms/{ref}/history": Row(any=WATCHERS, target="mine"),
    **_entity("/v1/rules", "mine", Row(needs="alarms:manage"), "alarms:manage"),
    "POST /v1/rules/trial": Row(needs="alarms:manage", body={"no such field": 1}, ok=(400,)),
    "GET /v1/rules/{ref}/log": Row(needs="alarms:manage", target="mine"),
    "GET /v1/rules/{ref}/revisions": Row(needs="alarms:manage", target="mine"),
    **_entity("/v1/webhooks", "mine", Row(needs="admin"), "admin"),
    "GET /v1/webhooks/cursor": Row(needs="admin"),
    "POST /v1/webhooks/{ref}/rotate": Row(
        needs="admin", target="mine", body={"no such field": 1}, ok=(400,), absent=(400,)
    ),
    "GET /v1/webhooks/{ref}/deliveries": Row(needs="admin", target="mine"),
    "POST /v1/webhooks/{ref}/replay": Row(needs="admin", target="mine", body={}, ok=(400,), absent=(400,)),
    "GET /v1/kinds": Row(),
    "GET /v1/followers": Row(needs="admin", whole=True),
}

SMARTPHONEKEY: dict[str, Row] = {
    "GET /locks/{id}/events": Row(needs="events:read", target="lock", queries=("", "?page=1", "?page=2")),
    "GET /locks/{id}/basic-info": Row(needs="events:read", target="lock"),
    "GET /locks/{id}/details": Row(needs="events:read people:read credentials:read", target="lock"),
    "GET /locks/{id}/residents": Row(needs="events:read people:read", target="lock"),
    "GET /cameras/my": Row(needs="events:read"),
    "GET /cameras/{id}/details": Row(needs="events:read", target="device", ok=(404,)),
    "GET /cameras/{id}/lpr-events": Row(
        needs="events:read plates:read", target="device", ok=(404,), queries=("", "?page=2&pageSize=1")
    ),
    "GET /users/{id}/profile": Row(needs="people:read", target="person"),
    "GET /users/{id}/license-plates": Row(needs="people:read plates:read", target="person"),
    "GET /users/{id}/accessible-locks": Row(needs="people:read", target="person"),
    **_commands("locks", "devices:manage", "lock", "CreateLock SetOwner AddKey RemoveKey AddResident RemoveResident"),
    **_commands("locks", "devices:command", "lock", "OpenLock"),
    **_commands(
        "cameras",
        "devices:manage",
        "device",
        "RegisterCamera UpdateCamera DisableCamera LinkCameraToLock UnlinkCameraFromLock",
    ),
    **_commands(
        "users",
        "people:manage",
        "person",
        "CreateUser AddLicensePlate RemoveLicensePlate AddAccessibleLock RemoveAccessibleLock",
    ),
    "GET /openapi.json": Row(public=True),
}

DOORDECK: dict[str, Row] = {
    "POST /auth/token": Row(public=True, body={}, ok=(400, 401, 403)),
    "POST /auth/token/refresh": Row(public=True, body={}, ok=(400, 401, 403)),
    "POST /auth/token/destroy": Row(ok=(200, 204)),
    "GET /device/{id}/log": Row(needs="events:read", target="device", queries=("", "?start=0&end=4000000000")),
    "GET /user/{id}/log": Row(needs="events:read people:read", target="person", queries=("?start=0&end=4000000000",)),
    "GET /time": Row(public=True),
    "GET /account": Row(),
    "GET /device": Row(needs="events:read"),
    "GET /device/shareable": Row(needs="events:read"),
    "GET /device/favourite": Row(needs="events:read"),
    "GET /device/{id}": Row(needs="events:read", target="device"),
    "GET /device/{id}/users": Row(needs="events:read admin", target="device"),
    "GET /user/{id}": Row(needs="events:read admin", target="person"),
    "GET /site": Row(needs="events:read"),
    "GET /site/{id}/device": Row(needs="events:read", target="place"),
    "GET /site/{id}/user": Row(needs="events:read admin", target="place"),
}

_DOORFLOW: dict[str, Row] = {
    "GET /api/3/events": Row(needs="events:read", queries=("", "?n=1000", "?n=2&page=2", "?level=debug&n=1000")),
    "GET /api/3/events/{id}": Row(needs="events:read", target="seq"),
    "GET /api/3/channels": Row(needs="events:read"),
    "GET /api/3/channels/{id}": Row(needs="events:read", target="lock"),
    "GET /api/3/people": Row(needs="people:read"),
    "GET /api/3/people/{id}": Row(needs="people:read", target="person number"),
    "GET /api/3/person/{id}": Row(needs="people:read", target="person number"),
}

DOORFLOW: dict[str, Row] = {
    **_DOORFLOW,
    **{f"{route}.json": row for route, row in _DOORFLOW.items()},
    "POST /oauth/token": Row(public=True, ok=(400, 401, 415)),
    "POST /oauth/revoke": Row(public=True, ok=(200, 400, 401, 403, 415)),
    "GET /oauth/token/info": Row(ok=(200, 400, 401)),
}

ROWS: dict[str, Row] = {**NATIVE, **SMARTPHONEKEY, **DOORDECK, **DOORFLOW, **XPROTECT, **SERVER}
