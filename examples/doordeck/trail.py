"""Sign in, and read the audit trail of every lock.  Against Gatebook, three constants differ."""

import json
from urllib.request import Request, urlopen

BASE_URL = "https://api.doordeck.com"
EMAIL = "USERNAME"
PASSWORD = "PASSWORD"

V2 = "application/vnd.doordeck.api-v2+json"


def asked(path, token=None, body=None):
    """The JSON that a path answers with."""
    headers = {"Accept": V2, "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = Request(BASE_URL + path, headers=headers, data=None if body is None else json.dumps(body).encode())
    with urlopen(request, timeout=20) as answer:
        return json.load(answer)


token = asked("/auth/token", body={"email": EMAIL, "password": PASSWORD})["authToken"]
for lock in asked("/device", token):
    trail = asked(f"/device/{lock['id']}/log", token)
    print(f"{lock['name']}: {len(trail)} events, the newest first")
    for event in trail:
        print(event["type"], event["message"])
