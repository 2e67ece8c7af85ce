"""Between the native API's shapes and the log: a report becomes one of the services', an event what its reader sees."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

from msgspec import UNSET, Raw, UnsetType

from gatebook.dialects.native import schemas
from gatebook.dialects.native.schemas import Named, Reported
from gatebook.domain.admits import Place
from gatebook.domain.errors import BadInput, TooLarge
from gatebook.domain.events import Event
from gatebook.domain.filters import PLATE_KINDS, PLATE_METHOD
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.times import Instant, parse_instant, rfc3339
from gatebook.services.ingest import Report
from gatebook.services.views import View, hides_data
from gatebook.store.contract import Page

PLATE_LIMIT: Final = 16
DATA_LIMIT_BYTES: Final = 1 << 20
ANALYTICS_LIMIT_BYTES: Final = 15 << 20
KINDS: Final = {kind: (kind.value,) for kind in Kind}
"""Gatebook's own words."""
KIND_OF: Final = {kind.value: kind for kind in Kind}
_NULL: Final = b"null"


# -- reports ---------------------------------------------------------------------------------------------------------


def report_of(sent: Reported, zone: tzinfo, key: str | None = None) -> Report:
    """A report as the services take it; BadInput and TooLarge name the field alone."""
    if sent.credential is not None:
        short_plate(sent.kind, sent.method, sent.credential)
    return Report(
        kind=sent.kind,
        device=sent.device,
        occurred=instant_of(sent.occurred, zone, "occurred"),
        method=sent.method,
        reason=sent.reason,
        type=sent.type,
        person=sent.person,
        person_name=sent.person_name,
        credential=sent.credential,
        tag=sent.tag,
        message=sent.message,
        data=data_of(sent.data, sent.kind),
        key=sent.key or key,
    )


def instant_of(text: str | None, zone: tzinfo, field: str) -> Instant | None:
    """The time, if one is given."""
    return None if text is None else parse_instant(text, zone, field)


def data_of(raw: Raw | UnsetType, kind: str | None) -> bytes | None:
    """The object, byte for byte; None for null and for nothing."""
    if raw is UNSET:
        return None
    text = bytes(raw)
    if text == _NULL:
        return None
    if text[:1] != b"{":
        raise BadInput("data", "is not an object", "send a JSON object")
    if len(text) > DATA_LIMIT_BYTES:
        limit = ANALYTICS_LIMIT_BYTES if (kind or "").startswith("analytics.") else DATA_LIMIT_BYTES
        if len(text) > limit:
            raise TooLarge("data", f"has {len(text)} bytes", f"send at most {limit}")
    return text


def short_plate(kind: str | None, method: Method | None, credential: str | None) -> None:
    """Refuses a credential that is a plate and longer than plates are."""
    plate = (kind or "").startswith("plate.") or method is PLATE_METHOD
    if plate and len(credential or "") > PLATE_LIMIT:
        raise BadInput("credential", f"has {len(credential or '')} characters", f"a plate has at most {PLATE_LIMIT}")


def sent_of(report: Report, view: View) -> Reported:
    """A report as it was sent, without what its reader may not see."""
    is_plate = (report.kind or "").startswith("plate.") or report.method is PLATE_METHOD
    known = KIND_OF.get(report.kind or "")
    hidden = known is not None and hides_data(known, is_plate, view)
    return Reported(
        kind=report.kind,
        device=report.device,
        occurred=None if report.occurred is None else rfc3339(report.occurred),
        method=report.method,
        reason=report.reason,
        type=report.type,
        person=report.person if view.people else None,
        person_name=report.person_name if view.people else None,
        credential=report.credential if (view.plates if is_plate else view.credentials) else None,
        tag=report.tag,
        message=report.message,
        data=Raw(_NULL if report.data is None or hidden else report.data),
        key=report.key,
    )


# -- events ----------------------------------------------------------------------------------------------------------


def wire_of(event: Event, page: Page, view: View) -> schemas.Event:
    """The event as its reader sees it, with the names that its page knows."""
    place = page.places.get(event.stream)
    is_plate = event.kind in PLATE_KINDS or event.method is PLATE_METHOD
    return schemas.Event(
        id=event.id,
        kind=event.kind,
        occurred=rfc3339(event.occurred),
        received=rfc3339(event.received),
        device=_device(place),
        version=event.version,
        site=_site(place),
        method=event.method,
        reason=event.reason,
        type=event.type_id,
        reported=None if event.reported is None else rfc3339(event.reported),
        person=_person(event, page) if view.people else None,
        credential=event.credential if (view.plates if is_plate else view.credentials) else None,
        plate=event.credential if is_plate and view.plates else None,
        tag=event.tag,
        message=event.message,
        data=None if event.data is None or hides_data(event.kind, is_plate, view) else Raw(event.data),
        listed=event.listed,
        erased=event.erased,
        cause=event.cause if view.order else UNSET,
        seq=event.seq if view.order else UNSET,
    )


def _device(place: Place | None) -> Named | None:
    return None if place is None else Named(place.device_id, place.device, place.device_name)


def _site(place: Place | None) -> Named | None:
    if place is None or place.site is None:
        return None
    return Named(place.site_id, place.site, place.site_name)


def _person(event: Event, page: Page) -> Named | None:
    if event.person is None and event.person_name is None:
        return None
    known = None if event.person is None else page.people.get(event.person)
    return Named(known.id if known else None, event.person, event.person_name)
