"""What a demonstration begins with: ninety days of made-up history, plates that are registered, rules, and a user."""

from __future__ import annotations

from dataclasses import replace

from gatebook.app.clock import now
from gatebook.app.secrets import derived
from gatebook.app.stores import Opened
from gatebook.domain.access import Principal, Scope
from gatebook.domain.alarms import Priority
from gatebook.domain.times import DAY_NS, MINUTE_NS, Instant
from gatebook.services import Services
from gatebook.services.forms import NewUser
from gatebook.services.rule_forms import Action, AlarmAction, NewRule
from gatebook.simulation import Settings, world_of
from gatebook.simulation.bulk import count_streams, load
from gatebook.simulation.gate import decide, equip

DAYS, EVENTS = 90, 50_000
LOGIN = "demo"
WORLD = Settings(
    events=EVENTS, days=DAYS, sites=3, devices=30, people=120, zones=("Europe/London", "Europe/Dublin"), forced=0.001
)
"""Who and what there is, and how often what goes wrong."""


SETTLED_NS = 10 * MINUTE_NS
"""The history ends so long ago, since a repeat of its last report comes minutes after it, and nothing may lie ahead."""


def write_history(store: Opened, org: int) -> None:
    """The history, up to just now; plates are known and decided on, streams are counted."""
    start = Instant(now() - SETTLED_NS - DAYS * DAY_NS)
    loaded = load(store.store, org, replace(WORLD, start=start), derived(store.secret, "source keys"))
    store.store.write_now(lambda transaction: equip(transaction, loaded.known, world_of(WORLD)))
    store.store.write_now(lambda transaction: decide(transaction, org))
    count_streams(store.store, org)


async def furnish(services: Services, maker: Principal, password: str) -> None:
    """The user who signs in to the console, and the rules; they look at what is reported from now on."""
    form = NewUser(
        login=LOGIN, name="Demonstration", scopes=frozenset({Scope.ADMIN}), password=password, must_change=False
    )
    await services.entities.users.add(maker, form)
    for name, kind, priority in (
        ("Forced doors", "door.forced", Priority.HIGH),
        ("Tampering", "tamper.detected", Priority.MEDIUM),
        ("Doors held open", "door.held", Priority.LOW),
    ):
        raised = Action(alarm=AlarmAction(priority=priority, category="intrusion", instructions="Call the guard."))
        await services.rules.add(maker, NewRule(name=name, when={"kind": kind}, actions=(raised,)))
