"""Makes the parts, joins them, and hands them over: the only module that imports everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from gatebook import console, dialects
from gatebook.app.clock import now
from gatebook.app.doors import Doorkeeper, cors_of, egress_of, limiter_of, origins_of
from gatebook.app.health import health
from gatebook.app.issuers import Signs, egress_to, issuer_of, signs_of
from gatebook.app.metrics import Metrics, metrics_dialect
from gatebook.app.outgoing import Sends, outgoing_of, sends_of
from gatebook.app.secrets import derived
from gatebook.app.settings import Dialects, Settings
from gatebook.app.settings import Sessions as SessionSettings
from gatebook.app.stores import Opened, opened
from gatebook.app.tasks import Tasks
from gatebook.app.wellknown import well_known
from gatebook.domain.errors import BadInput
from gatebook.domain.times import Instant
from gatebook.http import ASGIApp
from gatebook.http.cors import OFF, Cors
from gatebook.http.dialect import Dialect
from gatebook.http.lifespan import Lifespan
from gatebook.http.limits import Limiter
from gatebook.http.middleware import Edge
from gatebook.http.mount import Mount, Place, mount
from gatebook.services import Services
from gatebook.services.access import Access
from gatebook.services.admission import Admission
from gatebook.services.alarm_sessions import AlarmSessions
from gatebook.services.alarms import Alarms
from gatebook.services.attempts import Attempts
from gatebook.services.audit import Audit
from gatebook.services.commands import Commands
from gatebook.services.counts import Counts
from gatebook.services.directory import Directory
from gatebook.services.egress import Egress
from gatebook.services.entities import entities_of
from gatebook.services.erasing import Erasing
from gatebook.services.event_sessions import EventSessions
from gatebook.services.exports import Exports
from gatebook.services.followers import TALLIES, Followers
from gatebook.services.gates import gates_of
from gatebook.services.history import History
from gatebook.services.imports import Imports
from gatebook.services.ingest import Ingest
from gatebook.services.issuing import Issuing
from gatebook.services.keeping import Keeping
from gatebook.services.kept_attempts import KeptAttempts
from gatebook.services.listeners import Listeners
from gatebook.services.live import Live
from gatebook.services.ntlm import Ntlm
from gatebook.services.outside import Issuer, Outside
from gatebook.services.passwords import Passwords
from gatebook.services.plates import Plates
from gatebook.services.quarantine import Quarantine
from gatebook.services.rule_portrayals import RulePortrayals
from gatebook.services.rule_runs import RuleRuns
from gatebook.services.rules import Rules
from gatebook.services.sessions import Sessions
from gatebook.services.signing import SigningKeys
from gatebook.services.states import FOLLOWER as STATES
from gatebook.services.states import States
from gatebook.services.tokens import Tokens
from gatebook.services.trial import Trial
from gatebook.store import Store

NO_SIGNS = Signs()
NO_SESSIONS = SessionSettings()
EVERYTHING_SENT = Sends()
NO_VERSIONS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A server that is ready to be run."""

    edge: ASGIApp
    """Answers requests and sockets; works only within `life`."""
    life: Callable[[], AbstractAsyncContextManager[None]]
    """Background tasks run inside; on leaving, the store is closed."""
    closing: asyncio.Event
    """Set when the server begins to stop."""
    dialects: tuple[Dialect[Any], ...]
    """Those that are spoken, in their order."""
    places: Mapping[str, Place]
    """Where each is served, by name; at the root if it is not here."""
    services: Services
    store: Store

    @property
    def asgi(self) -> ASGIApp:
        """The same for any ASGI server: `life` is its lifespan."""
        return Lifespan(self.edge, self.life)


def build(settings: Settings, *, demo: bool = False) -> App:
    """The whole server.

    Raises Broken where the store cannot be used, BadInput where the dialects cannot be served as they are set; then
    nothing stays open.
    """
    spoken, places = dialects_of(settings.dialects)
    found = opened(settings.store, demo=demo)
    try:
        services = services_of(
            found,
            egress_of(settings.egress),
            signs_of(settings, spoken),
            outside=issuer_of(settings.oidc),
            sessions=settings.sessions,
            versions=settings.dialects.product_version,
            sends=sends_of(settings.email, spoken),
        )
        works = {
            "followers": services.followers.run,
            "uses": services.access.uses.run,
            "audit": services.audit.run,
            "attempts": services.attempts.run,
            "commands": services.commands.run,
            "plates": services.plates.run,
            "escalations": services.alarms.run,
            "rules": services.rule_runs.run,
            "outbox": services.outbox.run,
            "deliveries": services.deliveries.run,
        }
        tasks = Tasks(works)
        metrics = Metrics()
        found.store.writer.measures.watcher = metrics.committed
        served = [
            *spoken,
            well_known(services.tokens.signing),
            console.dialect_of(console.shapes_of(spoken, places)),
            health(found.store, tasks.states),
            metrics_dialect(metrics, found.store, tasks.states),
        ]
        mounted = mounted_of(served, services, places, limiter_of(settings.limits), cors_of(settings.cors, spoken))
    except BaseException:
        found.store.close()
        raise
    closing = asyncio.Event()
    edge = Edge(
        mounted,
        closing=closing,
        limit_bytes=settings.server.max_body_bytes,
        body_s=settings.limits.body_timeout_s,
        origins=origins_of(settings.server),
        watcher=metrics.seen,
    )

    @asynccontextmanager
    async def life() -> AsyncIterator[None]:
        try:
            services.live.listen()
            await services.tokens.signing.ensure()
            await services.entities.credentials.seal_pins()
            await services.attempts.load()
            async with tasks.running():
                yield
        finally:
            await found.store.aclose()

    return App(
        edge=edge,
        life=life,
        closing=closing,
        dialects=tuple(spoken),
        places=places,
        services=services,
        store=found.store,
    )


