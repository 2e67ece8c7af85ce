"""The closed vocabulary: what can happen, by which method, for which reason.

Kinds are `subject.past_participle` and grow only by a decision record. What a vendor calls them stands in that
vendor's dialect.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID, uuid5


class Kind(StrEnum):
    """What happened."""

    __hash__ = str.__hash__  # an enumeration's own is slower, and not that of the equal text

    ACCESS_GRANTED = "access.granted"
    ACCESS_DENIED = "access.denied"
    DOOR_OPENED = "door.opened"
    DOOR_CLOSED = "door.closed"
    DOOR_FORCED = "door.forced"
    DOOR_HELD = "door.held"
    DOOR_RESTORED = "door.restored"
    LOCK_LOCKED = "lock.locked"
    LOCK_UNLOCKED = "lock.unlocked"
    SHIFT_STARTED = "shift.started"
    SHIFT_ENDED = "shift.ended"
    EXIT_REQUESTED = "exit.requested"
    TAMPER_DETECTED = "tamper.detected"
    TAMPER_CLEARED = "tamper.cleared"
    DEVICE_STARTED = "device.started"
    DEVICE_STOPPED = "device.stopped"
    DEVICE_CONNECTED = "device.connected"
    DEVICE_DISCONNECTED = "device.disconnected"
    DEVICE_DECOMMISSIONED = "device.decommissioned"
    SYNC_STARTED = "sync.started"
    SYNC_SKIPPED = "sync.skipped"
    SYNC_COMPLETED = "sync.completed"
    SYNC_FAILED = "sync.failed"
    SYNC_DELAYED = "sync.delayed"
    OWNER_ASSIGNED = "owner.assigned"
    SHARE_GRANTED = "share.granted"
    SHARE_REVOKED = "share.revoked"
    USER_PROMOTED = "user.promoted"
    USER_DEMOTED = "user.demoted"
    SETTING_CHANGED = "setting.changed"
    TILE_ASSOCIATED = "tile.associated"
    TILE_DISSOCIATED = "tile.dissociated"
    KEY_ADDED = "key.added"
    KEY_REMOVED = "key.removed"
    RESIDENT_ADDED = "resident.added"
    RESIDENT_REMOVED = "resident.removed"
    PLATE_REGISTERED = "plate.registered"
    PLATE_WITHDRAWN = "plate.withdrawn"
    PLATE_READ = "plate.read"
    PLATE_DECIDED = "plate.decided"
    COMMAND_REQUESTED = "command.requested"
    COMMAND_COMPLETED = "command.completed"
    COMMAND_FAILED = "command.failed"
    MOTION_STARTED = "motion.started"
    MOTION_STOPPED = "motion.stopped"
    RECORDING_STARTED = "recording.started"
    RECORDING_STOPPED = "recording.stopped"
    EVENT_TRIGGERED = "event.triggered"
    ANALYTICS_DETECTED = "analytics.detected"
    ALARM_RAISED = "alarm.raised"
    ALARM_CHANGED = "alarm.changed"
    ALARM_CLOSED = "alarm.closed"
    RECORD_SIGNED_IN = "record.signed_in"
    RECORD_SIGNED_OUT = "record.signed_out"
    RECORD_REFUSED = "record.refused"
    RECORD_SEARCHED = "record.searched"
    RECORD_EXPORTED = "record.exported"
    RECORD_CHANGED = "record.changed"
    RECORD_REMOVED = "record.removed"
    RECORD_ERASED = "record.erased"

    @property
    def is_record(self) -> bool:
        """True for the record of who looked and who changed: readable with `audit:read`, in no vendor's dialect."""
        return self.startswith("record.")

    @property
    def type(self) -> UUID:
        """The UUID of this kind's built-in event type: the same on every installation."""
        return BUILT_IN_TYPES[self]


class Method(StrEnum):
    """By what means somebody asked to pass."""

    __hash__ = str.__hash__  # an enumeration's own is slower, and not that of the equal text

    CARD = "card"
    PIN = "pin"
    MANUAL = "manual"
    REQUEST_EXIT = "request_exit"
    AUXILIARY = "auxiliary"
    APPLICATION = "application"
    WHILE_UNLOCKED = "while_unlocked"
    APPLE_WALLET = "apple_wallet"
    GOOGLE_WALLET = "google_wallet"
    MULTI_FACTOR = "multi_factor"
    PLATE = "plate"


class Reason(StrEnum):
    """Why somebody was refused."""

    __hash__ = str.__hash__  # an enumeration's own is slower, and not that of the equal text

    UNAUTHORISED = "unauthorised"
    OUT_OF_HOURS = "out_of_hours"
    LOCKDOWN = "lockdown"
    TAMPER = "tamper"
    WRONG_PIN = "wrong_pin"
    TIMEOUT = "timeout"
    INVALID_TYPE = "invalid_type"
    PASSBACK = "passback"
    OFFLINE = "offline"


NAMESPACE = UUID("6b1f4b0e-3f0c-5d43-9a55-0d7c2f1e8a10")
"""The root of every UUID that Gatebook derives from a name."""

BUILT_IN_TYPES: dict[Kind, UUID] = {kind: uuid5(NAMESPACE, f"kind/{kind.value}") for kind in Kind}
"""One event type for each kind, known without a catalogue row having been made."""

PERSONAL_DATA_KINDS = frozenset({Kind.PLATE_READ, Kind.PLATE_DECIDED, Kind.PLATE_REGISTERED, Kind.PLATE_WITHDRAWN,
                                 Kind.ANALYTICS_DETECTED, Kind.RESIDENT_ADDED, Kind.RESIDENT_REMOVED,
                                 *(kind for kind in Kind if kind.is_record)})  # fmt: skip
"""Kinds whose `data` is a personal part: it lies with the salted parts and can be erased."""
