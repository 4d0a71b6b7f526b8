import type { LedgerGroup, TransactionType } from '../../src/domain/accounting/types.js';
import { configError } from '../../src/kernel/errors.js';
import { addDays, type DateText } from '../../src/kernel/time.js';
import { groupFromRow, type GroupRow } from './group-row.js';
import type { Bindings } from './query.js';

/** Orders of a list of entries: as they were booked, or by their effect on cash. */
export const ENTRY_ORDERS = ['newest', 'oldest', 'largest', 'smallest'] as const;
export type EntryOrder = (typeof ENTRY_ORDERS)[number];

/** Which entries; a part that is left out leaves all in. */
export interface EntryFilter {
  readonly symbol?: string | undefined;
  readonly strategy?: string | undefined;
  readonly type?: TransactionType | undefined;
  /** Code of an account that one of the legs is on. */
  readonly account?: string | undefined;
  /** Part of the description, in any case. */
  readonly text?: string | undefined;
  /** Days of the entry's own time, both inclusive. */
  readonly from?: DateText | undefined;
  readonly to?: DateText | undefined;
}

/** Where a page ended: the number of the last row that was looked at, and its amount where rows are in order of that. */
export interface EntryCursor {
  readonly n: bigint;
  readonly amount: bigint;
}

export interface EntryPageQuery extends EntryFilter {
  readonly order: EntryOrder;
  readonly limit: number;
  readonly after?: EntryCursor | undefined;
  /** Rows that one page looks at; MOST_EXAMINED when left out. */
  readonly examine?: bigint;
}

/** A page of entries. It may have fewer than asked for and still have a next one: what one page looks at is bounded. */
export interface EntryPage {
  readonly groups: readonly LedgerGroup[];
  /** Null at the end. */
  readonly next: EntryCursor | null;
  /** Entries that this and earlier pages looked at, of all. */
  readonly examined: number;
  readonly all: number;
}

/** Rows that one page looks at: about a tenth of a second on a slow machine. */
const MOST_EXAMINED = 100_000n;
/** Rows that can be put in order of their amount in one page. */
const MOST_SORTED = 200_000n;
/** An entry is booked after it happened; a clock of a broker that is ahead of ours changes nothing within this. */
const DAYS_AHEAD = 7;

type Read = <Row>(sql: string, bindings: Bindings) => readonly Row[];
type NumberedRow = GroupRow & { readonly n: bigint };

/** A page of the entries up to number `last`, which is the last one of the moment. */
export function entryPage(read: Read, last: bigint, query: EntryPageQuery): EntryPage {
  const { where, bindings } = conditions(query);
  const first = query.from === undefined ? 0n : lastBefore(read, last, query.from);
  return query.order === 'newest' || query.order === 'oldest'
    ? inTime(read, { first, last, where, bindings, query })
    : byAmount(read, { first, last, where, bindings, query });
}

interface Scope {
  /** Entries above `first` up to `last`. */
  readonly first: bigint;
  readonly last: bigint;
  readonly where: string;
  readonly bindings: Bindings;
  readonly query: EntryPageQuery;
}

function inTime(read: Read, { first, last, where, bindings, query }: Scope): EntryPage {
  const { after, limit, order, examine = MOST_EXAMINED } = query;
  const down = order === 'newest';
  const [low, high] = down
    ? windowBelow(first, after === undefined ? last : after.n - 1n, examine)
    : windowAbove(after === undefined ? first : after.n, last, examine);
  const rows = read<NumberedRow>(
    `SELECT * FROM groups WHERE n > :low AND n <= :high AND ${where} ORDER BY n ${down ? 'DESC' : 'ASC'} LIMIT :limit`,
    { ...bindings, low, high, limit: BigInt(limit) },
  );
  const end = rows.length === limit ? (rows.at(-1)?.n ?? low) : down ? low + 1n : high;
  const over = down ? end <= first + 1n : end >= last;
  return {
    groups: rows.map(groupFromRow),
    next: over ? null : { n: end, amount: 0n },
    examined: over ? Number(last - first) : Number(down ? last - end + 1n : end - first),
    all: Number(last - first),
  };
}

