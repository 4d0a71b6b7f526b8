import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  mismatchesHoldEntries,
  mismatchIdOf,
  NO_COMPARISON,
  openMismatches,
  reduceComparison,
  type ComparisonState,
} from '../../src/domain/accounting/comparison-state.js';
import type { RecordedEvent } from '../../src/events/event.js';

const AT = '2026-01-06T15:00:00.000Z';
const SYMBOLS = ['AIG', 'MSFT', 'BRK.B'] as const;

type Step =
  | { readonly kind: 'found'; readonly symbol: (typeof SYMBOLS)[number] | null; readonly delta: number }
  | { readonly kind: 'resolved'; readonly number: number; readonly expires: boolean }
  | { readonly kind: 'compared'; readonly outcome: 'equal' | 'different' | 'unknown' }
  | { readonly kind: 'opened' };

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('found' as const),
      symbol: fc.constantFrom(...SYMBOLS, null),
      delta: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({
      kind: fc.constant('resolved' as const),
      number: fc.integer({ min: 0, max: 12 }),
      expires: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('compared' as const), outcome: fc.constantFrom('equal', 'different', 'unknown') }),
    fc.record({ kind: fc.constant('opened' as const) }),
  ),
  { maxLength: 60 },
) as fc.Arbitrary<readonly Step[]>;

function eventOf(step: Step, number: number): RecordedEvent {
  const event = (type: string, data: object): RecordedEvent =>
    ({ type, data, occurredAt: AT, recordedAt: AT }) as unknown as RecordedEvent;
  switch (step.kind) {
    case 'found': {
      const { symbol, delta } = step;
      const subject = symbol === null ? 'cash' : 'position';
      const data = { mismatchId: mismatchIdOf(number), subject, symbol, brokerSymbol: null, delta: String(delta) };
      return event('BooksMismatchFound', data);
    }
    case 'resolved':
      return event('BooksMismatchResolved', {
        mismatchId: mismatchIdOf(step.number),
        expiresAt: step.expires ? AT : null,
      });
    case 'compared':
      return event('BooksCompared', { outcome: step.outcome, differences: [] });
    case 'opened':
      return event('SessionOpened', {});
  }
}

/** What is open by the plain rule: the last difference of each subject that nobody resolved. */
class Model {
  readonly open = new Map<string, string>();
  found = 0;

  apply(step: Step): void {
    if (step.kind === 'found') {
      this.found += 1;
      this.open.set(step.symbol ?? 'cash', mismatchIdOf(this.found));
    }
    if (step.kind !== 'resolved') return;
    for (const [key, id] of this.open) if (id === mismatchIdOf(step.number)) this.open.delete(key);
  }
}

describe('any history of comparisons and resolutions (ACC-62)', () => {
  test('entries are held exactly while a difference is unresolved and the setting is on, after a restart too', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const model = new Model();
        let state: ComparisonState = NO_COMPARISON;
        for (const step of history) {
          const event = eventOf(step, model.found + 1);
          model.apply(step);
          state = reduceComparison(JSON.parse(JSON.stringify(state)) as ComparisonState, event);
          const open = openMismatches(state).map(({ data }) => data.mismatchId);
          expect([...open].sort()).toEqual([...model.open.values()].sort());
          expect(mismatchesHoldEntries(state, {})).toBe(model.open.size > 0);
          expect(mismatchesHoldEntries(state, { BOOKS_MISMATCH_HOLDS_ENTRIES: 'true' })).toBe(model.open.size > 0);
          expect(mismatchesHoldEntries(state, { BOOKS_MISMATCH_HOLDS_ENTRIES: 'false' })).toBe(false);
          if (step.kind === 'compared') expect(state.due).toBeNull();
          if (step.kind === 'opened') expect(state.due).toBe('start');
        }
        expect(state.found).toBe(model.found);
      }),
    );
  });
});
