"""Every way in which Gatebook says no; each dialect turns these into its vendor's body.

GatebookError
+ Refused                     the request itself is at fault; nothing was changed
| + BadInput                  400  a field that cannot be read
| + Unplaceable               422  readable, but names what is not there (a report may be quarantined)
| + Unauthenticated           401  no credential, or one that does not hold
| + Forbidden                 403  a known principal without the right
| + NotFound                  404  absent and hidden alike
| + MethodNotAllowed          405
| + NotAcceptable             406  no representation that the client takes
| + TooSlow                   408  the body did not come in time
| + Conflict                  409  the same key with another body, a lost race, a taken name
| + TooLarge                  413  body, batch or list over its limit
| + UnsupportedMedia          415
| + PreconditionFailed        412  an ETag that is no longer current
| + TooMany                   429  a rate or a budget is used up
|   + LockedOut                    too many wrong passwords for this name from this network
+ Unavailable                 503  the request may be good; try again later
| + QueueFull                      the writer's queue is full
| + StoreFull                      disk or size limit reached
| + StoreReadOnly                  the file cannot be written
| + TookTooLong                    a read was stopped at its time limit
| + Unreachable                    another server did not answer, or may not be asked
+ Broken                           the store or a setting is not usable at all: the start is refused
"""

from __future__ import annotations


class GatebookError(Exception):
    """The root; `str(error)` is one sentence fit for a client: no secret, no stack."""

    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Refused(GatebookError):
    """The request is at fault; nothing was changed."""

    status = 400


class FieldFault(Refused):
    """A refusal that names its `field` as the client wrote it, the `fault` in it, and the `remedy`."""

    def __init__(self, field: str, fault: str, remedy: str) -> None:
        super().__init__(f"{field}: {fault}; {remedy}" if field else f"{fault}; {remedy}")
        self.field = field
        self.fault = fault
        self.remedy = remedy


class BadInput(FieldFault):
    """Cannot be read: syntax, type, range, or an unknown word."""


class Unplaceable(FieldFault):
    """Can be read, but not placed: unknown or hidden device, unknown kind, missing field."""

    status = 422


class Unauthenticated(Refused):
    """No credential, or one that does not hold."""

    status = 401


class Forbidden(Refused):
    """The principal is known and may not."""

    status = 403


class NotFound(Refused):
    """Absent, or hidden from this principal: the same answer."""

    status = 404


class MethodNotAllowed(Refused):
    """`allowed` are the methods of this path, upper case."""

    status = 405

    def __init__(self, message: str, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


class NotAcceptable(Refused):
    """None of the representations that the client takes can be given."""

    status = 406


class TooSlow(Refused):
    """The request's body did not come in time; the connection is closed."""

    status = 408


class Conflict(Refused):
    """The same key with another body, or a name already taken."""

    status = 409


class KeyTaken(Conflict, FieldFault):
    """A report's key was used before for a different report."""


class PreconditionFailed(Refused):
    """The ETag given is not the current one."""

    status = 412


class TooLarge(FieldFault):
    """A body, batch or list over its limit."""

    status = 413


class UnsupportedMedia(Refused):
    """A content type or encoding that is not spoken here."""

    status = 415


class TooMany(Refused):
    """A rate or budget is used up; try again after `retry_after_s` seconds."""

    status = 429

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class LockedOut(TooMany):
    """Too many wrong passwords for this name from this network; the same whether there is such a name or not."""


class Unavailable(GatebookError):
    """Nothing is wrong with the request; try again after `retry_after_s` seconds."""

    status = 503

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QueueFull(Unavailable):
    """The writer has as many events waiting as it may hold."""


class StoreFull(Unavailable):
    """The disk, or the size limit of the store, is reached."""


class StoreReadOnly(Unavailable):
    """The store's file cannot be written."""


class TookTooLong(Unavailable):
    """A read was stopped at its time limit; a narrower question would be answered."""


class Unreachable(Unavailable):
    """Another server did not answer as it should, or is at an address that may not be asked.

    `permanent`: trying again changes nothing.
    """

    def __init__(self, message: str, retry_after_s: int = 30, permanent: bool = False) -> None:
        super().__init__(message, retry_after_s)
        self.permanent = permanent


class Broken(GatebookError):
    """The store or a setting cannot be used at all; the message says what to do."""
