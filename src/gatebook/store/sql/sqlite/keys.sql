-- name: insert_key
INSERT INTO api_keys (id, org, hash, prefix, name, scopes, sites, devices, created, expires)
VALUES (:id, :org, :hash, :prefix, :name, :scopes, :sites, :devices, :created, :expires);

-- name: key_by_hash
SELECT id, org, name, scopes, sites, devices, created, expires, revoked, last_used, prefix
FROM api_keys WHERE hash = :hash;

-- name: access_revision
SELECT revision FROM access;
