-- name: insert_command
INSERT INTO commands (org, uuid, device, action, made, deadline, seq)
VALUES (:org, :uuid, :device, :action, :made, :deadline, :seq);

-- name: open_commands
-- Of all organisations, the most urgent first.
SELECT org, uuid, device, action, made, deadline, seq, settled, outcome
FROM commands WHERE settled IS NULL ORDER BY deadline LIMIT :limit;

-- name: command
SELECT org, uuid, device, action, made, deadline, seq, settled, outcome
FROM commands WHERE org = :org AND uuid = :uuid;

-- name: settle
UPDATE commands SET settled = :now, outcome = :outcome WHERE org = :org AND uuid = :uuid AND settled IS NULL
RETURNING org, uuid, device, action, made, deadline, seq, settled, outcome;

-- name: drop_settled
DELETE FROM commands WHERE settled < :before;
