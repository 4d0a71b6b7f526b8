/** Made of system-users.sql by event-schemas/embed-sql.mjs. */
export const SYSTEM_USERS_SQL = `-- SYSTEM_USERS.db (SEC-10): users, sessions, personal tokens, addresses, and events that wait for the journal.
CREATE TABLE users (
  user_id TEXT NOT NULL PRIMARY KEY CHECK (length(user_id) BETWEEN 3 AND 64),
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 2 AND 64),
  email TEXT UNIQUE CHECK (email IS NULL OR length(email) BETWEEN 3 AND 254),
  password_hash TEXT NOT NULL CHECK (length(password_hash) = 60 AND password_hash LIKE '$2%'),
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'accountant', 'admin')),
  disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  second_factor INTEGER NOT NULL DEFAULT 0 CHECK (second_factor IN (0, 1)),
  code_step INTEGER NOT NULL DEFAULT 0 CHECK (code_step >= 0),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  last_login_at TEXT CHECK (last_login_at IS NULL OR length(last_login_at) = 24)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER users_keep_an_admin BEFORE UPDATE OF role, disabled ON users
WHEN old.role = 'admin' AND old.disabled = 0 AND (new.role <> 'admin' OR new.disabled = 1)
  AND (SELECT count(*) FROM users WHERE role = 'admin' AND disabled = 0) <= 1
BEGIN
  SELECT RAISE(ABORT, 'the last admin stays');
END;

CREATE TRIGGER users_stay BEFORE DELETE ON users
BEGIN
  SELECT RAISE(ABORT, 'a user is disabled, not deleted');
END;

CREATE TABLE addresses (
  address_id TEXT NOT NULL PRIMARY KEY CHECK (length(address_id) BETWEEN 3 AND 64),
  address TEXT NOT NULL UNIQUE CHECK (length(address) BETWEEN 1 AND 64),
  first_seen_at TEXT NOT NULL CHECK (length(first_seen_at) = 24)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  session_ref TEXT NOT NULL PRIMARY KEY CHECK (length(session_ref) BETWEEN 3 AND 64),
  id_hash TEXT NOT NULL UNIQUE CHECK (length(id_hash) = 64),
  user_id TEXT NOT NULL REFERENCES users (user_id),
  address_id TEXT NOT NULL REFERENCES addresses (address_id),
  method TEXT NOT NULL CHECK (method IN ('password', 'password+totp')),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  last_seen_at TEXT NOT NULL CHECK (length(last_seen_at) = 24),
  expires_at TEXT NOT NULL CHECK (length(expires_at) = 24)
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id, created_at);

CREATE TABLE personal_tokens (
  token_id TEXT NOT NULL PRIMARY KEY CHECK (length(token_id) BETWEEN 3 AND 64),
  token_hash TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),
  user_id TEXT NOT NULL REFERENCES users (user_id),
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'accountant', 'admin')),
  label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 80),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  expires_at TEXT NOT NULL CHECK (length(expires_at) = 24),
  last_used_at TEXT CHECK (last_used_at IS NULL OR length(last_used_at) = 24)
) STRICT, WITHOUT ROWID;

CREATE INDEX personal_tokens_by_user ON personal_tokens (user_id, created_at);

CREATE TABLE recovery_codes (
  user_id TEXT NOT NULL REFERENCES users (user_id),
  code_hash TEXT NOT NULL CHECK (length(code_hash) = 64),
  PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;

-- By digest of source and name, whether or not a user has it; locked_until is the earliest time of the next attempt.
CREATE TABLE login_attempts (
  name_key TEXT NOT NULL PRIMARY KEY CHECK (length(name_key) = 64),
  failures INTEGER NOT NULL CHECK (failures >= 1),
  locked_until INTEGER,
  last_at INTEGER NOT NULL,
  known INTEGER NOT NULL CHECK (known IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Events of changes above that the journal does not have yet.
CREATE TABLE outbox (
  n INTEGER PRIMARY KEY,
  entry_id TEXT NOT NULL UNIQUE CHECK (length(entry_id) BETWEEN 3 AND 64),
  stream TEXT NOT NULL,
  actor TEXT NOT NULL,
  occurred_at TEXT NOT NULL CHECK (length(occurred_at) = 24),
  events TEXT NOT NULL CHECK (json_valid(events)),
  grants TEXT UNIQUE
) STRICT;

-- Browsers in which a user logged in before, by digest of their cookie.
CREATE TABLE known_devices (
  device_hash TEXT NOT NULL CHECK (length(device_hash) = 64),
  user_id TEXT NOT NULL REFERENCES users (user_id),
  failures INTEGER NOT NULL CHECK (failures >= 0),
  used_at TEXT NOT NULL CHECK (length(used_at) = 24),
  PRIMARY KEY (user_id, device_hash)
) STRICT, WITHOUT ROWID;
`;
