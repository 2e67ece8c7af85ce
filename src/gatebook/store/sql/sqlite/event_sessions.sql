-- name: insert
INSERT INTO event_sessions (uuid, org, holder, question, used) VALUES (:uuid, :org, :holder, :question, :now);

-- name: by_uuid
SELECT session, uuid, org, holder, question, used, looked, basis, size, untold, turn
FROM event_sessions WHERE org = :org AND holder = :holder AND uuid = :uuid;

-- name: uses_of
SELECT used FROM event_sessions WHERE org = :org AND holder = :holder ORDER BY used;

-- name: drop_idle
DELETE FROM event_sessions WHERE used <= :until RETURNING session;

-- name: drop_one
DELETE FROM event_sessions WHERE org = :org AND holder = :holder AND uuid = :uuid RETURNING session;

-- name: drop_members
DELETE FROM event_session_members WHERE session IN carray(:sessions);

-- name: seen
UPDATE event_sessions SET used = max(used, :used) WHERE uuid = :uuid;

-- name: basis
-- What the answer rests on beside the log itself: the directory, and which removal was the last.
SELECT o.revision, (SELECT coalesce(max(r.by_seq), 0) FROM removed r WHERE r.org = o.org AND r.stream = 0),
  coalesce((SELECT last FROM heads h WHERE h.org = o.org AND h.stream = 0), 0)
FROM organisations o WHERE o.org = :org;

-- name: matched
-- What has come in since the log was looked through, in {conditions}.
SELECT e.occurred, e.seq, e.id FROM events e LEFT JOIN personal p ON p.org = e.org AND p.seq = e.seq
WHERE e.org = ? AND e.seq > ? AND e.seq <= ? AND e.occurred >= ? AND e.occurred < ? {conditions}
ORDER BY e.seq LIMIT ?;

-- name: ids_of
SELECT occurred, seq, id FROM events WHERE org = ? AND seq IN carray(?);

-- name: members
SELECT occurred, seq, id, told FROM event_session_members WHERE session = ? ORDER BY occurred, seq;

-- name: oldest
SELECT occurred, seq, id, told FROM event_session_members WHERE session = ? ORDER BY occurred, seq LIMIT ?;

-- name: untold
SELECT occurred, seq, id, told FROM event_session_members WHERE session = ? AND told = 0 ORDER BY occurred, seq LIMIT ?;

-- name: sortable
SELECT seq, stream, class, tag FROM events WHERE org = ? AND seq IN carray(?);

-- name: changed
UPDATE event_sessions
SET looked = :looked, basis = :basis, size = :size, untold = :untold, turn = :turn + 1, used = max(used, :now)
WHERE session = :session AND turn = :turn RETURNING turn;

-- name: leave
DELETE FROM event_session_members WHERE session = ? AND occurred = ? AND seq = ?;

-- name: leave_all
DELETE FROM event_session_members WHERE session = ?;

-- name: enter
INSERT INTO event_session_members (session, occurred, seq, id, told) VALUES (?, ?, ?, ?, ?);

-- name: tell
UPDATE event_session_members SET told = 1 WHERE session = ? AND occurred = ? AND seq = ?;
