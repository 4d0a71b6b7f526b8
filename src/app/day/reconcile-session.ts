import { brokerCents, differencesOf, type BrokerFigures } from '../../domain/accounting/books-comparison.js';
import type { BooksFigures, Difference } from '../../domain/accounting/books-comparison.js';
import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import { canonicalSymbol, isSymbol } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import { Decimal } from '../../kernel/decimal.js';
import { decimalToCents, moneyText } from '../../kernel/money.js';
import type { Books } from '../../ports/books.js';
import { comparisonDrafts, unknownDraft } from '../../trading/reconciliation/record-comparison.js';
import { settleDifferences } from '../../trading/reconciliation/settle-differences.js';
import type { SessionDeps } from './session-deps.js';

type Cause = Pick<Draft, 'correlationId' | 'causationId'>;

/**
 * The comparison at the end of a session: every difference is reported, and those that no late figure of the broker can
 * explain are open from now on. The next comparison decides on the others.
 */
export async function reconcileSession(deps: SessionDeps, ledger: Books, cause: Cause): Promise<void> {
  const { appender } = deps;
  const books = { cash: decimalToCents(ledger.cash()), positions: ledger.positions() };
  const broker = await figuresOf(deps);
  const differences = differencesOf(books, broker);
  for (const difference of differences) await reportMismatch(deps, difference, cause);
  await keepDifferences(deps, books, broker);
  const completed: Draft = {
    type: 'ReconciliationCompleted',
    data: {
      scope: 'session-end',
      cashLedger: moneyText(books.cash),
      cashBroker: moneyText(brokerCents(broker.cash, books.cash)),
      positions: sideBySide(books, broker),
      mismatches: differences.length,
      ok: differences.length === 0 && ledger.isBalanced(),
    },
    ...cause,
  };
  await appender.append(STREAMS.accounting, [completed]);
}

async function figuresOf({ broker }: SessionDeps): Promise<BrokerFigures> {
  const { cash } = await broker.account();
  return { cash, positions: await broker.positions() };
}

/** The second of the two looks: nothing is traded any more, so it needs no pause. */
async function keepDifferences(deps: SessionDeps, books: BooksFigures, broker: BrokerFigures): Promise<void> {
  const { state, appender, clock } = deps;
  const now = clock.now();
  const first = settleDifferences(state, differencesOf(books, broker), new Map(), now);
  const again = first.suspects.size === 0 ? broker : await figuresOf(deps);
  const differences = differencesOf(books, again);
  const { suspects, settled } = settleDifferences(state, differences, first.suspects, now);
  await appender.decide(STREAMS.accounting, (newest) => {
    const look = { occasion: 'session-end' as const, now, books, broker: again, differences, suspects, settled };
    const drafts = comparisonDrafts(newest, look);
    return drafts.length > 0
      ? drafts
      : [unknownDraft(newest, 'session-end', 'the broker may not have booked the last orders yet')];
  });
}

function sideBySide(books: BooksFigures, broker: BrokerFigures): EventData<'ReconciliationCompleted'>['positions'] {
  const theirs = broker.positions.map(({ symbol, quantity }) => ({ symbol: canonicalSymbol(symbol), quantity }));
  const symbols = [...new Set([...books.positions.keys(), ...theirs.map(({ symbol }) => symbol)])];
  return symbols
    .filter(isSymbol)
    .sort()
    .map((symbol) => ({
      symbol,
      ledger: (books.positions.get(symbol) ?? Decimal.ZERO).shortText(),
      broker: Decimal.sum(theirs.filter((one) => one.symbol === symbol).map(({ quantity }) => quantity)).shortText(),
    }));
}

async function reportMismatch(deps: SessionDeps, difference: Difference, cause: Cause): Promise<void> {
  const { subject, symbol, books, broker, delta, kind } = difference;
  // a position that the books cannot hold has no symbol to name here: it is a difference of its own
  if (kind === 'unbookable_symbol' || deps.state.session?.mismatches.has(`${subject}/${symbol ?? ''}`) === true) return;
  const found: Draft = {
    type: 'ReconciliationMismatchFound',
    data: {
      ...{ subject, symbol },
      ledger: books.shortText(2),
      broker: broker.shortText(2),
      delta: delta.shortText(2),
    },
    ...cause,
  };
  await deps.appender.append(STREAMS.accounting, [found]);
}
