"""When a delivery is tried again, and how it is signed, held against the reference library."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from gatebook.domain.deliveries import PAUSES_S, pause_ns, signatures

CHANCES = st.floats(0, 1, exclude_max=True)


@given(st.lists(CHANCES, min_size=8, max_size=8))
def test_seven_pauses_follow_the_schedule_within_a_tenth_and_then_there_is_none(chances: list[float]) -> None:
    pauses = [pause_ns(attempts, chance) for attempts, chance in enumerate(chances, start=1)]

    assert pauses[-1] is None
    for pause, wanted in zip(pauses, (5, 300, 1800, 7200, 18000, 36000, 36000), strict=False):
        assert pause is not None
        assert 0.9 * wanted <= pause / 1e9 <= 1.1 * wanted
    assert len(PAUSES_S) == 7


@given(st.binary(min_size=24, max_size=64), st.dictionaries(st.text(), st.integers()))
def test_the_reference_library_takes_what_is_signed(key: bytes, told: dict[str, int]) -> None:
    secret, body, now = "whsec_" + base64.b64encode(key).decode(), json.dumps(told).encode(), int(time.time())
    signed = signatures([secret], "evt_1", now, body)

    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(now), "webhook-signature": signed}

    assert Webhook(secret).verify(body, headers) == told
    assert signed == Webhook(secret).sign("evt_1", datetime.fromtimestamp(now, UTC), body.decode())


def test_while_secrets_overlap_the_holder_of_either_takes_it_and_a_stranger_does_not() -> None:
    old, new, other = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
    now = int(time.time())

    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(now)}
    headers["webhook-signature"] = signatures([new, old], "evt_1", now, b"{}")

    assert Webhook(old).verify(b"{}", headers) == Webhook(new).verify(b"{}", headers) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(b"{}", headers)
