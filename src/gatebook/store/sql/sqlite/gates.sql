-- name: person_stream
SELECT stream FROM people WHERE org = :org AND person = :person;

-- name: head
SELECT last FROM heads WHERE org = :org AND stream = :stream;

-- name: passages_of_person
-- What the grant does not show is not there.
SELECT person, device, role, valid_from, valid_until, label, granted_by, revision
FROM passages p WHERE p.org = :org AND p.person = :person
  AND (:everything OR p.device IN (SELECT d.device FROM devices d
    WHERE d.org = p.org AND (d.site IN carray(:sites) OR d.device IN carray(:devices))))
ORDER BY p.device LIMIT :limit;

-- name: passages_of_device
SELECT person, device, role, valid_from, valid_until, label, granted_by, revision
FROM passages WHERE org = :org AND device = :device ORDER BY person LIMIT :limit;

-- name: passage
SELECT person, device, role, valid_from, valid_until, label, granted_by, revision
FROM passages WHERE org = :org AND person = :person AND device = :device;

-- name: put_passage
INSERT INTO passages (org, person, device, role, valid_from, valid_until, label, granted_by, revision)
VALUES (:org, :person, :device, :role, :valid_from, :valid_until, :label, :granted_by, 1)
ON CONFLICT DO UPDATE SET role = excluded.role, valid_from = excluded.valid_from, valid_until = excluded.valid_until,
  label = excluded.label, granted_by = excluded.granted_by, revision = revision + 1;

-- name: drop_passage
DELETE FROM passages WHERE org = :org AND person = :person AND device = :device;

-- name: camera
SELECT device, enabled, threshold, level, direction, owner, model, http_url, rtsp_url, registration_code, revision
FROM cameras WHERE org = :org AND device = :device;

-- name: cameras_after
-- Those in service that the grant shows, by number; with an owner, that person's alone.
SELECT c.device, c.enabled, c.threshold, c.level, c.direction, c.owner, c.model, c.http_url, c.rtsp_url,
  c.registration_code, c.revision
FROM cameras c JOIN devices d ON d.org = c.org AND d.device = c.device
WHERE c.org = :org AND c.device > :after AND d.removed = 0 AND (:owner IS NULL OR c.owner = :owner)
  AND (:everything OR d.site IN carray(:sites) OR d.device IN carray(:devices))
ORDER BY c.device LIMIT :limit;

-- name: put_camera
INSERT INTO cameras (org, device, enabled, threshold, level, direction, owner, model, http_url, rtsp_url,
  registration_code, revision)
VALUES (:org, :device, :enabled, :threshold, :level, :direction, :owner, :model, :http_url, :rtsp_url,
  :registration_code, 1)
ON CONFLICT DO UPDATE SET enabled = excluded.enabled, threshold = excluded.threshold, level = excluded.level,
  direction = excluded.direction, owner = excluded.owner, model = excluded.model, http_url = excluded.http_url,
  rtsp_url = excluded.rtsp_url, registration_code = excluded.registration_code, revision = revision + 1;

-- name: links_of_camera
SELECT camera, lock FROM camera_links WHERE org = :org AND camera = :camera ORDER BY lock;

-- name: links_of_lock
SELECT camera, lock FROM camera_links WHERE org = :org AND lock = :lock ORDER BY camera;

-- name: insert_link
INSERT INTO camera_links (org, camera, lock) VALUES (:org, :camera, :lock);

-- name: drop_link
DELETE FROM camera_links WHERE org = :org AND camera = :camera AND lock = :lock;

-- name: holders_of_plates
-- However it was written: spaces and dashes do not count.
SELECT uuid, person, value, valid_from, valid_until
FROM credentials WHERE org = :org AND method = 'plate' AND replace(replace(value, '-', ''), ' ', '') IN carray(:plates);

-- name: plates
-- By number, so that the whole list can be had in pieces.
SELECT credential, uuid, person, value, valid_from, valid_until
FROM credentials WHERE org = :org AND method = 'plate' AND credential > :after ORDER BY credential LIMIT :limit;

-- name: plates_of_person
SELECT credential, uuid, person, method, value, label, valid_from, valid_until, revision
FROM credentials WHERE org = :org AND person = :person AND method = 'plate' ORDER BY credential LIMIT :limit;

-- name: lock
SELECT device, owner, serial, maker, revision FROM locks WHERE org = :org AND device = :device;

-- name: put_lock
INSERT INTO locks (org, device, owner, serial, maker, revision) VALUES (:org, :device, :owner, :serial, :maker, 1)
ON CONFLICT DO UPDATE SET owner = excluded.owner, serial = excluded.serial, maker = excluded.maker,
  revision = revision + 1;

-- name: keys_of_lock
SELECT device, key, position, person FROM lock_keys WHERE org = :org AND device = :device ORDER BY key LIMIT :limit;

-- name: key_of_lock
SELECT device, key, position, person FROM lock_keys WHERE org = :org AND device = :device AND key = :key;

-- name: insert_key
INSERT INTO lock_keys (org, device, key, position, person) VALUES (:org, :device, :key, :position, :person);

-- name: drop_key
DELETE FROM lock_keys WHERE org = :org AND device = :device AND key = :key;

-- name: residents_of_lock
SELECT device, person, name, email, phone FROM residents WHERE org = :org AND device = :device
ORDER BY person LIMIT :limit;

-- name: resident
SELECT device, person, name, email, phone FROM residents WHERE org = :org AND device = :device AND person = :person;

-- name: insert_resident
INSERT INTO residents (org, device, person, name, email, phone)
VALUES (:org, :device, :person, :name, :email, :phone);

-- name: drop_resident
DELETE FROM residents WHERE org = :org AND device = :device AND person = :person;

-- name: contact
SELECT person, email, phone FROM contacts WHERE org = :org AND person = :person;

-- name: contacts
SELECT person, email, phone FROM contacts WHERE org = :org AND person IN carray(:people);

-- name: put_contact
INSERT INTO contacts (org, person, email, phone) VALUES (:org, :person, :email, :phone)
ON CONFLICT DO UPDATE SET email = excluded.email, phone = excluded.phone;

-- name: forget_contact
DELETE FROM contacts WHERE org = :org AND person = :person;

-- name: forget_resident
DELETE FROM residents WHERE org = :org AND person = :person;
