"""The forms in which readers tell what they read, each turned into reports of one camera.

Source (Plate Recognizer): guides.platerecognizer.com, "Webhooks and Outputs", heading Webhooks: a POST, multipart or
urlencoded, whose field `json` holds the text; a picture may lie beside it as `upload`.
Its second form of a result has an object in the place of the plate, null where a vehicle shows none: parkpow/
deep-license-plate-recognition, stream tools, "FORMAT_V2", 2026.
Source (Frigate): docs.frigate.video, "MQTT", heading frigate/tracked_object_update: `type` is `lpr` for plates.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from hashlib import blake2b
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from gatebook.dialects.native.schemas import Key, Ref, Time
from gatebook.domain.errors import BadInput
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.plates import normalise
from gatebook.domain.times import Instant, parse_instant
from gatebook.services.arrivals import Offered, ReadTold
from gatebook.services.ingest import Report

LONGEST: Final = 16
CANDIDATES: Final = 100
LAST_S: Final = 7_258_118_400.0
"""2200-01-01: times beyond are none."""

Text = Annotated[str, Meta(min_length=1, max_length=64)]
Share = Annotated[float, Meta(ge=0, le=1)]
Id = Annotated[str, Meta(min_length=1, max_length=200)]


class CandidateRead(Struct, frozen=True, forbid_unknown_fields=True):
    """Another way to read the plate."""

    plate: Text
    confidence: Share | None = None


class PlateRead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One read, in the neutral form."""

    camera: Ref | None = None
    """Its UUID, its integer, or a vendor's id; a camera that reports for itself may leave it out."""
    plate: Text
    confidence: Share
    captured: Time | None = None
    """When the picture was taken; without it, when the read is received."""
    vehicle: Id | None = None
    """The reader's id of the vehicle, the same for all reads of one passing."""
    candidates: Annotated[list[CandidateRead], Meta(max_length=CANDIDATES)] = []
    region: Text | None = None
    id: Key | None = None
    """The reader's own id of the read: what makes a repeat a repeat."""


class VendorCandidate(Struct, frozen=True):
    """A candidate of Plate Recognizer's; some have no score."""

    plate: str
    score: Share | None = None


class Region(Struct, frozen=True):
    """Where the plate is from."""

    code: str = ""


class Choice(Struct, frozen=True):
    """One way to read something, in the second form; the best comes first."""

    value: str
    score: Share | None = None


class Properties(Struct, frozen=True):
    """What was read of a plate, in the second form."""

    plate: list[Choice] = []
    region: list[Choice] = []


class FoundPlate(Struct, frozen=True):
    """A plate in the second form."""

    props: Properties


class Result(Struct, frozen=True):
    """One vehicle in a picture; without a plate where it shows none."""

    plate: str | FoundPlate | None = None
    score: Share | None = None
    candidates: list[VendorCandidate] = []
    region: Region | None = None


class Recognised(Struct, frozen=True):
    """What was found in a picture; `timestamp` in UTC."""

    timestamp: Time | None = None
    filename: str = ""
    camera_id: str | None = None
    results: list[Result] = []


class Hook(Struct, frozen=True):
    """The text of Plate Recognizer's field `json`."""

    data: Recognised


class Tracked(Struct, frozen=True):
    """An update of Frigate's; what is no plate has other fields, and says nothing here."""

    type: str
    id: Id | None = None
    plate: Text | None = None
    score: Share | None = None
    timestamp: float | None = None


def neutral(sent: PlateRead, camera: int | str | None, zone: tzinfo) -> Report:
    """A read in the neutral form; `camera` where the read names none."""
    told = ReadTold(
        plate=sent.plate, confidence=sent.confidence, vehicle=sent.vehicle, region=sent.region,
        candidates=[Offered(one.plate, one.confidence) for one in sent.candidates],
    )  # fmt: skip
    captured = None if sent.captured is None else parse_instant(sent.captured, zone, "captured")
    ref = camera if sent.camera is None else sent.camera
    return report(told, ref, captured, sent.id or content_key(told, sent.captured))


def recognised(hook: Hook, camera: int) -> list[Report]:
    """The plates of one picture."""
    data = hook.data
    captured = None if data.timestamp is None else parse_instant(data.timestamp, UTC, "data.timestamp")
    reports = []
    for at, one in enumerate(data.results):
        best, others, region = read_of(one)
        if not best.value:
            continue
        if best.score is None:
            raise BadInput(f"data.results[{at}].score", "is missing", "send the result as Plate Recognizer does")
        told = ReadTold(
            plate=best.value, confidence=best.score, source="plate-recognizer", region=region[:64] or None,
            candidates=[Offered(each.value[:64], each.score) for each in others[:CANDIDATES]],
        )  # fmt: skip
        key = content_key(told, f"{data.timestamp}/{data.filename}/{at}") if data.timestamp or data.filename else None
        reports.append(report(told, camera, captured, key))
    return reports


def read_of(result: Result) -> tuple[Choice, list[Choice], str]:
    """What was read, other ways to read it, and where the plate is from, in either form; empty where no plate is."""
    if isinstance(result.plate, FoundPlate):
        found = result.plate.props
        return next(iter(found.plate), Choice("")), found.plate, found.region[0].value if found.region else ""
    others = [Choice(one.plate, one.score) for one in result.candidates]
    return Choice(result.plate or "", result.score), others, "" if result.region is None else result.region.code


def tracked(update: Tracked, camera: int) -> list[Report]:
    """The plate of one update; none where it tells of something else."""
    if update.type != "lpr":
        return []
    if update.plate is None or update.score is None or update.id is None:
        raise BadInput("plate", "or score, or id is missing", "send the update as Frigate publishes it")
    told = ReadTold(plate=update.plate, confidence=update.score, vehicle=update.id, source="frigate")
    captured = None
    if update.timestamp is not None:
        if not 0 <= update.timestamp < LAST_S:
            raise BadInput("timestamp", "is not between 1970 and 2200", "send seconds since 1970")
        captured = Instant(round(update.timestamp * 1e6) * 1_000)
    return [report(told, camera, captured, content_key(told, str(update.timestamp)))]


def report(told: ReadTold, camera: int | str | None, captured: Instant | None, key: str | None) -> Report:
    """A read as a report of its camera."""
    plate = told.plate.strip().upper()
    if not normalise(plate) or len(plate) > LONGEST:
        raise BadInput("plate", f"has {len(plate)} characters", f"expected 1 to {LONGEST}, with a letter or digit")
    return Report(
        kind=Kind.PLATE_READ.value, device=camera, occurred=captured, method=Method.PLATE, credential=plate,
        data=msgspec.json.encode(told), key=key,
    )  # fmt: skip


def content_key(told: ReadTold, when: str | None) -> str | None:
    """What makes a repeat of a read whose reader gives it no id: the same plate at the same time."""
    if when is None:
        return None
    return "read/" + blake2b(f"{when}/{told.vehicle}/{told.plate}".encode(), digest_size=16).hexdigest()
