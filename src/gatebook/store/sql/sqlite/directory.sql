-- name: organisation_numbers
SELECT org FROM organisations ORDER BY org;

-- name: organisations
SELECT org, uuid, name, zone, parent, purpose_required, settings_revision FROM organisations ORDER BY org;

-- name: organisation
SELECT org, uuid, name, zone, parent, purpose_required, settings_revision FROM organisations WHERE org = :org;

-- name: insert_organisation
INSERT INTO organisations (org, uuid, name, zone, parent, purpose_required)
VALUES (:org, :uuid, :name, :zone, :parent, :purpose_required);

-- name: next_organisation
-- A number that was used is not used again.
SELECT max(coalesce((SELECT max(org) FROM organisations), 0),
  coalesce((SELECT last FROM numbers WHERE org = 0 AND noun = 'organisation'), 0)) + 1;

-- name: next_stream
SELECT coalesce(max(stream), 0) + 1 FROM streams WHERE org = :org;

-- name: insert_stream
INSERT INTO streams (org, stream, subject) VALUES (:org, :stream, :subject);

-- name: next_site
SELECT coalesce(max(site), 0) + 1 FROM sites WHERE org = :org;

-- name: next_device
SELECT coalesce(max(device), 0) + 1 FROM devices WHERE org = :org;

-- name: next_person
SELECT coalesce(max(person), 0) + 1 FROM people WHERE org = :org;

-- name: insert_site
INSERT INTO sites (org, site, uuid, name, zone, stream) VALUES (:org, :site, :uuid, :name, :zone, :stream);

-- name: sites
SELECT site, uuid, name, zone, stream, revision FROM sites WHERE org = :org AND removed = 0 ORDER BY site;

-- name: site_by_number
SELECT site, uuid, name, zone, stream, revision FROM sites WHERE org = :org AND removed = 0 AND site = :ref;

-- name: site_by_uuid
SELECT site, uuid, name, zone, stream, revision FROM sites WHERE org = :org AND removed = 0 AND uuid = :ref;

-- name: site_by_name
SELECT site, uuid, name, zone, stream, revision FROM sites WHERE org = :org AND removed = 0
  AND name = :ref COLLATE NOCASE LIMIT 1;

-- name: insert_device
INSERT INTO devices (org, device, uuid, kind, name, stream, site)
VALUES (:org, :device, :uuid, :kind, :name, :stream, :site);

-- name: insert_vendor_id
-- A vendor id belongs to one device of the organisation; a second is a conflict.
INSERT INTO vendor_ids (org, vendor_id, device) VALUES (:org, :vendor_id, :device);

-- name: device_by_number
SELECT device, uuid, kind, name, stream, site, revision, removed,
  (SELECT json_group_array(vendor_id) FROM vendor_ids v WHERE v.org = devices.org AND v.device = devices.device)
FROM devices WHERE org = :org AND device = :ref;

-- name: device_by_uuid
SELECT device, uuid, kind, name, stream, site, revision, removed,
  (SELECT json_group_array(vendor_id) FROM vendor_ids v WHERE v.org = devices.org AND v.device = devices.device)
FROM devices WHERE org = :org AND uuid = :ref;

-- name: device_by_vendor_id
SELECT d.device, uuid, kind, name, stream, site, revision, removed,
  (SELECT json_group_array(vendor_id) FROM vendor_ids v WHERE v.org = d.org AND v.device = d.device)
FROM vendor_ids i JOIN devices d ON d.org = i.org AND d.device = i.device
WHERE i.org = :org AND i.vendor_id = :ref;

-- name: device_by_stream
SELECT device, uuid, kind, name, stream, site, revision, removed,
  (SELECT json_group_array(vendor_id) FROM vendor_ids v WHERE v.org = devices.org AND v.device = devices.device)
FROM devices WHERE org = :org AND stream = :ref;

-- name: devices_after
-- One page of the directory by number, of what the grant shows: everything, or its sites and devices.
-- With decommissioned ones where :removed is 1.  A table that is bound reads as NULL, hence :every_kind.
SELECT device, uuid, kind, name, stream, site, revision, removed,
  (SELECT json_group_array(vendor_id) FROM vendor_ids v WHERE v.org = devices.org AND v.device = devices.device)
FROM devices
WHERE org = :org AND device > :after AND removed <= :removed AND (:every_kind OR kind IN carray(:kinds))
  AND (:everything OR site IN carray(:sites) OR device IN carray(:devices))
ORDER BY device LIMIT :limit;

-- name: all_devices
SELECT device, uuid, kind, name, stream, site, revision, removed,
  (SELECT json_group_array(vendor_id) FROM vendor_ids v WHERE v.org = devices.org AND v.device = devices.device)
FROM devices WHERE org = :org;

-- name: sites_of_devices
SELECT device, site FROM devices WHERE org = :org AND device IN carray(:devices);

-- name: device_streams
SELECT stream, site FROM devices WHERE org = :org AND site IS NOT NULL;

-- name: change_device
UPDATE devices SET name = :name, kind = :kind, site = :site, removed = :removed, revision = revision + 1
WHERE org = :org AND device = :device;

-- name: drop_vendor_ids
DELETE FROM vendor_ids WHERE org = :org AND device = :device;

-- name: insert_person
INSERT INTO people (org, person, uuid, name, stream) VALUES (:org, :person, :uuid, :name, :stream);

-- name: person_by_number
SELECT person, uuid, name, revision, removed FROM people WHERE org = :org AND person = :ref;

-- name: person_by_uuid
SELECT person, uuid, name, revision, removed FROM people WHERE org = :org AND uuid = :ref;

-- name: people_numbered
SELECT person, uuid, name, revision, removed FROM people WHERE org = :org AND person IN carray(:persons);

-- name: classes
SELECT class, kind, method, reason, type, listed FROM classes WHERE org = :org ORDER BY class;

-- name: insert_class
INSERT INTO classes (org, class, kind, method, reason, type, listed)
SELECT :org, coalesce(max(class), 0) + 1, :kind, :method, :reason, :type, :listed FROM classes WHERE org = :org
RETURNING class;

-- name: event_type
SELECT uuid, kind, retention_days FROM event_types WHERE org = :org AND uuid = :ref AND removed = 0;

-- name: touch
UPDATE organisations SET revision = revision + 1 WHERE org = :org;

-- name: freshness
-- What a remembered directory is compared with: its revision, and how many classes there are.
SELECT revision, (SELECT coalesce(max(class), 0) FROM classes c WHERE c.org = organisations.org), zone
FROM organisations WHERE org = :org;

-- name: event_streams
SELECT stream FROM streams WHERE org = :org AND subject <> 'site';
