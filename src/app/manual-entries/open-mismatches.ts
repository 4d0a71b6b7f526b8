import {
  NO_COMPARISON,
  openMismatches,
  reduceComparison,
  type ComparisonState,
  type OpenMismatch,
} from '../../domain/accounting/comparison-state.js';
import { mismatchText } from '../../domain/accounting/mismatch-text.js';
import { splitOfShares, splitWords } from '../../domain/accounting/split-ratio.js';
import type { Position } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Journal } from '../../ports/journal.js';

const PAGE = 1_000;

/** An open difference for a person. */
export interface MismatchView {
  readonly mismatchId: string;
  readonly subject: 'cash' | 'position';
  readonly kind: string;
  /** The symbol, or the name at the broker; null for cash. */
  readonly symbol: string | null;
  readonly books: string;
  readonly broker: string;
  readonly difference: string;
  readonly foundAt: string;
  readonly text: string;
}

/** Books against broker as the journal has it: without a fold of everything, for pages and commands. */
export async function readComparison(journal: Pick<Journal, 'readAll'>): Promise<ComparisonState> {
  let state = NO_COMPARISON;
  let after: Position | undefined;
  for (;;) {
    const events = await journal.readAll({
      limit: PAGE,
      filter: { types: ['BooksMismatchFound', 'BooksMismatchResolved'] },
      ...(after === undefined ? {} : { after }),
    });
    for (const event of events) state = reduceComparison(state, event);
    after = events.at(-1)?.position;
    if (events.length < PAGE) break;
  }
  // the last comparison, after the last one with an answer
  const filter = { types: ['BooksCompared'] as const };
  const latest = await journal.readAll({ direction: 'backwards', limit: PAGE, filter });
  for (const event of latest.toReversed()) state = reduceComparison(state, event);
  return state;
}

/** The open differences, oldest first. */
export function mismatchViews(state: ComparisonState): readonly MismatchView[] {
  return openMismatches(state).map(({ data, foundAt }) => ({
    mismatchId: data.mismatchId,
    subject: data.subject,
    kind: data.kind,
    symbol: data.symbol ?? data.brokerSymbol,
    books: data.books,
    broker: data.broker,
    difference: data.delta,
    foundAt,
    text: `${mismatchText(data)}${splitHint(data)}`,
  }));
}

/** What a person may see in a difference of shares: only a person knows whether it was a split. */
function splitHint({ kind, books, broker }: OpenMismatch['data']): string {
  const ratio = kind === 'quantity' ? splitOfShares(Decimal.parse(books), Decimal.parse(broker)) : undefined;
  return ratio === undefined ? '' : `; a ${splitWords(ratio)} would explain it (resolve it as a split when it was one)`;
}
