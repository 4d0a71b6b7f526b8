import type { Account } from '../../src/domain/accounting/coa.js';
import type { Applied } from '../../src/domain/accounting/book.js';
import type { LedgerGroup, LotClosure, OpenLot, ShareTransfer } from '../../src/domain/accounting/types.js';
import { CASH_ACCOUNTS } from './schema.js';
import type { ProjectionTx, SqlStatement, SqlValue } from '../kit/projection.js';
import type { Cents } from '../../src/kernel/money.js';
import type { UtcText } from '../../src/kernel/time.js';

/** The rows that one event adds to the ledger. */
export interface LedgerOutput extends Pick<Applied, 'groups' | 'transfers' | 'closures' | 'opened' | 'withdrawn'> {
  readonly brokerCode: string;
  readonly eventId: string;
  readonly position: string;
  readonly recordedAt: UtcText;
  /** A chart that took effect; null when it did not change. */
  readonly chart: { readonly version: string; readonly accounts: readonly Account[] } | null;
  /** The broker cash accounts after a mapping table; null when they did not change. */
  readonly cash: { readonly mappingVersion: number; readonly codes: readonly string[] } | null;
}

const GROUP_COLUMNS = 28;
const INSERT_GROUP = `INSERT INTO groups VALUES (${marks(GROUP_COLUMNS)})`;
const INSERT_LOT = `INSERT INTO lots VALUES (${marks(11)})`;
const INSERT_CLOSURE = `INSERT INTO lot_closures VALUES (${marks(16)})`;
const INSERT_TRANSFER = `INSERT INTO share_transfers VALUES (${marks(13)})`;
const INSERT_CASH = `INSERT INTO cash_accounts VALUES (${marks(5)})`;
const INSERT_ACCOUNT = `INSERT INTO accounts VALUES (${marks(8)})`;

/** The rows of a batch, numbered from the last row of the file. */
export function writeLedger(tx: ProjectionTx, outputs: readonly LedgerOutput[]): void {
  const groups = new Numbered(tx, 'groups', INSERT_GROUP);
  const lots = new Numbered(tx, 'lots', INSERT_LOT);
  const closures = new Numbered(tx, 'lot_closures', INSERT_CLOSURE);
  const transfers = new Numbered(tx, 'share_transfers', INSERT_TRANSFER);
  for (const output of outputs) {
    if (output.chart !== null) writeChart(tx, output.chart, output.position);
    if (output.cash !== null) writeCash(tx, output.cash, output.position);
    for (const group of output.groups) groups.insert(groupRow(groups.next(), group, output));
    for (const transfer of output.transfers) transfers.insert(transferRow(transfers.next(), transfer));
    for (const lot of output.withdrawn) lots.insert(lotRow(lots.next(), lot, output, true));
    for (const lot of output.opened) lots.insert(lotRow(lots.next(), lot, output, false));
    for (const closure of output.closures) closures.insert(closureRow(closures.next(), closure, output));
  }
}

/** Only accounts that differ from their latest row are written. */
function writeChart(tx: ProjectionTx, chart: NonNullable<LedgerOutput['chart']>, position: string): void {
  const rows = new Numbered(tx, 'accounts', INSERT_ACCOUNT);
  const latest = tx.statement('SELECT name, type, parent, active FROM accounts WHERE code = ? ORDER BY n DESC LIMIT 1');
  for (const { code, name, type, parent, active } of chart.accounts) {
    const [known] = latest.all(code);
    const same =
      known?.['name'] === name &&
      known['type'] === type &&
      known['parent'] === parent &&
      Number(known['active']) === Number(active);
    if (!same) rows.insert([code, chart.version, name, type, parent, active ? 1 : 0, rows.next(), position]);
  }
}

