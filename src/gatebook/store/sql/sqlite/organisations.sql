-- What goes with an organisation.  A test holds that every table with an organisation in it is named here.

-- name: reported
-- Events beyond the record of what was done here, up to two.
SELECT count(*) FROM (
  SELECT 1 FROM events e JOIN classes c ON c.org = e.org AND c.class = e.class
  WHERE e.org = :org AND c.kind NOT LIKE 'record.%' LIMIT 2
);

-- name: children
SELECT count(*) FROM organisations WHERE parent = :org;

-- name: keep_organisation
INSERT INTO numbers (org, noun, last) VALUES (0, 'organisation', :org)
ON CONFLICT (org, noun) DO UPDATE SET last = max(last, excluded.last);

-- name: remove_event_session_members
DELETE FROM event_session_members WHERE session IN (SELECT session FROM event_sessions WHERE org = :org);

-- name: remove_alarm_session_members
DELETE FROM alarm_session_members WHERE session IN (SELECT session FROM alarm_sessions WHERE org = :org);

-- name: remove_alarm_sessions
DELETE FROM alarm_sessions WHERE org = :org;

-- name: remove_portrayed_rules
DELETE FROM portrayed_rules WHERE org = :org;

-- name: remove_portrayals
DELETE FROM portrayals WHERE org = :org;

-- name: remove_alarm_steps
DELETE FROM alarm_steps WHERE org = :org;

-- name: remove_alarms
DELETE FROM alarms WHERE org = :org;

-- name: remove_api_keys
DELETE FROM api_keys WHERE org = :org;

-- name: remove_arrivals
DELETE FROM arrivals WHERE org = :org;

-- name: remove_camera_links
DELETE FROM camera_links WHERE org = :org;

-- name: remove_cameras
DELETE FROM cameras WHERE org = :org;

-- name: remove_classes
DELETE FROM classes WHERE org = :org;

-- name: remove_commands
DELETE FROM commands WHERE org = :org;

-- name: remove_contacts
DELETE FROM contacts WHERE org = :org;

-- name: remove_credentials
DELETE FROM credentials WHERE org = :org;

-- name: remove_deliveries
DELETE FROM deliveries WHERE org = :org;

-- name: remove_device_tokens
DELETE FROM device_tokens WHERE org = :org;

-- name: remove_devices
DELETE FROM devices WHERE org = :org;

-- name: remove_event_sessions
DELETE FROM event_sessions WHERE org = :org;

-- name: remove_event_types
DELETE FROM event_types WHERE org = :org;

-- name: remove_events
DELETE FROM events WHERE org = :org;

-- name: remove_followers
DELETE FROM followers WHERE org = :org;

-- name: remove_heads
DELETE FROM heads WHERE org = :org;

-- name: remove_issued_tokens
DELETE FROM issued_tokens WHERE org = :org;

-- name: remove_keys_seen
DELETE FROM keys_seen WHERE org = :org;

-- name: remove_latest_states
DELETE FROM latest_states WHERE org = :org;

-- name: remove_listeners
DELETE FROM listeners WHERE org = :org;

-- name: remove_lock_keys
DELETE FROM lock_keys WHERE org = :org;

-- name: remove_locks
DELETE FROM locks WHERE org = :org;

-- name: remove_ntlm_accounts
DELETE FROM ntlm_accounts WHERE org = :org;

-- name: remove_numbers
DELETE FROM numbers WHERE org = :org;

-- name: remove_organisations
DELETE FROM organisations WHERE org = :org;

-- name: remove_outbox
DELETE FROM outbox WHERE org = :org;

-- name: remove_parked
DELETE FROM parked WHERE org = :org;

-- name: remove_passages
DELETE FROM passages WHERE org = :org;

-- name: remove_people
DELETE FROM people WHERE org = :org;

-- name: remove_personal
DELETE FROM personal WHERE org = :org;

-- name: remove_plate_revisions
DELETE FROM plate_revisions WHERE org = :org;

-- name: remove_quarantine
DELETE FROM quarantine WHERE org = :org;

-- name: remove_quarantine_sizes
DELETE FROM quarantine_sizes WHERE org = :org;

-- name: remove_refined
DELETE FROM refined WHERE org = :org;

-- name: remove_refresh_tokens
DELETE FROM refresh_tokens WHERE org = :org;

-- name: remove_removed
DELETE FROM removed WHERE org = :org;

-- name: remove_residents
DELETE FROM residents WHERE org = :org;

-- name: remove_retention
DELETE FROM retention WHERE org = :org;

-- name: remove_rule_clocks
DELETE FROM rule_clocks WHERE org = :org;

-- name: remove_rule_derived
DELETE FROM rule_derived WHERE org = :org;

-- name: remove_rule_firings
DELETE FROM rule_firings WHERE org = :org;

-- name: remove_rule_groups
DELETE FROM rule_groups WHERE org = :org;

-- name: remove_rule_memory
DELETE FROM rule_memory WHERE org = :org;

-- name: remove_rule_refusals
DELETE FROM rule_refusals WHERE org = :org;

-- name: remove_rule_revisions
DELETE FROM rule_revisions WHERE org = :org;

-- name: remove_rules
DELETE FROM rules WHERE org = :org;

-- name: remove_services
DELETE FROM services WHERE org = :org;

-- name: remove_sessions
DELETE FROM sessions WHERE org = :org;

-- name: remove_sites
DELETE FROM sites WHERE org = :org;

-- name: remove_state_groups
DELETE FROM state_groups WHERE org = :org;

-- name: remove_streams
DELETE FROM streams WHERE org = :org;

-- name: remove_tallies
DELETE FROM tallies WHERE org = :org;

-- name: remove_unruled
DELETE FROM unruled WHERE org = :org;

-- name: remove_users
DELETE FROM users WHERE org = :org;

-- name: remove_vendor_ids
DELETE FROM vendor_ids WHERE org = :org;

-- name: remove_webhook_secrets
DELETE FROM webhook_secrets WHERE org = :org;

-- name: remove_webhook_states
DELETE FROM webhook_states WHERE org = :org;

-- name: remove_webhooks
DELETE FROM webhooks WHERE org = :org;
