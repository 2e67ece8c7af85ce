"""How much one principal and one address may ask of the server: rates by cost, time for a request, streams at a time.

What is over the limit is TooMany, worded by the dialect that was asked.  An address pays before anybody is asked who
it is, so that guesses at credentials cost too; a principal pays by what it does, from wherever.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from starlette.requests import HTTPConnection
from starlette.types import Scope

from gatebook.domain.access import Principal
from gatebook.domain.errors import TookTooLong, TooMany
from gatebook.domain.networks import network_of
from gatebook.domain.rates import FULL, Rate, taken, wait_s
from gatebook.http.dialect import Operation

T = TypeVar("T")

REMEMBERED: Final = 100_000
"""Principals, and addresses; the one unheard of for the longest time makes room, with a full bucket for it."""
QUESTION_COST: Final = 2.0
"""Of an operation with a query: it may look at many events; a read by id, a report or a change costs 1."""
EVENT_COST: Final = 0.01
"""Of an event in a report, beside the request itself."""
REFUSED_COST: Final = 20.0
"""Of a credential that does not hold, to the address that sent it."""

PRINCIPAL: Final = Rate(2_000.0, 60_000.0)
ADDRESS: Final = Rate(4_000.0, 120_000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds; a rate of 0 bounds nothing, nor does a count of 0."""

    principal: Rate = PRINCIPAL
    address: Rate = ADDRESS
    """Several principals may share one."""
    request_s: float = 60.0
    """For an operation, until its answer begins; beyond it 503."""
    streams: int = 200
    """Streams and sockets that one principal has open."""
    address_streams: int = 2_000
    """The same from one address, whoever is at it; sockets count before anybody signs in."""


UNLIMITED: Final = Limits(principal=Rate(0, 0), address=Rate(0, 0), request_s=3_600.0, streams=0, address_streams=0)


class Buckets:
    """One bucket for each name, all of one rate."""

    def __init__(self, rate: Rate, clock: Callable[[], float], remembered: int = REMEMBERED) -> None:
        self._rate = rate
        self._clock = clock
        self._remembered = remembered
        self._buckets: OrderedDict[Hashable, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, name: Hashable, cost: float) -> None:
        """Take what it costs; TooMany, and nothing taken, from a bucket in debt."""
        if self._rate.per_s <= 0:
            return
        wait = wait_s(self._buckets.get(name, FULL), self._rate, self._clock())
        if wait > 0:
            seconds = math.ceil(wait)
            raise TooMany(f"too much was asked at a time; go on in {seconds} s, and more slowly", seconds)
        self.charge(name, cost)

    def charge(self, name: Hashable, cost: float) -> None:
        """Take what it has cost already, whatever is left."""
        if self._rate.per_s <= 0:
            return
        self._buckets[name] = taken(self._buckets.get(name, FULL), self._rate, self._clock(), cost)
        self._buckets.move_to_end(name)
        while len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)


class Limiter:
    """Keeps the accounts of everybody who asks; one for the whole server."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds and never goes back."""
        self.limits = limits
        self._addresses = Buckets(limits.address, clock)
        self._principals = Buckets(limits.principal, clock)
        self._open: Counter[Hashable] = Counter()

    def knock(self, connection: HTTPConnection, cost: float = 1.0) -> None:
        """Anything that comes from an address, before it is looked at; TooMany where it has come too often."""
        self._addresses.take(_address(connection), cost)

    def refused(self, connection: HTTPConnection) -> None:
        """A credential did not hold."""
        self._addresses.charge(_address(connection), REFUSED_COST)

    def spend(self, principal: Principal, cost: float) -> None:
        """An operation is about to be run; TooMany where the principal has run too much."""
        self._principals.take(principal.id, cost)

    def charge(self, principal: Principal, cost: float) -> None:
        """An operation has turned out to cost so much more."""
        self._principals.charge(principal.id, cost)

    async def in_time(self, work: Awaitable[T]) -> T:
        """What the work yields; TookTooLong where the budget of a request runs out first."""
        limit_s = self.limits.request_s
        try:
            async with asyncio.timeout(limit_s) as budget:
                return await work
        except TimeoutError as error:
            if not budget.expired():
                raise
            raise TookTooLong(f"no answer was found within {limit_s:g} s; ask for less at a time", 1) from error

    @contextmanager
    def at_address(self, connection: HTTPConnection) -> Iterator[None]:
        """A stream or socket from this address, for as long as the block runs; TooMany beyond the bound."""
        with self._held(_address(connection), self.limits.address_streams):
            yield

    @contextmanager
    def of_principal(self, principal: Principal) -> Iterator[None]:
        """A stream or socket of this principal, for as long as the block runs; TooMany beyond the bound."""
        with self._held(principal.id, self.limits.streams):
            yield

    @contextmanager
    def _held(self, name: Hashable, most: int) -> Iterator[None]:
        if most and self._open[name] >= most:
            raise TooMany(f"{most} streams and sockets are open already; close some", 5)
        self._open[name] += 1
        try:
            yield
        finally:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]


def cost_of(operation: Operation) -> float:
    """What the operation costs by its declaration; what it turns out to cost besides is charged by `charge`."""
    return operation.cost or (QUESTION_COST if operation.query is not None else 1.0)


def charge(connection: HTTPConnection, cost: float) -> None:
    """An operation tells that it has cost so much more than declared, such as EVENT_COST for each event."""
    limiter, principal = limiter_of(connection.scope), connection.scope.get("gatebook.principal")
    if limiter is not None and isinstance(principal, Principal):
        limiter.charge(principal, cost)


def limiter_of(scope: Scope) -> Limiter | None:
    """The server's limiter; None where there is none."""
    found = scope.get("gatebook.limiter")
    return found if isinstance(found, Limiter) else None


@contextmanager
def holding(scope: Scope, principal: Principal) -> Iterator[None]:
    """Count a socket among those of its principal, for as long as the block runs; TooMany beyond the bound."""
    limiter = limiter_of(scope)
    with ExitStack() as held:
        if limiter is not None:
            held.enter_context(limiter.of_principal(principal))
        yield


def _address(connection: HTTPConnection) -> str:
    """An IPv4 address by itself, an IPv6 one by its /64."""
    return _network(connection.client.host) if connection.client else ""


@lru_cache(maxsize=4096)
def _network(host: str) -> str:
    return network_of(host, 32, 64)
