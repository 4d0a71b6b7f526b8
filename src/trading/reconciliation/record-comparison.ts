import type { BrokerFigures, BooksFigures, Difference } from '../../domain/accounting/books-comparison.js';
import { brokerCents } from '../../domain/accounting/books-comparison.js';
import { isKnownDifference, mismatchIdOf } from '../../domain/accounting/comparison-state.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import { moneyText } from '../../kernel/money.js';
import { toUtcText, type EpochMs } from '../../kernel/time.js';
import type { Suspects } from './settle-differences.js';

/** Why the books are compared now. */
export type Occasion = EventData<'BooksCompared'>['occasion'];

/** One look at the account: what both sides say, and what of it has settled. */
export interface Look {
  readonly occasion: Occasion;
  readonly now: EpochMs;
  readonly books: BooksFigures;
  readonly broker: BrokerFigures;
  readonly differences: readonly Difference[];
  readonly suspects: Suspects;
  readonly settled: ReadonlySet<string>;
}

const MOST_LISTED = 50;
const LONGEST_REASON = 500;

/** The differences that are neither known nor settled: another look decides on them. */
export function unsettledOf(state: EngineState, { differences, settled, now }: Look): readonly Difference[] {
  return differences.filter((one) => !settled.has(one.key) && !isKnownDifference(state.comparison, one, now));
}

/**
 * What a look records: each new difference that has settled, and the comparison. Nothing while another look has to decide
 * on all that is new.
 */
export function comparisonDrafts(state: EngineState, look: Look): readonly Draft[] {
  const { differences, settled, now } = look;
  const isKnown = (one: Difference): boolean => isKnownDifference(state.comparison, one, now);
  const fresh = differences.filter((one) => settled.has(one.key) && !isKnown(one));
  const unsettled = unsettledOf(state, look);
  if (fresh.length === 0 && unsettled.length > 0) return [];
  const found = fresh.map((one, index) => foundDraft(state, look, one, state.comparison.found + index + 1));
  const counted = differences.filter((one) => settled.has(one.key) || isKnown(one));
  return [...found, comparedDraft(state, look, counted)];
}

/** The comparison that could not be made, with its reason. */
export function unknownDraft(state: EngineState, occasion: Occasion, reason: string): Draft {
  return {
    type: 'BooksCompared',
    data: {
      occasion,
      outcome: 'unknown',
      reason: reason.slice(0, LONGEST_REASON),
      cashBooks: null,
      cashBroker: null,
      differences: [],
    },
    ...causeOf(state),
  };
}

function comparedDraft(state: EngineState, look: Look, counted: readonly Difference[]): Draft {
  const { occasion, books, broker } = look;
  return {
    type: 'BooksCompared',
    data: {
      occasion,
      outcome: counted.length === 0 ? 'equal' : 'different',
      reason: null,
      cashBooks: moneyText(books.cash),
      cashBroker: moneyText(brokerCents(broker.cash, books.cash)),
      differences: counted.slice(0, MOST_LISTED).map(figuresOf),
    },
    ...causeOf(state),
  };
}

function foundDraft(state: EngineState, look: Look, difference: Difference, number: number): Draft {
  const { key, kind, brokerPrice } = difference;
  const firstSeenAt = look.suspects.get(key)?.firstSeenAt ?? look.now;
  return {
    type: 'BooksMismatchFound',
    data: {
      mismatchId: mismatchIdOf(number),
      kind,
      ...figuresOf(difference),
      brokerPrice: brokerPrice?.shortText(2) ?? null,
      occasion: look.occasion,
      firstSeenAt: toUtcText(firstSeenAt),
      replaces: state.comparison.open[key]?.data.mismatchId ?? null,
    },
    ...causeOf(state),
  };
}

function figuresOf(difference: Difference): EventData<'BooksCompared'>['differences'][number] {
  const { subject, symbol, brokerSymbol, books, broker, delta } = difference;
  const decimals = subject === 'cash' ? 2 : 0;
  return {
    ...{ subject, symbol, brokerSymbol },
    books: books.shortText(decimals),
    broker: broker.shortText(decimals),
    delta: delta.shortText(decimals),
  };
}

function causeOf({ session }: EngineState): Pick<Draft, 'correlationId' | 'causationId'> {
  return {
    correlationId: session === undefined ? 'reconciliation' : `session/${session.opened.date}`,
    causationId: session?.openedEventId ?? null,
  };
}
