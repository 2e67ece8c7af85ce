-- name: followed
SELECT seq FROM followers WHERE org = :org AND name = :name;

-- name: follow_to
INSERT INTO followers (org, name, seq) VALUES (:org, :name, :seq)
ON CONFLICT (org, name) DO UPDATE SET seq = excluded.seq;

-- name: park
INSERT INTO parked (org, name, seq, reason, since) VALUES (:org, :name, :seq, :reason, :now)
ON CONFLICT (org, name, seq) DO UPDATE SET reason = excluded.reason;

-- name: unpark
DELETE FROM parked WHERE org = :org AND name = :name AND seq = :seq;

-- name: parked
SELECT seq, reason, since FROM parked WHERE org = :org AND name = :name ORDER BY seq LIMIT :limit;

-- name: followers
SELECT f.name, f.seq, coalesce(h.last, 0), (SELECT count(*) FROM parked p WHERE p.org = f.org AND p.name = f.name)
FROM followers f LEFT JOIN heads h ON h.org = f.org AND h.stream = 0
WHERE f.org = :org ORDER BY f.name;

-- name: to_count
-- What the follower of the tallies takes next.
SELECT seq, stream, occurred, class FROM events WHERE org = :org AND seq > :after AND seq <= :upto ORDER BY seq;

-- name: next_seq
SELECT max(seq) FROM (SELECT seq FROM events WHERE org = :org AND seq > :after ORDER BY seq LIMIT :events);

-- name: head
SELECT last FROM heads WHERE org = :org AND stream = :stream;
