import { accountFault, adjustmentFault } from '../../domain/accounting/adjustment.js';
import type { Coa } from '../../domain/accounting/coa.js';
import { allLots } from '../../domain/accounting/lots.js';
import { splitOfShares, splitWords } from '../../domain/accounting/split-ratio.js';
import { openMismatches, type ComparisonState, type OpenMismatch } from '../../domain/accounting/comparison-state.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import { parseClientOrderId, type TickerSymbol } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import { Decimal } from '../../kernel/decimal.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { atField, configError, type TradeBotError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { centsToDecimal, moneyText, roundToCents } from '../../kernel/money.js';
import { DAY_MS, parseUtcText, plusMs, toUtcText, type EpochMs, type UtcText } from '../../kernel/time.js';
import { postingPreflight } from '../orders/posting-preflight.js';
import { conversionDraft } from './share-conversion.js';

/**
 * The ways out of a mismatch. broker: an entry makes the books equal the broker. books: the books are right and the broker
 * will follow. entry: a booked entry or an imported activity explains it. split: the shares were split, at the same cost.
 */
export const TAKES = ['broker', 'books', 'entry', 'split'] as const;
export type Take = (typeof TAKES)[number];

/** A resolution as a person decides it. */
export interface Resolution {
  readonly mismatchId: string;
  readonly take: Take;
  /** Dollars a share of the entry; the price at the broker or the last valuation when null. */
  readonly price: Decimal | null;
  /** `cash`, or an account of the chart, against which the entry is booked; the opening balance when null. */
  readonly against: string | null;
  /** The entry or activity that explains it. */
  readonly entryId: string | null;
  /** When the broker must have followed; a day from now when null. */
  readonly until: UtcText | null;
  readonly reason: string;
}

/** A broker that has not followed after a month will not. */
const LONGEST_WAIT_MS = 31 * DAY_MS;

type Adjustment = EventData<'AdjustmentBooked'>;

/**
 * What a resolution records, in one append: the entry that it books, then the resolution. Throws MISMATCH_NOT_OPEN,
 * MISMATCH_IS_GONE, MISMATCH_NO_SPLIT, MISMATCH_UNBOOKABLE, PRICE_MISSING, BAD_PRICE, BAD_TIME, ENTRY_UNKNOWN, and what the books refuse.
 */
export function resolutionDrafts(state: EngineState, resolution: Resolution, now: EpochMs): readonly Draft[] {
  const mismatch = requireOpen(state.comparison, resolution.mismatchId);
  refuseForm(resolution, state.book.coa, now);
  switch (resolution.take) {
    case 'broker': {
      const entry = entryFor(state, mismatch, resolution, now);
      const entryDraft: Draft = {
        type: 'AdjustmentBooked',
        data: entry,
        correlationId: resolution.mismatchId,
        causationId: null,
      };
      const unfit = adjustmentFault(state.book.coa, entry);
      if (unfit !== undefined) throw atField(unfit, 'against');
      const fault = postingPreflight(state, [entryDraft], now);
      if (fault !== undefined) throw fault;
      return [entryDraft, resolved(resolution, { entryId: entry.adjustmentId })];
    }
    case 'books':
      return [resolved(resolution, isGone(state, mismatch) ? {} : { expiresAt: expiryOf(resolution.until, now) })];
    case 'entry':
      return [resolved(resolution, { entryId: requireEntry(state, resolution.entryId) })];
    case 'split': {
      const draft = splitDraft(state, mismatch, resolution, now);
      const fault = postingPreflight(state, [draft], now);
      if (fault !== undefined) throw fault;
      return [draft, resolved(resolution, { entryId: draft.data.activityId })];
    }
  }
}

/**
 * What can be said of a resolution before it is known what it resolves: throws BAD_PRICE, BAD_TIME, BAD_ADJUSTMENT for an
 * account that takes no postings, and ENTRY_UNKNOWN when none is named.
 */
export function refuseForm(resolution: Resolution, coa: Pick<Coa, 'accounts'>, now: EpochMs): void {
  const { take, price, against, until, entryId } = resolution;
  if (take === 'books') expiryOf(until, now);
  if (take === 'entry' && entryId === null) throw unknownEntry(null);
  if (take !== 'broker') return;
  if (price !== null) requirePrice(price);
  const fault = against === null || against === 'cash' ? undefined : accountFault(coa, against);
  if (fault !== undefined) throw atField(fault, 'against');
}

function resolved(
  { mismatchId, take, reason }: Resolution,
  more: Partial<Pick<EventData<'BooksMismatchResolved'>, 'entryId' | 'expiresAt'>>,
): Draft {
  return {
    type: 'BooksMismatchResolved',
    data: { mismatchId, how: howOf(take), reason, entryId: null, expiresAt: null, ...more },
    correlationId: mismatchId,
    causationId: null,
  };
}

/** A split is recorded as what explains the difference. */
export function howOf(take: Take): EventData<'BooksMismatchResolved'>['how'] {
  return take === 'split' ? 'entry' : take;
}

/** A broker may count charges into its average price. */
const COST_DIFFERS_BY = Decimal.parse('0.005');

/** Books the split that explains a difference of shares: their number is in its ratio, and their cost at the broker is that of the books. */
function splitDraft(
  state: EngineState,
  mismatch: OpenMismatch['data'],
  { mismatchId, reason }: Resolution,
  now: EpochMs,
): Draft<'SharesConverted'> {
  const { symbol, books, broker, delta, brokerPrice } = mismatch;
  const refuse = (why: string): TradeBotError =>
    refusal(
      'MISMATCH_NO_SPLIT',
      `no split explains ${mismatchId}: ${why}`,
      'Resolve it with what the broker has (--take broker).',
    );
  if (isGone(state, mismatch)) throw refuse('books and broker agree again');
  const after = Decimal.parse(broker);
  const ratio = symbol === null ? undefined : splitOfShares(Decimal.parse(books), after);
  if (symbol === null || ratio === undefined) throw refuse(`${books} and ${broker} are in no ratio of a split`);
  const cost = costOf(state, symbol);
  const atBroker = Decimal.parse(brokerPrice ?? '0').times(after.abs());
  if (atBroker.minus(cost).abs().gt(cost.times(COST_DIFFERS_BY))) {
    throw refuse(`the shares cost ${atBroker.shortText(2)} at the broker and ${cost.shortText(2)} in the books`);
  }
  const moves = [{ symbol, quantity: Decimal.parse(delta) }];
  const description = `${splitWords(ratio)}, ${mismatchId}: ${reason}`;
  const replacement = { activityId: `split-${mismatchId}`, at: now, moves, description };
  const booked = conversionDraft(state, 'mismatch', { ...replacement, rawSha256: sha256Hex(canonicalJson(mismatch)) });
  if ('fault' in booked) throw booked.fault;
  return booked.draft;
}

function costOf({ book }: EngineState, symbol: TickerSymbol): Decimal {
  const lots = allLots(book.lots).filter((lot) => lot.symbol === symbol);
  return Decimal.sum(lots.map(({ amount }) => centsToDecimal(amount)));
}

/** Throws MISMATCH_NOT_OPEN. */
export function requireOpen(comparison: ComparisonState, mismatchId: string): OpenMismatch['data'] {
  const open = openMismatches(comparison);
  const found = open.find(({ data }) => data.mismatchId === mismatchId);
  if (found !== undefined) return found.data;
  const ids = open.map(({ data }) => data.mismatchId).join(', ');
  const remedy = ids === '' ? 'No difference is open.' : `Open are ${ids}.`;
  throw refusal('MISMATCH_NOT_OPEN', `${mismatchId.slice(0, 40)} is not open`, remedy, 'mismatchId');
}

/** Whether the last comparison has not seen it any more. */
function isGone(
  { comparison: { last } }: EngineState,
  { subject, symbol, brokerSymbol }: OpenMismatch['data'],
): boolean {
  if (last === null || last.data.outcome === 'unknown') return false;
  return !last.data.differences.some(
    (one) => one.subject === subject && one.symbol === symbol && one.brokerSymbol === brokerSymbol,
  );
}

function entryFor(
  state: EngineState,
  mismatch: OpenMismatch['data'],
  { price: given, against, reason }: Resolution,
  now: EpochMs,
): Adjustment {
  const { mismatchId, subject, symbol, brokerSymbol, delta: text, brokerPrice } = mismatch;
  if (brokerSymbol !== null) {
    const remedy = 'Close it at the broker, then resolve it with the books as they are (--take books).';
    throw refusal('MISMATCH_UNBOOKABLE', `the books cannot hold ${brokerSymbol}`, remedy);
  }
  if (isGone(state, mismatch)) {
    const remedy = 'Resolve it with the books as they are (--take books): nothing is booked then.';
    throw refusal('MISMATCH_IS_GONE', `books and broker agree again on what ${mismatchId} is about`, remedy);
  }
  const delta = Decimal.parse(text);
  const number = (state.revisionOf(STREAMS.accounting) ?? -1) + 2;
  const base = {
    adjustmentId: parseClientOrderId(`AE-${number}`),
    settles: null,
    bookedFor: toUtcText(now),
    reason: `${mismatchId}: ${reason}`,
  };
  const account = against ?? state.book.mapping.require('opening_cash/cash', null).credit;
  if (subject === 'cash' || symbol === null) {
    return { ...base, shares: null, cash: moneyText(roundToCents(delta)), account };
  }
  const price = requirePrice(given ?? priceOf(state, symbol, brokerPrice));
  const shares = {
    symbol,
    side: delta.sign() > 0 ? ('buy' as const) : ('sell' as const),
    quantity: delta.abs().shortText(),
    price: price.shortText(2),
  };
  // shares that came or went without money leave the cash as it is: the account takes what they are worth
  return against === 'cash'
    ? { ...base, shares, cash: moneyText(roundToCents(Decimal.ZERO)), account: null }
    : { ...base, shares, cash: moneyText(roundToCents(delta.times(price))), account };
}

function requirePrice(price: Decimal): Decimal {
  if (price.sign() > 0) return price;
  throw refusal('BAD_PRICE', `${price.text()} is no price`, 'Give dollars a share above zero.', 'price');
}

function priceOf(state: EngineState, symbol: TickerSymbol, brokerPrice: string | null): Decimal {
  const atBroker = brokerPrice === null ? undefined : Decimal.parse(brokerPrice);
  const price = atBroker !== undefined && atBroker.sign() > 0 ? atBroker : state.marks.get(symbol);
  if (price !== undefined) return price;
  throw refusal('PRICE_MISSING', `no price of ${symbol} is known`, 'Give the price a share of the entry.', 'price');
}

function expiryOf(until: UtcText | null, now: EpochMs): UtcText {
  if (until === null) return toUtcText(plusMs(now, DAY_MS));
  const at = parseUtcText(until);
  if (at > now && at <= plusMs(now, LONGEST_WAIT_MS)) return until;
  const remedy = 'Give the time when the broker must have followed.';
  throw refusal('BAD_TIME', `${until} is not in the next 31 days`, remedy, 'until');
}

function requireEntry(state: EngineState, entryId: string | null): string {
  if (entryId !== null && (state.adjustments.has(entryId) || state.importedActivities.has(entryId))) return entryId;
  throw unknownEntry(entryId);
}

function unknownEntry(entryId: string | null): TradeBotError {
  return refusal(
    'ENTRY_UNKNOWN',
    `${entryId === null ? 'no entry' : `"${entryId.slice(0, 80)}"`} explains it in these books`,
    'Name an adjusting entry (AE-...) or an imported activity of the broker.',
    'entryId',
  );
}

/** `field`: of the form of a resolution, where the refusal is about one. */
function refusal(code: string, message: string, remedy: string, field?: string): TradeBotError {
  const refused = configError({ code, message, remedy: `${remedy} Nothing was recorded.` });
  return field === undefined ? refused : atField(refused, field);
}
