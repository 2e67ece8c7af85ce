-- name: people_after
SELECT person, uuid, name, revision, removed
FROM people WHERE org = :org AND person > :after AND removed = 0 ORDER BY person LIMIT :limit;

-- name: person_by_number
SELECT person, uuid, name, revision, removed
FROM people WHERE org = :org AND person = :ref;

-- name: person_by_uuid
SELECT person, uuid, name, revision, removed
FROM people WHERE org = :org AND uuid = :ref;

-- name: change_person
UPDATE people SET name = :name, removed = :removed, revision = :revision WHERE org = :org AND person = :person;

-- name: sites_after
SELECT site, uuid, name, zone, stream, revision
FROM sites WHERE org = :org AND site > :after AND removed = 0 ORDER BY site LIMIT :limit;

-- name: site_by_number
SELECT site, uuid, name, zone, stream, revision
FROM sites WHERE org = :org AND site = :ref AND removed = 0;

-- name: site_by_uuid
SELECT site, uuid, name, zone, stream, revision
FROM sites WHERE org = :org AND uuid = :ref AND removed = 0;

-- name: site_by_name
SELECT site, uuid, name, zone, stream, revision
FROM sites WHERE org = :org AND name = :ref COLLATE NOCASE AND removed = 0 LIMIT 1;

-- name: change_site
UPDATE sites SET name = :name, zone = :zone, revision = :revision WHERE org = :org AND site = :site;

-- name: remove_site
-- Its number stays taken, so that no grant ever means another site.
UPDATE sites SET removed = 1, revision = revision + 1 WHERE org = :org AND site = :site;

-- name: devices_at
-- Decommissioned ones too: their history is counted here.
SELECT device FROM devices WHERE org = :org AND site = :site LIMIT 1;

-- name: credential_by_number
SELECT credential, uuid, person, method, value, label, valid_from, valid_until, revision
FROM credentials WHERE org = :org AND credential = :ref;

-- name: credential_by_uuid
SELECT credential, uuid, person, method, value, label, valid_from, valid_until, revision
FROM credentials WHERE org = :org AND uuid = :ref;

-- name: credentials_after
SELECT credential, uuid, person, method, value, label, valid_from, valid_until, revision
FROM credentials WHERE org = :org AND credential > :after ORDER BY credential LIMIT :limit;

-- name: next_credential
SELECT max(coalesce((SELECT max(credential) FROM credentials WHERE org = :org), 0),
  coalesce((SELECT last FROM numbers WHERE org = :org AND noun = 'credential'), 0)) + 1;

-- name: insert_credential
-- The same value twice under one method is a conflict.
INSERT INTO credentials (org, credential, uuid, person, method, value, label, valid_from, valid_until, revision)
VALUES (:org, :credential, :uuid, :person, :method, :value, :label, :valid_from, :valid_until, 1);

-- name: change_credential
UPDATE credentials SET person = :person, method = :method, value = :value, label = :label, valid_from = :valid_from,
  valid_until = :valid_until, revision = :revision
WHERE org = :org AND credential = :credential;

-- name: remove_credential
DELETE FROM credentials WHERE org = :org AND credential = :credential;

-- name: pins_in_the_clear
-- What a PIN is kept as is longer than any value that is taken.
SELECT org, credential, value FROM credentials WHERE method = 'pin' AND length(value) <= 64;

-- name: set_value
UPDATE credentials SET value = :value WHERE org = :org AND credential = :credential;

-- name: credentials_of_person
SELECT max(credential) FROM credentials WHERE org = :org AND person = :person;

-- name: drop_credentials
DELETE FROM credentials WHERE org = :org AND person = :person;

-- name: event_type_by_uuid
SELECT uuid, name, kind, generator, state_group, state, retention_days, revision, removed, description, sources, modified
FROM event_types WHERE org = :org AND uuid = :ref;

-- name: event_type_by_name
SELECT uuid, name, kind, generator, state_group, state, retention_days, revision, removed, description, sources, modified
FROM event_types WHERE org = :org AND name = :ref COLLATE NOCASE AND removed = 0 LIMIT 1;

-- name: event_types_after
SELECT uuid, name, kind, generator, state_group, state, retention_days, revision, removed, description, sources, modified
FROM event_types WHERE org = :org AND uuid > :after AND removed = 0 ORDER BY uuid LIMIT :limit;

-- name: insert_event_type
INSERT INTO event_types
  (org, uuid, name, kind, generator, state_group, state, retention_days, description, sources, modified)
VALUES
  (:org, :uuid, :name, :kind, :generator, :state_group, :state, :retention_days, :description, :sources, :modified);

-- name: shown_event_types
-- All but those of user-defined events whose pseudo-device the grant does not show.
SELECT t.uuid FROM event_types t LEFT JOIN devices d ON d.org = t.org AND d.uuid = t.uuid AND d.kind = 'event'
WHERE t.org = :org
  AND (:everything OR d.device IS NULL OR d.site IN carray(:sites) OR d.device IN carray(:devices));

-- name: change_event_type
-- The kind stays: what was reported is counted by it.
UPDATE event_types SET name = :name, generator = :generator, state_group = :state_group, state = :state,
  retention_days = :retention_days, removed = :removed, revision = :revision, description = :description,
  sources = :sources, modified = :modified
WHERE org = :org AND uuid = :uuid;

-- name: organisation_by_number
SELECT org, uuid, name, zone, parent, purpose_required, settings_revision
FROM organisations WHERE org = :ref;

-- name: organisation_by_uuid
SELECT org, uuid, name, zone, parent, purpose_required, settings_revision
FROM organisations WHERE uuid = :ref;

-- name: organisations_after
-- The organisation itself and its children.
SELECT org, uuid, name, zone, parent, purpose_required, settings_revision
FROM organisations WHERE (org = :org OR parent = :org) AND org > :after ORDER BY org LIMIT :limit;

-- name: change_organisation
UPDATE organisations SET name = :name, zone = :zone, parent = :parent, purpose_required = :purpose_required,
  settings_revision = :revision
WHERE org = :number;
