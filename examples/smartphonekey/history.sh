#!/bin/sh
# The newest page of a lock's history, as JSON.  Against Gatebook, three constants differ.
BASE_URL="https://api.spkey.co"
API_KEY="YOUR_API_KEY"
LOCK_ID=123

curl -sS --fail "$BASE_URL/locks/$LOCK_ID/events" -H "Content-Type: application/json" -H "X-API-Key: $API_KEY"
