-- The log, what is counted of it, the directory, keys, quarantine and followers.
-- Every key begins with the organisation.  Instants are whole nanoseconds since 1970 UTC.

CREATE TABLE organisations (
  org              INTEGER PRIMARY KEY,
  uuid             BLOB NOT NULL UNIQUE,
  name             TEXT NOT NULL,
  zone             TEXT NOT NULL,
  parent           INTEGER REFERENCES organisations (org),
  purpose_required INTEGER NOT NULL DEFAULT 0,
  revision         INTEGER NOT NULL DEFAULT 1   -- rises with every change of the directory
) STRICT;

-- What events belong to and are versioned by.  Sites have a stream for their tallies alone.
CREATE TABLE streams (
  org     INTEGER NOT NULL,
  stream  INTEGER NOT NULL,
  subject TEXT    NOT NULL CHECK (subject IN ('organisation', 'site', 'device', 'person', 'rule', 'alarm')),
  PRIMARY KEY (org, stream)
) STRICT, WITHOUT ROWID;

CREATE TABLE sites (
  org      INTEGER NOT NULL,
  site     INTEGER NOT NULL,
  uuid     BLOB    NOT NULL,
  name     TEXT    NOT NULL,
  zone     TEXT    NOT NULL,
  stream   INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, site),
  UNIQUE (org, uuid),
  UNIQUE (org, stream)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
  org      INTEGER NOT NULL,
  device   INTEGER NOT NULL,
  uuid     BLOB    NOT NULL,
  kind     TEXT    NOT NULL,
  name     TEXT    NOT NULL,
  stream   INTEGER NOT NULL,
  site     INTEGER,
  revision INTEGER NOT NULL DEFAULT 1,
  removed  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (org, device),
  UNIQUE (org, uuid),
  UNIQUE (org, stream)
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_by_site ON devices (org, site, stream);

CREATE TABLE vendor_ids (
  org       INTEGER NOT NULL,
  vendor_id TEXT    NOT NULL,
  device    INTEGER NOT NULL,
  PRIMARY KEY (org, vendor_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX vendor_ids_by_device ON vendor_ids (org, device);

CREATE TABLE people (
  org      INTEGER NOT NULL,
  person   INTEGER NOT NULL,
  uuid     BLOB    NOT NULL,
  name     TEXT    NOT NULL,
  stream   INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, person),
  UNIQUE (org, uuid)
) STRICT, WITHOUT ROWID;

-- Event types beyond the built-in one of each kind.  retention_days 0: accepted, followed, unlisted.
CREATE TABLE event_types (
  org            INTEGER NOT NULL,
  uuid           BLOB    NOT NULL,
  name           TEXT    NOT NULL,
  kind           TEXT    NOT NULL,
  generator      TEXT    NOT NULL,
  state_group    BLOB,
  state          TEXT,
  retention_days INTEGER,
  revision       INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, uuid)
) STRICT, WITHOUT ROWID;

-- What is counted by.  Numbered from 1 in each organisation; number 0 in the tallies means all classes.  Never changed.
CREATE TABLE classes (
  org    INTEGER NOT NULL,
  class  INTEGER NOT NULL,
  kind   TEXT    NOT NULL,
  method TEXT,
  reason TEXT,
  type   BLOB,
  listed INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, class)
) STRICT, WITHOUT ROWID;

