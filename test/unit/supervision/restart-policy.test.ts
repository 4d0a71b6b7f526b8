import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  afterFailure,
  NO_FAILURES,
  RESTART_POLICY,
  type AfterFailure,
} from '../../../src/domain/supervision/restart-policy.js';

/** The decisions after runs of these lengths, each started after the wait. */
function decisions(livesMs: readonly number[]): readonly AfterFailure[] {
  let at = 0;
  let history = NO_FAILURES;
  return livesMs.map((lived) => {
    const result = afterFailure(history, { startedAt: at, failedAt: at + lived });
    history = result.history;
    at += lived + (result.next.kind === 'restart' ? result.next.inMs : 0);
    return result.next;
  });
}

const waits = (lives: readonly number[]): readonly (number | string)[] =>
  decisions(lives).map((next) => (next.kind === 'restart' ? next.inMs : next.kind));

describe('restart after a failure', () => {
  test.each([
    ['at once each time', [0, 0, 0, 0, 0], [250, 500, 1_000, 2_000, 'give up']],
    ['after a quiet minute', [0, 0, 60_000, 0], [250, 500, 250, 500]],
    ['now and then', [120_000, 120_000, 120_000, 120_000, 120_000, 120_000], [250, 250, 250, 250, 250, 250]],
  ])('%s', (_what, lives, expected) => {
    expect(waits(lives)).toEqual(expected);
  });

  test('deaths by an outage of the journal come every two seconds, never count and never end the restarts', () => {
    const one = afterFailure(NO_FAILURES, { startedAt: 0, failedAt: 10 });
    let { history } = one;
    for (let n = 0; n < 1_000; n += 1) {
      const result = afterFailure(history, { startedAt: n, failedAt: n, cause: 'outage' });
      expect(result.next).toEqual({ kind: 'restart', inMs: 2_000, failures: 1 });
      history = result.history;
    }
    expect(history).toBe(one.history);
  });

  test('waits grow to the maximum, and the history is bounded', () => {
    const lives = fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(lives, (all) => {
        for (const next of decisions(all)) {
          expect(next.failures).toBeGreaterThanOrEqual(1);
          if (next.kind === 'restart') {
            expect(next.failures).toBeLessThan(RESTART_POLICY.maxFailures);
            expect(next.inMs).toBeGreaterThanOrEqual(RESTART_POLICY.firstMs);
            expect(next.inMs).toBeLessThanOrEqual(RESTART_POLICY.capMs);
          }
        }
      }),
    );
  });
});
