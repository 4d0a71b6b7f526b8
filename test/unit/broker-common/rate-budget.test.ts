import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RateBudget } from '../../../src/adapters/broker-common/rate-budget.js';
import { retryAfterMs } from '../../../src/adapters/broker-common/retry-after.js';
import { epochMs } from '../../../src/kernel/time.js';

const START = Date.UTC(2026, 10, 20, 14);

function budgetAt(perMinute: number, reserved: number): { budget: RateBudget; move: (ms: number) => void } {
  let now = START;
  const budget = new RateBudget({ perMinute, reserved, clock: { now: () => epochMs(now) } });
  return { budget, move: (ms) => (now += ms) };
}

describe('the calls of a minute (TRD-65)', () => {
  test('no window of a minute has more calls than the limit, and ordinary calls leave the reserve', () => {
    const step = fc.record({ ms: fc.integer({ min: 0, max: 20_000 }), closing: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { budget, move } = budgetAt(10, 3);
        const taken: { at: number; closing: boolean }[] = [];
        let at = 0;
        for (const { ms, closing } of steps) {
          move(ms);
          at += ms;
          if (budget.take(closing ? 'closing' : 'ordinary') === 0) taken.push({ at, closing });
        }
        for (const { at: end, closing } of taken) {
          const window = taken.filter((one) => one.at > end - 60_000 && one.at <= end);
          expect(window.length).toBeLessThanOrEqual(10);
          if (!closing) expect(window.filter((one) => one.at < end).length).toBeLessThan(10);
        }
      }),
    );
  });

  test('a kill after a busy minute still has the reserve, and knows when more is free', () => {
    const { budget, move } = budgetAt(60, 20);
    for (let n = 0; n < 40; n += 1) expect(budget.take('ordinary')).toBe(0);
    move(10_000);
    expect(budget.take('ordinary')).toBe(50_000);
    expect([budget.room('ordinary'), budget.room('closing')]).toEqual([
      { left: 0, nextFreeMs: 50_000 },
      { left: 20, nextFreeMs: 0 },
    ]);
    for (let n = 0; n < 20; n += 1) expect(budget.take('closing')).toBe(0);
    expect(budget.take('closing')).toBe(50_000);
    move(50_000);
    expect(budget.take('closing')).toBe(0);
    expect(budget.room('closing')).toEqual({ left: 39, nextFreeMs: 0 });
  });

  test('a refusal of the broker stops ordinary calls for its time, and closing calls for a second', () => {
    const { budget, move } = budgetAt(60, 20);
    budget.pauseFor(30_000);
    expect([budget.take('ordinary'), budget.take('closing')]).toEqual([30_000, 1_000]);
    move(1_000);
    expect([budget.take('ordinary'), budget.take('closing')]).toEqual([29_000, 0]);
    move(29_000);
    expect(budget.take('ordinary')).toBe(0);
  });

  test('a clock that is set back or ahead neither locks the budget nor empties it', () => {
    const { budget, move } = budgetAt(2, 0);
    budget.pauseFor(5_000);
    move(-3_600_000);
    expect(budget.take('ordinary')).toBe(5_000);
    move(5_000);
    expect([budget.take('ordinary'), budget.take('ordinary'), budget.take('ordinary')]).toEqual([0, 0, 60_000]);
    move(-3_600_000);
    expect(budget.take('ordinary')).toBe(60_000);
    move(60_000);
    expect(budget.take('ordinary')).toBe(0);
  });
});

describe('how long a broker asks to wait', () => {
  const now = epochMs(START);
  test.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': new Date(START + 9_000).toUTCString() }, 9_000],
    [{ 'x-ratelimit-reset': String(START / 1_000 + 12) }, 12_000],
    [{ 'x-ratelimit-expiry': String(START + 3_000) }, 3_000],
    [{ 'x-ratelimit-reset': '4' }, 4_000],
    [{ 'x-ratelimit-reset': String(START / 1_000 - 12) }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('%j', (headers, ms) => {
    expect(retryAfterMs(headers as Record<string, string>, now)).toBe(ms);
  });
});
