/** Made of system-logs.sql by event-schemas/embed-sql.mjs. */
export const SYSTEM_LOGS_SQL = `-- SYSTEM_LOGS.db (SEC-10): what happened to the bot and its users, one row an event. Built from the journal.
CREATE TABLE log (
  position TEXT NOT NULL PRIMARY KEY,
  occurred_at TEXT NOT NULL,
  recorded_at TEXT NOT NULL,
  category TEXT NOT NULL CHECK (category IN ('access', 'users', 'config', 'secrets', 'process', 'control', 'health', 'risk', 'error', 'setup', 'test')),
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  event_type TEXT NOT NULL,
  actor TEXT NOT NULL,
  subject TEXT,
  text TEXT NOT NULL,
  data TEXT NOT NULL CHECK (json_valid(data))
) STRICT, WITHOUT ROWID;

CREATE INDEX log_by_time ON log (occurred_at);
CREATE INDEX log_by_category ON log (category, position);
CREATE INDEX log_by_severity ON log (severity, position);
CREATE INDEX log_by_subject ON log (subject, position) WHERE subject IS NOT NULL;
CREATE INDEX log_by_actor ON log (actor, position);

CREATE TRIGGER log_keeps_rows BEFORE UPDATE ON log
BEGIN
  SELECT RAISE(ABORT, 'a row of the log is never changed');
END;

CREATE TRIGGER log_loses_no_rows BEFORE DELETE ON log
BEGIN
  SELECT RAISE(ABORT, 'a row of the log is never deleted');
END;
`;
