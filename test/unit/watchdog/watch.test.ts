import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { forbidsEntries, RESPONSE_WHEN_DOWN } from '../../../src/domain/watchdog/responses.js';
import { look, watchAt, type Sample, type Watch } from '../../../src/domain/watchdog/watch.js';
import { WATCH_SUBJECTS, WATCH_TABLE, type WatchSubject } from '../../../src/domain/watchdog/watch-table.js';

/** The states after each look, and how often the state changed. */
function watched(subject: WatchSubject, samples: readonly Sample[], from: Watch = watchAt('healthy')): string[] {
  let watch = from;
  return samples.map((sample) => {
    watch = look(subject, watch, sample).watch;
    return watch.state;
  });
}

const disk = (...freeMb: readonly number[]): string[] =>
  watched(
    'disk',
    freeMb.map((value) => ({ freeMb: value })),
  );

describe('the watchdog table', () => {
  test('every measure recovers only beyond its degraded limit, and down lies beyond degraded', () => {
    for (const subject of WATCH_SUBJECTS) {
      for (const measure of WATCH_TABLE[subject].measures) {
        const inOrder = [measure.healthyAgainAt, measure.degradedAt, measure.upAgainAt, measure.downAt];
        const sign = measure.bad === 'high' ? 1 : -1;
        expect([subject, measure.name, sign * (measure.degradedAt - measure.healthyAgainAt) > 0]).toContain(true);
        expect([subject, measure.name, sign * (measure.downAt - measure.upAgainAt) > 0]).toContain(true);
        expect([subject, measure.name, sign * (measure.downAt - measure.degradedAt) > 0]).toContain(true);
        expect(inOrder.every(Number.isFinite)).toBe(true);
      }
    }
  });
});

describe('hysteresis', () => {
  test.each([
    ['gets worse at the limit, and better only well beyond it', [501, 500, 501, 599, 600, 600], 'hddddh'],
    ['one good look is not enough', [400, 700, 400, 700, 700], 'ddddh'],
    ['goes down at once, and comes up by one or two steps', [99, 149, 150, 151, 600, 600], 'DDDddh'],
    ['straight from down to healthy when all is well', [50, 900, 900], 'DDh'],
  ])('disk: %s', (_name, values, wanted) => {
    const letter: Readonly<Record<string, string>> = { healthy: 'h', degraded: 'd', down: 'D' };
    expect(
      disk(...values)
        .map((state) => letter[state])
        .join(''),
    ).toBe(wanted);
  });

  test('the broker must fail twice, and the worst measure counts', () => {
    const bad = { latencyMs: 25_000, errorPct: 0, streamGapS: 0 };
    const good = { latencyMs: 10, errorPct: 0, streamGapS: 0 };
    expect(watched('broker', [bad, good, bad, bad])).toEqual(['healthy', 'healthy', 'healthy', 'down']);
    expect(watched('broker', [good, good, good], watchAt('down'))).toEqual(['down', 'down', 'healthy']);
  });

  test('no measure, no change; a missing measure is ignored', () => {
    expect(watched('broker', [{}, {}, {}], watchAt('down'))).toEqual(['down', 'down', 'down']);
    expect(watched('clock', [{ behindMs: 20_000 }, { behindMs: 20_000 }])).toEqual(['healthy', 'down']);
  });

  test('a change names the subject, the measure and the limit', () => {
    const { change } = look('disk', watchAt('healthy'), { freeMb: 99.6 });
    expect(change).toEqual({
      subject: 'disk',
      from: 'healthy',
      to: 'down',
      reason: 'the disk of the home is nearly full',
      figures: { freeMb: '100', freeMbLimit: '100' },
    });
    const never = look('journal', watchAt('healthy'), { appendMs: Number.POSITIVE_INFINITY });
    expect(never.change?.figures).toEqual({ appendMs: 'no answer', appendMsLimit: '10000' });
  });
});

describe('for any values', () => {
  const samples = fc.array(fc.record({ latencyMs: fc.nat(40_000), errorPct: fc.nat(100), streamGapS: fc.nat(20) }));

  test('a change always leads from the current state to another one', () => {
    fc.assert(
      fc.property(samples, (values) => {
        let watch = watchAt('healthy');
        for (const sample of values) {
          const before = watch.state;
          const { watch: after, change } = look('broker', watch, sample);
          expect(change === undefined).toBe(before === after.state);
          if (change !== undefined) expect([change.from, change.to]).toEqual([before, after.state]);
          watch = after;
        }
      }),
    );
  });

  test('values between the two limits never change anything', () => {
    const edge = fc.array(fc.integer({ min: 1_001, max: 1_999 }), { maxLength: 50 });
    fc.assert(
      fc.property(edge, fc.constantFrom('healthy' as const, 'degraded' as const), (values, state) => {
        const states = watched(
          'broker',
          values.map((latencyMs) => ({ latencyMs })),
          watchAt(state),
        );
        expect(new Set(states).size).toBeLessThanOrEqual(1);
        expect(states[0] ?? state).toBe(state);
      }),
    );
  });
});

describe('RUN-42', () => {
  test('every watched part has a response while it is down', () => {
    expect(RESPONSE_WHEN_DOWN).toEqual({
      broker: 'suspend-broker',
      market_data: 'controlled-stop',
      clock: 'suspend-entries',
      disk: 'suspend-entries',
      journal: 'freeze',
    });
    expect(Object.keys(RESPONSE_WHEN_DOWN).sort()).toEqual([...WATCH_SUBJECTS].sort());
  });

  test('clock, disk and journal forbid entries directly', () => {
    expect(WATCH_SUBJECTS.filter(forbidsEntries)).toEqual(['clock', 'disk', 'journal']);
  });
});
