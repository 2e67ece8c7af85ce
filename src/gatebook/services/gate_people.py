"""Those who pass: made known, given plates, and let through locks."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import Struct

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Conflict
from gatebook.domain.gates import Contact, Passage, Role, bare_plate
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.places import Credential, Device, Person
from gatebook.domain.times import Instant
from gatebook.services.credentials import in_order, label_of, value_of
from gatebook.services.gate_acts import Act, Done, GateActs, Note, already, missing, named_lock, person_in
from gatebook.services.names import named, new_id
from gatebook.services.rooms import need
from gatebook.services.shares import issuer_of, passage_kind, told_at
from gatebook.store import Transaction


class NewPasser(Struct, frozen=True, kw_only=True):
    """Somebody to be made known."""

    id: UUID
    name: str
    email: str | None = None
    phone: str | None = None


class NewPassage(Struct, frozen=True, kw_only=True):
    """A lock that somebody may open from now on."""

    lock: int
    role: Role = Role.USER
    label: str = ""
    granted_by: str = ""
    valid_from: Instant | None = None
    valid_until: Instant | None = None


class GatePeople(GateActs):
    """What may be done with those who pass."""

    async def create(self, principal: Principal, form: NewPasser, note: Note) -> Done:
        """Makes a person known; the same id again writes nothing."""
        need(principal, Scope.PEOPLE_MANAGE)
        org = principal.organisation

        def work(transaction: Transaction) -> Done:
            found = transaction.person(org, form.id)
            if found is not None:
                if found.removed:
                    raise Conflict("somebody who was removed has this id; choose another")
                return self._unchanged(transaction, principal, transaction.gates.person_stream(org, found.number))
            person = transaction.add_person(org, form.id, named(form.name))
            if form.email is not None or form.phone is not None:
                transaction.gates.put_contact(org, Contact(person=person.number, email=form.email, phone=form.phone))
            act = self._act(transaction, principal, person, Kind.SETTING_CHANGED, "user made")
            return self._tell(transaction, principal, act, note)

        return await self._store.write(work)

    async def add_plate(self, principal: Principal, id: UUID, plate: str, label: str, note: Note) -> Done:
        """Gives a person a plate, kept in upper case without spaces and dashes; BadInput where somebody has it."""
        need(principal, Scope.PEOPLE_MANAGE)
        org = principal.organisation
        bare = value_of(Method.PLATE, bare_plate(plate))

        def work(transaction: Transaction) -> Done:
            person = person_in(transaction, principal, id)
            if transaction.gates.holders_of_plates(org, [bare]):
                raise already("plate", "is registered")
            credential = Credential(
                number=transaction.entities.credentials.next_number(org),
                id=new_id(),
                person=person.number,
                method=Method.PLATE,
                value=bare,
                label=label_of(label),
            )
            transaction.entities.credentials.insert(org, credential)
            act = self._act(transaction, principal, person, Kind.PLATE_REGISTERED, "plate registered")
            return self._tell(transaction, principal, act._replace(credential=bare), note)

        return await self._store.write(work)

    async def remove_plate(self, principal: Principal, id: UUID, plate: str, note: Note) -> Done:
        """Takes a plate away; BadInput where the person does not have it."""
        need(principal, Scope.PEOPLE_MANAGE)
        org, bare = principal.organisation, bare_plate(plate)

        def work(transaction: Transaction) -> Done:
            person = person_in(transaction, principal, id)
            held = transaction.gates.plates_of_person(org, person.number)
            found = next((one for one in held if bare_plate(one.value or "") == bare), None)
            if found is None:
                raise missing("plate", "is none of this user's")
            transaction.entities.credentials.remove(org, found)
            act = self._act(transaction, principal, person, Kind.PLATE_WITHDRAWN, "plate withdrawn")
            return self._tell(transaction, principal, act._replace(credential=bare), note)

        return await self._store.write(work)

    async def let_pass(self, principal: Principal, id: UUID, form: NewPassage, note: Note) -> Done:
        """Lets a person open a lock, instead of what they had there before; BadInput where it ends too soon."""
        need(principal, Scope.PEOPLE_MANAGE)
        in_order(form.valid_from, form.valid_until)

        def work(transaction: Transaction) -> Done:
            person = person_in(transaction, principal, id)
            device = named_lock(transaction, principal, form.lock, "lockId")
            passage = Passage(
                person=person.number,
                device=device.number,
                role=form.role,
                valid_from=form.valid_from,
                valid_until=form.valid_until,
                label=label_of(form.label) or device.name,
                granted_by=form.granted_by,
            )
            before = transaction.gates.passage(principal.organisation, person.number, device.number)
            transaction.gates.put_passage(principal.organisation, passage)
            act = self._act(transaction, principal, person, Kind.SHARE_GRANTED, "let through a lock")
            done = self._tell(transaction, principal, act, note)
            kind = passage_kind(None if before is None else before.role, passage.role)
            self._tell_at(transaction, principal, device, kind, person, note, done)
            return done

        return await self._store.write(work)

    async def let_pass_no_more(self, principal: Principal, id: UUID, lock: int, note: Note) -> Done:
        """Lets a person open a lock no more; BadInput where they could not."""
        need(principal, Scope.PEOPLE_MANAGE)
        org = principal.organisation

        def work(transaction: Transaction) -> Done:
            person = person_in(transaction, principal, id)
            device = transaction.device(org, lock)
            shown = device is not None and principal.grant.shows(device.number, device.site)
            if device is None or not shown or transaction.gates.passage(org, person.number, lock) is None:
                raise missing("lockId", "is no lock that this user may open")
            transaction.gates.drop_passage(org, person.number, lock)
            act = self._act(transaction, principal, person, Kind.SHARE_REVOKED, "let through a lock no more")
            done = self._tell(transaction, principal, act, note)
            self._tell_at(transaction, principal, device, passage_kind(None, None), person, note, done)
            return done

        return await self._store.write(work)

    def _tell_at(
        self, transaction: Transaction, principal: Principal, device: Device, kind: Kind, person: Person, note: Note,
        done: Done,
    ) -> None:  # fmt: skip
        """The same act in the history of the lock, caused by the event in that of the person."""
        told: dict[str, object] = msgspec.json.decode(note.data or b"{}")
        data = msgspec.json.encode({**told, "issuer": issuer_of(transaction, principal)})
        told_at(transaction, principal, device, kind, note.occurred, person=person, data=data, cause=done.seq)

    def _act(self, transaction: Transaction, principal: Principal, person: Person, kind: Kind, what: str) -> Act:
        stream = transaction.gates.person_stream(principal.organisation, person.number)
        return Act(stream, kind, f"person/{person.id}", what, person=person, personal=True)
