"""What a watcher can count and time: `/metrics`, in the text form of Prometheus.

Kept in a registry of this server's own, so that several servers of one process do not count together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from gatebook import __version__
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Forbidden, Unauthenticated
from gatebook.domain.kinds import Kind
from gatebook.http import ConnectionScope, Request, Response, problems
from gatebook.http.auth import Way, presented
from gatebook.http.dialect import API_KEY, BEARER, EVENT_STREAM, PROBLEM, Dialect, Operation, Reply, principal
from gatebook.http.middleware import Access
from gatebook.services import Services
from gatebook.services.followers import Followers
from gatebook.store import Store

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384)


class Metrics:
    """Counters and timers; `seen` and `committed` are called from where things happen."""

    def __init__(self) -> None:
        """All at nought."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # they say nothing, and double what is sent
        registry = self.registry = CollectorRegistry()
        self._requests = Counter(
            "gatebook_requests", "Answers by dialect and status.", ["dialect", "status"], registry=registry
        )
        self._seconds = Histogram(
            "gatebook_request_seconds",
            "From the request's head to the end of its answer; streams and sockets are left out.",
            ["dialect", "operation"],
            buckets=SECONDS,
            registry=registry,
        )
        self._events = Counter("gatebook_events", "Events written, repeats left out.", registry=registry)
        self._commit_seconds = Histogram(
            "gatebook_commit_seconds", "Length of a commit.", buckets=SECONDS, registry=registry
        )
        self._commit_size = Histogram(
            "gatebook_commit_size", "Requests written in one commit.", buckets=SIZES, registry=registry
        )
        self._queue = Gauge("gatebook_queue_events", "Events that wait for the writer.", registry=registry)
        self._full = Gauge("gatebook_queue_refusals", "Reports refused since the queue was full.", registry=registry)
        self._lag = Gauge(
            "gatebook_follower_lag_events", "How far behind.", ["follower", "organisation"], registry=registry
        )
        self._parked = Gauge(
            "gatebook_follower_parked", "Events set aside.", ["follower", "organisation"], registry=registry
        )
        self._bytes = Gauge("gatebook_store_bytes", "Of the store's files.", ["file"], registry=registry)
        self._working = Gauge("gatebook_task_up", "1 while it runs and has not failed of late.", ["task"],
                              registry=registry)  # fmt: skip
        Gauge("gatebook_build_info", "The version that runs.", ["version"], registry=registry).labels(__version__).set(
            1
        )

    def seen(self, told: Access, scope: ConnectionScope) -> None:
        """A request has been answered."""
        dialect = scope.get("gatebook.dialect", "")
        self._requests.labels(dialect, told.status).inc()
        operation = scope.get("gatebook.operation")
        if operation is not None and told.status not in (0, 101) and not goes_on(operation):
            self._seconds.labels(dialect, told.operation).observe(told.ms / 1000)

    def committed(self, requests: int, events: int, seconds: float) -> None:
        """A transaction is on disk; called from the writer's thread."""
        self._events.inc(events)
        self._commit_size.observe(requests)
        self._commit_seconds.observe(seconds)

    async def text(self, store: Store, followers: Followers, tasks: Mapping[str, bool]) -> bytes:
        """Everything as it stands now."""
        measures = store.writer.measures
        self._queue.set(store.writer.waiting)
        self._full.set(measures.refused)
        for org in await store.read(store.history.organisations):
            for one in await followers.positions(org):
                self._lag.labels(one.name, org).set(one.lag)
                self._parked.labels(one.name, org).set(one.parked)
        for name, path in files_of(store.path).items():
            self._bytes.labels(name).set(path.stat().st_size if path.exists() else 0)
        for name, well in tasks.items():
            self._working.labels(name).set(int(well))
        return generate_latest(self.registry)


def goes_on(operation: Operation) -> bool:
    """Whether its answer lasts as long as its client stays: how long says nothing then."""
    return any(EVENT_STREAM in reply.media for reply in operation.replies.values())


async def holder(services: Services, request: Request) -> Principal:
    """The holder of the API key that is presented, as a Bearer (as scrapers send it) or in X-API-Key."""
    keys = {one.secret for one in presented(request, (Way.BEARER,))} | set(request.headers.getlist("x-api-key"))
    if len(keys) != 1:
        raise Unauthenticated("send one API key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`")
    return await services.admission.principal_of_secret(keys.pop())


def files_of(store: Path) -> dict[str, Path]:
    """The store's files, by what they are."""
    return {"store": store, "log": store.with_name(store.name + "-wal")}


def metrics_dialect(metrics: Metrics, store: Store, tasks: Callable[[], dict[str, bool]]) -> Dialect[Services]:
    """`/metrics`, for administrators of a whole organisation: what is counted here is of the whole installation."""

    def operations(services: Services) -> Sequence[Operation]:
        async def told(request: Request) -> Response:
            who = principal(request)
            if not who.grant.everything:
                raise Forbidden(f"this needs a grant of the whole organisation, which {who.name} does not hold")
            text = await metrics.text(store, services.followers, tasks())
            return Response(text, 200, {"Cache-Control": "no-store"}, CONTENT_TYPE_LATEST)

        return (
            Operation(
                method="GET",
                path="/metrics",
                handler=told,
                summary="Counters and timers in the text form of Prometheus",
                replies={200: Reply(shape=str, media=("text/plain",))},
                scopes=(Scope.ADMIN,),
            ),
        )

    return Dialect(
        name="metrics",
        title="Metrics",
        roots=("/metrics",),
        operations=operations,
        on_error=problems.on_error,
        error_shape=problems.Problem,
        error_media=PROBLEM,
        principal_of=holder,
        security=(BEARER, API_KEY),
        unspoken=frozenset(Kind),
    )
