"""E-mails that rules send: written here, handed by the one way out to the server that the settings name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import msgspec

from gatebook.domain.errors import Refused
from gatebook.domain.times import SECOND_NS
from gatebook.services.egress import Egress, Post
from gatebook.services.rule_acts import Letter
from gatebook.services.rule_effects import Sender
from gatebook.store.rules import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Which server takes e-mails, and from whom they are."""

    post: Post
    sender: str


def sender_of_emails(egress: Egress, mailbox: Mailbox) -> Sender:
    """Sends one e-mail for each effect; a repeat has the same `Message-ID`."""

    async def send(effect: Effect) -> None:
        letter = msgspec.json.decode(effect.payload, type=Letter)
        try:
            message = message_of(effect, letter, mailbox.sender)
        except ValueError as error:  # a line break in what stands in a header
            raise Refused("this e-mail cannot be written") from error
        await egress.mail(mailbox.post, mailbox.sender, letter.to, message.as_bytes(policy=SMTP))

    return send


def message_of(effect: Effect, letter: Letter, sender: str) -> EmailMessage:
    """The e-mail, as text; what happened stands below what the rule says."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(letter.to)
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(datetime.fromtimestamp(effect.created // SECOND_NS, UTC))
    message["Message-ID"] = f"<{effect.key.hex()}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is to be answered
    message.set_content("\n\n".join(part for part in (letter.text, letter.told) if part) + "\n")
    return message
