import { canonicalSymbol } from '../../events/names.js';
import { EXCHANGE_ZONE } from '../../domain/calendar/nyse.js';
import { zonedToUtc } from '../../domain/calendar/clock-time.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { addDays, epochMs, parseDateText, toUtcText, type EpochMs } from '../../kernel/time.js';
import type { CashActivity, ShareConversionActivity } from '../../ports/account-queries.js';
import { Fields } from '../broker-common/fields.js';
import type { AlpacaRest } from './alpaca-rest.js';
import { readFillRow, type AlpacaFill } from './fills.js';

/** The most rows of a page at Alpaca. */
const PAGE = 100;
/** Rows of the executions of one order; above it the order is read again later. */
const MOST_PAGES = 50;

type Records = Pick<AlpacaRest, 'activities'>;

export interface ActivityRow {
  readonly id: string;
  readonly type: string;
  readonly fields: Fields;
  readonly rawSha256: Sha256Hex;
}

/** One page of rows, oldest first. */
export async function rowsPage(
  records: Records,
  query: { readonly after: string | null; readonly limit: number; readonly which: 'all' | 'cash' },
): Promise<readonly ActivityRow[]> {
  return readRows(records, '', {
    direction: 'asc',
    page_size: String(Math.min(query.limit, PAGE)),
    ...(query.after === null ? {} : { page_token: query.after }),
    ...(query.which === 'cash' ? { category: 'non_trade_activity' } : {}),
  });
}

/** Rows of money that were made since a time: records of an earlier day may come late. */
export async function rowsSince(records: Records, since: EpochMs): Promise<readonly ActivityRow[]> {
  const query = { direction: 'asc', category: 'non_trade_activity', after: toUtcText(since) };
  return allPages(records, '', query);
}

/** The executions of one order, oldest first. */
export async function fillsOfOrder(
  records: Records,
  orderId: string,
  placedAt: EpochMs,
): Promise<readonly AlpacaFill[]> {
  const query = { direction: 'asc', order_id: orderId, after: toUtcText(epochMs(placedAt - 1_000)) };
  // the filter by order is new: where it is not known, all executions since the order come
  const rows = (await allPages(records, '/FILL', query)).filter(
    ({ fields }) => fields.textOr('order_id', '') === orderId,
  );
  return rows.map(({ fields, rawSha256 }) => readFillRow(fields, rawSha256)).sort((a, b) => a.to.compare(b.to));
}

async function allPages(
  records: Records,
  type: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly ActivityRow[]> {
  const rows = new Map<string, ActivityRow>();
  let token: Readonly<Record<string, string>> = {};
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const more = await readRows(records, type, { ...query, ...token, page_size: String(PAGE) });
    const before = rows.size;
    for (const row of more) rows.set(row.id, row);
    const last = more.at(-1);
    // a page that brings nothing new would come for ever
    if (last === undefined || more.length < PAGE || rows.size === before) break;
    token = { page_token: last.id };
  }
  return [...rows.values()];
}

