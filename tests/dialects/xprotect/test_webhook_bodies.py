"""What the rule action "send event to webhook" posts, member for member."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from gatebook.dialects.xprotect.resources.webhook_bodies import body_of, headers_of
from gatebook.dialects.xprotect.schemas import Event

ORGANISATION = UUID("0a6e7b3c-63b4-4e0e-9a55-8c4f1c0c9a01")
CAMERA = "638d8d27-25ae-4a70-a2a8-fd8fd3e5c2a1"
MOTION = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"


def event(source: str) -> Event:
    return Event(
        specversion="1.0", type=MOTION, source=source, time="2026-05-29T12:00:00.1234567Z",
        id="3b241101-e2bb-4255-8caf-4136c566a962", local_id=7, datatype="none", tag=None,
    )  # fmt: skip


def body(source: str = f"cameras/{CAMERA}", base_url: str = "http://gatebook.example:8480") -> bytes:
    return body_of(
        event(source), type_name="Motion Started", source_name="Yard", organisation=ORGANISATION, base_url=base_url
    )


def test_the_body_has_the_recorded_members() -> None:
    """Add-on Webhooks, API documentation, POST: the body of an event."""
    told = json.loads(body())

    fqid = {
        "ServerId": {"Type": "XPCO", "Hostname": "gatebook.example", "Port": 8480, "Id": str(ORGANISATION),
                     "Scheme": "http"},
        "ParentId": str(ORGANISATION), "ObjectId": CAMERA, "FolderType": 0,
        "Kind": "5135ba21-f1dc-4321-806a-6ce2017343c0",
    }  # fmt: skip
    header = {
        "ID": "3b241101-e2bb-4255-8caf-4136c566a962", "Timestamp": "2026-05-29T12:00:00.1234567Z",
        "Type": "System Event", "Version": "1.0", "Priority": 1, "PriorityName": "High", "Name": "Motion Started",
        "Message": "Motion Started", "Source": {"Name": "Yard", "FQID": fqid}, "MessageId": MOTION,
    }  # fmt: skip
    assert told == {
        "Event": {"EventHeader": header},
        "Site": {"ServerHostname": "gatebook.example", "AbsoluteUri": "http://gatebook.example:8480/",
                 "ServerType": "XPCO"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (f"userDefinedEvents/{CAMERA}", "c9bdac3f-41dc-4afa-b057-61767a3914b7"),
        (f"hardware/{CAMERA}", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_the_kind_is_that_of_the_source(source: str, kind: str) -> None:
    """Add-on Webhooks, API documentation, FQID, Kind."""
    assert json.loads(body(source))["Event"]["EventHeader"]["Source"]["FQID"]["Kind"] == kind


def test_a_base_url_without_a_port_has_its_schemes() -> None:
    server = json.loads(body(base_url="https://gatebook.example"))["Event"]["EventHeader"]["Source"]["FQID"]["ServerId"]

    assert (server["Port"], server["Scheme"]) == (443, "https")


def test_the_signature_is_the_hexadecimal_hmac_of_the_bytes() -> None:
    """Add-on Webhooks, API documentation, X-Hub-Signature-256 and X-Milestone-Api-Version; the test vector is the one
    of GitHub's "Validating webhook deliveries", which has the same header."""
    headers = headers_of(b"It's a Secret to Everybody", b"Hello, World!")

    assert headers["X-Milestone-Api-Version"] == "v1.0"
    assert headers["X-Hub-Signature-256"] == ("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
