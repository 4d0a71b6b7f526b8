import type { LedgerGroup, TransactionType } from '../../src/domain/accounting/types.js';
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
  /** Rows that one page looks at; a number that takes about a tenth of a second when left out. */
  readonly examine?: bigint;
}

/** A page of entries. It may have fewer than asked for and still have a next one: what one page looks at is bounded. */
export interface EntryPage {
  readonly groups: readonly LedgerGroup[];
  /** Null at the end. */
  readonly next: EntryCursor | null;
  /** Entries that this and earlier pages looked at, of all; in the order of amounts each page looks at all. */
  readonly examined: number;
  readonly all: number;
}

/** Rows that one page looks at: about a tenth of a second on a slow machine. */
const MOST_EXAMINED = 100_000n;
/** The same in the order of amounts, whose rows lie apart in the file. */
const MOST_BY_AMOUNT = 20_000n;
/** No filter. */
const ALL = '1';
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
  const { after, limit, order, examine = MOST_BY_AMOUNT } = query;
  const [beyond, by] = order === 'largest' ? ['<', 'DESC'] : ['>', 'ASC'];
  const scope = {
    ...{ first, last, examine: where === ALL ? BigInt(limit + 1) : examine },
    ...(after === undefined ? {} : { amount: after.amount, after: after.n }),
  };
  // All of this is in the index groups_amounts, which is small; `+n` keeps SQLite from reading the rows instead.
  const looked = `SELECT n, net_amount AS amount FROM groups
    WHERE +n > :first AND +n <= :last AND ${after === undefined ? '1' : `(net_amount, n) ${beyond} (:amount, :after)`}
    ORDER BY net_amount ${by}, n ${by} LIMIT :examine`;
  const rows = read<NumberedRow>(
    `SELECT groups.* FROM (${looked}) AS looked JOIN groups ON groups.n = looked.n WHERE ${where}
     ORDER BY looked.amount ${by}, looked.n ${by} LIMIT :limit`,
    { ...bindings, ...scope, limit: BigInt(limit + 1) },
  );
  const shown = rows.slice(0, limit);
  const end = shown.at(-1);
  const all = Number(last - first);
  const next =
    rows.length > limit && end !== undefined
      ? { n: end.n, amount: end.net_amount }
      : read<EntryCursor>(`${looked} OFFSET :examine - 1`, scope)[0];
  return { groups: shown.map(groupFromRow), next: next ?? null, examined: all, all };
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
    where: [ALL, ...given.map(({ sql }) => sql)].join(' AND '),
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
