import { DEFAULT_COA } from '../../src/domain/accounting/coa.js';
import { DEFAULT_MAPPING } from '../../src/domain/accounting/mapping.js';
import { accountsInRole } from '../../src/domain/accounting/roles.js';
import type { BookCodes } from '../../src/domain/accounting/book-codes.js';

/**
 * The ledger database (ACC-5..8). One group is one row that contains its legs: a leg without a group cannot exist, a
 * group cannot be incomplete, and nothing can be added to a group later. `legs`, `trades`, `ledger_entries`
 * and `batches` are views; SQLite refuses every write to a view.
 *
 * The triggers guard every connection, regardless of its foreign_keys, recursive_triggers or
 * ignore_check_constraints. REPLACE is refused because every key is looked up before the row is written.
 *
 * `leg_amounts` is a flat JSON array: account, cents, account, cents ...; above zero is a debit, below a credit.
 * `leg_shares` is a JSON object: line of a leg that moves shares -> [quantity, price].
 */
export function ledgerSchemaSql(codes: BookCodes): string {
  return [TABLES, MARKS, guardsSql(), VIEWS, identitySql(codes), accountsSql(), cashSql()].join('\n');
}

const DECIMAL = (column: string): string =>
  `CHECK (${column} GLOB '[0-9]*' AND ${column} NOT GLOB '*[^0-9.]*' AND ${column} NOT GLOB '*.*.*')`;

const TABLES = `
CREATE TABLE identity (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  entity_code TEXT NOT NULL,
  jurisdiction_code TEXT NOT NULL,
  broker_code TEXT NOT NULL,
  bot_code TEXT NOT NULL,
  account_id TEXT NOT NULL
) STRICT;

-- The chart of accounts as far as postings need it; the whole of it is in the COA database.
CREATE TABLE accounts (
  code TEXT NOT NULL,
  coa_version TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('asset', 'liability', 'equity', 'income', 'expense', 'control')),
  parent TEXT,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  n INTEGER PRIMARY KEY,
  -- NULL for the chart that a ledger begins with.
  source_position TEXT
) STRICT;
CREATE INDEX accounts_by_code ON accounts (code, n, type, active);

-- Accounts of the broker's cash; one is known by its latest row, and only while that says is_cash.
CREATE TABLE cash_accounts (
  code TEXT NOT NULL,
  mapping_version INTEGER NOT NULL,
  is_cash INTEGER NOT NULL CHECK (is_cash IN (0, 1)),
  n INTEGER PRIMARY KEY,
  source_position TEXT
) STRICT;

CREATE TABLE groups (
  n INTEGER PRIMARY KEY,
  group_id TEXT NOT NULL UNIQUE,
  fitid TEXT NOT NULL UNIQUE CHECK (length(fitid) = 64),
  broker_code TEXT NOT NULL,
  external_id TEXT,
  trntype TEXT NOT NULL,
  action TEXT NOT NULL,
  datetime_utc TEXT NOT NULL CHECK (datetime_utc GLOB '????-??-??T??:??:??.???Z'),
  description TEXT NOT NULL,
  strategy TEXT,
  symbol TEXT,
  quantity TEXT ${DECIMAL('quantity')},
  price TEXT ${DECIMAL('price')},
  commission INTEGER NOT NULL,
  fee INTEGER NOT NULL,
  net_amount INTEGER NOT NULL,
  currency TEXT NOT NULL CHECK (currency = 'USD'),
  source_event_id TEXT NOT NULL,
  source_position TEXT NOT NULL,
  source_recorded_utc TEXT NOT NULL,
  sync_run_id TEXT,
  batch_id TEXT NOT NULL,
  coa_mapping_version INTEGER NOT NULL,
  response_hash TEXT,
  reverses TEXT,
  leg_amounts TEXT NOT NULL,
  -- For older SQLite, json_valid(NULL) is false in an integrity check.
  leg_shares TEXT CHECK (leg_shares IS NULL OR json_valid(leg_shares)),
  client_order_id TEXT
) STRICT;
-- A broker numbers executions and cash movements apart, and some use an execution id again on another day: an id is unique
-- among the cash movements, and within the order of an execution.
CREATE UNIQUE INDEX groups_by_broker_id
  ON groups (broker_code, external_id, (quantity IS NULL), coalesce(client_order_id, ''));

-- A small copy in which pages in the order of the effect on cash are looked for. Of the speed of writing, an index in that order took
-- 15 percent and this one 10, measured on a busy machine.
CREATE INDEX groups_amounts ON groups (n, net_amount);

-- Lots as executions opened them; a row with a quantity below zero takes one back after a bust or a correction.
CREATE TABLE lots (
  n INTEGER PRIMARY KEY,
  lot_id TEXT NOT NULL,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('long', 'short')),
  opened_utc TEXT NOT NULL,
  price TEXT NOT NULL,
  quantity TEXT NOT NULL,
  amount INTEGER NOT NULL,
  source_event_id TEXT NOT NULL,
  source_position TEXT NOT NULL,
  -- Position of the broker's first report of the execution: its place among executions of one time.
  place TEXT NOT NULL
) STRICT;

-- Parts of lots that executions closed; negated rows take them back.
CREATE TABLE lot_closures (
  n INTEGER PRIMARY KEY,
  lot_id TEXT NOT NULL,
  closed_by TEXT NOT NULL,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('long', 'short')),
  quantity TEXT NOT NULL,
  opened_utc TEXT NOT NULL,
  closed_utc TEXT NOT NULL,
  open_amount INTEGER NOT NULL,
  close_amount INTEGER NOT NULL,
  gain INTEGER NOT NULL CHECK (gain = iif(side = 'long', close_amount - open_amount, open_amount - close_amount)),
  term TEXT NOT NULL CHECK (term IN ('short', 'long', 'unknown')),
  source_event_id TEXT NOT NULL,
  source_position TEXT NOT NULL,
  -- Price and place of the execution that closed the part.
  close_price TEXT NOT NULL,
  place TEXT NOT NULL
) STRICT;

-- Shares that moved without a cent, which no group has: with the groups they add up to the lots.
CREATE TABLE share_transfers (
  n INTEGER PRIMARY KEY,
  fitid TEXT NOT NULL CHECK (length(fitid) = 64),
  external_id TEXT,
  datetime_utc TEXT NOT NULL CHECK (datetime_utc GLOB '????-??-??T??:??:??.???Z'),
  description TEXT NOT NULL,
  strategy TEXT,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('long', 'short')),
  direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
  quantity TEXT NOT NULL ${DECIMAL('quantity')},
  price TEXT NOT NULL ${DECIMAL('price')},
  source_event_id TEXT NOT NULL,
  source_position TEXT NOT NULL
) STRICT;
`;

