import type { Position } from '../../events/event.js';
import { configError } from '../../kernel/errors.js';
import type { Moment } from '../as-of/as-of.js';
import { eachEvent } from './chain.js';
import type { ExplainParts } from './explanation.js';

/**
 * Journal and books as they were at a moment, inclusive: by time up to the first event that was recorded later, as `as-of`
 * does. Throws ConfigError `BEFORE_JOURNAL` for a moment before the first event.
 */
export async function partsAt(parts: ExplainParts, moment: Moment): Promise<ExplainParts> {
  const { last, next } = await boundsOf(parts.journal, moment);
  if (next === undefined) return parts;
  const { journal, ledger } = parts;
  const asOf = { position: last };
  return {
    journal: {
      readAll: async (options = {}) => {
        const from = options.direction === 'backwards' ? { after: options.after ?? next } : {};
        const page = await journal.readAll({ ...options, ...from });
        return page.filter(({ position }) => position <= last);
      },
    },
    ledger: {
      groups: (range) => ledger.groups({ ...range, ...asOf }),
      groupsNamed: (names) => ledger.groupsNamed(names).filter(({ sourcePosition }) => sourcePosition <= last),
      groupsWith: (subject) => ledger.groupsWith(subject).filter(({ sourcePosition }) => sourcePosition <= last),
      gains: () => ledger.gains().filter(({ sourcePosition }) => sourcePosition <= last),
      accounts: (position) => ledger.accounts(position ?? last),
      balances: (range) => ledger.balances({ ...asOf, ...range }),
      cashAccounts: (position) => ledger.cashAccounts(position ?? last),
      figures: (range) => ledger.figures({ ...asOf, ...range }),
      positions: (range) => ledger.positions({ ...asOf, ...range }),
      shareTransfers: ({ after, position }) =>
        ledger.shareTransfers({ after, position: position < last ? position : last }),
      reached: () => earlier(ledger.reached(), last),
    },
  };
}

function earlier(reached: Position | null, last: Position): Position | null {
  return reached === null || reached < last ? reached : last;
}

/** The last event of the moment and the first after it; no next one means that the moment is now. */
async function boundsOf(
  journal: ExplainParts['journal'],
  moment: Moment,
): Promise<{ readonly last: Position; readonly next: Position | undefined }> {
  let last: Position | undefined;
  let next: Position | undefined;
  await eachEvent(journal, ({ position, recordedAt }) => {
    if (next !== undefined) return;
    const isLater = 'position' in moment ? position > moment.position : recordedAt > moment.time;
    if (isLater) next = position;
    else last = position;
  });
  if (last !== undefined) return { last, next };
  throw configError({
    code: 'BEFORE_JOURNAL',
    message: 'the journal has no event at or before that moment',
    remedy: 'Give a later moment: the first events are those of `tradebot events --limit 1`.',
  });
}
