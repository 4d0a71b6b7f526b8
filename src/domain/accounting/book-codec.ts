import type { Position } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import { dataError, invariant } from '../../kernel/errors.js';
import { cents, type Cents } from '../../kernel/money.js';
import type { AccountingBook, PendingActivity } from './book.js';
import type { Coa } from './coa.js';
import { executionsOf, newestFirst, type Execution } from './executions.js';
import { allLots, NO_LOTS, openLot, type LotMethod } from './lots.js';
import { Mapping, type MappingTable } from './mapping.js';
import type { BookCodes } from './book-codes.js';
import type { LotClosure, OpenLot } from './types.js';

/** Format of the encoded books in a projection's checkpoint. Equal books give equal text. */
const FORMAT = 3;

type LotText = Omit<OpenLot, 'price' | 'quantity' | 'amount'> & Record<'price' | 'quantity' | 'amount', string>;
type ClosureNumbers = 'quantity' | 'openPrice' | 'closePrice' | 'openAmount' | 'closeAmount' | 'gain';
type ClosureText = Omit<LotClosure, ClosureNumbers> & Record<ClosureNumbers, string>;
interface ExecutionText extends Omit<Execution, 'name' | 'place' | 'postingNote' | 'mapping' | 'closures' | 'opened'> {
  /** Absent when it is the broker's id. */
  readonly name?: string;
  /** Absent when it is the position. */
  readonly place?: Execution['place'];
  /** Stored books keep this name of the posting note. */
  readonly telling: Execution['postingNote'];
  readonly mappingVersion: number;
  readonly closures: readonly ClosureText[];
  readonly opened: LotText | null;
}

interface BookText {
  readonly format: number;
  readonly codes: BookCodes;
  readonly lotMethod: LotMethod;
  readonly coa: Coa;
  /** The table in force, then older tables of retained executions. */
  readonly mappings: readonly MappingTable[];
  readonly cashAccounts: readonly string[];
  readonly balances: readonly (readonly [string, string])[];
  readonly realized: string;
  readonly fees: string;
  readonly lots: readonly LotText[];
  /** Oldest first. */
  readonly executions: readonly ExecutionText[];
  readonly pending: readonly PendingActivity[];
  /** Absent when there are none; oldest first. */
  readonly ended?: readonly (readonly [string, number])[];
  /** Absent when there are none. */
  readonly converted?: readonly (readonly [string, Position])[];
  readonly opened: boolean;
}

/** Executions never change and are most of a checkpoint, so each is encoded once. */
const EXECUTION_TEXTS = new WeakMap<Execution, string>();

export function serializeBook(book: AccountingBook): string {
  const {
    codes,
    lotMethod,
    coa,
    mapping,
    cashAccounts,
    balances,
    lots,
    executions,
    pending,
    ended,
    converted,
    opened,
  } = book;
  const text: Omit<BookText, 'executions'> = {
    format: FORMAT,
    codes,
    lotMethod,
    coa,
    mappings: tablesOf(mapping, newestFirst(executions)),
    cashAccounts,
    balances: [...balances].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, sum]) => [code, String(sum)]),
    realized: String(book.realized),
    fees: String(book.fees),
    lots: allLots(lots).map(lotText),
    pending,
    ...(ended.size === 0 ? {} : { ended: [...ended] }),
    ...(converted.size === 0 ? {} : { converted: [...converted] }),
    opened,
  };
  const executed = newestFirst(executions).toReversed().map(executionText);
  return `${JSON.stringify(text).slice(0, -1)},"executions":[${executed.join(',')}]}`;
}

