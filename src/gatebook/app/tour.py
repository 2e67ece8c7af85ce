"""What can be shown of a demonstration that runs: one event in every vendor's JSON, and the story of a forced door."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import httpx
import msgspec
from msgspec import Struct

from gatebook.app.build import dialects_of, services_of
from gatebook.app.clock import now
from gatebook.app.demo import Folder
from gatebook.app.history import LOGIN, WORLD
from gatebook.app.reporter import Keys
from gatebook.app.settings import Settings
from gatebook.app.stores import opened
from gatebook.domain.errors import Broken, Refused
from gatebook.domain.events import Event
from gatebook.domain.filters import Field, one_of
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import rfc3339
from gatebook.http.dialect import API_KEY, BASIC, Dialect
from gatebook.services import Services
from gatebook.simulation import world_of
from gatebook.simulation.remote import Tokens

ANSWER_S: Final = 20.0
ALARM_WITHIN_S: Final = 30.0
LOOK_S: Final = 0.2
ALIKE: Final = 3
"""So many fields at least say the same of one event."""


class Shape(Struct, frozen=True, kw_only=True):
    """One event as one dialect's clients get it: what stands in the answer of `url`."""

    dialect: str
    url: str
    shape: Any


class Shapes(Struct, frozen=True, kw_only=True):
    """What was reported, and what it is in every dialect."""

    reported: Any
    shapes: tuple[Shape, ...]


class Act(Struct, frozen=True, kw_only=True):
    """One thing that happens in a story."""

    at: str
    who: str
    what: str
    event: str | None = None
    """The id of the event that tells of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A demonstration that answers."""

    folder: Folder
    address: str
    keys: Keys
    client: httpx.Client


@contextmanager
def running(folder: Folder) -> Iterator[Running]:
    """The one in this folder; Broken where none runs."""
    missing = Broken(f"no demonstration runs on {folder.path}; start one with `gatebook demo`, and leave it running")
    try:
        address = folder.address.read_text().strip()
        keys = Keys(folder.key.read_text().strip(), folder.password.read_text().strip())
    except OSError as error:
        raise missing from error
    with httpx.Client(base_url=address, timeout=ANSWER_S, trust_env=False) as client:
        try:
            client.get("/healthz")
        except httpx.TransportError as error:
            raise missing from error
        yield Running(folder=folder, address=address, keys=keys, client=client)


# -- one event, five shapes ----------------------------------------------------------------------------------------


async def same_event(found: Running) -> Shapes:
    """Reports an admission, and fetches it as the clients of each dialect do."""
    world = world_of(WORLD)
    door, person = world.devices[0], world.people[0]
    report = {
        "kind": "access.granted", "device": door.vendor_id, "occurred": rfc3339(now(), 3), "method": "card",
        "person": str(person.id), "credential": person.card, "key": f"same-event-{uuid4()}",
    }  # fmt: skip
    headers = {"X-API-Key": found.keys.key}
    id = said(found.client.post("/v1/events", json=report, headers=headers))["id"]
    store = opened(found.folder.store, demo=True, checkpoints=False)
    try:
        services = services_of(store)
        caller = await services.keys.principal_of(found.keys.key)
        page = await services.history.page(caller, one_of(Field.ID, [str(id)]), limit=1)
        spoken, _places = dialects_of(Settings().dialects)
        shapes = [await shape_in(dialect, services, found, page.events[0]) for dialect in spoken if dialect.shape_of]
    finally:
        store.store.close()
    return Shapes(reported=report, shapes=tuple(shapes))


async def shape_in(dialect: Dialect[Any], services: Services, found: Running, event: Event) -> Shape:
    """The part of the dialect's own answer that tells of the event.  Broken where its answer does not have it."""
    assert dialect.shape_of is not None  # as was asked for
    assert dialect.url_of is not None  # who has one has both
    caller = await services.keys.principal_of(found.keys.key)
    shape, url = await dialect.shape_of(services, caller, event), await dialect.url_of(services, caller, event)
    if shape is None or url is None:
        raise Broken(f"{dialect.title} tells nothing of an admission")
    wanted = json.loads(msgspec.json.encode(shape))
    answer = said(found.client.get(url, **signed(dialect, found)))
    told = max(parts_of(answer), key=lambda part: alike(part, wanted), default=None)
    if told is None or alike(told, wanted) < ALIKE:
        raise Broken(f"{url} does not tell of event {event.id}")
    return Shape(dialect=dialect.title, url=f"{found.address}{url}", shape=told)


