"""PINs: what the store keeps of one says nothing to whoever copies the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatebook.domain.errors import Conflict
from gatebook.domain.kinds import Method
from gatebook.services.forms import CredentialChange, NewCredential
from tests.services.offices import Office

PIN, NEXT = "80814071", "93727160"


def bytes_of(folder: Path) -> bytes:
    """Every file of the store, its write-ahead log, too."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


def test_a_pin_is_nowhere_in_the_store(office: Office) -> None:
    office.person()
    credentials, root = office.entities.credentials, office.root

    office.run(credentials.add(root, NewCredential(person=1, method=Method.PIN, value=PIN)))
    office.run(credentials.change(root, 1, CredentialChange(value=NEXT)))

    kept = bytes_of(office.store.path.parent)
    assert (PIN.encode() in kept, NEXT.encode() in kept) == (False, False)


def test_two_people_cannot_have_one_pin(office: Office) -> None:
    office.person()
    office.person("Bob")
    credentials, root = office.entities.credentials, office.root
    office.run(credentials.add(root, NewCredential(person=1, method=Method.PIN, value=PIN)))

    with pytest.raises(Conflict):
        office.run(credentials.add(root, NewCredential(person=2, method=Method.PIN, value=PIN)))


def test_a_pin_that_an_older_store_has_in_the_clear_is_hashed(office: Office) -> None:
    office.person()
    credentials, root = office.entities.credentials, office.root
    office.run(credentials.add(root, NewCredential(person=1, method=Method.PIN, value=NEXT)))
    office.store.write_now(lambda tx: tx.connection.execute("UPDATE credentials SET value = ?", (PIN,)) and None)

    office.run(credentials.seal_pins())

    rows = office.store.write_now(lambda tx: tx.connection.execute("SELECT value FROM credentials").fetchall())
    assert PIN not in str(rows)
    office.person("Bob")
    with pytest.raises(Conflict):
        office.run(credentials.add(root, NewCredential(person=2, method=Method.PIN, value=PIN)))
