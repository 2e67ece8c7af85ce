#!/bin/sh
# The newest events since a time, as JSON.  Against Gatebook, three constants differ.
BASE_URL="https://api.doorflow.com"
API_KEY="YOUR_API_KEY"
SINCE="2026-01-01T00:00:00Z"

curl -sS --fail "$BASE_URL/api/3/events?since=$SINCE&n=100" -u "$API_KEY:x"
