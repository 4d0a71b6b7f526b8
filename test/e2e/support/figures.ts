import Database from 'better-sqlite3';
import { readFileSync } from 'node:fs';
import { Decimal } from '../../../src/kernel/decimal.js';
import { centsFromText } from '../../../src/kernel/money.js';

/**
 * The books added up by plain SQL on the published ledger file, with none of the program's own sums: what every other
 * output is compared with. All money in cents.
 */
export interface Figures {
  readonly cash: bigint;
  /** Assets less liabilities. */
  readonly equity: bigint;
  readonly gross: bigint;
  readonly fees: bigint;
  readonly net: bigint;
  /** Debits less credits of each account, without zeros. */
  readonly accounts: Readonly<Record<string, bigint>>;
  /** Shares held, short below zero, without zeros. */
  readonly positions: Readonly<Record<string, string>>;
}

/** Realized by one strategy, or by all. */
export interface Realized {
  readonly gross: bigint;
  readonly fees: bigint;
  readonly net: bigint;
}

export interface GroupFigures {
  readonly fitid: string;
  readonly trntype: string;
  readonly symbol: string | null;
  readonly quantity: string | null;
  readonly price: string | null;
  readonly commission: bigint;
  readonly fee: bigint;
  readonly net_amount: bigint;
}

const GAINS = `'4010', '4060', '4070', '4080'`;
const REALIZED = `coalesce(sum(iif(account_code IN (${GAINS}), credit - debit, 0)), 0) AS gross,
  coalesce(sum(iif(account_code = '5010', debit - credit, 0)), 0) AS fees`;

/** Bytes 18 and 19 of the file say how it is written; 2 is a write-ahead log, which a database in memory cannot have. */
const FILE_FORMAT = 18;

/** Queries a copy in memory, since a handle on the file itself would leave further files. */
function ask<Row>(path: string, sql: string, ...args: readonly string[]): readonly Row[] {
  const bytes = readFileSync(path);
  bytes.fill(1, FILE_FORMAT, FILE_FORMAT + 2);
  const db = new Database(bytes);
  try {
    return db
      .prepare<string[], Row>(sql)
      .safeIntegers(true)
      .all(...args);
  } finally {
    db.close();
  }
}

/** As the books stood at the end of `date` (UTC), or now. */
export function figuresAt(ledger: string, date = '9999-12-31'): Figures {
  const rows = ask<{ code: string; type: string; balance: bigint }>(
    ledger,
    `SELECT e.account_code AS code, a.type AS type, sum(e.debit - e.credit) AS balance
     FROM ledger_entries AS e JOIN accounts AS a ON a.code = e.account_code
     WHERE substr(e.datetime_utc, 1, 10) <= ? GROUP BY 1 HAVING balance <> 0 ORDER BY 1`,
    date,
  );
  const [sums] = ask<{ gross: bigint; fees: bigint }>(
    ledger,
    `SELECT ${REALIZED} FROM ledger_entries WHERE substr(datetime_utc, 1, 10) <= ?`,
    date,
  );
  const { gross, fees } = sums!;
  return {
    cash: rows.find(({ code }) => code === '1030')?.balance ?? 0n,
    equity: sum(rows.filter(({ type }) => type === 'asset' || type === 'liability').map(({ balance }) => balance)),
    gross,
    fees,
    net: gross - fees,
    accounts: Object.fromEntries(rows.map(({ code, balance }) => [code, balance])),
    positions: positionsAt(ledger, date),
  };
}

const SIGN: Readonly<Record<string, 1 | -1>> = { BUY: 1, SELL: -1, SELLSHORT: -1, BUYTOCOVER: 1 };