def services_of(
    found: Opened,
    egress: Egress | None = None,
    signs: Signs = NO_SIGNS,
    *,
    outside: Issuer | None = None,
    sessions: SessionSettings = NO_SESSIONS,
    versions: Mapping[str, str] = NO_VERSIONS,
    sends: Sends = EVERYTHING_SENT,
    now: Callable[[], Instant] = now,
) -> Services:
    """Every service, on this store; without `egress`, one that calls public addresses alone."""
    store = found.store
    passwords = Passwords()
    attempts = Attempts(key=derived(found.secret, "wrong passwords"))
    door = Doorkeeper(attempts)
    access = Access(store, now=now, passwords=passwords, before_attempt=door.before, after_attempt=door.after)
    pins = derived(found.secret, "PINs")
    entities = entities_of(store, now=now, passwords=passwords, access=access, pins=pins)
    audit = Audit(store, now=now)
    signing = SigningKeys(store, key=derived(found.secret, "signing keys"), now=now)
    tokens = Tokens(
        store, signing, access.holder, access.reading, base_url=signs.base_url, issuers=signs.issuers, now=now
    )
    abroad = None
    if outside is not None:
        abroad = Outside(outside, egress=egress_to(outside), access=access, audit=audit, now=now)
    live = Live(store, renew=tokens.renewed, searched=audit.searched)
    commands = Commands(store, live.wakeup, holder=access.holder, now=now)
    plates = Plates(store, live.wakeup, commands, now=now)
    egress = egress or Egress()
    outgoing = outgoing_of(found, live.wakeup, commands, egress, sends, base_url=signs.base_url, now=now)
    history = History(store, audit)
    rule_runs, rules = RuleRuns(store, now=now), Rules(store, now=now)
    ingest = Ingest(store, now=now, secret=derived(found.secret, "source keys"))
    return Services(
        ingest=ingest,
        imports=Imports(store, now, derived(found.secret, "source keys")),
        history=history,
        exports=Exports(store, audit, renew=tokens.renewed),
        commands=commands,
        counts=Counts(store, audit),
        audit=audit,
        alarms=Alarms(store, now=now),
        alarm_sessions=AlarmSessions(store, now=now),
        live=live,
        listeners=Listeners(store, history, now=now),
        event_sessions=EventSessions(store, audit, now=now),
        states=States(store),
        directory=Directory(store),
        access=access,
        attempts=KeptAttempts(attempts, store, now=now),
        entities=entities,
        admission=Admission(access, tokens, abroad),
        tokens=tokens,
        issuing=Issuing(store, tokens, audiences=signs.audiences, renewable=signs.renewable, now=now),
        sessions=Sessions(
            store, access, entities.users, idle_s=sessions.idle_s, absolute_s=sessions.absolute_s, now=now
        ),
        ntlm=Ntlm(store, access, entities.users, key=derived(found.secret, "ntlm accounts"), now=now),
        keeping=Keeping(store, now=now),
        erasing=Erasing(store, now=now),
        keys=entities.keys,
        plates=plates,
        quarantine=Quarantine(store, ingest),
        rules=rules,
        portrayals=RulePortrayals(store, rules, now=now),
        rule_runs=rule_runs,
        trial=Trial(store, audit, now=now),
        outbox=outgoing.outbox,
        webhooks=outgoing.webhooks,
        deliveries=outgoing.deliveries,
        egress=egress,
        followers=Followers(store, live.wakeup, (TALLIES, STATES, rule_runs.follower, plates.follower), now=now),
        gates=gates_of(store, now=now),
        now=now,
        cursor_key=derived(found.secret, "cursors"),
        versions=versions,
    )


def dialects_of(settings: Dialects) -> tuple[list[Dialect[Any]], dict[str, Place]]:
    """The dialects to serve, and where; BadInput for one that there is not."""
    names = dialects.BUILT_IN if settings.enabled is None else settings.enabled
    try:
        spoken = dialects.load(tuple(dict.fromkeys(names)))
    except ImportError as error:
        raise BadInput("dialects.enabled", str(error), f"expected some of {', '.join(dialects.BUILT_IN)}") from error
    told = settings.product_version
    for setting, named in (("prefix", settings.prefix), ("host", settings.host), ("product_version", told)):
        for name in named:
            if name not in names:
                raise BadInput(f"dialects.{setting}", f"{name} is not served", f"expected one of {', '.join(names)}")
    places = {
        name: Place(prefix=settings.prefix.get(name, ""), host=settings.host.get(name))
        for name in (*settings.prefix, *settings.host)
    }
    return spoken, places


def mounted_of(
    spoken: Sequence[Dialect[Any]],
    services: Services,
    places: dict[str, Place],
    limiter: Limiter | None = None,
    cors: Cors = OFF,
) -> Mount:
    """All dialects on one port; BadInput where two would answer the same path."""
    try:
        return mount(spoken, services, places=places, witness=services.audit.refused, limiter=limiter, cors=cors)
    except ValueError as error:
        raise BadInput("dialects", str(error), "give one of them another prefix or host") from error