/** The rows of `accounts` and `cash_accounts` up to a position, NULL for all: the latest of a code counts. */
export const KNOWN_THEN = '(:position IS NULL OR source_position IS NULL OR source_position <= :position)';

/** Codes of the broker cash accounts. */
export const CASH_ACCOUNTS = `SELECT code FROM cash_accounts AS a
  WHERE is_cash AND n = (SELECT max(n) FROM cash_accounts WHERE code = a.code) ORDER BY code`;

/** Codes of the broker cash accounts as of a position. */
export const CASH_ACCOUNTS_THEN = `SELECT code FROM cash_accounts AS a
  WHERE is_cash AND n = (SELECT max(n) FROM cash_accounts WHERE code = a.code AND ${KNOWN_THEN}) ORDER BY code`;

/** Number of groups between two stored rows of all balances. */
export const MARK_EVERY = 1_000;

/**
 * A trigger stores the balances with the group that completes a thousand. No other row can be added: it must be of the
 * last group, which has one already. The balance of any account at any past position is then one stored row and less
 * than a thousand groups, however large the books are (JRN-31).
 */
const MARKS = `
CREATE TABLE balance_marks (
  n INTEGER PRIMARY KEY,
  balances TEXT NOT NULL
) STRICT;
CREATE TRIGGER balance_marks_made AFTER INSERT ON groups WHEN NEW.n % ${MARK_EVERY} = 0 BEGIN
  INSERT INTO balance_marks VALUES (NEW.n, ${balancesAt('NEW.n')});
END;
CREATE TRIGGER balance_marks_guard BEFORE INSERT ON balance_marks BEGIN
  SELECT CASE
    WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + ${MARK_EVERY} FROM balance_marks)
      OR NEW.n IS NOT (SELECT max(n) FROM groups)
      THEN RAISE(ABORT, 'LEDGER_ORDER: balances are noted with every thousandth group, once, by the file itself')
  END;
END;`;

