import { appendOnlySql, numbered } from '../kit/append-only.js';

const OF_NEWEST_VERSION = 'NEW.version_n IS (SELECT max(n) FROM versions)';
const GUARDS = appendOnlySql([
  { table: 'versions', keys: [['source_event_id']], row: numbered('versions') },
  { table: 'accounts', keys: [['version_n', 'code']], row: OF_NEWEST_VERSION },
  { table: 'mapping_rules', keys: [['version_n', 'line']], row: OF_NEWEST_VERSION },
]);

/** Versions are whole and stay: the chart or the table as it was at any time is a select away. */
export const COA_SCHEMA_SQL = `
CREATE TABLE versions (
  n INTEGER PRIMARY KEY,
  changed TEXT NOT NULL CHECK (changed IN ('chart', 'mapping')),
  version TEXT NOT NULL,
  at_utc TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  source_event_id TEXT NOT NULL UNIQUE,
  source_position TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
  version_n INTEGER NOT NULL REFERENCES versions (n),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('asset', 'liability', 'equity', 'income', 'expense', 'control')),
  parent TEXT,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  PRIMARY KEY (version_n, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE mapping_rules (
  version_n INTEGER NOT NULL REFERENCES versions (n),
  line INTEGER NOT NULL,
  event TEXT NOT NULL,
  purpose TEXT NOT NULL,
  symbol_pattern TEXT NOT NULL,
  debit TEXT NOT NULL,
  credit TEXT NOT NULL,
  PRIMARY KEY (version_n, line)
) STRICT, WITHOUT ROWID;

CREATE VIEW chart_of_accounts AS
SELECT code, name, type, parent, active FROM accounts
WHERE version_n = (SELECT max(n) FROM versions WHERE changed = 'chart');

CREATE VIEW mapping_table AS
SELECT line, event, purpose, symbol_pattern, debit, credit FROM mapping_rules
WHERE version_n = (SELECT max(n) FROM versions WHERE changed = 'mapping');
${GUARDS}
`;
