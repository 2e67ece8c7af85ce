"""Report what a device saw, once and only once, and read it back."""

import json
from urllib.parse import urlencode
from urllib.request import Request, urlopen

BASE_URL = "http://127.0.0.1:8480"
API_KEY = "YOUR_API_KEY"
DEVICE = 1


def asked(path, body=None):
    """The status and the JSON that a path answers with."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(BASE_URL + path, data=data, headers={"X-API-Key": API_KEY, "Content-Type": "application/json"})
    with urlopen(request, timeout=20) as answer:
        return answer.status, json.load(answer)


report = {"kind": "access.granted", "device": DEVICE, "method": "card", "key": "example-1"}
first, receipt = asked("/v1/events", report)
again, same = asked("/v1/events", report)
print(f"stored {first}, repeated {again}, the same event: {receipt['id'] == same['id']}")

_, page = asked("/v1/events?" + urlencode({"device": DEVICE, "limit": 1}))
print(page["items"][0]["kind"], "is the newest of", page["total"]["n"])
