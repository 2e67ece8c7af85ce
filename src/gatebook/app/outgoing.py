"""What leaves the house: webhooks in the words of the dialects, e-mails, commands to devices, each with its sender."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatebook import dialects
from gatebook.app.secrets import derived
from gatebook.app.settings import Email
from gatebook.app.stores import Opened
from gatebook.connectors.email import Mailbox, sender_of_emails
from gatebook.domain.times import Instant
from gatebook.http.dialect import Dialect
from gatebook.services.commands import Commands
from gatebook.services.deliveries import Deliveries
from gatebook.services.delivery_formats import Format
from gatebook.services.egress import Egress, Post
from gatebook.services.rule_effects import Outbox, Sender, sender_of_commands
from gatebook.services.tail import Wakeup
from gatebook.services.webhooks import Sealer, Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Sends:
    """What may be sent; `formats` of webhooks, None: those of all dialects there are.

    Without a `mailbox`, e-mails wait in the outbox.
    """

    formats: Mapping[str, Format] | None = None
    mailbox: Mailbox | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Who sends it."""

    webhooks: Webhooks
    deliveries: Deliveries
    outbox: Outbox


def sends_of(settings: Email, spoken: Sequence[Dialect[Any]]) -> Sends:
    """As the settings have it, for these dialects."""
    return Sends(formats=formats_of(spoken), mailbox=mailbox_of(settings))


def formats_of(spoken: Sequence[Dialect[Any]]) -> dict[str, Format]:
    """What webhooks may send, in the words of these dialects."""
    return {name: format for dialect in spoken for name, format in dialect.formats.items()}


def mailbox_of(settings: Email) -> Mailbox | None:
    """From where e-mails are sent, if that is set."""
    if settings.host is None:
        return None
    post = Post(
        host=settings.host, port=settings.port, security=settings.security, user=settings.user,
        password=settings.password,
    )  # fmt: skip
    return Mailbox(post=post, sender=settings.sender)


def outgoing_of(
    found: Opened, wakeup: Wakeup, commands: Commands, egress: Egress, sends: Sends, *, base_url: str,
    now: Callable[[], Instant],
) -> Outgoing:  # fmt: skip
    """The senders; e-mails go to the host that the settings name, wherever it is."""
    store, sealer = found.store, Sealer(derived(found.secret, "webhook secrets"))
    formats = formats_of(dialects.load()) if sends.formats is None else sends.formats
    deliveries = Deliveries(store, wakeup, egress, sealer, formats, base_url=base_url, now=now)
    senders: dict[str, Sender] = {
        "command": sender_of_commands(store, commands, now),
        "webhook": deliveries.take_effect,
    }
    if sends.mailbox is not None:
        senders["email"] = sender_of_emails(egress.allowing(sends.mailbox.post.host), sends.mailbox)
    return Outgoing(
        webhooks=Webhooks(store, sealer, formats, now=now),
        deliveries=deliveries,
        outbox=Outbox(store, wakeup, senders, now=now),
    )
