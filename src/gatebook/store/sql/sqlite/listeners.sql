-- name: insert
INSERT INTO listeners (uuid, org, holder, begun, subscriptions, seen)
VALUES (:uuid, :org, :holder, :begun, :subscriptions, :now);

-- name: one
SELECT uuid, org, holder, begun, subscriptions, seen FROM listeners
WHERE org = :org AND holder = :holder AND uuid = :uuid;

-- name: subscribe
UPDATE listeners SET subscriptions = :subscriptions, seen = max(seen, :now) WHERE uuid = :uuid;

-- name: seen
UPDATE listeners SET seen = max(seen, :now) WHERE uuid IN carray(:uuids);

-- name: drop_idle
DELETE FROM listeners WHERE seen <= :until;

-- name: head
SELECT coalesce((SELECT last FROM heads WHERE org = :org AND stream = 0), 0);
