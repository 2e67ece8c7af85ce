-- What devices are asked to do, and the vehicles that stand before a camera.

-- An open command waits for its device; a settled one stays for a while, so that a late answer is known for what it is.
CREATE TABLE commands (
  org      INTEGER NOT NULL,
  uuid     BLOB    NOT NULL,
  device   INTEGER NOT NULL,
  action   TEXT    NOT NULL,
  made     INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  seq      INTEGER NOT NULL,  -- of the event that asked for it
  settled  INTEGER,           -- when; NULL: open
  outcome  TEXT,
  PRIMARY KEY (org, uuid)
) STRICT, WITHOUT ROWID;
CREATE INDEX commands_open ON commands (deadline) WHERE settled IS NULL;
CREATE INDEX commands_settled ON commands (settled) WHERE settled IS NOT NULL;

-- Reads of one vehicle.  Rows go when the vehicle has not been seen for a while: they hold plates.
CREATE TABLE arrivals (
  arrival  INTEGER PRIMARY KEY,
  org      INTEGER NOT NULL,
  camera   INTEGER NOT NULL,  -- number of the device
  vehicle  TEXT,              -- as the reader tells it; NULL: known by its plate alone
  plate    TEXT    NOT NULL,  -- of the best read, normalised
  first    INTEGER NOT NULL,  -- capture times of the earliest and latest read
  last     INTEGER NOT NULL,
  due      INTEGER,           -- when it is decided if nothing opens; NULL: decided, or about to be
  read     INTEGER NOT NULL,  -- seq of the best read
  occurred INTEGER NOT NULL,  -- its capture time
  confidence REAL  NOT NULL,
  person   INTEGER,
  decision BLOB,              -- what is to be told of it, JSON; NULL once told
  command  BLOB,              -- the command that opens; its outcome decides
  repeated INTEGER NOT NULL DEFAULT 0,
  touched  INTEGER NOT NULL   -- when a read last came in
) STRICT;
CREATE INDEX arrivals_by_vehicle ON arrivals (org, camera, vehicle) WHERE vehicle IS NOT NULL;
CREATE INDEX arrivals_by_plate ON arrivals (org, camera, plate) WHERE vehicle IS NULL;
CREATE INDEX arrivals_due ON arrivals (due) WHERE due IS NOT NULL;
CREATE INDEX arrivals_by_command ON arrivals (org, command) WHERE command IS NOT NULL;
CREATE INDEX arrivals_touched ON arrivals (touched);

-- Rises with every change of a plate, so that an index of them can be kept in memory.
CREATE TABLE plate_revisions (org INTEGER PRIMARY KEY, revision INTEGER NOT NULL) STRICT;
CREATE TRIGGER plates_added AFTER INSERT ON credentials WHEN NEW.method = 'plate' BEGIN
  INSERT INTO plate_revisions (org, revision) VALUES (NEW.org, 1) ON CONFLICT DO UPDATE SET revision = revision + 1;
END;
CREATE TRIGGER plates_changed AFTER UPDATE ON credentials WHEN NEW.method = 'plate' OR OLD.method = 'plate' BEGIN
  INSERT INTO plate_revisions (org, revision) VALUES (NEW.org, 1) ON CONFLICT DO UPDATE SET revision = revision + 1;
END;
CREATE TRIGGER plates_removed AFTER DELETE ON credentials WHEN OLD.method = 'plate' BEGIN
  INSERT INTO plate_revisions (org, revision) VALUES (OLD.org, 1) ON CONFLICT DO UPDATE SET revision = revision + 1;
END;
