-- name: user_by_number
SELECT org, user, uuid, login, name, password, must_change, person, scopes, sites, devices, purpose, created,
  expires, disabled, password_changed, last_used, revision
FROM users WHERE org = :org AND user = :ref;

-- name: user_by_uuid
SELECT org, user, uuid, login, name, password, must_change, person, scopes, sites, devices, purpose, created,
  expires, disabled, password_changed, last_used, revision
FROM users WHERE org = :org AND uuid = :ref;

-- name: user_by_login
SELECT org, user, uuid, login, name, password, must_change, person, scopes, sites, devices, purpose, created,
  expires, disabled, password_changed, last_used, revision
FROM users WHERE org = :org AND login = :ref COLLATE NOCASE;

-- name: users_after
SELECT org, user, uuid, login, name, password, must_change, person, scopes, sites, devices, purpose, created,
  expires, disabled, password_changed, last_used, revision
FROM users WHERE org = :org AND user > :after ORDER BY user LIMIT :limit;

-- name: any_user_by_login
-- Whoever signs in says no organisation.
SELECT org, user, uuid, login, name, password, must_change, person, scopes, sites, devices, purpose, created,
  expires, disabled, password_changed, last_used, revision
FROM users WHERE login = :ref COLLATE NOCASE;

-- name: any_user_by_uuid
SELECT org, user, uuid, login, name, password, must_change, person, scopes, sites, devices, purpose, created,
  expires, disabled, password_changed, last_used, revision
FROM users WHERE uuid = :ref;

-- name: next_user
SELECT max(coalesce((SELECT max(user) FROM users WHERE org = :org), 0),
  coalesce((SELECT last FROM numbers WHERE org = :org AND noun = 'user'), 0)) + 1;

-- name: insert_user
-- A login taken anywhere in the installation is a conflict.
INSERT INTO users (org, user, uuid, login, name, password, must_change, person, scopes, sites, devices, purpose,
  created, expires, disabled, password_changed, revision)
VALUES (:org, :user, :uuid, :login, :name, :password, :must_change, :person, :scopes, :sites, :devices, :purpose,
  :created, :expires, :disabled, :password_changed, 1);

-- name: change_user
UPDATE users SET login = :login, name = :name, password = :password, must_change = :must_change, person = :person,
  scopes = :scopes, sites = :sites, devices = :devices, purpose = :purpose, expires = :expires, disabled = :disabled,
  password_changed = :password_changed, revision = :revision
WHERE org = :org AND user = :user;

-- name: remove_user
DELETE FROM users WHERE org = :org AND user = :user;

-- name: unbind_users
UPDATE users SET person = NULL, revision = revision + 1 WHERE org = :org AND person = :person;

-- name: rehash_user
-- The same password under newer parameters; nothing happens if it was changed meanwhile.
UPDATE users SET password = :password WHERE uuid = :uuid AND password = :before;

-- name: service_by_number
SELECT org, service, uuid, client_id, hash, name, scopes, purpose, created, expires, disabled, last_used, revision
FROM services WHERE org = :org AND service = :ref;

-- name: service_by_uuid
SELECT org, service, uuid, client_id, hash, name, scopes, purpose, created, expires, disabled, last_used, revision
FROM services WHERE org = :org AND uuid = :ref;

-- name: service_by_client_id
SELECT org, service, uuid, client_id, hash, name, scopes, purpose, created, expires, disabled, last_used, revision
FROM services WHERE org = :org AND client_id = :ref;

-- name: services_after
SELECT org, service, uuid, client_id, hash, name, scopes, purpose, created, expires, disabled, last_used, revision
FROM services WHERE org = :org AND service > :after ORDER BY service LIMIT :limit;

-- name: any_service_by_client_id
SELECT org, service, uuid, client_id, hash, name, scopes, purpose, created, expires, disabled, last_used, revision
FROM services WHERE client_id = :ref;

-- name: any_service_by_uuid
SELECT org, service, uuid, client_id, hash, name, scopes, purpose, created, expires, disabled, last_used, revision
FROM services WHERE uuid = :ref;

-- name: next_service
SELECT max(coalesce((SELECT max(service) FROM services WHERE org = :org), 0),
  coalesce((SELECT last FROM numbers WHERE org = :org AND noun = 'service'), 0)) + 1;

-- name: insert_service
-- A client id taken anywhere in the installation is a conflict.
INSERT INTO services (org, service, uuid, client_id, hash, name, scopes, purpose, created, expires, disabled, revision)
VALUES (:org, :service, :uuid, :client_id, :hash, :name, :scopes, :purpose, :created, :expires, :disabled, 1);

