"""Every kind of account and entity, each in its room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gatebook.domain.times import Instant
from gatebook.services.access import Access
from gatebook.services.credentials import Credentials
from gatebook.services.device_tokens import DeviceTokens
from gatebook.services.devices import Devices
from gatebook.services.event_types import EventTypes
from gatebook.services.keys import Keys
from gatebook.services.organisations import Organisations
from gatebook.services.passwords import Passwords
from gatebook.services.people import People
from gatebook.services.service_accounts import ServiceAccounts
from gatebook.services.sites import Sites
from gatebook.services.state_groups import StateGroups
from gatebook.services.user_events import UserEvents
from gatebook.services.users import Users
from gatebook.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities:
    """What is listed, added, changed and removed one by one."""

    organisations: Organisations
    sites: Sites
    devices: Devices
    people: People
    credentials: Credentials
    users: Users
    services: ServiceAccounts
    keys: Keys
    device_tokens: DeviceTokens
    event_types: EventTypes
    state_groups: StateGroups
    user_events: UserEvents


def entities_of(
    store: Store, *, now: Callable[[], Instant], passwords: Passwords, access: Access, pins: bytes
) -> Entities:
    """All of them, on this store; `pins`: the key that PINs are hashed with."""
    return Entities(
        organisations=Organisations(store, now=now),
        sites=Sites(store, now=now),
        devices=Devices(store, now=now),
        people=People(store, now=now),
        credentials=Credentials(store, key=pins, now=now),
        users=Users(store, now=now, passwords=passwords, access=access),
        services=ServiceAccounts(store, now=now),
        keys=Keys(store, now=now, access=access),
        device_tokens=DeviceTokens(store, now=now),
        event_types=EventTypes(store, now=now),
        state_groups=StateGroups(store, now=now),
        user_events=UserEvents(store, now=now),
    )
