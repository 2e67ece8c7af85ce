"""What a use case may do inside the writer's transaction: read what it checks, append what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import apsw

from gatebook.domain.errors import Conflict
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.places import Device, DeviceKind, Organisation, Person, Site
from gatebook.store.contract import Appended, Held, Outcome, Ref
from gatebook.store.sql import load
from gatebook.store.sqlite import directory, quarantine, tallies
from gatebook.store.sqlite.accounts import Accounts
from gatebook.store.sqlite.alarm_sessions import AlarmSessionChanges
from gatebook.store.sqlite.alarms import AlarmChanges
from gatebook.store.sqlite.append import Bulk, append, append_history
from gatebook.store.sqlite.arrivals import ArrivalChanges
from gatebook.store.sqlite.commands import CommandChanges
from gatebook.store.sqlite.connection import CACHE_MB, fetch, first
from gatebook.store.sqlite.entities import Entities
from gatebook.store.sqlite.erasing import ErasingChanges
from gatebook.store.sqlite.event_sessions import EventSessionChanges
from gatebook.store.sqlite.gate_changes import GateChanges
from gatebook.store.sqlite.keeping import KeepingChanges
from gatebook.store.sqlite.listeners import ListenerChanges
from gatebook.store.sqlite.ntlm import NtlmChanges
from gatebook.store.sqlite.organisations import OrganisationChanges
from gatebook.store.sqlite.portrayals import PortrayalChanges
from gatebook.store.sqlite.record import RecordChanges
from gatebook.store.sqlite.rules import RuleChanges
from gatebook.store.sqlite.sessions import SessionChanges
from gatebook.store.sqlite.states import StateChanges
from gatebook.store.sqlite.tokens import TokenChanges
from gatebook.store.sqlite.webhooks import WebhookChanges

SQL = load("sqlite", "directory")
FOLLOWERS = load("sqlite", "followers")
TALLIES_FOLLOWER = "tallies"


class Transaction:
    """One open write transaction; nothing of it is seen by anybody until the writer commits.

    Look-ups of devices and classes are remembered from one transaction to the next as long as nobody else has written
    to the file and nothing of the directory was changed here.
    """

    def __init__(self, connection: apsw.Connection, burst: int = tallies.LIMIT) -> None:
        """`burst`: events in a bucket beyond which finer rows are kept."""
        self.connection = connection
        self.accounts = Accounts(connection)
        self.entities = Entities(connection, self.forget)
        self.tokens = TokenChanges(connection)
        self.sessions = SessionChanges(connection)
        self.ntlm = NtlmChanges(connection)
        self.record = RecordChanges(connection)
        self.keeping = KeepingChanges(connection)
        self.erasing = ErasingChanges(connection, self.entities)
        self.alarms = AlarmChanges(connection)
        self.organisations = OrganisationChanges(connection)
        self.rules = RuleChanges(connection)
        self.portrayals = PortrayalChanges(connection)
        self.alarm_sessions = AlarmSessionChanges(connection)
        self.webhooks = WebhookChanges(connection)
        self.gates = GateChanges(connection)
        self.commands = CommandChanges(connection)
        self.arrivals = ArrivalChanges(connection)
        self.event_sessions = EventSessionChanges(connection)
        self.listeners = ListenerChanges(connection)
        self.states = StateChanges(connection)
        self.appended = 0
        """Events appended since the transaction began."""
        self._burst = burst
        self._devices: dict[tuple[int, Ref], Device] = {}
        self._classes: dict[tuple[int, EventClass], int] = {}
        self._types: dict[tuple[int, UUID], bool] = {}
        self._people: dict[tuple[int, Ref], Person] = {}
        self._version: int | None = None

    def begun(self) -> None:
        """Called by the writer after BEGIN: forgets what another process may have changed."""
        self.appended = 0
        version = int(self.connection.pragma("data_version"))
        if version != self._version:
            self.forget()
            self._version = version

    def forget(self) -> None:
        """Forgets what was remembered: after a rollback, or a change of the directory."""
        self._devices.clear()
        self._classes.clear()
        self._types.clear()
        self._people.clear()

    def keep_in_memory(self, megabytes: int = CACHE_MB) -> None:
        """How much of the file the writer keeps in memory from now on; bulk work asks for more, and gives it back."""
        self.connection.pragma("cache_size", -1024 * megabytes)

    # -- the log -----------------------------------------------------------------------------------------------------

    def append(self, org: int, drafts: Sequence[Draft]) -> list[Outcome]:
        """Appends now; one outcome for each draft, in order."""
        outcomes = append(self.connection, org, drafts, self._burst)
        self.appended += sum(isinstance(found, Appended) and not found.repeat for found in outcomes)
        return outcomes

    def append_history(self, org: int, drafts: Sequence[Draft]) -> Bulk:
        """`append` in bulk, for whom single outcomes do not interest."""
        done = append_history(self.connection, org, drafts, self._burst)
        self.appended += done.new
        return done

    def class_of(self, org: int, wanted: EventClass) -> int:
        """The number of a class, interned when it is met for the first time."""
        found = self._classes.get((org, wanted))
        if found is None:
            known = {value: number for number, value in directory.classes(self.connection, org).items()}
            self._classes |= {(org, value): number for value, number in known.items()}
            found = known.get(wanted) or self._intern(org, wanted)
            self._classes[org, wanted] = found
        return found

    def _intern(self, org: int, wanted: EventClass) -> int:
        kind, method, reason, type_, listed = wanted
        named = {"org": org, "kind": kind, "method": method, "reason": reason, "listed": int(listed)}
        rows = fetch(self.connection, SQL["insert_class"], {**named, "type": type_ and type_.bytes})
        return int(rows[0][0])

    # -- the directory, read -----------------------------------------------------------------------------------------

    def device(self, org: int, ref: Ref) -> Device | None:
        """The device named by integer, UUID or vendor id."""
        found = self._devices.get((org, ref))
        if found is None:
            found = directory.device(self.connection, org, ref)
            if found is not None:
                self._devices[org, ref] = found
        return found

    def person(self, org: int, ref: Ref) -> Person | None:
        """The person named by integer or UUID."""
        found = self._people.get((org, ref))
        if found is None:
            found = directory.person(self.connection, org, ref)
            if found is not None:
                self._people[org, ref] = found
        return found

    def listed(self, org: int, type_: UUID) -> bool | None:
        """Whether events of this type are listed (its retention is not 0); None for a type that is not known."""
        found = self._types.get((org, type_))
        if found is None:
            row = directory.event_type(self.connection, org, type_)
            if row is None:
                return None
            found = self._types[org, type_] = row[1] != 0
        return found

    def site(self, org: int, ref: Ref) -> Site | None:
        """The site named by integer, UUID or name."""
        return directory.site(self.connection, org, ref)

    def organisation(self, org: int) -> Organisation | None:
        """The organisation of this number."""
        return directory.organisation(self.connection, org)

    # -- the directory, changed --------------------------------------------------------------------------------------

    def add_organisation(self, uuid: UUID, name: str, zone: str) -> int:
        """A new organisation; its number.  Its own stream is stream 1."""
        org = int(fetch(self.connection, SQL["next_organisation"], ())[0][0])
        named = {"org": org, "uuid": uuid.bytes, "name": name, "zone": zone, "parent": None, "purpose_required": 0}
        self.connection.execute(SQL["insert_organisation"], named)
        self._stream(org, "organisation")
        return org

    def add_site(self, org: int, uuid: UUID, name: str, zone: str, number: int | None = None) -> Site:
        """A new site, with a stream for its tallies."""
        number = self._number(org, "site", number)
        stream = self._stream(org, "site")
        named = {"org": org, "site": number, "uuid": uuid.bytes, "name": name, "zone": zone, "stream": stream}
        self._insert("insert_site", named, "a site")
        self._touch(org)
        return Site(number=number, id=uuid, name=name, zone=zone, stream=stream)

    def add_device(
        self,
        org: int,
        uuid: UUID,
        kind: DeviceKind,
        name: str,
        site: int | None = None,
        vendor_ids: Sequence[str] = (),
        number: int | None = None,
    ) -> Device:
        """A new device with a stream of its own.  A number, UUID or vendor id already taken is a Conflict."""
        number = self._number(org, "device", number)
        stream = self._stream(org, "device")
        named = {"org": org, "device": number, "uuid": uuid.bytes, "kind": kind, "name": name, "stream": stream}
        self._insert("insert_device", {**named, "site": site}, "a device")
        for vendor_id in vendor_ids:
            row = {"org": org, "vendor_id": vendor_id, "device": number}
            self._insert("insert_vendor_id", row, f"the vendor id {vendor_id}")
        self._touch(org)
        return Device(
            number=number, id=uuid, kind=kind, name=name, stream=stream, site=site, vendor_ids=tuple(vendor_ids)
        )

    def change_device(self, org: int, device: Device, *, name: str, kind: DeviceKind, site: int | None) -> None:
        """Renames or moves a device; a move re-counts both sites in this transaction."""
        if site != device.site:
            self._move(org, device, site)
        named = {"org": org, "device": device.number, "name": name, "kind": kind, "site": site}
        self.connection.execute(SQL["change_device"], {**named, "removed": int(device.removed)})
        self._touch(org)

    def _move(self, org: int, device: Device, site: int | None) -> None:
        streams = {found.number: found.stream for found in directory.sites(self.connection, org)}
        _, members = directory.site_streams(self.connection, org)
        before = None if device.site is None else streams[device.site]
        after = None if site is None else streams[site]
        if before is not None:
            members[before] = [stream for stream in members[before] if stream != device.stream]
        if after is not None:
            members[after] = [*members[after], device.stream]
        ceiling = self.followed(org, TALLIES_FOLLOWER)
        tallies.move(self.connection, org, device.stream, before, after, members, ceiling, self._burst)

    def add_person(self, org: int, uuid: UUID, name: str, number: int | None = None) -> Person:
        """A new person with a stream of their own."""
        number = self._number(org, "person", number)
        stream = self._stream(org, "person")
        named = {"org": org, "person": number, "uuid": uuid.bytes, "name": name, "stream": stream}
        self._insert("insert_person", named, "a person")
        self._touch(org)
        return Person(number=number, id=uuid, name=name)

    def _touch(self, org: int) -> None:
        self.connection.execute(SQL["touch"], {"org": org})
        self.forget()

    def _number(self, org: int, what: str, wanted: int | None) -> int:
        if wanted is not None:
            return wanted
        return int(fetch(self.connection, SQL[f"next_{what}"], {"org": org})[0][0])

    def _stream(self, org: int, subject: str) -> int:
        stream = int(fetch(self.connection, SQL["next_stream"], {"org": org})[0][0])
        self.connection.execute(SQL["insert_stream"], {"org": org, "stream": stream, "subject": subject})
        return stream

    def _insert(self, query: str, named: dict[str, object], what: str) -> None:
        try:
            self.connection.execute(SQL[query], named)
        except apsw.ConstraintError as fault:
            raise Conflict(f"{what} with this number or id is already there; choose another") from fault

    # -- quarantine --------------------------------------------------------------------------------------------------

    def quarantine(self, org: int, digest: bytes, waiting: Held) -> UUID | None:
        """Keeps a report that has no place; its id, or None when the organisation's quarantine is full."""
        return quarantine.put(self.connection, org, digest, waiting)

    def release(self, org: int, id: UUID) -> bool:
        """Takes a report out of quarantine; False when it is not there."""
        return quarantine.remove(self.connection, org, id)

    # -- followers ---------------------------------------------------------------------------------------------------

    def followed(self, org: int, name: str) -> int:
        """The seq that a follower has come to."""
        row = first(self.connection, FOLLOWERS["followed"], {"org": org, "name": name})
        return 0 if row is None else int(row[0])

    def follow_to(self, org: int, name: str, seq: int) -> None:
        """Saves how far a follower has come."""
        self.connection.execute(FOLLOWERS["follow_to"], {"org": org, "name": name, "seq": seq})

    def park(self, org: int, name: str, seq: int, reason: str, now: int) -> None:
        """Sets an event aside that a follower could not take."""
        named = {"org": org, "name": name, "seq": seq, "reason": reason[:1000], "now": now}
        self.connection.execute(FOLLOWERS["park"], named)

    def next_seq(self, org: int, after: int, events: int) -> int:
        """The seq of the `events`-th event beyond `after`, or of the last one there is; `after` if there is none."""
        row = first(self.connection, FOLLOWERS["next_seq"], {"org": org, "after": after, "events": events})
        return after if row is None or row[0] is None else int(row[0])

    def count_streams(self, org: int, after: int, upto: int) -> None:
        """Adds the events in `(after, upto]` to the tallies of their streams and sites."""
        rows = fetch(self.connection, FOLLOWERS["to_count"], {"org": org, "after": after, "upto": upto})
        site_of, members = directory.site_streams(self.connection, org)
        events = [(stream, occurred, class_) for _seq, stream, occurred, class_ in rows]
        tallies.follow(self.connection, org, events, site_of, members, upto, burst=self._burst)