-- The last number handed out: stream 0 holds the organisation's seq, each other stream its version.
CREATE TABLE heads (
  org    INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  last   INTEGER NOT NULL,
  PRIMARY KEY (org, stream)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  org      INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  id       BLOB    NOT NULL,
  stream   INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  class    INTEGER NOT NULL,
  occurred INTEGER NOT NULL,
  received INTEGER NOT NULL,
  reported INTEGER,
  cause    INTEGER,
  tag      TEXT,
  data     BLOB,
  PRIMARY KEY (org, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX events_by_id      ON events (org, id);
CREATE INDEX        events_by_time    ON events (org, occurred, seq, stream, class);
CREATE INDEX        events_by_stream  ON events (org, stream, occurred, seq, class);
CREATE UNIQUE INDEX events_by_version ON events (org, stream, version);
CREATE INDEX        events_by_tag     ON events (org, tag COLLATE NOCASE, occurred, seq) WHERE tag IS NOT NULL;

-- Personal parts lie apart, each event with a salt of its own, so that they can be erased while a salted
-- commitment keeps the log's proof whole.
CREATE TABLE personal (
  org         INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  salt        BLOB    NOT NULL,
  occurred    INTEGER NOT NULL,
  person      INTEGER,
  person_name TEXT,
  credential  TEXT,
  message     TEXT,
  data        BLOB,
  erased      INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (org, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX personal_by_person     ON personal (org, person, occurred, seq) WHERE person IS NOT NULL;
CREATE INDEX personal_by_credential ON personal (org, credential COLLATE NOCASE, occurred, seq)
  WHERE credential IS NOT NULL;

-- What makes a repeat a repeat: a keyed hash of (stream, source key), and a hash of what was sent.
CREATE TABLE keys_seen (
  org  INTEGER NOT NULL,
  key  BLOB    NOT NULL,
  body BLOB    NOT NULL,
  seq  INTEGER NOT NULL,
  PRIMARY KEY (org, key)
) STRICT, WITHOUT ROWID;

-- Counts.  grain: see domain/buckets.py.  stream 0: the whole organisation; a site has a stream of its own here.
-- class 0: all classes together.  The bucket stands before the class: the order of the key is the design.
CREATE TABLE tallies (
  org    INTEGER NOT NULL,
  grain  INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  class  INTEGER NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (org, grain, stream, bucket, class)
) STRICT, WITHOUT ROWID;

-- Buckets of a grain that outgrew 4,096 events, and so have rows of the next finer grain.
CREATE TABLE refined (
  org    INTEGER NOT NULL,
  grain  INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  PRIMARY KEY (org, grain, stream, bucket)
) STRICT, WITHOUT ROWID;

-- Who follows the log, and how far each has come.
CREATE TABLE followers (
  org  INTEGER NOT NULL,
  name TEXT    NOT NULL,
  seq  INTEGER NOT NULL,
  PRIMARY KEY (org, name)
) STRICT, WITHOUT ROWID;

-- What a follower could not take; it went on, and this waits for a person.
CREATE TABLE parked (
  org    INTEGER NOT NULL,
  name   TEXT    NOT NULL,
  seq    INTEGER NOT NULL,
  reason TEXT    NOT NULL,
  since  INTEGER NOT NULL,
  PRIMARY KEY (org, name, seq)
) STRICT, WITHOUT ROWID;

-- Reports that could be read and not placed.  Equal ones fold into one row.
CREATE TABLE quarantine (
  org      INTEGER NOT NULL,
  id       BLOB    NOT NULL,
  digest   BLOB    NOT NULL,
  device   TEXT,
  reason   TEXT    NOT NULL,
  report   BLOB    NOT NULL,
  key      TEXT,
  received INTEGER NOT NULL,
  times    INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, id),
  UNIQUE (org, digest)
) STRICT, WITHOUT ROWID;

-- How many each organisation holds in quarantine, so that its limit costs one look.
CREATE TABLE quarantine_sizes (
  org INTEGER PRIMARY KEY,
  n   INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
  id        BLOB    PRIMARY KEY,
  org       INTEGER NOT NULL,
  hash      BLOB    NOT NULL UNIQUE,
  prefix    TEXT    NOT NULL,
  name      TEXT    NOT NULL,
  scopes    TEXT    NOT NULL,
  sites     TEXT,
  devices   TEXT,
  created   INTEGER NOT NULL,
  expires   INTEGER,
  revoked   INTEGER,
  last_used INTEGER
) STRICT, WITHOUT ROWID;
