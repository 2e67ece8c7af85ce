"""What happened, as a person would say it: one sentence for each kind, the same on a page and in a terminal."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from gatebook.domain.events import Event
from gatebook.domain.kinds import Kind, Method, Reason


class Weight(StrEnum):
    """How a row is marked; colour is never the only sign of it."""

    PLAIN = "plain"
    DENIED = "denied"
    TROUBLE = "trouble"
    ALARM = "alarm"


WEIGHTS: Final[dict[Kind, Weight]] = {
    Kind.ACCESS_DENIED: Weight.DENIED,
    Kind.DOOR_FORCED: Weight.TROUBLE,
    Kind.DOOR_HELD: Weight.TROUBLE,
    Kind.TAMPER_DETECTED: Weight.TROUBLE,
    Kind.DEVICE_DISCONNECTED: Weight.TROUBLE,
    Kind.SYNC_FAILED: Weight.TROUBLE,
    Kind.COMMAND_FAILED: Weight.TROUBLE,
    Kind.ALARM_RAISED: Weight.ALARM,
}
"""What is more than plain."""

MARKS: Final = {Weight.PLAIN: " ", Weight.DENIED: "○", Weight.TROUBLE: "●", Weight.ALARM: "▲"}

DEEDS: Final[dict[Kind, str]] = {
    Kind.ACCESS_GRANTED: "was admitted",
    Kind.ACCESS_DENIED: "was refused",
    Kind.DOOR_OPENED: "The door was opened",
    Kind.DOOR_CLOSED: "The door was closed",
    Kind.DOOR_FORCED: "The door was forced",
    Kind.DOOR_HELD: "The door is held open",
    Kind.DOOR_RESTORED: "The door is as it should be again",
    Kind.LOCK_LOCKED: "Locked",
    Kind.LOCK_UNLOCKED: "Unlocked",
    Kind.SHIFT_STARTED: "began a shift",
    Kind.SHIFT_ENDED: "ended a shift",
    Kind.EXIT_REQUESTED: "The way out was asked for",
    Kind.TAMPER_DETECTED: "Somebody tampers with the device",
    Kind.TAMPER_CLEARED: "The tampering is over",
    Kind.DEVICE_STARTED: "The device started",
    Kind.DEVICE_STOPPED: "The device stopped",
    Kind.DEVICE_CONNECTED: "The device is in contact",
    Kind.DEVICE_DISCONNECTED: "The device lost contact",
    Kind.DEVICE_DECOMMISSIONED: "The device was taken out of service",
    Kind.SYNC_STARTED: "A synchronisation began",
    Kind.SYNC_SKIPPED: "A synchronisation was skipped",
    Kind.SYNC_COMPLETED: "A synchronisation was completed",
    Kind.SYNC_FAILED: "A synchronisation failed",
    Kind.SYNC_DELAYED: "A synchronisation is late",
    Kind.OWNER_ASSIGNED: "An owner was assigned",
    Kind.SHARE_GRANTED: "Access was shared",
    Kind.SHARE_REVOKED: "Shared access was withdrawn",
    Kind.USER_PROMOTED: "was promoted",
    Kind.USER_DEMOTED: "was demoted",
    Kind.SETTING_CHANGED: "A setting was changed",
    Kind.TILE_ASSOCIATED: "A tile was associated",
    Kind.TILE_DISSOCIATED: "A tile was dissociated",
    Kind.KEY_ADDED: "A key was added",
    Kind.KEY_REMOVED: "A key was removed",
    Kind.RESIDENT_ADDED: "A resident was added",
    Kind.RESIDENT_REMOVED: "A resident was removed",
    Kind.PLATE_REGISTERED: "A number plate was registered",
    Kind.PLATE_WITHDRAWN: "A number plate was withdrawn",
    Kind.PLATE_READ: "A number plate was read",
    Kind.PLATE_DECIDED: "A number plate was decided on",
    Kind.COMMAND_REQUESTED: "A command was given",
    Kind.COMMAND_COMPLETED: "A command was carried out",
    Kind.COMMAND_FAILED: "A command failed",
    Kind.MOTION_STARTED: "Motion began",
    Kind.MOTION_STOPPED: "Motion ended",
    Kind.RECORDING_STARTED: "Recording began",
    Kind.RECORDING_STOPPED: "Recording ended",
    Kind.EVENT_TRIGGERED: "An event was triggered",
    Kind.ANALYTICS_DETECTED: "Something was detected in the picture",
    Kind.ALARM_RAISED: "An alarm was raised",
    Kind.ALARM_CHANGED: "An alarm was worked on",
    Kind.ALARM_CLOSED: "An alarm was closed",
    Kind.RECORD_SIGNED_IN: "Somebody signed in",
    Kind.RECORD_SIGNED_OUT: "Somebody signed out",
    Kind.RECORD_REFUSED: "Requests were refused",
    Kind.RECORD_SEARCHED: "Somebody was searched for",
    Kind.RECORD_EXPORTED: "Events were exported",
    Kind.RECORD_CHANGED: "The directory was changed",
    Kind.RECORD_REMOVED: "Events were removed",
    Kind.RECORD_ERASED: "Personal parts were erased",
}
"""What happened; in lower case where it is said of somebody."""

METHODS: Final[dict[Method, str]] = {
    Method.CARD: "by card",
    Method.PIN: "by PIN",
    Method.MANUAL: "by hand",
    Method.REQUEST_EXIT: "by the exit button",
    Method.AUXILIARY: "by an auxiliary input",
    Method.APPLICATION: "by application",
    Method.WHILE_UNLOCKED: "while it was unlocked",
    Method.APPLE_WALLET: "by Apple Wallet",
    Method.GOOGLE_WALLET: "by Google Wallet",
    Method.MULTI_FACTOR: "by several factors",
    Method.PLATE: "by number plate",
}

REASONS: Final[dict[Reason, str]] = {
    Reason.UNAUTHORISED: "not authorised",
    Reason.OUT_OF_HOURS: "out of hours",
    Reason.LOCKDOWN: "lockdown",
    Reason.TAMPER: "tampering",
    Reason.WRONG_PIN: "wrong PIN",
    Reason.TIMEOUT: "too slow",
    Reason.INVALID_TYPE: "wrong sort of credential",
    Reason.PASSBACK: "passed already",
    Reason.OFFLINE: "device offline",
}


def weight_of(event: Event) -> Weight:
    """How the event's row is marked."""
    return WEIGHTS.get(event.kind, Weight.PLAIN)


def deed_of(event: Event) -> str:
    """What happened, without who, where and how: `Refused: out of hours`."""
    deed = DEEDS[event.kind]
    said = deed.removeprefix("was ").capitalize() if deed[0].islower() else deed
    return said if event.reason is None else f"{said}: {REASONS[event.reason]}"


def sentence_of(event: Event, *, who: str | None, where: str | None) -> str:
    """The same with where, as a whole sentence: `Joe Bloggs was admitted at Front Entrance by card.`"""
    deed = DEEDS[event.kind]
    said = f"{who or 'Somebody'} {deed}" if deed[0].islower() else deed
    if where is not None:
        said += f" at {where}"
    if event.method is not None:
        said += f" {METHODS[event.method]}"
    if who is not None and not deed[0].islower():
        said += f" by {who}"
    if event.reason is not None:
        said += f": {REASONS[event.reason]}"
    return f"{said}."
