"""What a webhook in another's format posts, how it is signed, and how often it is tried."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatebook.domain.times import DAY_NS, Instant
from gatebook.services.deliveries import Deliveries
from gatebook.services.followers import advance
from gatebook.services.rule_forms import Action, NewRule, WebhookAction
from tests.services.test_deliveries import Site, site_in


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with site_in(tmp_path) as found:
        yield found


def test_the_recorded_body_is_posted_with_the_recorded_headers(site: Site) -> None:
    """Add-on Webhooks, API documentation: the body, `X-Milestone-Api-Version` and `X-Hub-Signature-256`."""
    made = site.hook("/vendor", format="xprotect")
    site.opens(0)

    site.drain()

    [(_path, headers, body)] = site.receiver.got
    told = json.loads(body)
    header = told["Event"]["EventHeader"]
    assert (header["Name"], header["Source"]["Name"], told["Site"]["ServerType"]) == ("Door Opened", "one", "XPCO")
    assert header["Source"]["FQID"]["ObjectId"] == str(site.doors[0].id)
    assert headers["x-milestone-api-version"] == "v1.0"
    assert headers["x-hub-signature-256"] == f"sha256={hmac.new(made.secret.encode(), body, 'sha256').hexdigest()}"


def test_a_receiver_that_says_400_is_not_asked_again(site: Site) -> None:
    """Add-on Webhooks, API documentation: 400 is not tried again."""
    site.receiver.answers["/vendor"] = 400
    made, _ = site.hook("/vendor", format="xprotect"), site.opens(0)

    site.drain()
    site.drain(later_s=3600)

    assert site.states(made) == [("failed", 1, "answered 400")]


def test_any_other_failure_is_tried_twice_more_thirty_seconds_apart_with_the_same_event(site: Site) -> None:
    """Add-on Webhooks, API documentation: two more attempts, 30 seconds apart, with the same event ID."""
    site.receiver.answers["/vendor"] = 500
    made, _ = site.hook("/vendor", format="xprotect"), site.opens(0)

    counts = []
    for pause in (0, 29, 1, 29, 1, 3600):
        site.drain(later_s=pause)
        counts.append(len(site.receiver.got))

    assert counts == [1, 1, 2, 2, 3, 3]
    assert len({json.loads(body)["Event"]["EventHeader"]["ID"] for *_, body in site.receiver.got}) == 1
    assert site.states(made) == [("failed", 3, "answered 500")]


def test_what_no_dialect_offers_any_more_waits(site: Site) -> None:
    made, _ = site.hook("/vendor", format="xprotect"), site.opens(0)
    services, sealer = site.services, site.services.webhooks._sealer
    without = Deliveries(
        site.store, services.live.wakeup, services.egress, sealer, {}, base_url="http://x", now=lambda: site.now
    )

    asyncio.run(without.drain())
    waiting = site.states(made)
    site.drain(later_s=6)

    assert waiting == [("waiting", 1, "its format xprotect is not offered here")]
    assert site.states(made) == [("done", 2, None)]


def test_what_a_rule_sends_joins_the_queue_of_its_webhook(site: Site) -> None:
    made = site.hook("/vendor", format="xprotect", sends="rules")
    who, rules = site.admin(), site.services.rules
    action = Action(webhook=WebhookAction(webhook=made.webhook.id))
    asyncio.run(rules.add(who, NewRule(name="opened", when={"kind": "door.opened"}, actions=(action,))))
    site.opens(0)
    follower = site.services.rule_runs.follower
    while site.store.write_now(lambda tx: advance(tx, follower, site.org, 100)):
        pass

    asyncio.run(site.services.outbox.drain())
    site.drain()

    assert [json.loads(body)["Event"]["EventHeader"]["Name"] for *_, body in site.receiver.got] == ["Door Opened"]
    assert site.states(made) == [("done", 1, None)]


def test_what_was_delivered_is_known_for_thirty_days_and_what_failed_for_ever(site: Site) -> None:
    good, bad = site.hook("/good"), site.hook("/fails", format="xprotect")
    site.receiver.answers["/fails"] = 400
    site.opens(*[0] * 30)
    site.drain()
    early = len(site.states(good))
    site.now = Instant(site.now + 31 * DAY_NS)

    site.opens(*[0] * 60)  # enough for a number that sweeps
    site.drain()

    assert (early, len(site.states(good))) == (30, 60)
    assert len(site.states(bad)) == 90
