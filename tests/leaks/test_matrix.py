"""Every route of every dialect against every sort of caller: the status that is due, not a byte of what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from uuid import uuid4

import httpx
import pytest

from gatebook.domain.places import Device
from gatebook.http.middleware import Edge
from gatebook.http.mount import Mount
from tests.leaks.row import Row
from tests.leaks.rows import ROWS
from tests.leaks.town import Caller, Town, Works

SEQ = re.compile(r'"(seq|cause)":')
VARYING = re.compile(r'"request_id":"[^"]*"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}')
SOCKETS = {
    "SOCKET /api/ws/events/v1", "SOCKET /console/feed", "SOCKET /v1/device-link", "SOCKET /v1/events/live",
}  # fmt: skip
"""Each has a test of its own for whom it lets in, and what it tells them."""
UNSTREAMED = {name for name in ROWS if name != "GET /v1/events/stream"}
CALLERS = (
    "everything", "admin", "admin of one site", "one site", "two devices", "nothing", "another organisation",
    "another's admin", "the parent", "expired", "revoked", "only events:read", "only events:write",
    "only credentials:read", "only people:read", "only plates:read", "only alarms:manage", "only devices:command",
    "only devices:manage", "only people:manage", "only audit:read",
)  # fmt: skip


def test_every_route_has_its_row_and_every_caller_is_asked(town: Town) -> None:
    edge = town.app.edge
    assert isinstance(edge, Edge)
    [mount] = [part for part in vars(edge).values() if isinstance(part, Mount)]

    served = {f"{method} {path}" for one in mount.served for method, path in one.paths}
    sockets = {route for route in served if route.startswith("SOCKET ")}

    assert served - sockets == set(ROWS)
    assert sockets == SOCKETS
    assert set(town.callers) == set(CALLERS)


def targets(town: Town, caller: Caller, row: Row) -> dict[str, list[str]]:
    """What the path may name: `seen`, `hidden`, and `absent`, which nobody has."""
    own = caller.works
    alike = [works for works in (town.parent, town.alpha, town.beta) if works is not own]
    match row.target:
        case "event":
            shown = {one.number for one in own.devices if caller.sees(one)}
            seen = [str(one.id) for one in own.happenings if one.device in shown]
            hidden = [str(one.id) for works in (own, *alike) for one in works.happenings if str(one.id) not in seen]
        case "device" | "lock":
            named = [(one, str(one.number if row.target == "lock" else one.id)) for one in devices(own, *alike)]
            seen = [text for one, text in named if caller.sees(one)]
            hidden = [text for one, text in named if not caller.sees(one)]
        case "site":
            seen = [str(s.id) for s in own.sites if caller.grant.everything or s.number in caller.grant.sites]
            hidden = [str(s.id) for works in (own, *alike) for s in works.sites if str(s.id) not in seen]
        case "place":
            near = {one.site for one in own.devices if caller.sees(one)} | caller.grant.sites
            seen = [str(s.id) for s in own.sites if caller.grant.everything or s.number in near]
            hidden = [str(s.id) for works in (own, *alike) for s in works.sites if str(s.id) not in seen]
        case "person":
            seen, hidden = [str(one.id) for one in own.people], [str(p.id) for works in alike for p in works.people]
        case "person number":
            seen, hidden = [str(one.number) for one in own.people], [str(p.number) for w in alike for p in w.people]
        case "seq":
            shown = {one.number for one in own.devices if caller.sees(one)}
            seen = [str(one.seq) for one in own.happenings if one.device in shown]
            hidden = [str(one.seq) for one in own.happenings if one.device not in shown] or ["5999999"]
        case "organisation":
            seen = [str(own.id)]
            hidden = [str(works.id) for works in alike if not (own is town.parent and works is town.alpha)]
        case "mine":
            seen, hidden = [], [str(own.devices[0].id)]
        case _:
            return {"seen": [""], "hidden": [], "absent": []}
    absent = "6999999" if row.target in ("lock", "seq", "person number") else str(uuid4())
    return {"seen": seen[:2], "hidden": hidden[:1] + hidden[-1:], "absent": [absent]}


def devices(*works: Works) -> Iterator[Device]:
    return chain.from_iterable(one.devices for one in works)


def due(caller: Caller, row: Row, *, seen: bool) -> tuple[int, ...]:
    """The statuses that the rules allow."""
    answers = row.ok if seen else row.absent
    if row.public:
        return row.ok
    if not caller.holds:
        return (401,)
    if not caller.may(*row.needs.split()) or (row.any and not any(map(caller.may, row.any.split("|")))):
        return (403,)
    if row.whole and not caller.grant.everything:
        return (403, *(one for one in answers if one == 400))
    return answers


def asked(town: Town, caller: Caller, route: str, target: str, query: str) -> httpx.Response:
    method, _, path = route.partition(" ")
    path = re.sub(r"\{[a-z]+\}", target or "sample", path)
    hidden = [one for one in devices(town.alpha) if not caller.sees(one)] or list(devices(town.beta))
    event = next(one for one in town.alpha.happenings + town.beta.happenings if one.device == hidden[0].number)
    for word, text in (("device", hidden[0].id), ("number", hidden[0].number), ("event", event.id)):
        query = query.replace(f"{{hidden {word}}}", str(text))
    headers = {"If-Match": 'W/"999999"'} if method in ("PATCH", "DELETE") else {}
    answer = town.request(caller, method, path + query, ROWS[route].body, **headers)
    if path == "/auth/token/destroy":
        town.tokens.clear()
    return answer


def told(town: Town, caller: Caller, answer: httpx.Response) -> list[str]:
    """What the answer tells that it must not; what the caller itself wrote may come back."""
    text = "\n".join([answer.text, *map(str, answer.headers.values())]).lower()
    sent = str(answer.request.url).lower()
    found = [what for what, one in town.hidden(caller).items() if one.lower() in text and one.lower() not in sent]
    native = answer.request.url.path.startswith("/v1/")
    if native and not caller.grant.everything and SEQ.search(answer.text):
        found.append("a seq")
    return found


@pytest.mark.parametrize("route", sorted(UNSTREAMED))
@pytest.mark.parametrize("name", CALLERS)
def test_a_caller_is_told_what_is_due_and_nothing_else(town: Town, name: str, route: str) -> None:
    caller, row = town.callers[name], ROWS[route]
    named = targets(town, caller, row)

    for sort, texts in named.items():
        for target in texts:
            for query in row.queries:
                answer = asked(town, caller, route, target, query)
                where = f"{name}: {route} {sort} {target}{query}: {answer.status_code} {answer.text[:300]}"
                assert answer.status_code in due(caller, row, seen=sort == "seen"), where
                leaked = told(town, caller, answer)
                assert [one for one in leaked if not (row.figures and one.startswith("number of "))] == [], where


@pytest.mark.parametrize("route", sorted(name for name, row in ROWS.items() if row.target))
@pytest.mark.parametrize("name", [name for name in CALLERS if not name.startswith("only")])
def test_what_is_hidden_and_what_is_absent_are_answered_with_the_same_bytes(town: Town, name: str, route: str) -> None:
    caller, row = town.callers[name], ROWS[route]
    named = targets(town, caller, row)

    for query in row.queries:
        [absent] = [bare(asked(town, caller, route, one, query), one) for one in named["absent"]]
        for one in named["hidden"]:
            assert bare(asked(town, caller, route, one, query), one) == absent


def bare(answer: httpx.Response, target: str) -> tuple[int, str, list[tuple[str, str]]]:
    """The answer without what differs between any two: the echoed target, the request's id, the time."""
    varying = ("date", "x-request-id", "server-timing", "request-id")
    echoed = target if len(target) > 4 else "\0"  # a short number stands in many a text by chance
    headers = [(key, value.replace(echoed, "*")) for key, value in answer.headers.items() if key not in varying]
    return answer.status_code, VARYING.sub("*", answer.text.replace(echoed, "*")), sorted(headers)
