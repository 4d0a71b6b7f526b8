import { balanceOfAll, type Balances } from '../../src/domain/accounting/balances.js';
import type { Account } from '../../src/domain/accounting/coa.js';
import { trialBalance, type TrialBalance } from '../../src/domain/accounting/trial-balance.js';
import { chargesOf, figuresOf, type LedgerFigures } from '../../src/domain/accounting/figures.js';
import type { LedgerGroup, ShareTransfer } from '../../src/domain/accounting/types.js';
import type { Position } from '../../src/events/event.js';
import type { TickerSymbol } from '../../src/events/names.js';
import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import type { Uuid } from '../../src/kernel/hash.js';
import { addCents, cents, subtractCents, type Cents } from '../../src/kernel/money.js';
import type { DateText, UtcText } from '../../src/kernel/time.js';
import { entryPage, type EntryPage, type EntryPageQuery } from './entry-page.js';
import { groupFromRow, transferFromRow, type GroupRow, type TransferRow } from './group-row.js';
import { HOLDING_ROWS, holdingsIn, type HoldingRow, type LedgerHolding } from './holding-rows.js';
import type { AccountRow, BalanceRow, ChargeRow, CountRow, ShareRow } from './query-rows.js';
import { CASH_ACCOUNTS_THEN, KNOWN_THEN, MARK_EVERY } from './schema.js';

/** A point in the books: what was booked up to a journal position, or what happened up to a time; both inclusive. */
export interface AsOf {
  readonly position?: Position;
  readonly at?: UtcText;
}

/** Groups that were booked after a position, or by their own time with both ends inclusive. */
export interface GroupRange extends AsOf {
  readonly after?: Position | null;
  readonly from?: UtcText;
  readonly to?: UtcText;
}

/** Posted gains before fees, fees, and the net of both. */
export interface Realized {
  readonly gains: Cents;
  readonly fees: Cents;
  readonly net: Cents;
}

export interface RealizedByPeriod {
  readonly today: Realized;
  readonly month: Realized;
  readonly year: Realized;
  readonly total: Realized;
}

/** What one closure of a lot gained, before fees; a closure that was taken back appears again, negated. */
export interface Gain {
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly quantity: DecimalText;
  readonly gain: Cents;
  readonly closedUtc: UtcText;
  readonly sourceEventId: Uuid;
  readonly sourcePosition: Position;
}

export interface Integrity {
  readonly ok: boolean;
  readonly groups: number;
  readonly legs: number;
  /** Debits less credits over everything. */
  readonly sum: Cents;
  /** Groups that do not balance. */
  readonly unbalanced: readonly string[];
  /** SQLite's integrity check: `ok`, or its first findings. */
  readonly file: string;
}

/** The selection of groups. */
export type GroupSubject = { readonly symbol: TickerSymbol } | { readonly accounts: readonly string[] };

/** The ledger for all readers: read-only, one snapshot a call. */
export interface Ledger {
  /** The chart as of a position; the latest when left out. */
  accounts(position?: Position): readonly Account[];
  groups(range?: GroupRange): readonly LedgerGroup[];
  balances(asOf?: AsOf): Balances;
  trialBalance(asOf?: AsOf): TrialBalance;
  /** Codes of the broker cash accounts as of a position; the latest when left out. */
  cashAccounts(position?: Position): readonly string[];
  /** Cash at the broker. */
  cash(asOf?: AsOf): Cents;
  /** The figures of the books for reports. */
  figures(asOf?: AsOf): LedgerFigures;
  /** Shares by symbol, negative is short; symbols that net to zero are left out. */
  positions(asOf?: AsOf): ReadonlyMap<TickerSymbol, Decimal>;
  /** The open lots by symbol and side as of a position, with what they cost. */
  holdings(position: Position): readonly LedgerHolding[];
  /** A page of the groups up to a position, the latest when left out. */
  page(query: EntryPageQuery, position?: Position): EntryPage;
  /** Shares that moved without a cent, booked after a position and up to another. */
  shareTransfers(range: { readonly after: Position | null; readonly position: Position }): readonly ShareTransfer[];
  /** By the groups' own UTC day; `date` is today. */
  realized(date: DateText): RealizedByPeriod;
  /** Every closure of a lot, in posting order. */
  gains(): readonly Gain[];
  integrity(): Integrity;
  /** Identifies the postings, the transfers and the chart up to a position: equal texts mean equal books. */
  stand(position: Position): string;
  /** The last booked event; null when there is none. */
  reached(): Position | null;
  /** Groups by FITID, group id, id of their source event, or broker id. */
  groupsNamed(names: readonly string[]): readonly LedgerGroup[];
  /** Groups of the event at a position; found by their order, however many there are. */
  groupsAt(position: Position): readonly LedgerGroup[];
  /** Groups of a symbol, or of any of some accounts, in posting order. */
  groupsWith(subject: GroupSubject): readonly LedgerGroup[];
  close(): void;
}

