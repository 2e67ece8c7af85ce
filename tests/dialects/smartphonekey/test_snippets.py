"""What the vendor's pages print, run as printed but for base URL, key, token and lock."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys

import pytest

from gatebook.domain.places import Device
from tests.dialects.smartphonekey.house import House

CURL = r"""
curl -X GET "https://api.spkey.co/locks/123/events?page=example_string" \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer YOUR_API_TOKEN (JWT)" \
  -H "X-API-Key: YOUR_API_KEY"
"""
PYTHON = """
import requests
import json
url = "https://api.spkey.co/locks/123/events?page=example_string"
headers = {
"Content-Type": "application/json",
"Authorization": "Bearer YOUR_API_TOKEN (JWT)",
"X-API-Key": "YOUR_API_KEY"
}
response = requests.get(url, headers=headers)
print(response.json())
"""
JAVASCRIPT = """
const response = await fetch("https://api.spkey.co/locks/123/events?page=example_string", {
method: "GET",
headers: {
"Content-Type": "application/json",
"Authorization": "Bearer YOUR_API_TOKEN (JWT)",
"X-API-Key": "YOUR_API_KEY"
}
});
const data = await response.json();
console.log(data);
"""


@pytest.fixture(scope="module")
def lock(house: House) -> Device:
    lock = house.add_device(77)
    house.report(lock, *["door.opened"] * 12)
    return lock


def filled_in(snippet: str, house: House, lock: Device) -> str:
    asyncio.run(house.services.tokens.signing.ensure())
    token, _ = asyncio.run(house.services.tokens.issue(house.admin, "smartphonekey"))
    filled = snippet.replace("https://api.spkey.co", house.base_url).replace("YOUR_API_KEY", house.make_key())
    filled = filled.replace("YOUR_API_TOKEN (JWT)", token)
    return filled.replace("/123/", f"/{lock.number}/").replace("example_string", "2")


def output(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_curl_line_works(house: House, lock: Device) -> None:
    """SmartphoneKey "Get lock event history", curl line."""
    told = output("bash", "-c", filled_in(CURL, house, lock))

    assert json.loads(told) == house.get(lock, page="2").json()


def test_the_python_snippet_works(house: House, lock: Device) -> None:
    """SmartphoneKey "Get LPR event history", Python snippet, for this page's URL."""
    told = output(sys.executable, "-c", filled_in(PYTHON, house, lock))

    assert told.strip() == str(house.get(lock, page="2").json())


def test_the_javascript_snippet_works(house: House, lock: Device) -> None:
    """SmartphoneKey "Get LPR event history", JavaScript snippet, for this page's URL."""
    node = shutil.which("node")
    assert node is not None, "node is not on the PATH; install the Debian package nodejs"

    told = output(node, "--input-type=module", "-e", filled_in(JAVASCRIPT, house, lock))

    assert "totalEvents: 12" in told
    assert "page: 2" in told
    assert f"aggregateId: '{lock.number}'" in told