/** Adds a row for each account that became cash or is cash no longer. */
function writeCash(tx: ProjectionTx, cash: NonNullable<LedgerOutput['cash']>, position: string): void {
  const rows = new Numbered(tx, 'cash_accounts', INSERT_CASH);
  const before = tx.statement(CASH_ACCOUNTS).all();
  const known = before.map((row) => String(row['code']));
  const { codes, mappingVersion } = cash;
  for (const code of known) if (!codes.includes(code)) rows.insert([code, mappingVersion, 0, rows.next(), position]);
  for (const code of codes) if (!known.includes(code)) rows.insert([code, mappingVersion, 1, rows.next(), position]);
}

class Numbered {
  readonly #insert: SqlStatement;
  #last: number;

  constructor(tx: ProjectionTx, table: string, insert: string) {
    this.#insert = tx.statement(insert);
    const [row] = tx.statement(`SELECT coalesce(max(n), 0) AS last FROM ${table}`).all();
    this.#last = Number(row?.['last'] ?? 0);
  }

  next(): number {
    return (this.#last += 1);
  }

  insert(row: readonly SqlValue[]): void {
    this.#insert.run(...row);
  }
}

function groupRow(n: number, group: LedgerGroup, output: LedgerOutput): readonly SqlValue[] {
  return [
    n,
    group.groupId,
    group.fitid,
    output.brokerCode,
    group.externalId,
    group.trntype,
    group.action,
    group.datetimeUtc,
    group.description,
    group.strategy,
    group.symbol,
    group.quantity,
    group.price,
    integer(group.commission),
    integer(group.fee),
    integer(group.netAmount),
    'USD',
    group.sourceEventId,
    group.sourcePosition,
    output.recordedAt,
    group.syncRunId,
    group.batchId,
    group.mappingVersion,
    group.responseHash,
    group.reverses,
    amountsText(group),
    sharesText(group),
    group.clientOrderId ?? null,
  ];
}

function amountsText(group: LedgerGroup): string {
  let text = '';
  for (const leg of group.legs) text += `,"${leg.accountCode}",${leg.debit - leg.credit}`;
  return `[${text.slice(1)}]`;
}

function sharesText(group: LedgerGroup): string | null {
  let text = '';
  for (let i = 0; i < group.legs.length; i += 1) {
    const leg = group.legs[i];
    if (leg === undefined || leg.quantity === null) continue;
    text += `,"${i + 1}":["${leg.quantity}",${leg.price === null ? 'null' : `"${leg.price}"`}]`;
  }
  return text === '' ? null : `{${text.slice(1)}}`;
}

function lotRow(n: number, lot: OpenLot, output: LedgerOutput, takenBack: boolean): readonly SqlValue[] {
  const quantity = takenBack ? lot.quantity.negated() : lot.quantity;
  const amount = takenBack ? (-lot.amount as Cents) : lot.amount;
  const { lotId, symbol, side, openedAt, price, position: place } = lot;
  const from = [output.eventId, output.position, place];
  return [n, lotId, symbol, side, openedAt, price.shortText(2), quantity.shortText(), integer(amount), ...from];
}

function closureRow(n: number, closure: LotClosure, output: LedgerOutput): readonly SqlValue[] {
  const { lotId, closedBy, symbol, side, quantity, openedAt, closedAt, openAmount, closeAmount, gain, term } = closure;
  return [
    n,
    lotId,
    closedBy,
    symbol,
    side,
    quantity.shortText(),
    openedAt,
    closedAt,
    integer(openAmount),
    integer(closeAmount),
    integer(gain),
    term,
    output.eventId,
    output.position,
    closure.closePrice.shortText(2),
    closure.closePosition,
  ];
}

function transferRow(n: number, transfer: ShareTransfer): readonly SqlValue[] {
  const { fitid, externalId, datetimeUtc, description, strategy, symbol, side, direction } = transfer;
  const { quantity, price, sourceEventId, sourcePosition } = transfer;
  const moved = [symbol, side, direction, quantity, price, sourceEventId, sourcePosition];
  return [n, fitid, externalId, datetimeUtc, description, strategy, ...moved];
}

/** A number binds faster than a bigint; used only where it is exact. */
function integer(amount: Cents): number | bigint {
  const approximate = Number(amount);
  return Number.isSafeInteger(approximate) ? approximate : amount;
}

function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
