export const SCHEMA_VERSION = 1

export const EVENT_SCHEMA = `
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    time TEXT NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL
  ) STRICT;
  CREATE TABLE stream_index (
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (stream, revision)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE stream_index_progress (position INTEGER NOT NULL) STRICT;
  INSERT INTO stream_index_progress VALUES (0);
  PRAGMA user_version = ${SCHEMA_VERSION};
`