/** Balances after group `n` as a JSON object of account and cents, from the stored row before it and the groups since. */
function balancesAt(n: string): string {
  return `(SELECT json_group_object(code, cents) FROM (
    SELECT code, sum(cents) AS cents FROM (
      SELECT key AS code, value AS cents
        FROM json_each((SELECT balances FROM balance_marks WHERE n = ${n} - ${MARK_EVERY}))
      UNION ALL SELECT leg.value, json_extract(g.leg_amounts, '$[' || (leg.key + 1) || ']')
        FROM groups AS g, json_each(g.leg_amounts) AS leg
        WHERE g.n > ${n} - ${MARK_EVERY} AND g.n <= ${n} AND leg.key % 2 = 0
    ) GROUP BY code ORDER BY code
  ))`;
}

/** Rows are numbered without gaps and never changed: a second row of a number, a hole or a REPLACE cannot happen. */
function guardsSql(): string {
  const inOrder = ['accounts', 'cash_accounts', 'lots', 'lot_closures', 'share_transfers'].map(
    (table) => `
CREATE TRIGGER ${table}_in_order BEFORE INSERT ON ${table}
WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM ${table}) BEGIN
  SELECT RAISE(ABORT, 'LEDGER_ORDER: the next row of ${table} has the number after the last');
END;`,
  );
  const tables = ['accounts', 'cash_accounts', 'groups', 'lots', 'lot_closures', 'share_transfers', 'balance_marks'];
  const appendOnly = tables.map(
    (table) => `
CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN
  SELECT RAISE(ABORT, 'LEDGER_UPDATE: rows of ${table} are never changed; corrections are reversing groups');
END;
CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN
  SELECT RAISE(ABORT, 'LEDGER_DELETE: rows of ${table} are never deleted; corrections are reversing groups');
END;`,
  );
  return [...appendOnly, ...inOrder, GROUP_GUARD, IDENTITY_GUARD].join('\n');
}

const IDENTITY_GUARD = `
CREATE TRIGGER identity_no_update BEFORE UPDATE ON identity BEGIN
  SELECT RAISE(ABORT, 'LEDGER_UPDATE: the identity of a ledger never changes');
END;
CREATE TRIGGER identity_no_delete BEFORE DELETE ON identity BEGIN
  SELECT RAISE(ABORT, 'LEDGER_DELETE: the identity of a ledger never changes');
END;
CREATE TRIGGER identity_once BEFORE INSERT ON identity WHEN EXISTS (SELECT 1 FROM identity) BEGIN
  SELECT RAISE(ABORT, 'LEDGER_UPDATE: the identity of a ledger never changes');
END;`;

/**
 * Even keys are accounts, odd keys cents. Sums are exact: SQLite raises an error on integer overflow; a number with a
 * fraction has another JSON type, one beyond 64 bits another SQL type. An account is known by its latest row.
 */
const GROUP_GUARD = `
CREATE TRIGGER groups_guard BEFORE INSERT ON groups BEGIN
  SELECT CASE
    WHEN EXISTS (SELECT 1 FROM groups WHERE fitid = NEW.fitid)
      OR EXISTS (SELECT 1 FROM groups WHERE group_id = NEW.group_id)
      OR EXISTS (
        SELECT 1 FROM groups WHERE broker_code = NEW.broker_code AND external_id = NEW.external_id
          AND (quantity IS NULL) = (NEW.quantity IS NULL)
          AND coalesce(client_order_id = NEW.client_order_id, 1)
      )
      THEN RAISE(ABORT, 'LEDGER_DUPLICATE: this FITID, group or broker id is booked already')
    WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM groups)
      THEN RAISE(ABORT, 'LEDGER_ORDER: the next row of groups has the number after the last')
  END;
  SELECT CASE
    WHEN wrong > 0 OR entries % 2 <> 0 THEN RAISE(ABORT, 'LEDGER_LEG: a leg is an account and whole cents other than zero')
    WHEN entries < 4 THEN RAISE(ABORT, 'LEDGER_LEGS: a group has at least two legs')
    WHEN known * 2 <> entries THEN RAISE(ABORT, 'LEDGER_ACCOUNT: an account is unknown, inactive or a control account')
    WHEN sum <> 0 THEN RAISE(ABORT, 'LEDGER_UNBALANCED: debits and credits differ')
  END
  FROM (
    SELECT
      count(*) AS entries,
      total(iif(key & 1, type <> 'integer' OR typeof(value) <> 'integer' OR value = 0, type <> 'text')) AS wrong,
      sum(iif(key & 1, value, 0)) AS sum,
      total(iif(key & 1, 0, (SELECT active AND type <> 'control' FROM accounts WHERE code = value ORDER BY n DESC LIMIT 1))) AS known
    FROM json_each(NEW.leg_amounts)
  );
END;`;