def signed(dialect: Dialect[Any], found: Running) -> dict[str, Any]:
    """What a client of the dialect adds to a request to be let in."""
    if API_KEY in dialect.security:
        return {"headers": {"X-API-Key": found.keys.key}}
    if BASIC in dialect.security:
        return {"auth": (found.keys.key, "x")}
    assert dialect.sign_in is not None  # there is no fourth way
    wanted = dialect.sign_in
    who = {wanted.login: LOGIN, wanted.password: found.keys.password}
    if wanted.form is None:
        answer = found.client.post(wanted.path, json=who)
    else:
        answer = found.client.post(wanted.path, data={**wanted.form, **who})
    return {"headers": {"Authorization": f"Bearer {said(answer)[wanted.token]}"}}


def parts_of(answer: Any) -> Iterator[dict[str, Any]]:
    """Every part of an answer that could be an event."""
    if isinstance(answer, dict):
        yield answer
    inner = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ()
    for part in inner:
        if isinstance(part, dict | list):
            yield from parts_of(part)


def alike(part: dict[str, Any], wanted: dict[str, Any]) -> int:
    """How many fields say the same; an API may answer in another version than the one that is asked for here."""
    return sum(value is not None and wanted.get(name) == value for name, value in part.items())


def said(answer: httpx.Response) -> Any:
    """The JSON of a success; else Refused."""
    if not answer.is_success:
        raise Refused(f"{answer.request.url.path} answers {answer.status_code}: {answer.text[:200]}")
    return answer.json()


# -- the story of a forced door ------------------------------------------------------------------------------------


def story(found: Running, told: Callable[[Act], None]) -> None:
    """Plays it; each act is told when it has happened."""
    client = found.client
    token = said(client.post("/v1/tokens", json={"login": LOGIN, "password": found.keys.password}))["token"]
    officer = {"Authorization": f"Bearer {token}"}
    door, own = quiet_door(found, officer)
    by_door = {"Authorization": f"Bearer {own}"}

    def tell(who: str, what: str, event: str | None = None) -> None:
        told(Act(at=rfc3339(now(), 3), who=who, what=what, event=event))

    def report(kind: str) -> str:
        return str(said(client.post("/v1/events", json={"kind": kind, "device": door[0]}, headers=by_door))["id"])

    def work(**act: object) -> None:
        said(client.patch(f"/v1/alarms/{alarm['id']}", json=act, headers=officer))

    forced = report("door.forced")
    tell(door[1], "reports that it was forced", forced)
    alarm = raised(found, officer, door[0])
    tell("rule", f"{alarm['name']}: raises alarm {alarm['number']}, {alarm['priority']}, {alarm['state']}")
    work(assignee="me")
    tell(LOGIN, "takes the alarm: it is in progress")
    work(comment="The guard is on the way.")
    tell(LOGIN, "writes: The guard is on the way.")
    tell(door[1], "reports that it is as it should be", report("door.restored"))
    work(state="closed", reason="resolved", comment="The wind; the latch is mended.")
    tell(LOGIN, "closes the alarm, resolved: The wind; the latch is mended.")
    for step in said(client.get(f"/v1/alarms/{alarm['id']}/history", headers=officer))["items"]:
        told(Act(at=step["at"], who="log", what=f"alarm {step['act']}, {step['state']}", event=step["event"]))


def quiet_door(found: Running, officer: dict[str, str]) -> tuple[tuple[str, str], str]:
    """A door's vendor id and name, and its own token; one without an open alarm, where there is one."""
    try:
        tokens = msgspec.json.decode(found.folder.tokens.read_bytes(), type=Tokens).devices
    except OSError as error:
        raise Broken("the demonstration has not set its devices up yet; try again in a few seconds") from error
    doors = [(one.vendor_id, one.name) for one in world_of(WORLD).devices if one.kind is DeviceKind.DOOR]
    for door in doors:
        if not open_alarms(found, officer, door[0]):
            return door, tokens[door[0]]
    return doors[0], tokens[doors[0][0]]


def raised(found: Running, officer: dict[str, str], door: str) -> Any:
    """The alarm at the door, once the rule has raised it."""
    until = time.monotonic() + ALARM_WITHIN_S
    while time.monotonic() < until:
        if alarms := open_alarms(found, officer, door):
            return alarms[0]
        time.sleep(LOOK_S)
    raise Broken(f"no alarm was raised within {ALARM_WITHIN_S:.0f} s; is the rule `Forced doors` enabled?")


def open_alarms(found: Running, officer: dict[str, str], door: str) -> Sequence[Any]:
    """Those at a door that it was forced."""
    wanted = {"state": "open", "device": door, "order": "newest"}
    items = said(found.client.get("/v1/alarms", params=wanted, headers=officer))["items"]
    return [one for one in items if one["priority"] == "high"]
