"""Rules in SQL: their definitions, what they remember, what they did, and what is to be done outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import apsw
import msgspec

from gatebook.domain.access import Grant, PrincipalKind
from gatebook.domain.events import Event
from gatebook.domain.rules import Group
from gatebook.domain.times import Instant, Window
from gatebook.domain.windows import Memory, Seen
from gatebook.store.contract import Chosen
from gatebook.store.rules import Definition, Effect, Fired, RefusedFiring, Revision
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, carray_of, fetch, first
from gatebook.store.sqlite.glances import at_a_glance
from gatebook.store.sqlite.known import Known
from gatebook.store.sqlite.reading import SQL as EVENTS
from gatebook.store.sqlite.reading import Clauses
from gatebook.store.sqlite.rows import events_of
from gatebook.store.sqlite.shelves import Columns, Shelf, Writing

SQL = load("sqlite", "rules")
TRIED = SQL["tried"].replace("{columns}", EVENTS["columns"]).replace("{joined}", EVENTS["joined"])
KEPT_FIRINGS = 10_000
"""Firings kept for each rule; older ones are forgotten, their events and alarms stay."""


def definition_of(row: Row) -> Definition:
    """The columns of the queries for rules, in their order."""
    uuid, name, enabled, body, author_kind, author, author_key, reach, since, revision, changed = row
    return Definition(
        id=UUID(bytes=uuid),
        name=name,
        enabled=bool(enabled),
        body=body,
        author_kind=PrincipalKind(author_kind),
        author=UUID(bytes=author),
        author_key=None if author_key is None else UUID(bytes=author_key),
        reach=msgspec.json.decode(reach, type=Grant),
        since=since,
        revision=revision,
        changed=changed,
    )


def columns_of(one: Definition) -> Columns:
    """What is written of a rule."""
    return {
        "uuid": one.id.bytes,
        "name": one.name,
        "enabled": int(one.enabled),
        "body": one.body,
        "author_kind": one.author_kind,
        "author": one.author.bytes,
        "author_key": None if one.author_key is None else one.author_key.bytes,
        "reach": msgspec.json.encode(one.reach).decode(),
        "since": one.since,
        "revision": one.revision,
        "changed": one.changed,
    }


def revisions_of(connection: apsw.Connection, org: int, rule: UUID) -> list[Revision]:
    """Every revision of a rule, removed or not, in order."""
    return [
        Revision(number, name, bool(enabled), body, kind, UUID(bytes=author), changed)
        for number, name, enabled, body, kind, author, changed in fetch(
            connection, SQL["revisions_of"], {"org": org, "rule": rule.bytes}
        )
    ]


def firings_of(connection: apsw.Connection, org: int, rule: UUID, before: int, limit: int) -> list[Fired]:
    """When it fired, newest first."""
    named = {"org": org, "rule": rule.bytes, "before": before, "limit": limit}
    return [
        Fired(n, revision, at, fired, group, events, done, None if cause is None else UUID(bytes=cause))
        for n, revision, at, fired, group, events, done, cause in fetch(connection, SQL["firings_of"], named)
    ]


def refusals_of(connection: apsw.Connection, org: int, rule: UUID) -> list[RefusedFiring]:
    """Why it was kept from firing, newest first."""
    return [RefusedFiring(*row) for row in fetch(connection, SQL["refusals_of"], {"org": org, "rule": rule.bytes})]


def organisations_due(connection: apsw.Connection, clock: int) -> list[int]:
    """Organisations where an absence is a fact once the clock is there."""
    return [org for (org,) in fetch(connection, SQL["organisations_due"], {"clock": clock})]


@at_a_glance
def effects_due(connection: apsw.Connection, kinds: Iterable[str], now: int, limit: int) -> list[Effect]:
    """What is to be done outside now."""
    named = {"kinds": carray_of(kinds), "now": now, "limit": limit}
    return [effect_of(row) for row in fetch(connection, SQL["effects_due"], named)]


@at_a_glance
def has_lapsed(connection: apsw.Connection, now: int) -> bool:
    """Whether something waits whose deadline has passed."""
    return first(connection, SQL["has_lapsed"], {"now": now}) is not None


def effects_of(connection: apsw.Connection, org: int, rule: UUID, limit: int) -> list[Effect]:
    """What a rule had done outside, newest first."""
    named = {"org": org, "rule": rule.bytes, "limit": limit}
    return [effect_of(row) for row in fetch(connection, SQL["effects_of"], named)]


def effect_of(row: Row) -> Effect:
    """A row of the outbox."""
    effect, org, kind, target, seq, payload, key, rule, *rest = row
    return Effect(effect, org, kind, target, seq, payload, key, UUID(bytes=rule), *rest)


def part_end(connection: apsw.Connection, org: int, window: Window, n: int) -> Instant:
    """Where a part of the window ends that holds about `n` events."""
    named = {"org": org, "since": window.since, "until": window.until, "n": n}
    row = first(connection, SQL["part_end"], named)
    return window.until if row is None else Instant(max(row[0], window.since + 1))


def span_of(connection: apsw.Connection, org: int, window: Window, streams: Chosen, classes: Chosen) -> Row:
    """(first seq, last seq, how many) of the events to be tried; (None, None, 0) where there are none."""
    clauses = Clauses().choose("stream", streams).choose("class", classes)
    sql = SQL["span_of"].format(conditions=clauses.sql)
    return fetch(connection, sql, (org, window.since, window.until, *clauses.bindings))[0]


def tried(
    connection: apsw.Connection, known: Known, window: Window, streams: Chosen, classes: Chosen,
    after: int, upto: int, limit: int,
) -> list[Event]:  # fmt: skip
    """The next events beyond `after` in order of seq."""
    clauses = Clauses().choose("e.stream", streams).choose("e.class", classes)
    bindings = (known.org, after, upto, window.since, window.until, *clauses.bindings, limit)
    rows = fetch(connection, TRIED.format(conditions=clauses.sql), bindings)
    return events_of(rows, known.classes)


class RuleQuestions:
    """Rules, as readers ask for them."""

    rules: Shelf[Definition] = Shelf(
        queries=SQL, noun="rule", plural="rules", value_of=definition_of, columns_of=columns_of, word="name",
        numbered=False,
    )  # fmt: skip
    revisions_of = staticmethod(revisions_of)
    firings_of = staticmethod(firings_of)
    refusals_of = staticmethod(refusals_of)
    organisations_due = staticmethod(organisations_due)
    effects_due = staticmethod(effects_due)
    effects_of = staticmethod(effects_of)
    has_lapsed = staticmethod(has_lapsed)


class RuleChanges:
    """Rules within the writer's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection
        self.rules = Writing(RuleQuestions.rules, connection)

    def count(self, org: int) -> int:
        """How many rules there are."""
        return int(self._all("rules_count", org=org)[0][0])

    def active(self, org: int) -> list[Definition]:
        """Those that look at events, in order of their ids."""
        return [definition_of(row) for row in self._all("active", org=org)]

    def zone(self, org: int) -> str:
        """The organisation's time zone."""
        return str(self._all("zone_of", org=org)[0][0])

    # -- what is remembered ------------------------------------------------------------------------------------------

    def clock(self, org: int) -> int:
        """The greatest time of receipt that was met."""
        row = first(self._connection, SQL["clock"], {"org": org})
        return 0 if row is None else int(row[0])

    def set_clock(self, org: int, clock: int) -> None:
        """Sets it on; it never goes back."""
        self._connection.execute(SQL["set_clock"], {"org": org, "clock": clock})

    def memory(self, org: int, group: Group) -> Memory:
        """What a group remembers."""
        named = {"org": org, "rule": group.rule.bytes, "grp": group.key}
        row = first(self._connection, SQL["group_of"], named)
        if row is None:
            return Memory()
        seen = [Seen(*found) for found in fetch(self._connection, SQL["memory_of"], named)]
        return Memory(seen=seen, fired=row[0])

    def keep(self, org: int, group: Group, memory: Memory, due: int | None, before: Sequence[Seen]) -> None:
        """Writes what changed since it was `before`; a group that remembers nothing has no row."""
        named = {"org": org, "rule": group.rule.bytes, "grp": group.key}
        was, now = set(before), set(memory.seen)
        gone = {one[:2] for one in was} - {one[:2] for one in now}
        place = (org, group.rule.bytes, group.key)
        self._connection.executemany(SQL["drop_seen"], [(*place, *one) for one in sorted(gone)])
        self._connection.executemany(SQL["insert_seen"], [(*place, *one) for one in sorted(now - was)])
        if not now and memory.fired is None:
            self._connection.execute(SQL["drop_group"], named)
        else:
            self._connection.execute(SQL["put_group"], {**named, "fired": memory.fired, "due": due})

    def due(self, org: int, clock: int) -> list[tuple[int, Group]]:
        """(due, group) where an absence is a fact once the clock is there."""
        return [(due, Group(UUID(bytes=rule), key)) for due, rule, key in self._all("due_groups", org=org, clock=clock)]

    # -- what was done -----------------------------------------------------------------------------------------------

    def log_firing(
        self, org: int, rule: UUID, revision: int, *, cause: int, group: str, at: int, fired: int, events: str,
        done: str,
    ) -> bool:  # fmt: skip
        """Writes down that it fired; False where that was written before."""
        named = {"org": org, "rule": rule.bytes, "revision": revision, "cause": cause, "grp": group, "at": at}
        found = first(self._connection, SQL["log_firing"], {**named, "fired": fired, "events": events, "done": done})
        if found is not None and found[0] % 100 == 0:
            self._all("forget_firings", org=org, rule=rule.bytes, n=found[0] - KEPT_FIRINGS)
        return found is not None

    def log_refusal(self, org: int, rule: UUID, revision: int, *, why: str, cause: int, now: int) -> None:
        """Counts that it was kept from firing for this reason."""
        self._all("log_refusal", org=org, rule=rule.bytes, revision=revision, why=why, cause=cause, now=now)

    def derived(self, org: int, after: int, upto: int) -> dict[int, bytes]:
        """By seq, the rules that led to an event, 16 bytes each."""
        return dict(self._all("derived_in", org=org, after=after, upto=upto))

    def derive(self, org: int, seqs: Iterable[int], chain: bytes) -> None:
        """These events were derived by the last rule of the chain."""
        self._connection.executemany(SQL["insert_derived"], [(org, seq, chain) for seq in seqs])

    def chain_of(self, org: int, seq: int) -> bytes:
        """The rules that led to an event; empty where none did."""
        return self.derived(org, seq - 1, seq).get(seq, b"")

    def unruled(self, org: int, after: int, upto: int) -> set[int]:
        """Events that no rule is to look at."""
        return {seq for (seq,) in self._all("unruled_in", org=org, after=after, upto=upto)}

    def spare(self, org: int, seqs: Iterable[int]) -> None:
        """No rule is to look at these events."""
        self._connection.executemany(SQL["insert_unruled"], [(org, seq) for seq in seqs])

    # -- what is to be done outside ----------------------------------------------------------------------------------

    def put_effect(self, effect: Effect) -> None:
        """Something to be done outside; once for its key."""
        named = {**effect._asdict(), "rule": effect.rule.bytes}
        self._connection.execute(SQL["put_effect"], named)

    def settle_effect(self, effect: int, state: str, *, attempts: int, due: int, error: str | None = None) -> None:
        """How an attempt ended; `waiting` with a later `due` for another."""
        self._all("settle_effect", effect=effect, state=state, attempts=attempts, due=due, error=error)

    def forget_effects(self, before: int, limit: int = 1_000) -> None:
        """Lets go of what was settled and is older than that, in whichever organisation."""
        self._all("forget_effects", before=before, limit=limit)

    def lapse(self, now: int) -> None:
        """Whatever has not been done by its deadline is not done any more."""
        self._all("lapse_effects", now=now)

    def _all(self, query: str, **named: object) -> list[Row]:
        return fetch(self._connection, SQL[query], named)
