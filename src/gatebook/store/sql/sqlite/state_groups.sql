-- name: state_group_by_uuid
SELECT uuid, name, states, modified, revision FROM state_groups WHERE org = :org AND uuid = :ref;

-- name: state_group_by_name
SELECT uuid, name, states, modified, revision FROM state_groups WHERE org = :org AND name = :ref COLLATE NOCASE LIMIT 1;

-- name: state_groups_after
SELECT uuid, name, states, modified, revision FROM state_groups
WHERE org = :org AND uuid > :after ORDER BY uuid LIMIT :limit;

-- name: insert_state_group
INSERT INTO state_groups (org, uuid, name, states, modified) VALUES (:org, :uuid, :name, :states, :modified);

-- name: change_state_group
UPDATE state_groups SET name = :name, states = :states, modified = :modified, revision = :revision
WHERE org = :org AND uuid = :uuid;

-- name: remove_state_group
DELETE FROM state_groups WHERE org = :org AND uuid = :uuid;

-- name: entering
-- An event type whose events enter a state of this group.
SELECT name FROM event_types WHERE org = :org AND state_group = :uuid AND removed = 0 LIMIT 1;
