import {
  mismatchesHoldEntries,
  NO_COMPARISON,
  openMismatches,
  reduceComparison,
  type ComparisonState,
} from '../../src/domain/accounting/comparison-state.js';
import { mismatchText } from '../../src/domain/accounting/mismatch-text.js';
import type { EventData, RecordedEvent } from '../../src/events/event.js';
import { critical, noted, seen, warning, type FieldsOf, type FindingsOf, type StatusHandlers } from './status-part.js';
import type { StatusBody } from './status-state.js';

/** Books against broker. */
export interface ComparisonStatus {
  comparison: ComparisonState;
  reconciliation: EventData<'ReconciliationCompleted'> | null;
  /** No later comparison has taken the place of the last reconciliation. */
  reconciliationStands: boolean;
}

/** Before the first event. */
export function newComparisonStatus(): ComparisonStatus {
  return { comparison: NO_COMPARISON, reconciliation: null, reconciliationStands: false };
}

/** Differences stay until a person resolves them; a comparison takes the place of the reconciliation before it. */
export const comparisonHandlers: Pick<
  StatusHandlers<'accounting'>,
  'BooksCompared' | 'BooksMismatchFound' | 'BooksMismatchResolved' | 'ReconciliationMismatchFound'
> = {
  BooksCompared: noted((body, event: RecordedEvent<'BooksCompared'>) => {
    noteComparison(body, event);
    // books that do not balance have no difference that a comparison would count
    if (event.data.outcome !== 'unknown') body.reconciliationStands &&= body.reconciliation?.mismatches === 0;
  }),
  BooksMismatchFound: noted(noteComparison),
  BooksMismatchResolved: noted(noteComparison),
  ReconciliationMismatchFound: seen,
};

/** Applies an event to the comparison. */
function noteComparison(body: StatusBody, event: RecordedEvent): void {
  body.comparison = reduceComparison(body.comparison, event);
}

/** The reconciliation of a session stands unless the comparison of the same moment has counted its differences. */
export function noteReconciliation(body: StatusBody, data: EventData<'ReconciliationCompleted'>): void {
  body.reconciliation = data;
  const last = body.comparison.last?.data;
  body.reconciliationStands = last?.occasion !== data.scope || last.outcome === 'unknown' || data.mismatches === 0;
}

/** The last reconciliation of a session, and the last comparison with what is open. */
export const reconciliationFields: FieldsOf = ({ body: { reconciliation, comparison, settings } }) => ({
  reconciliation: reconciliation === null ? null : { ok: reconciliation.ok, mismatches: reconciliation.mismatches },
  books_comparison: {
    compared_at: comparison.knownAt,
    outcome: comparison.last?.data.outcome ?? null,
    unknown_since: comparison.unknownSince,
    entries_held: mismatchesHoldEntries(comparison, settings),
    mismatches: openMismatches(comparison).map(({ data, foundAt }) => ({
      id: data.mismatchId,
      subject: data.subject,
      kind: data.kind,
      symbol: data.symbol ?? data.brokerSymbol,
      books: data.books,
      broker: data.broker,
      difference: data.delta,
      found_at: foundAt,
    })),
  },
});

/** Books that differ from the broker, and books that could not be compared. */
export const reconciliationFindings: FindingsOf = ({ body }) => {
  const { comparison, reconciliation, reconciliationStands, settings } = body;
  const held = mismatchesHoldEntries(comparison, settings) ? '; no new positions until it is resolved' : '';
  const open = openMismatches(comparison).map(({ data }) =>
    critical(
      'BOOKS_DIFFER',
      `${mismatchText(data)} (${data.mismatchId})${held}`,
      `Find out which side is right, then resolve it on the overview page or with: tradebot mismatch resolve ${data.mismatchId}`,
    ),
  );
  const atEnd =
    reconciliationStands && reconciliation?.ok === false
      ? [critical('BOOKS_DIFFER', 'books and broker differ', 'Compare the ledger with the statement of the broker.')]
      : [];
  return [...open, ...atEnd, ...unknownFindings(comparison)];
};

function unknownFindings({ unknownSince, knownAt, last }: ComparisonState): ReturnType<FindingsOf> {
  if (unknownSince === null) return [];
  const before = knownAt === null ? '' : `; last compared at ${knownAt}`;
  return [
    warning(
      'BOOKS_NOT_COMPARED',
      `books and broker could not be compared since ${unknownSince}: ${(last?.data.reason ?? 'no answer').replace(/[.]$/, '')}${before}`,
      'Check the connection to the broker; the bot tries again each minute.',
    ),
  ];
}
