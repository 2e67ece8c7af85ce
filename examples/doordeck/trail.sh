#!/bin/sh
# Sign in, and read the audit trails of a user's locks as JSON.  Against Gatebook, three constants differ.
BASE_URL="https://api.doordeck.com"
EMAIL="USERNAME"
PASSWORD="PASSWORD"

field() { sed "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/"; }

TOKEN=$(curl -sS --fail "$BASE_URL/auth/token" -H "Content-Type: application/json" \
  --data-binary "{\"email\":\"$EMAIL\",\"password\":\"$PASSWORD\"}" | field authToken)
curl -sS --fail "$BASE_URL/device" -H "Authorization: Bearer $TOKEN" | tr '{' '\n' | grep '"id"' | field id |
  while read -r LOCK; do
    curl -sS --fail "$BASE_URL/device/$LOCK/log" -H "Authorization: Bearer $TOKEN" \
      -H "Accept: application/vnd.doordeck.api-v2+json"
  done
