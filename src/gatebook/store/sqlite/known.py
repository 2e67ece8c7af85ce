"""What a snapshot's directory says, remembered from one question to the next while it has not changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import apsw

from gatebook.domain.access import Grant
from gatebook.domain.admits import Place
from gatebook.domain.errors import NotFound
from gatebook.domain.events import EventClass
from gatebook.store.contract import Chosen
from gatebook.store.sql import load
from gatebook.store.sqlite import directory
from gatebook.store.sqlite.choices import Directory
from gatebook.store.sqlite.connection import fetch, first
from gatebook.store.sqlite.voices import Voices

SQL = load("sqlite", "directory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The directory of one organisation at one revision."""

    org: int
    zone: str
    freshness: tuple[int, int]
    classes: dict[int, EventClass]
    places: dict[int, Place]
    """By stream, for devices."""
    directory: Directory
    """The same, as filters are resolved by it."""
    has_unlisted: bool
    """Whether there is a class of events that vendors' lists leave out."""
    streams: frozenset[int]
    """All that events can belong to; sites' streams are not among them."""
    members: dict[int, frozenset[int]]
    """Site stream to the streams of its devices."""
    site_streams: dict[int, int]
    """Site number to its stream."""
    device_streams: dict[int, int]
    """Device number to its stream."""
    voices: Voices
    """Which streams have events, in whichever snapshot asks."""
    grants: dict[Grant, Chosen] = field(default_factory=dict)
    """What grants show, as `rights` worked it out for this revision."""
    shown: dict[tuple[bool, bool], Chosen] = field(default_factory=dict)
    """The classes that are listed with and without records and what is unlisted, as `resolve` worked them out."""


class Memory:
    """One `Known` for each organisation; a question compares its freshness in its own snapshot."""

    def __init__(self) -> None:
        """Empty."""
        self._known: dict[int, Known] = {}
        self._voices: dict[int, Voices] = {}
        self._lock = threading.Lock()

    def known(self, connection: apsw.Connection, org: int) -> Known:
        """What this snapshot's directory says; an organisation that is not there is NotFound."""
        row = first(connection, SQL["freshness"], {"org": org})
        if row is None:
            raise NotFound("no such organisation")
        found = self._known.get(org)
        if found is None or found.freshness != (row[0], row[1]):
            with self._lock:
                voices = self._voices.setdefault(org, Voices(org))
            found = _load(connection, org, row[2], (row[0], row[1]), voices)
            with self._lock:
                self._known[org] = found
        return found


def _load(connection: apsw.Connection, org: int, zone: str, freshness: tuple[int, int], voices: Voices) -> Known:
    sites = {site.number: site for site in directory.sites(connection, org)}
    devices = directory.devices(connection, org)
    places: dict[int, Place] = {}
    members: dict[int, set[int]] = {site.stream: set() for site in sites.values()}
    for device in devices:
        site = None if device.site is None else sites[device.site]
        places[device.stream] = Place(
            stream=device.stream,
            device=device.number,
            device_id=device.id,
            device_name=device.name,
            device_kind=device.kind,
            vendor_ids=device.vendor_ids,
            site=None if site is None else site.number,
            site_id=None if site is None else site.id,
            site_name=None if site is None else site.name,
            site_zone=None if site is None else site.zone,
        )
        if site is not None:
            members[site.stream].add(device.stream)
    streams = frozenset(stream for (stream,) in fetch(connection, SQL["event_streams"], {"org": org}))
    classes = directory.classes(connection, org)
    return Known(
        org=org,
        zone=zone,
        freshness=freshness,
        classes=classes,
        places=places,
        directory=Directory(org=org, classes=classes, places=places, last_stream=max(streams, default=0)),
        has_unlisted=not all(found.listed for found in classes.values()),
        streams=streams,
        members={stream: frozenset(found) for stream, found in members.items()},
        site_streams={site.number: site.stream for site in sites.values()},
        device_streams={device.number: device.stream for device in devices},
        voices=voices,
    )