function positionsAt(ledger: string, date: string): Readonly<Record<string, string>> {
  const held = new Map<string, Decimal>();
  const rows = ask<{ symbol: string; trntype: string; quantity: string }>(
    ledger,
    `SELECT symbol, trntype, quantity FROM trades WHERE substr(datetime_utc, 1, 10) <= ? ORDER BY symbol`,
    date,
  );
  for (const { symbol, trntype, quantity } of rows) {
    const sign = SIGN[trntype];
    if (sign === undefined) throw new Error(`a trade of unknown kind ${trntype}`);
    const moved = Decimal.parse(quantity);
    held.set(symbol, (held.get(symbol) ?? Decimal.ZERO).plus(sign === 1 ? moved : moved.negated()));
  }
  return Object.fromEntries(
    [...held].filter(([, shares]) => !shares.isZero()).map(([symbol, shares]) => [symbol, shares.shortText()]),
  );
}

/** Realized on one day (UTC) by each strategy that moved the books. */
export function realizedBy(ledger: string, date: string): ReadonlyMap<string, Realized> {
  const rows = ask<{ strategy: string; gross: bigint; fees: bigint }>(
    ledger,
    `SELECT strategy, ${REALIZED} FROM ledger_entries
     WHERE substr(datetime_utc, 1, 10) = ? AND strategy IS NOT NULL GROUP BY strategy`,
    date,
  );
  return new Map(rows.map(({ strategy, gross, fees }) => [strategy, { gross, fees, net: gross - fees }]));
}

/** The groups of one day, by FITID. */
export function groupsOf(ledger: string, date: string): readonly GroupFigures[] {
  return ask<GroupFigures>(
    ledger,
    `SELECT fitid, trntype, symbol, quantity, price, commission, fee, net_amount FROM ledger_entries
     WHERE substr(datetime_utc, 1, 10) = ? GROUP BY fitid ORDER BY fitid`,
    date,
  ).map((row) => ({ ...row, ...tradeOf(ledger, row.fitid) }));
}

/** Quantity and price belong to the leg that moves shares. */
function tradeOf(ledger: string, fitid: string): Pick<GroupFigures, 'quantity' | 'price'> {
  const [row] = ask<Pick<GroupFigures, 'quantity' | 'price'>>(
    ledger,
    'SELECT quantity, price FROM trades WHERE fitid = ?',
    fitid,
  );
  return row ?? { quantity: null, price: null };
}

/** The simulated broker's own account at the end of a day, and what it has on record. */
export function brokerFigures(
  store: string,
  date: string,
): { readonly cash: bigint; readonly positions: Readonly<Record<string, string>> } {
  const [row] = ask<{ closing: string }>(store, 'SELECT closing FROM days WHERE date = ?', date);
  if (row === undefined) throw new Error(`the broker has no day ${date}`);
  interface Account {
    readonly cash: { readonly $decimal: string };
    readonly holdings: readonly { readonly symbol: string; readonly quantity: { readonly $decimal: string } }[];
  }
  const { cash, holdings } = JSON.parse(row.closing) as Account;
  return {
    cash: centsFromText(cash.$decimal),
    positions: Object.fromEntries(holdings.map(({ symbol, quantity }) => [symbol, quantity.$decimal])),
  };
}

export interface BrokerOrderRow {
  readonly client_order_id: string;
  readonly date: string;
  readonly fills: number;
}

/** Each order that reached the simulated broker, with how many executions it got. */
export function brokerOrders(store: string): readonly BrokerOrderRow[] {
  const rows = ask<{ client_order_id: string; date: string; body: string }>(
    store,
    'SELECT client_order_id, date, body FROM orders ORDER BY client_order_id',
  );
  return rows.map(({ client_order_id, date, body }) => {
    const { order } = JSON.parse(body) as { order: { updates: readonly { kind: string }[] } };
    return { client_order_id, date, fills: order.updates.filter(({ kind }) => kind === 'filled').length };
  });
}

export function sum(amounts: Iterable<bigint>): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

/** Dollars with two decimals as cents; refuses any other form. */
export function centsOf(text: unknown): bigint {
  if (typeof text !== 'string' || !/^-?\d+\.\d\d$/.test(text))
    throw new Error(`${String(text)} is not dollars and cents`);
  return centsFromText(text);
}
