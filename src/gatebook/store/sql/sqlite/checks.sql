-- name: log_sizes
-- One pass over the log: how many events, their first and last seq, and those received after `now`.
SELECT count(*), min(seq), max(seq), sum(received > :now), max(received) FROM events WHERE org = :org;

-- name: stream_sizes
-- One pass over an index: how many events each stream has, and their first and last version.
SELECT stream, count(*), min(version), max(version) FROM events INDEXED BY events_by_version WHERE org = :org
GROUP BY stream;

-- name: seq_gaps
-- The numbers on both sides of each gap that no removal explains.
SELECT before, seq FROM (SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq) AS before FROM events WHERE org = :org)
WHERE seq <> before + 1 AND coalesce((SELECT r.last FROM removed r
  WHERE r.org = :org AND r.stream = 0 AND r.first <= before + 1 ORDER BY r.first DESC LIMIT 1), 0) < seq - 1
LIMIT :limit;

-- name: version_gaps
SELECT before, version FROM (
  SELECT version, lag(version, 1, 0) OVER (ORDER BY version) AS before FROM events INDEXED BY events_by_version
  WHERE org = :org AND stream = :stream)
WHERE version <> before + 1 AND coalesce((SELECT r.last FROM removed r
  WHERE r.org = :org AND r.stream = :stream AND r.first <= before + 1 ORDER BY r.first DESC LIMIT 1), 0) < version - 1
LIMIT :limit;

-- name: removed_upto
-- How far the range of removed numbers goes in which this number lies.
SELECT last FROM removed WHERE org = :org AND stream = :stream AND first <= :number AND last >= :number
ORDER BY first DESC LIMIT 1;

-- name: seqs_not_gone
-- Ranges that are said to be removed, and one number of each that is in the log.
SELECT first, last, (SELECT seq FROM events e WHERE e.org = removed.org AND e.seq BETWEEN first AND last LIMIT 1) AS met
FROM removed WHERE org = :org AND stream = 0 AND met IS NOT NULL LIMIT :limit;

-- name: versions_not_gone
SELECT stream, first, last, (SELECT version FROM events e INDEXED BY events_by_version
  WHERE e.org = removed.org AND e.stream = removed.stream AND e.version BETWEEN first AND last LIMIT 1) AS met
FROM removed WHERE org = :org AND stream <> 0 AND met IS NOT NULL LIMIT :limit;

-- name: heads
SELECT stream, last FROM heads WHERE org = :org;

-- name: unknown_streams
-- Streams that have events or a head and are in no list of streams.
SELECT stream FROM heads WHERE org = :org AND stream <> 0
  AND NOT EXISTS (SELECT 1 FROM streams s WHERE s.org = heads.org AND s.stream = heads.stream);

-- name: lost_keys
-- Keys that name events which are not there, and were not removed: keys of those are forgotten a little later.
SELECT count(*), min(k.seq) FROM keys_seen k
WHERE k.org = :org AND NOT EXISTS (SELECT 1 FROM events e WHERE e.org = k.org AND e.seq = k.seq)
  AND coalesce((SELECT r.last FROM removed r
    WHERE r.org = k.org AND r.stream = 0 AND r.first <= k.seq ORDER BY r.first DESC LIMIT 1), 0) < k.seq;

-- name: lost_personal
SELECT count(*), min(p.seq) FROM personal p
WHERE p.org = :org AND NOT EXISTS (SELECT 1 FROM events e WHERE e.org = p.org AND e.seq = p.seq);

-- name: parked
SELECT name, count(*), min(seq), max(reason) FROM parked WHERE org = :org GROUP BY name;

-- name: devices_ahead
-- Devices whose newest event was reported from the future.
SELECT d.device, d.name, e.reported - e.received FROM devices d
JOIN heads h ON h.org = d.org AND h.stream = d.stream
JOIN events e INDEXED BY events_by_version ON e.org = d.org AND e.stream = d.stream AND e.version = h.last
WHERE d.org = :org AND e.reported IS NOT NULL ORDER BY d.device LIMIT :limit;

-- name: quarantined
SELECT (SELECT count(*) FROM quarantine WHERE org = :org),
  coalesce((SELECT n FROM quarantine_sizes WHERE org = :org), 0);

-- name: time_span
-- From the first to the last instant that has an event.
SELECT min(occurred), max(occurred) FROM events WHERE org = :org;

-- name: bucket_span
SELECT min(bucket), max(bucket) FROM tallies WHERE org = :org AND grain = :grain AND stream = 0;

-- name: tally_streams
-- Streams other than the organisation's that have tallies, or ought to.
SELECT stream FROM streams WHERE org = :org
UNION SELECT DISTINCT stream FROM tallies WHERE org = :org AND stream <> 0 ORDER BY 1;

-- name: recount_organisation
SELECT occurred / :length, class, count(*) FROM events INDEXED BY events_by_time
WHERE org = :org AND occurred >= :since AND occurred < :until GROUP BY 1, 2;

-- name: recount_streams
SELECT occurred / :length, class, count(*) FROM events INDEXED BY events_by_stream
WHERE org = :org AND stream IN carray(:streams) AND occurred >= :since AND occurred < :until AND seq <= :ceiling
GROUP BY 1, 2;

-- name: tallied
SELECT bucket, class, n FROM tallies
WHERE org = :org AND grain = :grain AND stream = :stream AND bucket >= :first AND bucket < :beyond AND n <> 0;

-- name: refined
SELECT grain, bucket FROM refined WHERE org = :org AND stream = :stream ORDER BY grain, bucket;

-- name: finer
-- Rows of a grain that is kept only in buckets that outgrew their limit.
SELECT bucket, sum(n) FROM tallies WHERE org = :org AND grain = :grain AND stream = :stream AND class <> 0
GROUP BY bucket HAVING sum(n) <> 0;

-- name: outgrown
SELECT bucket, n FROM tallies
WHERE org = :org AND grain = :grain AND stream = :stream AND class = 0 AND n > :limit;

-- name: drop_tallies
DELETE FROM tallies WHERE org = :org;

-- name: drop_refined
DELETE FROM refined WHERE org = :org;