const UP_TO = '(:position IS NULL OR source_position <= :position) AND (:at IS NULL OR datetime_utc <= :at)';
const BETWEEN =
  '(:after IS NULL OR source_position > :after) AND (:from IS NULL OR datetime_utc >= :from) AND (:to IS NULL OR datetime_utc <= :to)';
const LEGS = 'FROM groups AS g, json_each(g.leg_amounts) AS account WHERE account.key % 2 = 0';
const AMOUNT = `json_extract(g.leg_amounts, '$[' || (account.key + 1) || ']')`;

/** No event is posted as more groups. */
const MOST_OF_EVENT = 32n;

const WITH_ACCOUNT = `EXISTS (SELECT 1 FROM json_each(leg_amounts)
  WHERE key % 2 = 0 AND value IN (SELECT value FROM json_each(:value)))`;

export type Bindings = Readonly<Record<string, string | bigint | null>>;

/** One read-only connection to a ledger file; integers are read as bigint to keep cents exact. */
export interface LedgerReader {
  all<Row>(sql: string, bindings: Bindings): readonly Row[];
  close(): void;
}

/** The queries over an open file; `openLedger` of src/adapters/ledger-reader opens one. */
export function ledgerOver(reader: LedgerReader): Ledger {
  return new SqlLedger(reader);
}

/** Throws when the file is not a ledger. */
export const LEDGER_PROBE =
  'SELECT 1 FROM groups, lots, lot_closures, accounts, cash_accounts, identity, balance_marks LIMIT 1';

class SqlLedger implements Ledger {
  constructor(readonly reader: LedgerReader) {}

  accounts(position?: Position): readonly Account[] {
    const rows = this.all<AccountRow>(
      `SELECT code, name, type, parent, active FROM accounts AS a
       WHERE n = (SELECT max(n) FROM accounts WHERE code = a.code AND ${KNOWN_THEN}) ORDER BY code`,
      { position: position ?? null },
    );
    return rows.map((row) => ({ ...row, active: row.active === 1n }));
  }

  groups(range: GroupRange = {}): readonly LedgerGroup[] {
    const rows = this.all<GroupRow>(`SELECT * FROM groups WHERE ${UP_TO} AND ${BETWEEN} ORDER BY n`, {
      ...bounds(range),
      after: range.after ?? null,
      from: range.from ?? null,
      to: range.to ?? null,
    });
    return rows.map(groupFromRow);
  }

  balances(asOf: AsOf = {}): Balances {
    return asOf.at === undefined ? this.balancesAt(this.lastGroup(asOf.position)) : this.sums(UP_TO, bounds(asOf));
  }

  trialBalance(asOf: AsOf = {}): TrialBalance {
    return trialBalance(this.balances(asOf), this.accounts(asOf.position));
  }

  cash(asOf: AsOf = {}): Cents {
    return balanceOfAll(this.balances(asOf), this.cashAccounts(asOf.position));
  }

  cashAccounts(position?: Position): readonly string[] {
    const asOf = { position: position ?? null };
    return this.all<{ readonly code: string }>(CASH_ACCOUNTS_THEN, asOf).map(({ code }) => code);
  }

  figures(asOf: AsOf = {}): LedgerFigures {
    const { gains, fees } = this.posted(UP_TO, bounds(asOf));
    const coa = { accounts: this.accounts(asOf.position) };
    const balances = this.balances(asOf);
    return figuresOf({ balances, coa, cashAccounts: this.cashAccounts(asOf.position), realized: gains, fees });
  }