function windowBelow(first: bigint, high: bigint, examine: bigint): readonly [low: bigint, high: bigint] {
  const low = high - examine;
  return [low < first ? first : low, high];
}

function windowAbove(low: bigint, last: bigint, examine: bigint): readonly [low: bigint, high: bigint] {
  const high = low + examine;
  return [low, high > last ? last : high];
}

function byAmount(read: Read, { first, last, where, bindings, query }: Scope): EntryPage {
  const { after, limit, order } = query;
  if (last - first > MOST_SORTED) {
    throw configError({
      code: 'TOO_MANY_TO_SORT',
      message: `${last - first} entries are too many to sort by amount; at most ${MOST_SORTED} can be`,
      remedy: 'Give a later first day, or list them by time.',
    });
  }
  const down = order === 'largest';
  const beyond =
    after === undefined
      ? '1'
      : `(net_amount ${down ? '<' : '>'} :amount OR (net_amount = :amount AND n ${down ? '<' : '>'} :after))`;
  const rows = read<NumberedRow>(
    `SELECT * FROM groups WHERE n IN (
       SELECT n FROM groups WHERE n > :first AND n <= :last AND ${where} AND ${beyond}
       ORDER BY net_amount ${down ? 'DESC, n DESC' : 'ASC, n ASC'} LIMIT :limit
     ) ORDER BY net_amount ${down ? 'DESC, n DESC' : 'ASC, n ASC'}`,
    {
      ...{ ...bindings, first, last, limit: BigInt(limit + 1) },
      ...(after === undefined ? {} : { amount: after.amount, after: after.n }),
    },
  );
  const shown = rows.slice(0, limit);
  const end = shown.at(-1);
  const all = Number(last - first);
  return {
    groups: shown.map(groupFromRow),
    next: rows.length > limit && end !== undefined ? { n: end.n, amount: end.net_amount } : null,
    ...{ examined: all, all },
  };
}

/** What a filter asks of a row, and the values of it. */
function conditions(filter: EntryFilter): { readonly where: string; readonly bindings: Bindings } {
  const { symbol, strategy, type, account, text, from, to } = filter;
  const wanted: readonly (readonly [sql: string, name: string, value: string | undefined])[] = [
    ['symbol = :symbol', 'symbol', symbol],
    ['strategy = :strategy', 'strategy', strategy],
    ['trntype = :type', 'type', type],
    // legs are a flat array of account and cents: a code with its comma is a leg on it
    ['instr(leg_amounts, :account) > 0', 'account', account === undefined ? undefined : `"${account}",`],
    ['instr(lower(description), :text) > 0', 'text', text?.toLowerCase()],
    ['datetime_utc >= :from', 'from', from],
    ['datetime_utc < :to', 'to', to === undefined ? undefined : addDays(to, 1)],
  ];
  const given = wanted.flatMap(([sql, name, value]) => (value === undefined ? [] : [{ sql, name, value }]));
  return {
    where: ['1', ...given.map(({ sql }) => sql)].join(' AND '),
    bindings: Object.fromEntries(given.map(({ name, value }) => [name, value])),
  };
}

/** The last entry that was booked well before a day: no entry of that day or later is among those up to it. */
function lastBefore(read: Read, last: bigint, day: DateText): bigint {
  const wanted = addDays(day, -DAYS_AHEAD);
  let low = 0n;
  for (let high = last; low < high;) {
    const middle = (low + high + 1n) / 2n;
    const [row] = read<{ readonly at: string }>('SELECT source_recorded_utc AS at FROM groups WHERE n = :n', {
      n: middle,
    });
    if (row !== undefined && row.at < wanted) low = middle;
    else high = middle - 1n;
  }
  return low;
}
