-- name: organisation_sums
-- {classes}: which classes; class 0 stands for all of them, and what is left out is taken off.
SELECT bucket, {sum} AS n FROM tallies
WHERE org = :org AND grain = :grain AND stream = 0 AND bucket >= :first AND bucket < :beyond {classes}
GROUP BY bucket;

-- name: stream_sums
SELECT bucket, {sum} AS n FROM tallies
WHERE org = :org AND grain = :grain AND stream IN carray(:streams) AND bucket >= :first AND bucket < :beyond {classes}
GROUP BY bucket;

-- name: all_classes
AND class = 0

-- name: some_classes
AND class IN carray(:classes)

-- name: but_classes
AND (class = 0 OR class IN carray(:classes))

-- name: plain_sum
sum(n)

-- name: but_sum
sum(CASE class WHEN 0 THEN n ELSE -n END)

-- name: is_refined
SELECT 1 FROM refined WHERE org = :org AND grain = :grain AND stream = 0 AND bucket = :bucket;

-- name: refined_streams
SELECT stream FROM refined WHERE org = :org AND grain = :grain AND stream IN carray(:streams) AND bucket = :bucket;

-- name: stream_log
-- Counted on the index: streams that have no rows this fine.
SELECT occurred / :length AS bucket, count(*) AS n FROM events INDEXED BY events_by_stream
WHERE org = :org AND stream IN carray(:streams) AND occurred >= :since AND occurred < :until AND seq <= :watermark
  {classes}
GROUP BY 1;

-- name: tail
-- Events past the follower's watermark, which no row of a single stream counts yet.
SELECT stream, occurred, class FROM events WHERE org = :org AND seq > :watermark;

-- name: count_by_time
SELECT count(*) FROM events INDEXED BY events_by_time
WHERE org = :org AND occurred >= :since AND occurred < :until {streams} {classes};

-- name: count_by_stream
SELECT count(*) FROM events INDEXED BY events_by_stream
WHERE org = :org AND stream IN carray(:streams) AND occurred >= :since AND occurred < :until {classes};

-- name: but_streams
AND stream NOT IN carray(:streams)

-- name: some_streams
AND stream IN carray(:streams)

-- name: event_classes
AND class IN carray(:classes)

-- name: event_but_classes
AND class NOT IN carray(:classes)

-- name: voiced
SELECT stream FROM heads WHERE org = :org AND stream > 0 AND :seq IS NOT NULL;

-- name: voiced_since
SELECT DISTINCT stream FROM events WHERE org = :org AND seq > :seq;

-- name: crowd
-- Events of the whole organisation in one bucket.
SELECT n FROM tallies WHERE org = :org AND grain = :grain AND stream = 0 AND bucket = :bucket AND class = 0;
