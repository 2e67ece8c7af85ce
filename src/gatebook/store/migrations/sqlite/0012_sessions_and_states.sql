-- Lists that are polled for what has changed in them, clients that follow the log and come back, and states of devices.

-- A stored question, and how far its answer was told to who asked it.
CREATE TABLE event_sessions (
  session  INTEGER PRIMARY KEY,
  uuid     BLOB    NOT NULL UNIQUE,
  org      INTEGER NOT NULL,
  holder   TEXT    NOT NULL,            -- kind/uuid of the principal
  question BLOB    NOT NULL,            -- as the client sent it; its dialect reads it again
  used     INTEGER NOT NULL,
  looked   INTEGER NOT NULL DEFAULT 0,  -- the seq up to which the log was looked through
  basis    BLOB,                        -- what the set was worked out on: directory, grant, removals; NULL: not yet
  size     INTEGER NOT NULL DEFAULT 0,  -- members
  untold   INTEGER NOT NULL DEFAULT 0,  -- members that are still to be told
  turn     INTEGER NOT NULL DEFAULT 0   -- rises with every change: of two polls at once one begins again
) STRICT;
CREATE INDEX event_sessions_by_holder ON event_sessions (org, holder);
CREATE INDEX event_sessions_by_use ON event_sessions (used);

-- The id stands here too: of an event that is removed it is told that it left.
CREATE TABLE event_session_members (
  session  INTEGER NOT NULL,
  occurred INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  id       BLOB    NOT NULL,
  told     INTEGER NOT NULL,
  PRIMARY KEY (session, occurred, seq)
) STRICT, WITHOUT ROWID;

-- A client that follows the log by subscriptions and may come back within its time.
CREATE TABLE listeners (
  uuid          BLOB    PRIMARY KEY,
  org           INTEGER NOT NULL,
  holder        TEXT    NOT NULL,
  begun         INTEGER NOT NULL,  -- the log's head when it began
  subscriptions BLOB    NOT NULL,  -- JSON of its dialect
  seen          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX listeners_by_use ON listeners (seen);

-- The latest event of each class that enters a state, at each source; kept by a follower of the log.
CREATE TABLE latest_states (
  org      INTEGER NOT NULL,
  class    INTEGER NOT NULL,
  stream   INTEGER NOT NULL,
  occurred INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  id       BLOB    NOT NULL,
  PRIMARY KEY (org, class, stream)
) STRICT, WITHOUT ROWID;
