#!/bin/sh
# Report what a device saw, and read the newest event back, as JSON.
BASE_URL="http://127.0.0.1:8480"
API_KEY="YOUR_API_KEY"
DEVICE=1

curl -sS --fail "$BASE_URL/v1/events" -H "X-API-Key: $API_KEY" -H "Content-Type: application/json" \
  --data "{\"kind\":\"access.granted\",\"device\":$DEVICE,\"method\":\"card\"}"
curl -sS --fail "$BASE_URL/v1/events?device=$DEVICE&limit=1" -H "X-API-Key: $API_KEY"
