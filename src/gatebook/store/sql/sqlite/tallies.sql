-- name: add
INSERT INTO tallies (org, grain, stream, bucket, class, n) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (org, grain, stream, bucket, class) DO UPDATE SET n = n + excluded.n;

-- name: outgrown
-- Buckets of one stream and grain past the limit that have no finer rows yet.
SELECT t.bucket FROM tallies t
WHERE t.org = :org AND t.grain = :grain AND t.stream = :stream AND t.bucket IN carray(:buckets) AND t.class = 0
  AND t.n > :limit
  AND NOT EXISTS (SELECT 1 FROM refined r WHERE r.org = t.org AND r.grain = t.grain AND r.stream = t.stream
                  AND r.bucket = t.bucket);

-- name: refined_of
SELECT bucket FROM refined WHERE org = :org AND grain = :grain AND stream = :stream AND bucket IN carray(:buckets);

-- name: mark_refined
INSERT INTO refined (org, grain, stream, bucket) VALUES (:org, :grain, :stream, :bucket) ON CONFLICT DO NOTHING;

-- name: refine_organisation
-- Finer rows of one bucket of the whole organisation, counted from the log.
INSERT INTO tallies (org, grain, stream, bucket, class, n)
SELECT :org, :finer, 0, occurred / :length, class, count(*) FROM events INDEXED BY events_by_time
WHERE org = :org AND occurred >= :since AND occurred < :until AND seq <= :ceiling GROUP BY 4, 5
UNION ALL
SELECT :org, :finer, 0, occurred / :length, 0, count(*) FROM events INDEXED BY events_by_time
WHERE org = :org AND occurred >= :since AND occurred < :until AND seq <= :ceiling GROUP BY 4;

-- name: refine_streams
-- The same for one device, or for all devices of a site.
INSERT INTO tallies (org, grain, stream, bucket, class, n)
SELECT :org, :finer, :stream, occurred / :length, class, count(*) FROM events INDEXED BY events_by_stream
WHERE org = :org AND stream IN carray(:streams) AND occurred >= :since AND occurred < :until AND seq <= :ceiling
GROUP BY 4, 5
UNION ALL
SELECT :org, :finer, :stream, occurred / :length, 0, count(*) FROM events INDEXED BY events_by_stream
WHERE org = :org AND stream IN carray(:streams) AND occurred >= :since AND occurred < :until AND seq <= :ceiling
GROUP BY 4;

-- name: drop_bucket
DELETE FROM tallies WHERE org = :org AND grain = :finer AND stream = :stream AND bucket >= :first AND bucket < :beyond;

-- name: drop_empty
DELETE FROM tallies WHERE org = :org AND grain = :grain AND stream = :stream AND bucket IN carray(:buckets) AND n = 0;

-- name: move_rows
-- A device's coarse rows, added to (sign 1) or taken from (sign -1) a site's.
INSERT INTO tallies (org, grain, stream, bucket, class, n)
SELECT org, grain, :site, bucket, class, :sign * n FROM tallies
WHERE org = :org AND grain = :grain AND stream = :device
ON CONFLICT (org, grain, stream, bucket, class) DO UPDATE SET n = n + excluded.n;

-- name: drop_zero
DELETE FROM tallies WHERE org = :org AND grain = :grain AND stream = :stream AND n = 0;

-- name: refined_all
SELECT grain, bucket FROM refined WHERE org = :org AND stream = :stream ORDER BY grain;

-- name: unmark_refined
DELETE FROM refined WHERE org = :org AND stream = :stream;

-- name: drop_finer
DELETE FROM tallies WHERE org = :org AND grain = :grain AND stream = :stream;

-- name: buckets_over
SELECT bucket FROM tallies WHERE org = :org AND grain = :grain AND stream = :stream AND class = 0 AND n > :limit;