export function parseBook(text: string): AccountingBook {
  const book = JSON.parse(text) as BookText;
  if (book.format !== FORMAT) {
    throw dataError({
      code: 'BOOK_FORMAT',
      message: `the stored books have format ${String(book.format)}; this version reads format ${FORMAT}`,
      remedy: 'Run `tradebot rebuild all` to rebuild the books from the journal.',
    });
  }
  const { codes, lotMethod, coa, cashAccounts, pending, opened } = book;
  const [mapping, ...older] = book.mappings.map((table) => new Mapping(table));
  invariant(mapping !== undefined, 'BOOK_WITHOUT_MAPPING', 'the stored books have no mapping table');
  const byVersion = new Map([mapping, ...older].map((each) => [each.table.version, each]));
  return {
    codes,
    lotMethod,
    coa,
    mapping,
    cashAccounts,
    balances: new Map(book.balances.map(([code, sum]) => [code, centsOf(sum)])),
    realized: centsOf(book.realized),
    fees: centsOf(book.fees),
    lots: book.lots.map(lotOf).reduce(openLot, NO_LOTS),
    executions: executionsOf(book.executions.map((execution) => executionOf(execution, byVersion))),
    pending,
    ended: new Map(book.ended ?? []),
    converted: new Map(book.converted ?? []),
    opened,
  };
}

function tablesOf(current: Mapping, executions: readonly Execution[]): readonly MappingTable[] {
  const byVersion = new Map([[current.table.version, current.table]]);
  for (const { mapping } of executions) {
    if (!byVersion.has(mapping.table.version)) byVersion.set(mapping.table.version, mapping.table);
  }
  return [...byVersion.values()];
}

function executionText(execution: Execution): string {
  const known = EXECUTION_TEXTS.get(execution);
  if (known !== undefined) return known;
  const { fill, name, place, postingNote, eventId, position, mapping, closures, opened } = execution;
  const shape: ExecutionText = {
    fill,
    ...(name === fill.executionId ? {} : { name }),
    telling: postingNote,
    eventId,
    position,
    ...(place === position ? {} : { place }),
    mappingVersion: mapping.table.version,
    closures: closures.map(closureText),
    opened: opened === null ? null : lotText(opened),
  };
  const text = JSON.stringify(shape);
  EXECUTION_TEXTS.set(execution, text);
  return text;
}

function executionOf(text: ExecutionText, byVersion: ReadonlyMap<number, Mapping>): Execution {
  const { fill, name = fill.executionId, telling, eventId, position, place = position } = text;
  const { mappingVersion, closures, opened } = text;
  const mapping = byVersion.get(mappingVersion);
  invariant(
    mapping !== undefined,
    'BOOK_WITHOUT_MAPPING',
    `the stored books have no mapping version ${mappingVersion}`,
  );
  return {
    fill,
    name,
    postingNote: telling,
    place,
    eventId,
    position,
    mapping,
    closures: closures.map(closureOf),
    opened: opened === null ? null : lotOf(opened),
  };
}

function lotText(lot: OpenLot): LotText {
  return { ...lot, price: lot.price.text(), quantity: lot.quantity.text(), amount: String(lot.amount) };
}

function lotOf(text: LotText): OpenLot {
  return {
    ...text,
    price: Decimal.parse(text.price),
    quantity: Decimal.parse(text.quantity),
    amount: centsOf(text.amount),
  };
}

function closureText(closure: LotClosure): ClosureText {
  return {
    ...closure,
    quantity: closure.quantity.text(),
    openPrice: closure.openPrice.text(),
    closePrice: closure.closePrice.text(),
    openAmount: String(closure.openAmount),
    closeAmount: String(closure.closeAmount),
    gain: String(closure.gain),
  };
}

function closureOf(text: ClosureText): LotClosure {
  return {
    ...text,
    quantity: Decimal.parse(text.quantity),
    openPrice: Decimal.parse(text.openPrice),
    closePrice: Decimal.parse(text.closePrice),
    openAmount: centsOf(text.openAmount),
    closeAmount: centsOf(text.closeAmount),
    gain: centsOf(text.gain),
  };
}

function centsOf(text: string): Cents {
  return cents(BigInt(text));
}
