-- name: insert
INSERT INTO sessions (hash, id, org, user, created, seen, address, agent)
VALUES (:hash, :id, :org, :user, :created, :created, :address, :agent);

-- name: drop_over
DELETE FROM sessions WHERE created <= :created_until OR seen <= :seen_until;

-- name: by_hash
SELECT id, org, user, created, seen, address, agent FROM sessions WHERE hash = :hash;

-- name: of_user
SELECT id, org, user, created, seen, address, agent FROM sessions WHERE user = :user ORDER BY created DESC, id;

-- name: seen
UPDATE sessions SET seen = max(seen, :now) WHERE hash = :hash;

-- name: end
DELETE FROM sessions WHERE hash = :hash RETURNING id;

-- name: end_one
DELETE FROM sessions WHERE user = :user AND id = :id RETURNING id;

-- name: oldest_beyond
DELETE FROM sessions WHERE hash IN
  (SELECT hash FROM sessions WHERE user = :user ORDER BY created DESC, id LIMIT -1 OFFSET :most);
