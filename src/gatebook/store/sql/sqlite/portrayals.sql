-- name: portrayed
SELECT collection, uuid, name, told, hours, modified, revision FROM portrayals
WHERE org = :org AND collection = :collection ORDER BY uuid;

-- name: portrayal
SELECT collection, uuid, name, told, hours, modified, revision FROM portrayals
WHERE org = :org AND collection = :collection AND uuid = :uuid;

-- name: by_hours
SELECT collection, uuid, name, told, hours, modified, revision FROM portrayals WHERE org = :org AND hours = :uuid ORDER BY uuid;

-- name: count
SELECT count(*) FROM portrayals WHERE org = :org AND collection = :collection;

-- name: put
-- The newest telling stays.
INSERT INTO portrayals (org, collection, uuid, name, told, hours, modified, revision)
VALUES (:org, :collection, :uuid, :name, :told, :hours, :modified, :revision)
ON CONFLICT (org, uuid) DO UPDATE SET name = excluded.name, told = excluded.told, hours = excluded.hours,
  modified = excluded.modified, revision = excluded.revision;

-- name: put_rule
INSERT INTO portrayed_rules (org, rule, portrayal, place) VALUES (:org, :rule, :uuid, :place)
ON CONFLICT (org, rule) DO UPDATE SET portrayal = excluded.portrayal, place = excluded.place;

-- name: drop
DELETE FROM portrayals WHERE org = :org AND uuid = :uuid;

-- name: rules_of
SELECT rule FROM portrayed_rules WHERE org = :org AND portrayal = :uuid ORDER BY place;

-- name: rules_in
SELECT p.uuid, r.rule FROM portrayals p JOIN portrayed_rules r ON r.org = p.org AND r.portrayal = p.uuid
WHERE p.org = :org AND p.collection = :collection ORDER BY p.uuid, r.place;

-- name: taken
SELECT 1 FROM portrayals WHERE org = :org AND uuid = :uuid
UNION ALL SELECT 1 FROM rules WHERE org = :org AND uuid = :uuid;
