import { appendOnlySql, numbered } from '../kit/append-only.js';

const GUARDS = appendOnlySql(
  [
    { table: 'adjustments', keys: [['adjustment_id'], ['source_event_id']] },
    { table: 'transfers', keys: [['activity_id'], ['source_event_id']] },
    { table: 'snapshots', keys: [['source_event_id']] },
    { table: 'drain_points', keys: [['source_event_id']] },
    { table: 'deviations', keys: [['source_event_id']] },
  ].map(({ table, keys }) => ({ table, keys, row: numbered(table) })),
);

/** Amounts in cents. Rows are numbered in journal order and never changed. */
export const FLOAT_SCHEMA_SQL = `
CREATE TABLE adjustments (
  n INTEGER PRIMARY KEY,
  adjustment_id TEXT NOT NULL UNIQUE,
  direction TEXT NOT NULL CHECK (direction IN ('inject', 'return')),
  source TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  float_after INTEGER NOT NULL,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  at_utc TEXT NOT NULL,
  source_event_id TEXT NOT NULL UNIQUE,
  source_position TEXT NOT NULL
) STRICT;

-- Cash that the broker showed for an adjustment, or without one.
CREATE TABLE transfers (
  n INTEGER PRIMARY KEY,
  activity_id TEXT NOT NULL UNIQUE,
  adjustment_id TEXT,
  direction TEXT NOT NULL CHECK (direction IN ('inject', 'return')),
  amount INTEGER NOT NULL CHECK (amount > 0),
  at_utc TEXT NOT NULL,
  source_event_id TEXT NOT NULL UNIQUE,
  source_position TEXT NOT NULL
) STRICT;

CREATE TABLE snapshots (
  n INTEGER PRIMARY KEY,
  session_date TEXT,
  float INTEGER NOT NULL,
  daily_allocation INTEGER NOT NULL,
  cash INTEGER NOT NULL,
  equity INTEGER NOT NULL,
  at_utc TEXT NOT NULL,
  source_event_id TEXT NOT NULL UNIQUE,
  source_position TEXT NOT NULL
) STRICT;

-- Snapshots with less equity than any before since the float last changed.
CREATE TABLE drain_points (
  n INTEGER PRIMARY KEY,
  session_date TEXT,
  equity INTEGER NOT NULL,
  drained INTEGER NOT NULL,
  at_utc TEXT NOT NULL,
  source_event_id TEXT NOT NULL UNIQUE,
  source_position TEXT NOT NULL
) STRICT;

CREATE TABLE deviations (
  n INTEGER PRIMARY KEY,
  float INTEGER NOT NULL,
  equity INTEGER NOT NULL,
  deviation TEXT NOT NULL,
  threshold TEXT NOT NULL,
  at_utc TEXT NOT NULL,
  source_event_id TEXT NOT NULL UNIQUE,
  source_position TEXT NOT NULL
) STRICT;

CREATE VIEW injections AS SELECT * FROM adjustments WHERE direction = 'inject';
CREATE VIEW returns AS SELECT * FROM adjustments WHERE direction = 'return';
CREATE VIEW in_transit AS
SELECT a.adjustment_id, a.direction, a.amount, a.at_utc FROM adjustments AS a
WHERE a.source = 'acknowledged-transfer'
  AND NOT EXISTS (SELECT 1 FROM transfers AS t WHERE t.adjustment_id = a.adjustment_id);
${GUARDS}
`;
