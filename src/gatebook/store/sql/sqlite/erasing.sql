-- name: carried_by
-- What a person carries or drives, and where they are reached; a PIN is kept as a hash, and stands in no event.
SELECT value FROM credentials WHERE org = :org AND person = :person AND method <> 'pin'
UNION SELECT email FROM contacts WHERE org = :org AND person = :person AND email IS NOT NULL
UNION SELECT phone FROM contacts WHERE org = :org AND person = :person AND phone IS NOT NULL
UNION SELECT email FROM residents WHERE org = :org AND person = :person AND email IS NOT NULL
UNION SELECT phone FROM residents WHERE org = :org AND person = :person AND phone IS NOT NULL;

-- name: spellings
-- Each credential that stands in an event, once; the index is stepped through from one to the next.
WITH RECURSIVE spelt (text) AS (
  SELECT (SELECT credential FROM personal INDEXED BY personal_by_credential
          WHERE org = :org AND credential IS NOT NULL ORDER BY credential COLLATE NOCASE LIMIT 1)
  UNION ALL
  SELECT (SELECT credential FROM personal INDEXED BY personal_by_credential
          WHERE org = :org AND credential IS NOT NULL AND credential > spelt.text COLLATE NOCASE
          ORDER BY credential COLLATE NOCASE LIMIT 1)
  FROM spelt WHERE text IS NOT NULL
)
SELECT text FROM spelt WHERE text IS NOT NULL;

-- name: of_person
SELECT seq FROM personal INDEXED BY personal_by_person WHERE org = :org AND person = :person AND erased = 0;

-- name: of_credential
-- With a person, only where nobody else is named.
SELECT seq FROM personal INDEXED BY personal_by_credential
WHERE org = :org AND credential = :credential COLLATE NOCASE AND erased = 0
  AND (:person IS NULL OR person IS NULL OR person = :person);

-- name: telling
-- Personal data that may tell of them, in order of seq: what names a text, and searches for somebody.
SELECT p.seq, e.class, p.person, p.data FROM personal p CROSS JOIN events e ON e.org = p.org AND e.seq = p.seq
WHERE p.org = :org AND p.seq > :above AND p.seq <= :upto AND p.data IS NOT NULL
  AND (EXISTS (SELECT 1 FROM carray(:texts) t
               WHERE instr(replace(replace(upper(CAST(p.data AS TEXT)), '-', ''), ' ', ''), t.value) > 0)
       OR (e.stream = :records AND EXISTS (SELECT 1 FROM carray(:fields) f WHERE instr(CAST(p.data AS TEXT), f.value) > 0)));

-- name: reads_decided_on
-- The reads of plates on which these decisions were made.
SELECT p.seq FROM events e JOIN personal p ON p.org = e.org AND p.seq = e.cause
WHERE e.org = :org AND e.seq IN carray(:seqs) AND p.erased = 0
  AND e.class IN (SELECT class FROM classes WHERE org = :org AND kind = 'plate.decided');

-- name: said_of_alarms
-- What people wrote on alarms that these events caused; the message of a rule tells of nobody.
SELECT p.seq FROM alarms a
JOIN alarm_steps s ON s.org = a.org AND s.alarm = a.alarm
JOIN personal p ON p.org = s.org AND p.seq = s.seq
WHERE a.org = :org AND a.cause IN carray(:seqs) AND p.erased = 0 AND p.message IS NOT NULL
  AND (a.rule IS NULL OR s.seq <> a.seq);

-- name: parts
SELECT seq, salt, person, person_name, credential, message, data FROM personal
WHERE org = :org AND seq IN carray(:seqs) AND erased = 0;

-- name: erase
UPDATE personal SET salt = x'', person = NULL, person_name = NULL, credential = NULL, message = NULL, data = NULL,
  erased = 1, commitment = :commitment
WHERE org = :org AND seq = :seq;

-- name: record
SELECT salt, person, person_name, credential, message, data, erased, commitment FROM personal
WHERE org = :org AND seq = :seq;

-- name: strike
-- What is left of an entry of the record; the commitment stands for it as it was.
UPDATE personal SET salt = x'', data = :data, erased = 1, commitment = :commitment WHERE org = :org AND seq = :seq;

-- name: waiting
SELECT id, report FROM quarantine WHERE org = :org
  AND (CAST(json_extract(CAST(report AS TEXT), '$.person') AS TEXT) COLLATE NOCASE IN carray(:ids)
       OR EXISTS (SELECT 1 FROM carray(:texts) t
                  WHERE instr(replace(replace(upper(CAST(report AS TEXT)), '-', ''), ' ', ''), t.value) > 0));

-- name: forget_waiting
DELETE FROM quarantine WHERE org = :org AND id IN carray(:ids);

-- name: forget_arrivals
DELETE FROM arrivals WHERE org = :org
  AND (person = :person OR replace(replace(upper(plate), '-', ''), ' ', '') IN carray(:texts)
       OR EXISTS (SELECT 1 FROM carray(:texts) t
                  WHERE instr(replace(replace(upper(CAST(decision AS TEXT)), '-', ''), ' ', ''), t.value) > 0));

-- name: forget_labels
UPDATE passages SET label = '', granted_by = '', revision = revision + 1
WHERE org = :org AND person = :person AND (label <> '' OR granted_by <> '');

-- name: forget_name
UPDATE passages SET granted_by = '', revision = revision + 1 WHERE org = :org AND granted_by IN carray(:names);

-- name: carried
SELECT credential, uuid, person, method, value, label, valid_from, valid_until, revision FROM credentials
WHERE org = :org AND method <> 'pin' AND replace(replace(upper(value), '-', ''), ' ', '') IN carray(:texts);

-- name: rename_person
UPDATE people SET name = :name, revision = revision + 1 WHERE org = :org AND person = :person;
