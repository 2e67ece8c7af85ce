"""A rule that is tried on history goes over it in parts, and finds what it finds in one go."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from gatebook.domain.times import ALWAYS, SECOND_NS, Instant, Window
from gatebook.services import trial as module
from gatebook.services.audit import Audit
from gatebook.services.rule_forms import NewRule
from gatebook.services.trial import Trial, Tried
from tests.services.test_rule_runs import KINDS, RULES, START, Town, town

__all__ = ["town"]


def told(found: Tried) -> tuple[object, ...]:
    firings = [(one.at, one.group, [event.seq for event in one.events]) for one in found.firings]
    return found.looked, found.of, found.matched, found.fired, found.quiet, firings


@pytest.mark.parametrize("seed", range(3))
async def test_in_parts_of_any_size_it_looks_at_the_same_and_fires_alike(
    town: Town, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    random = Random(seed)
    for _ in range(120):
        late = random.choice([0, 0, 0, 30]) * SECOND_NS
        town.at = Instant(town.at + random.choice([0, 1, 1, 4]) * SECOND_NS)
        draft = town.draft(random.choice(KINDS), random.randrange(2), town.at - late, town.at, next(town.keys))
        town.store.write_now(lambda tx, one=draft: tx.append(town.org, [one]))  # type: ignore[misc]
    window = random.choice([ALWAYS, Window(Instant(START + 20 * SECOND_NS), Instant(START + 90 * SECOND_NS))])
    tried = Trial(town.store, Audit(town.store, now=town.now), now=town.now)
    drafts = [msgspec.convert({"name": "draft", **rule}, NewRule) for rule in RULES]

    whole = [told(await tried.run(town.who, draft, window)) for draft in drafts]
    monkeypatch.setattr(module, "PART", random.randint(1, 9))
    monkeypatch.setattr(module, "REACH", random.randint(1, 9))
    monkeypatch.setattr(module, "BATCH", random.randint(1, 4))
    parts = [told(await tried.run(town.who, draft, window)) for draft in drafts]

    assert parts == whole
    assert any(found[3] for found in whole)
