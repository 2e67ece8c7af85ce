"""The newest page of a lock's history.  Against Gatebook, three constants differ."""

import json
from urllib.request import Request, urlopen

BASE_URL = "https://api.spkey.co"
API_KEY = "YOUR_API_KEY"
LOCK_ID = 123

request = Request(
    f"{BASE_URL}/locks/{LOCK_ID}/events", headers={"X-API-Key": API_KEY, "Content-Type": "application/json"}
)
with urlopen(request, timeout=20) as answer:
    history = json.load(answer)

print(f"page {history['page']} of {history['totalPages']}, {history['totalEvents']} events")
for event in history["events"]:
    print(event["version"], event["type"])
