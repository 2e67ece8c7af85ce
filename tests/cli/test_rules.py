"""`gatebook rules`, with every example of its page."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from gatebook.app.build import services_of
from gatebook.app.stores import Opened
from gatebook.cli.desk import operator_of
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import Window, parse_instant
from gatebook.services.names import new_id
from gatebook.services.rule_forms import NewRule
from gatebook.store import Transaction, open_store
from tests.processes import gatebook, initialised

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
EXAMPLES = [json.loads(text) for text in re.findall(r"```json rule\n(.*?)```", PAGE.read_text(), re.DOTALL)]
START = datetime.now(UTC) - timedelta(minutes=30)
AT_NIGHT = START.replace(hour=2, minute=0) - timedelta(days=1)


def at(seconds: int, start: datetime = START) -> str:
    return (start + timedelta(seconds=seconds)).isoformat()


STORY = [
    {"kind": "door.forced", "occurred": at(0)},
    {"kind": "analytics.detected", "data": {"temperature": 61}, "occurred": at(1)},
    {"kind": "analytics.detected", "data": {"temperature": 60}, "occurred": at(2)},
    {"kind": "access.granted", "occurred": at(0, AT_NIGHT)},
    *({"kind": "access.denied", "person": 1, "occurred": at(10 + n)} for n in range(6)),
    {"kind": "tamper.detected", "occurred": at(100)},
    {"kind": "access.granted", "occurred": at(130)},
    {"kind": "door.opened", "occurred": at(140)},
    {"kind": "door.opened", "occurred": at(400)},
    {"kind": "door.closed", "occurred": at(430)},
]  # fmt: skip
"""What happens at one door; each example of the page fires on it at least once, on these kinds of events."""
CAUSES = {
    "Forced doors": ["door.forced"],
    "Hot or tampered": ["analytics.detected"],
    "Opened out of hours": ["access.granted"],
    "Somebody tries doors": ["access.denied"],
    "Tampered, then opened": ["door.opened"],
    "Left open": ["door.opened"],
}
"""What the last event of each firing is."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    initialised(folder)
    store = open_store(str(folder / "gatebook.db"), checkpoints=False)

    def work(tx: Transaction) -> None:
        device = tx.add_device(1, new_id(), DeviceKind.DOOR, "door", tx.add_site(1, new_id(), "South", "UTC").number)
        tx.add_person(1, new_id(), "Ada")
        for told in STORY:
            when = parse_instant(str(told["occurred"]))
            tx.append(1, [Draft(
                stream=device.stream, event_class=tx.class_of(1, EventClass(Kind(str(told["kind"])))), occurred=when,
                received=when, person=1 if "person" in told else None,
                data=json.dumps(told["data"]).encode() if "data" in told else None,
            )])  # fmt: skip

    store.write_now(work)
    store.close()
    return folder


def written(folder: Path, rule: object) -> str:
    (folder / "rule.json").write_text(json.dumps(rule))
    return "rule.json"


def test_every_example_of_the_page_fires(folder: Path) -> None:
    store = open_store(str(folder / "gatebook.db"), checkpoints=False)
    services = services_of(Opened(store, b"s" * 32))
    [organisation] = store.read_now(store.directory.organisations)
    window = Window(parse_instant(at(-60, AT_NIGHT)), services.now())

    async def causes_of(example: object) -> list[str]:
        draft = msgspec.convert(example, NewRule)
        tried = await services.trial.run(operator_of(organisation), draft, window)
        return [firing.events[-1].kind.value for firing in tried.firings]

    found = {str(example["name"]): asyncio.run(causes_of(example))[:1] for example in EXAMPLES}
    store.close()

    assert found == CAUSES


def test_a_draft_is_tried_and_says_on_which_events_it_would_have_fired(folder: Path) -> None:
    draft = written(folder, EXAMPLES[0])

    tried = gatebook(folder, "rules", "try", draft, "--since", at(-60), "--json")
    shown = gatebook(folder, "events", "list", "--where", "kind=door.forced", "--json")

    assert [one["events"] for one in json.loads(tried.stdout)] == [[one["id"]] for one in json.loads(shown.stdout)]
    assert "would have fired 1 times" in tried.stderr


def test_a_rule_is_added_shown_changed_and_removed(folder: Path) -> None:
    added = gatebook(folder, "rules", "add", written(folder, EXAMPLES[3]), "--json")
    assert added.returncode == 0, added.stderr
    [line] = json.loads(added.stdout)
    shown = gatebook(folder, "rules", "show", "Somebody tries doors")
    changed = gatebook(folder, "rules", "change", line["id"], "--disable", "--name", "Tried doors", "--file",
                       written(folder, {"quiet_s": 5}), "--json")  # fmt: skip
    log = gatebook(folder, "rules", "log", "Tried doors", "--json")
    removed = gatebook(folder, "rules", "remove", line["id"])
    listed = gatebook(folder, "rules", "list", "--json")

    assert (line["waits_for"], line["does"]) == ("5 within 120 s", ["alarm"])
    assert json.loads(shown.stdout)["count"] == {"times": 5, "within_s": 120.0}
    assert [(one["name"], one["enabled"], one["revision"]) for one in json.loads(changed.stdout)] == [
        ("Tried doors", False, 2)
    ]
    assert json.loads(log.stdout) == []
    assert removed.returncode == 0
    assert json.loads(listed.stdout) == []


def test_what_is_no_rule_is_refused_by_its_field(folder: Path) -> None:
    refused = gatebook(folder, "rules", "add", written(folder, {"name": "x", "when": {}, "colour": "red"}))
    absent = gatebook(folder, "rules", "try", "no such file")

    assert (refused.returncode, absent.returncode) == (2, 2)
    assert "colour" in refused.stderr
    assert "cannot be read" in absent.stderr