  positions(asOf: AsOf = {}): ReadonlyMap<TickerSymbol, Decimal> {
    const held = new Map<TickerSymbol, Decimal>();
    const rows = this.all<ShareRow>(
      `SELECT symbol, side, quantity, 1 AS opens FROM lots
         WHERE (:position IS NULL OR source_position <= :position) AND (:at IS NULL OR opened_utc <= :at)
       UNION ALL SELECT symbol, side, quantity, 0 FROM lot_closures
         WHERE (:position IS NULL OR source_position <= :position) AND (:at IS NULL OR closed_utc <= :at)
       ORDER BY symbol`,
      bounds(asOf),
    );
    for (const { symbol, side, quantity, opens } of rows) {
      const shares = Decimal.parse(quantity);
      const adds = (opens === 1n) === (side === 'long');
      held.set(symbol, (held.get(symbol) ?? Decimal.ZERO).plus(adds ? shares : shares.negated()));
    }
    return new Map([...held].filter(([, quantity]) => !quantity.isZero()));
  }

  holdings(position: Position): readonly LedgerHolding[] {
    return holdingsIn(this.all<HoldingRow>(HOLDING_ROWS, { position }));
  }

  page(query: EntryPageQuery, position?: Position): EntryPage {
    return entryPage((sql, bindings) => this.all(sql, bindings), this.lastGroup(position), query);
  }

  shareTransfers({ after, position }: { after: Position | null; position: Position }): readonly ShareTransfer[] {
    const rows = this.all<TransferRow>(
      `SELECT * FROM share_transfers WHERE (:after IS NULL OR source_position > :after) AND source_position <= :position
       ORDER BY n`,
      { after, position },
    );
    return rows.map(transferFromRow);
  }

  realized(date: DateText): RealizedByPeriod {
    const since = (start: string): Realized =>
      this.posted('datetime_utc >= :start AND substr(datetime_utc, 1, 10) <= :date', { start, date });
    return {
      today: since(date),
      month: since(date.slice(0, 7)),
      year: since(date.slice(0, 4)),
      total: since(''),
    };
  }

  gains(): readonly Gain[] {
    return this.all<Omit<Gain, 'gain'> & { readonly gain: bigint }>(
      `SELECT symbol, side, quantity, gain, closed_utc AS closedUtc, source_event_id AS sourceEventId,
         source_position AS sourcePosition FROM lot_closures ORDER BY n`,
    ).map((row) => ({ ...row, gain: cents(row.gain) }));
  }

  integrity(): Integrity {
    const [counts] = this.all<CountRow>(`SELECT count(*) AS legs, coalesce(sum(${AMOUNT}), 0) AS sum ${LEGS}`);
    const [groups] = this.all<{ readonly count: bigint }>('SELECT count(*) AS count FROM groups');
    const unbalanced = this.all<{ readonly group_id: string }>(
      `SELECT g.group_id ${LEGS} GROUP BY g.n HAVING sum(${AMOUNT}) <> 0 OR count(*) < 2 ORDER BY g.n`,
    ).map((row) => row.group_id);
    const file = this.all<{ readonly integrity_check: string }>('PRAGMA integrity_check(5)')
      .map((row) => row.integrity_check)
      .join('; ');
    const sum = cents(counts?.sum ?? 0n);
    return {
      ok: sum === 0n && unbalanced.length === 0 && file === 'ok',
      groups: Number(groups?.count ?? 0n),
      legs: Number(counts?.legs ?? 0n),
      sum,
      unbalanced,
      file,
    };
  }

  stand(position: Position): string {
    const lastOf = (table: string): string => `SELECT max(n) AS last FROM ${table} WHERE ${KNOWN_THEN}`;
    const [chart] = this.all<{ readonly last: bigint | null }>(lastOf('accounts'), { position });
    const [cash] = this.all<{ readonly last: bigint | null }>(lastOf('cash_accounts'), { position });
    const [moved] = this.all<{ readonly last: bigint | null }>(lastOf('share_transfers'), { position });
    return `${this.lastGroup(position)}/${chart?.last ?? 0n}/${cash?.last ?? 0n}/${moved?.last ?? 0n}`;
  }

  reached(): Position | null {
    const [row] = this.all<{ readonly position: Position | null }>(
      "SELECT position FROM projection_checkpoint WHERE name = 'ledger'",
    );
    return row?.position ?? null;
  }