-- name: change_service
UPDATE services SET client_id = :client_id, hash = :hash, name = :name, scopes = :scopes, purpose = :purpose,
  expires = :expires, disabled = :disabled, revision = :revision
WHERE org = :org AND service = :service;

-- name: remove_service
DELETE FROM services WHERE org = :org AND service = :service;

-- name: device_token_by_uuid
SELECT id, org, device, hash, prefix, name, created, expires, revoked, last_used, revision
FROM device_tokens WHERE org = :org AND id = :ref;

-- name: device_tokens_after
SELECT id, org, device, hash, prefix, name, created, expires, revoked, last_used, revision
FROM device_tokens WHERE org = :org AND id > :after ORDER BY id LIMIT :limit;

-- name: any_device_token_by_hash
SELECT id, org, device, hash, prefix, name, created, expires, revoked, last_used, revision
FROM device_tokens WHERE hash = :ref;

-- name: any_device_token_by_uuid
SELECT id, org, device, hash, prefix, name, created, expires, revoked, last_used, revision
FROM device_tokens WHERE id = :ref;

-- name: insert_device_token
INSERT INTO device_tokens (id, org, device, hash, prefix, name, created, expires, revoked, revision)
VALUES (:uuid, :org, :device, :hash, :prefix, :name, :created, :expires, :revoked, 1);

-- name: change_device_token
UPDATE device_tokens SET name = :name, hash = :hash, expires = :expires, revoked = :revoked, revision = :revision
WHERE org = :org AND id = :uuid;

-- name: remove_device_token
DELETE FROM device_tokens WHERE org = :org AND id = :uuid;

-- name: revoke_device_tokens
UPDATE device_tokens SET revoked = :now, revision = revision + 1
WHERE org = :org AND device = :device AND revoked IS NULL;

-- name: key_by_uuid
SELECT id, org, hash, prefix, name, scopes, sites, devices, purpose, created, expires, revoked, last_used, revision
FROM api_keys WHERE org = :org AND id = :ref;

-- name: keys_after
SELECT id, org, hash, prefix, name, scopes, sites, devices, purpose, created, expires, revoked, last_used, revision
FROM api_keys WHERE org = :org AND id > :after ORDER BY id LIMIT :limit;

-- name: any_key_by_hash
SELECT id, org, hash, prefix, name, scopes, sites, devices, purpose, created, expires, revoked, last_used, revision
FROM api_keys WHERE hash = :ref;

-- name: any_key_by_uuid
SELECT id, org, hash, prefix, name, scopes, sites, devices, purpose, created, expires, revoked, last_used, revision
FROM api_keys WHERE id = :ref;

-- name: insert_key
INSERT INTO api_keys (id, org, hash, prefix, name, scopes, sites, devices, purpose, created, expires, revoked, revision)
VALUES (:uuid, :org, :hash, :prefix, :name, :scopes, :sites, :devices, :purpose, :created, :expires, :revoked, 1);

-- name: change_key
UPDATE api_keys SET name = :name, hash = :hash, scopes = :scopes, sites = :sites, devices = :devices,
  purpose = :purpose, expires = :expires, revoked = :revoked, revision = :revision
WHERE org = :org AND id = :uuid;

-- name: remove_key
DELETE FROM api_keys WHERE org = :org AND id = :uuid;

-- name: keep_number
INSERT INTO numbers (org, noun, last) VALUES (:org, :noun, :last)
ON CONFLICT DO UPDATE SET last = max(last, excluded.last);

-- name: lasting_administrators
-- Who can sign in, may do everything to everything, and is not to expire.
SELECT (SELECT count(*) FROM users WHERE org = :org AND disabled IS NULL AND expires IS NULL AND sites IS NULL
    AND password IS NOT NULL AND ' ' || scopes || ' ' LIKE '% admin %')
  + (SELECT count(*) FROM services WHERE org = :org AND disabled IS NULL AND expires IS NULL
    AND ' ' || scopes || ' ' LIKE '% admin %')
  + (SELECT count(*) FROM api_keys WHERE org = :org AND revoked IS NULL AND expires IS NULL AND sites IS NULL
    AND ' ' || scopes || ' ' LIKE '% admin %');

-- name: use_user
UPDATE users SET last_used = :at WHERE uuid = :uuid AND coalesce(last_used, 0) < :at;

-- name: use_service
UPDATE services SET last_used = :at WHERE uuid = :uuid AND coalesce(last_used, 0) < :at;

-- name: use_key
UPDATE api_keys SET last_used = :at WHERE id = :uuid AND coalesce(last_used, 0) < :at;

-- name: use_device_token
UPDATE device_tokens SET last_used = :at WHERE id = :uuid AND coalesce(last_used, 0) < :at;
