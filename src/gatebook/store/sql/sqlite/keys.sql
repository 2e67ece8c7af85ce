-- name: access_revision
SELECT revision FROM access;
