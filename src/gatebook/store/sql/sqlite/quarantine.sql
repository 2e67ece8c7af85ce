-- name: fold
-- An equal report that waits already is counted there.
UPDATE quarantine SET times = times + 1 WHERE org = :org AND digest = :digest RETURNING id;

-- name: insert
INSERT INTO quarantine (org, id, digest, device, reason, report, key, received)
VALUES (:org, :id, :digest, :device, :reason, :report, :key, :received);

-- name: size
SELECT n FROM quarantine_sizes WHERE org = :org;

-- name: resize
INSERT INTO quarantine_sizes (org, n) VALUES (:org, :by) ON CONFLICT (org) DO UPDATE SET n = n + excluded.n;

-- name: list
SELECT id, device, reason, report, key, received, times FROM quarantine
WHERE org = :org AND id > :after ORDER BY id LIMIT :limit;

-- name: one
SELECT id, device, reason, report, key, received, times FROM quarantine WHERE org = :org AND id = :id;

-- name: remove
DELETE FROM quarantine WHERE org = :org AND id = :id RETURNING id;
