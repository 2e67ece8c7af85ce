-- name: insert
INSERT INTO alarm_sessions (uuid, org, holder, question, used) VALUES (:uuid, :org, :holder, :question, :now);

-- name: by_uuid
SELECT session, uuid, org, holder, question, used, turn
FROM alarm_sessions WHERE org = :org AND holder = :holder AND uuid = :uuid;

-- name: uses_of
SELECT used FROM alarm_sessions WHERE org = :org AND holder = :holder ORDER BY used;

-- name: drop_idle
DELETE FROM alarm_sessions WHERE used <= :until RETURNING session;

-- name: drop_one
DELETE FROM alarm_sessions WHERE org = :org AND holder = :holder AND uuid = :uuid RETURNING session;

-- name: drop_members
DELETE FROM alarm_session_members WHERE session IN carray(:sessions);

-- name: members
SELECT alarm, id, revision FROM alarm_session_members WHERE session = ? ORDER BY alarm;

-- name: polled
UPDATE alarm_sessions SET turn = :turn + 1, used = max(used, :now) WHERE session = :session AND turn = :turn RETURNING turn;

-- name: leave
DELETE FROM alarm_session_members WHERE session = ? AND alarm = ?;

-- name: enter
-- An alarm that has changed since takes its new revision.
INSERT INTO alarm_session_members (session, alarm, id, revision) VALUES (?, ?, ?, ?)
ON CONFLICT (session, alarm) DO UPDATE SET revision = excluded.revision;
