"""Everything since a time, page after page.  Against Gatebook, three constants differ."""

import base64
import json
from urllib.parse import urlencode
from urllib.request import Request, urlopen

BASE_URL = "https://api.doorflow.com"
API_KEY = "YOUR_API_KEY"
SINCE = "2026-01-01T00:00:00Z"

basic = base64.b64encode(f"{API_KEY}:x".encode()).decode()
page, found, total = 1, [], 1
while len(found) < total:
    query = urlencode({"since": SINCE, "n": 100, "page": page})
    request = Request(f"{BASE_URL}/api/3/events?{query}", headers={"Authorization": f"Basic {basic}"})
    with urlopen(request, timeout=20) as answer:
        total = int(answer.headers["Total"])
        events = json.load(answer)
    if not events:
        break
    found += events
    page += 1

print(f"{len(found)} of {total} events")
for event in found:
    print(event["event_code"], event["event_label"], "at", event["channel_name"])
