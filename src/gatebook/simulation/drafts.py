"""Happenings as drafts, such as the door for reports would make of them: for history that is loaded in bulk."""

from __future__ import annotations

from hashlib import blake2b

from gatebook.domain.events import Draft
from gatebook.domain.kinds import PERSONAL_DATA_KINDS
from gatebook.domain.times import Instant, settle
from gatebook.services.ingest import Report, body_of
from gatebook.simulation.directory import Known
from gatebook.simulation.happenings import Happening
from gatebook.simulation.scenes import Scenes
from gatebook.simulation.settings import Settings
from gatebook.simulation.wire import Wire
from gatebook.simulation.world import World


class Drafts:
    """Turns the happenings of one simulation into drafts for one organisation."""

    def __init__(self, settings: Settings, world: World, scenes: Scenes, known: Known, secret: bytes) -> None:
        """`secret` keys the hashes of source keys, as where reports come in: one sent there again is a repeat."""
        self._wire = Wire(settings, world, scenes)
        self._keys = settings.keys
        self._known = known
        self._secret = secret
        self._classes = scenes.classes
        self._personal = [found.kind in PERSONAL_DATA_KINDS for found in scenes.classes]
        self._devices = [made.vendor_id for made in world.devices]
        self._people = [(number, str(one.id), one.name) for number, one in zip(known.people, world.people, strict=True)]

    def draft(self, told: Happening) -> Draft:
        """The draft of one."""
        received, serial, occurred, device, class_, person, credential, data, _, _, _ = told
        number, ref, name = self._people[person] if person >= 0 else (None, None, None)
        stream = self._known.streams[device]
        key = body = None
        if self._keys:
            text = self._wire.key(serial)
            kind, method, reason, _, _ = self._classes[class_]
            report = Report(kind=kind, device=self._devices[device], occurred=Instant(occurred), method=method,
                            reason=reason, person=ref, credential=credential, data=data, key=text)  # fmt: skip
            key = blake2b(b"%d/%b" % (stream, text.encode()), digest_size=16, key=self._secret).digest()
            body = body_of(report, self._secret)
        settled, reported = settle(Instant(occurred), Instant(received))
        return Draft(stream=stream, event_class=self._known.classes[class_], occurred=settled,
                     received=Instant(received), reported=reported, person=number, person_name=name,
                     credential=credential, data=data, data_is_personal=self._personal[class_], key=key,
                     body=body)  # fmt: skip