const VIEWS = `
CREATE VIEW legs AS
SELECT g.group_id, account.key / 2 + 1 AS line, account.value AS account_code,
  max(amount.value, 0) AS debit, max(-amount.value, 0) AS credit, g.currency,
  json_extract(g.leg_shares, '$."' || (account.key / 2 + 1) || '"[0]') AS quantity,
  json_extract(g.leg_shares, '$."' || (account.key / 2 + 1) || '"[1]') AS price,
  iif(json_type(g.leg_shares, '$."' || (account.key / 2 + 1) || '"') IS NULL, NULL, g.symbol) AS symbol
FROM groups AS g, json_each(g.leg_amounts) AS account, json_each(g.leg_amounts) AS amount
WHERE account.key % 2 = 0 AND amount.key = account.key + 1;

CREATE VIEW batches AS
SELECT batch_id, sync_run_id, min(source_recorded_utc) AS started_utc, max(source_recorded_utc) AS completed_utc,
  count(*) AS row_count, 'committed' AS commit_state
FROM groups GROUP BY batch_id;

CREATE VIEW ledger_entries AS
SELECT g.fitid, g.datetime_utc AS dtposted, g.datetime_utc, g.trntype, g.symbol, g.action, l.quantity, l.price,
  g.commission, g.fee, g.net_amount, l.account_code, l.debit, l.credit, g.group_id, l.line, g.strategy,
  i.entity_code, i.jurisdiction_code, i.broker_code, i.bot_code, g.currency, g.description, g.reverses
FROM groups AS g JOIN legs AS l ON l.group_id = g.group_id CROSS JOIN identity AS i;

-- One row a group that moves shares, with the account of the shares.
CREATE VIEW trades AS
SELECT g.fitid, g.datetime_utc AS dtposted, g.datetime_utc, g.trntype, g.symbol, g.action, g.quantity, g.price,
  g.commission, g.fee, g.net_amount,
  (SELECT l.account_code FROM legs AS l WHERE l.group_id = g.group_id AND l.quantity IS NOT NULL LIMIT 1) AS account_code,
  g.group_id, g.strategy, i.entity_code, i.jurisdiction_code, i.broker_code, i.bot_code, g.currency, g.reverses
FROM groups AS g CROSS JOIN identity AS i WHERE g.quantity IS NOT NULL;
`;

function identitySql(codes: BookCodes): string {
  const { entity, jurisdiction, broker, bot, account } = codes;
  return `INSERT INTO identity VALUES (1, ${[entity, jurisdiction, broker, bot, account].map(quoted).join(', ')});`;
}

function accountsSql(): string {
  const { accounts, version } = DEFAULT_COA;
  return accounts
    .map(({ code, name, type, parent, active }, index) => {
      const texts = [code, version, name, type].map(quoted).join(', ');
      const above = parent === null ? 'NULL' : quoted(parent);
      return `INSERT INTO accounts VALUES (${texts}, ${above}, ${active ? 1 : 0}, ${index + 1}, NULL);`;
    })
    .join('\n');
}

function cashSql(): string {
  return accountsInRole('cash', DEFAULT_MAPPING.rules)
    .map(
      (code, index) =>
        `INSERT INTO cash_accounts VALUES (${quoted(code)}, ${DEFAULT_MAPPING.version}, 1, ${index + 1}, NULL);`,
    )
    .join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
