"""What a webhook sends in the native format: the event's JSON, with the headers of Standard Webhooks."""

from __future__ import annotations

import msgspec

from gatebook.dialects.native.mapping import wire_of
from gatebook.domain.deliveries import signatures
from gatebook.domain.times import SECOND_NS
from gatebook.services.delivery_formats import Built, Format, Message


def built(message: Message) -> Built:
    """The event as the webhook's author sees it, signed with each secret.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    body = msgspec.json.encode(wire_of(message.event, message.page, message.view))
    timestamp = message.at // SECOND_NS
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures(message.secrets, message.id, timestamp, body),
    }
    return Built(body, headers)


FORMATS = {"native": Format(build=built)}
"""Tried again as Standard Webhooks advises."""