  groupsNamed(names: readonly string[]): readonly LedgerGroup[] {
    const wanted = '(SELECT value FROM json_each(:names))';
    const rows = this.all<GroupRow>(
      `SELECT * FROM groups WHERE fitid IN ${wanted} OR group_id IN ${wanted} OR source_event_id IN ${wanted}
         OR external_id IN ${wanted} ORDER BY n`,
      { names: JSON.stringify(names) },
    );
    return rows.map(groupFromRow);
  }

  groupsAt(position: Position): readonly LedgerGroup[] {
    const high = this.lastGroup(position);
    const rows = this.all<GroupRow>(
      'SELECT * FROM groups WHERE n <= :high AND n > :low AND source_position = :position ORDER BY n',
      { high, low: high - MOST_OF_EVENT, position },
    );
    return rows.map(groupFromRow);
  }

  groupsWith(subject: GroupSubject): readonly LedgerGroup[] {
    const [where, value] =
      'symbol' in subject ? ['symbol = :value', subject.symbol] : [WITH_ACCOUNT, JSON.stringify(subject.accounts)];
    return this.all<GroupRow>(`SELECT * FROM groups WHERE ${where} ORDER BY n`, { value }).map(groupFromRow);
  }

  close(): void {
    this.reader.close();
  }

  /** Number of the last group up to a position, 0 for none. Groups are numbered in the order of their positions. */
  private lastGroup(position?: Position): bigint {
    const [row] = this.all<{ readonly last: bigint | null }>('SELECT max(n) AS last FROM groups');
    let high = row?.last ?? 0n;
    if (position === undefined) return high;
    for (let low = 0n; low < high;) {
      const middle = (low + high + 1n) / 2n;
      const [group] = this.all<{ readonly position: Position }>(
        'SELECT source_position AS position FROM groups WHERE n = :n',
        { n: middle },
      );
      if (group !== undefined && group.position <= position) low = middle;
      else high = middle - 1n;
    }
    return high;
  }

  /** Balances after a group: the stored ones before it, plus the legs of the groups since. */
  private balancesAt(n: bigint): Balances {
    const rows = this.all<BalanceRow>(
      `SELECT code, sum(cents) AS net FROM (
         SELECT key AS code, value AS cents FROM json_each((SELECT balances FROM balance_marks WHERE n = :mark))
         UNION ALL SELECT account.value, ${AMOUNT} ${LEGS} AND g.n > :mark AND g.n <= :n
       ) GROUP BY 1 ORDER BY 1`,
      { n, mark: n - (n % BigInt(MARK_EVERY)) },
    );
    return new Map(rows.map(({ code, net }) => [code, cents(net)]));
  }

  /** Gains by the closed lots and charges by the groups, each at the time of its group. */
  private posted(where: string, bindings: Bindings): Realized {
    const [closed] = this.all<{ readonly gains: bigint | null }>(
      `SELECT sum(c.gain) AS gains FROM lot_closures AS c
       JOIN (SELECT DISTINCT source_position FROM groups WHERE ${where}) AS g USING (source_position)`,
      bindings,
    );
    const charged = this.all<ChargeRow>(
      `SELECT trntype, sum(commission) AS commission, sum(fee) AS fee, sum(net_amount) AS net FROM groups
       WHERE ${where} GROUP BY trntype, net_amount < 0`,
      bindings,
    );
    const gains = cents(closed?.gains ?? 0n);
    const fees = addCents(
      ...charged.map(({ trntype, commission, fee, net }) =>
        chargesOf({ trntype, commission: cents(commission), fee: cents(fee), netAmount: cents(net) }),
      ),
    );
    return { gains, fees, net: subtractCents(gains, fees) };
  }

  private sums(where: string, bindings: Bindings): Balances {
    const rows = this.all<BalanceRow>(
      `SELECT account.value AS code, sum(${AMOUNT}) AS net ${LEGS} AND ${where} GROUP BY 1 ORDER BY 1`,
      bindings,
    );
    return new Map(rows.map(({ code, net }) => [code, cents(net)]));
  }

  private all<Row>(sql: string, bindings: Bindings = {}): readonly Row[] {
    return this.reader.all<Row>(sql, bindings);
  }
}

function bounds(asOf: AsOf): Bindings {
  return { position: asOf.position ?? null, at: asOf.at ?? null };
}
