"""A token from the identity provider, and the stored events.  Against Gatebook, three constants differ."""

import json
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SERVER_URL = "https://test-01.example.com"
USERNAME = "username"
PASSWORD = "password"

form = {"grant_type": "password", "username": USERNAME, "password": PASSWORD, "client_id": "GrantValidatorClient"}
with urlopen(Request(f"{SERVER_URL}/IDP/connect/token", data=urlencode(form).encode()), timeout=20) as answer:
    token = json.load(answer)["access_token"]

request = Request(f"{SERVER_URL}/api/rest/v1/events", headers={"Authorization": f"Bearer {token}"})
with urlopen(request, timeout=20) as answer:
    events = json.load(answer)["array"]

print(f"{len(events)} events, the oldest first")
for event in events:
    print(event["time"], event["source"])