async function readRows(
  records: Records,
  type: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly ActivityRow[]> {
  const answer = await records.activities(type, query);
  return Fields.listOf(answer.value, 'activity').map((fields) => ({
    id: fields.text('id'),
    type: fields.textOr('activity_type', '').toUpperCase(),
    fields,
    rawSha256: answer.rawSha256,
  }));
}

type CashKind = CashActivity['kind'];

/** Kinds of rows by which shares are replaced; the money of a fraction of a share has a row of one of them, or its own. */
const REPLACING = /^(SPLIT|NC)$/;
const CASH_IN_LIEU = /^(SPLIT|NC|CIL)$/;

/** Kinds of rows that move money, as the books know them; the sign decides where a kind has two. */
function kindOf(type: string, amount: Decimal): CashKind {
  // the cost of a fraction stays with the shares, so its money is income
  if (type.startsWith('DIV') || type === 'CGD' || CASH_IN_LIEU.test(type))
    return amount.sign() < 0 ? 'dividend_on_short' : 'dividend';
  if (type.startsWith('INT')) return amount.sign() < 0 ? 'fee' : 'interest';
  if (/FEE$|^(PTC|FOPT)$/.test(type)) return amount.sign() < 0 ? 'fee' : 'interest';
  return amount.sign() < 0 ? 'withdrawal' : 'deposit';
}

/**
 * A row as a movement of money; none for one that moves none: shares moved without dollars. A row that was taken back is a second
 * movement, the other way.
 */
export function movementsOf(row: ActivityRow): readonly CashActivity[] {
  const amount = row.fields.decimalOr('net_amount', Decimal.ZERO);
  if (amount.isZero() || row.fields.textOr('status', '') === 'pending') return [];
  const symbol = row.fields.textOr('symbol', '');
  const facts = {
    at: timeOf(row),
    symbol: symbol === '' ? null : canonicalSymbol(symbol),
    reference: null,
    rawSha256: row.rawSha256,
  };
  const text = descriptionOf(row);
  const booked: CashActivity = {
    ...facts,
    kind: kindOf(row.type, amount),
    activityId: row.id,
    amount,
    description: text,
  };
  if (!['correct', 'canceled', 'cancelled'].includes(row.fields.textOr('status', ''))) return [booked];
  const reversed = { ...booked, activityId: `${row.id}${TAKEN_BACK}`, reverses: row.id };
  return [booked, { ...reversed, description: `taken back: ${text}` }];
}

/** Whether a row takes shares out of the account or brings them, for a split or a change of symbol. */
export function replacesShares({ type, fields }: ActivityRow): boolean {
  return (
    REPLACING.test(type) &&
    !fields.decimalOr('qty', Decimal.ZERO).isZero() &&
    ['', 'executed'].includes(fields.textOr('status', ''))
  );
}

/** Days around a row in which the others of its corporate action are looked for. */
const GROUP_DAYS = 3;

/**
 * The replacement of shares that a row ends: one row takes out the shares before, another brings those after. None before the last row
 * of the action, and none where the rows do not belong together: such shares stay a difference for a person.
 */
export async function conversionOf(records: Records, row: ActivityRow): Promise<ShareConversionActivity | undefined> {
  const after = windowBefore(row.id, GROUP_DAYS);
  const query = { direction: 'asc', ...(after === undefined ? {} : { after: toUtcText(after) }) };
  const rows = (await allPages(records, `/${row.type}`, query)).filter((each) => replacesShares(each));
  const group = rows.filter((each) => isOfGroup(each, row)).sort((a, b) => (a.id < b.id ? -1 : 1));
  if (group.at(-1)?.id !== row.id) return undefined;
  const moves = group.map(({ fields }) => ({
    symbol: canonicalSymbol(fields.text('symbol')),
    quantity: fields.decimal('qty'),
  }));
  const signs = moves.map(({ quantity }) => quantity.sign());
  // a split that is one row says the change only; a change of symbol without its other half is none
  const isWhole = group.length === 2 ? signs[0] !== signs[1] : group.length === 1 && row.type === 'SPLIT';
  const changes =
    moves.some(({ symbol }) => symbol !== moves[0]?.symbol) ||
    !Decimal.sum(moves.map(({ quantity }) => quantity)).isZero();
  if (!isWhole || !changes || isHalf(row, group.length)) return undefined;
  const facts = { activityId: row.id, at: timeOf(row), rawSha256: row.rawSha256 };
  return { kind: 'conversion', ...facts, moves, description: descriptionOf(row) };
}

/** A row that takes out or brings all shares names itself so; its other half is still to come. */
function isHalf({ fields }: ActivityRow, rows: number): boolean {
  return rows === 1 && /^(REMOVE|ADD)\b/.test(fields.textOr('description', ''));
}

/** Rows of one corporate action: of one group, or of one day and one symbol where the broker names no group. */
function isOfGroup(one: ActivityRow, row: ActivityRow): boolean {
  const [a, b] = [one, row].map(({ fields }) => fields.textOr('group_id', ''));
  if (a !== '' || b !== '') return a === b;
  const isSameDay = one.fields.textOr('date', '') === row.fields.textOr('date', '');
  return isSameDay && (row.type === 'NC' || one.fields.textOr('symbol', '') === row.fields.textOr('symbol', ''));
}

/** Ends the id of the second movement of a row that was taken back. */
const TAKEN_BACK = '/taken-back';

/** The id of the row that a movement is of. */
export function rowIdOf(activityId: string): string {
  return activityId.endsWith(TAKEN_BACK) ? activityId.slice(0, -TAKEN_BACK.length) : activityId;
}

function descriptionOf({ type, fields }: ActivityRow): string {
  const sub = fields.textOr('activity_sub_type', '');
  const text = fields
    .textOr('description', '')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, 200);
  return [sub === '' ? type : `${type}/${sub}`, text].filter((part) => part !== '').join(' ');
}

const ID_SHAPE = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{3})::/;

/** When a row was made: its own time, else the time of New York that its id begins with, else its day. */
function timeOf({ id, fields }: ActivityRow): EpochMs {
  const own = fields.timeOr('created_at', null) ?? fields.timeOr('transaction_time', null);
  if (own !== null) return own;
  const [, year, month, day, hour, minute, second, millis] = ID_SHAPE.exec(id) ?? [];
  if (year !== undefined) {
    const date = parseDateText(`${year}-${month ?? ''}-${day ?? ''}`);
    return epochMs(zonedToUtc(date, `${hour ?? ''}:${minute ?? ''}:${second ?? ''}`, EXCHANGE_ZONE) + Number(millis));
  }
  return zonedToUtc(parseDateText(fields.text('date').slice(0, 10)), '00:00', EXCHANGE_ZONE);
}

/** A few days before the time that an id begins with: rows that come late are looked for from there on. */
export function windowBefore(id: string, days: number): EpochMs | undefined {
  const [, year, month, day] = ID_SHAPE.exec(id) ?? [];
  if (year === undefined) return undefined;
  const date = addDays(parseDateText(`${year}-${month ?? ''}-${day ?? ''}`), -days);
  return zonedToUtc(date, '00:00', EXCHANGE_ZONE);
}
