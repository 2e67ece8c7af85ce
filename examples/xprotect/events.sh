#!/bin/sh
# A token from the identity provider, and the stored events as JSON.  Against Gatebook, three constants differ.
SERVER_URL="https://test-01.example.com"
USERNAME="username"
PASSWORD="password"

TOKEN=$(curl -sS --fail "$SERVER_URL/IDP/connect/token" --data-urlencode "grant_type=password" \
  --data-urlencode "username=$USERNAME" --data-urlencode "password=$PASSWORD" \
  --data-urlencode "client_id=GrantValidatorClient" | sed 's/.*"access_token" *: *"\([^"]*\)".*/\1/')
curl -sS --fail "$SERVER_URL/api/rest/v1/events" -H "Authorization: Bearer $TOKEN"
