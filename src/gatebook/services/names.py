"""What may be a name, a zone, a number, a login: checked once, in the same words everywhere."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import available_timezones

from uuid_utils import uuid7

from gatebook.domain.errors import BadInput

NAME_LIMIT = 200
LOGIN_LIMIT = 200
VENDOR_ID_LIMIT = 255
VENDOR_IDS_LIMIT = 100
GREATEST_NUMBER = 2**53 - 1
"""The greatest integer that every JSON reader keeps exactly."""


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return UUID(bytes=uuid7().bytes)


def named(name: str, field: str = "name") -> str:
    """The name, if it is one."""
    if not name.strip() or len(name) > NAME_LIMIT:
        raise BadInput(field, f"has {len(name)} characters", f"give 1 to {NAME_LIMIT}, not all of them spaces")
    return name


def zoned(zone: str) -> str:
    """The zone, if it is one that the time zone database knows."""
    if zone not in available_timezones():
        raise BadInput("zone", f"{zone!r} is not a time zone", "give an IANA name such as Europe/London")
    return zone


def numbered(number: int) -> int:
    """The number, if it may be one."""
    if not 1 <= number <= GREATEST_NUMBER:
        raise BadInput("number", f"{number} is out of range", f"give 1 to {GREATEST_NUMBER}")
    return number


def login_of(login: str, field: str = "login") -> str:
    """The login or client id, if it may be one: printable, without spaces or a colon (HTTP Basic ends a name there)."""
    if not 1 <= len(login) <= LOGIN_LIMIT or not login.isprintable() or " " in login or ":" in login:
        remedy = f"give 1 to {LOGIN_LIMIT} printable characters without a space or colon"
        raise BadInput(field, f"{login[:40]!r} cannot be one", remedy)
    return login


def purpose_of(purpose: str | None) -> str | None:
    """The purpose, if it may be one."""
    return None if purpose is None else named(purpose, "purpose")


def vendor_ids_of(ids: tuple[str, ...]) -> tuple[str, ...]:
    """The vendor ids, each once."""
    if len(ids) > VENDOR_IDS_LIMIT:
        raise BadInput("vendor_ids", f"has {len(ids)} items", f"give at most {VENDOR_IDS_LIMIT}")
    for one in ids:
        if not 1 <= len(one) <= VENDOR_ID_LIMIT:
            raise BadInput("vendor_ids", f"one has {len(one)} characters", f"give 1 to {VENDOR_ID_LIMIT}")
    return tuple(dict.fromkeys(ids))
