/** Made of user-activity.sql by event-schemas/embed-sql.mjs. */
export const USER_ACTIVITY_SQL = `-- USER_ACTIVITY_MONITORING.db (SEC-10): sessions and attempts, by opaque ids. Built from the journal; whose address an id
-- stands for is in SYSTEM_USERS.db alone (JRN-13).
CREATE TABLE sessions (
  session_ref TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  method TEXT NOT NULL CHECK (method IN ('password', 'password+totp')),
  address_id TEXT NOT NULL,
  began_at TEXT NOT NULL,
  ended_at TEXT,
  end_reason TEXT,
  begin_position TEXT NOT NULL UNIQUE,
  end_position TEXT UNIQUE,
  CHECK ((ended_at IS NULL) = (end_reason IS NULL) AND (ended_at IS NULL) = (end_position IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id, began_at);
CREATE INDEX sessions_by_address ON sessions (address_id, began_at);

CREATE TABLE attempts (
  position TEXT NOT NULL PRIMARY KEY,
  at_utc TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('login', 'token', 'denied')),
  ok INTEGER NOT NULL CHECK (ok IN (0, 1)),
  code TEXT NOT NULL,
  user_id TEXT,
  address_id TEXT NOT NULL,
  endpoint TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_by_user ON attempts (user_id, position) WHERE user_id IS NOT NULL;
CREATE INDEX attempts_by_address ON attempts (address_id, position);

CREATE TRIGGER sessions_end_once BEFORE UPDATE ON sessions WHEN old.ended_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'an ended session is never changed');
END;

CREATE TRIGGER sessions_stay BEFORE DELETE ON sessions
BEGIN
  SELECT RAISE(ABORT, 'a session is never deleted');
END;

CREATE TRIGGER attempts_keep BEFORE UPDATE ON attempts
BEGIN
  SELECT RAISE(ABORT, 'an attempt is never changed');
END;

CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts
BEGIN
  SELECT RAISE(ABORT, 'an attempt is never deleted');
END;
`;
