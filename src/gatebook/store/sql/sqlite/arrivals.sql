-- name: reads
-- Those of cameras that are set up, among the events that a follower takes.
SELECT e.seq, e.id, e.stream, e.occurred, e.received, e.reported, p.data, d.device
FROM events e
JOIN devices d ON d.org = e.org AND d.stream = e.stream AND d.removed = 0
JOIN cameras c ON c.org = e.org AND c.device = d.device
JOIN personal p ON p.org = e.org AND p.seq = e.seq
WHERE e.org = :org AND e.seq > :after AND e.seq <= :upto
  AND e.class IN (SELECT k.class FROM classes k WHERE k.org = :org AND k.kind = 'plate.read')
ORDER BY e.seq;

-- name: by_vehicle
SELECT {columns} FROM arrivals WHERE org = :org AND camera = :camera AND vehicle = :vehicle
ORDER BY last DESC LIMIT 1;

-- name: by_plate
-- The reads of one arrival lie within so long of its earliest and its latest.
SELECT {columns} FROM arrivals WHERE org = :org AND camera = :camera AND vehicle IS NULL AND plate = :plate
  AND first - :gap <= :occurred AND last + :gap >= :occurred
ORDER BY last DESC LIMIT 1;

-- name: by_command
SELECT {columns} FROM arrivals WHERE org = :org AND command = :command;

-- name: due
SELECT {columns} FROM arrivals WHERE due <= :now ORDER BY due LIMIT :limit;

-- name: next_due
SELECT min(due) FROM arrivals WHERE due IS NOT NULL;

-- name: insert
INSERT INTO arrivals (org, camera, vehicle, plate, first, last, due, read, occurred, confidence, person, decision,
  command, repeated, touched)
VALUES (:org, :camera, :vehicle, :plate, :first, :last, :due, :read, :occurred, :confidence, :person, :decision,
  :command, :repeated, :touched);

-- name: change
UPDATE arrivals SET plate = :plate, first = :first, last = :last, due = :due, read = :read, occurred = :occurred,
  confidence = :confidence, person = :person, decision = :decision, command = :command, repeated = :repeated,
  touched = :touched
WHERE arrival = :arrival;

-- name: drop_untouched
-- Vehicles that the reader knows again are remembered for longer.
DELETE FROM arrivals WHERE touched < :plates AND due IS NULL AND decision IS NULL
  AND (vehicle IS NULL OR touched < :vehicles);

-- name: revision
SELECT revision FROM plate_revisions WHERE org = :org;
