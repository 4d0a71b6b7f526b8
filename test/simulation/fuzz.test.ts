import { describe, expect, test } from '@jest/globals';
import type { OrderFaultKind, SimFault } from '../../src/adapters/broker-sim/faults.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { SeededRandom } from '../../src/kernel/random.js';
import { runThroughDeaths, type Death } from './support/crash.js';
import { DAY, home, NEXT_DAY } from './support/days.js';
import { expectGoodBooks } from './support/oracle.js';

/** A dozen here; hundreds with `npm run soak`. */
const RUNS = process.env['TRADEBOT_SOAK'] === '1' ? 300 : 12;
const SESSION_MS = 390 * 60_000;

function orderFault(random: SeededRandom): OrderFaultKind {
  const afterMs = random.integer(1, 200_000);
  const kinds: readonly OrderFaultKind[] = [
    { kind: 'submit_timeout_accepted' },
    { kind: 'submit_timeout_lost' },
    { kind: 'drop_ack' },
    { kind: 'fill_before_ack' },
    { kind: 'drop_fill' },
    { kind: 'drop_fill', execution: 2 },
    { kind: 'duplicate_fill', times: random.integer(2, 6) },
    { kind: 'fill_after_cancel', afterMs },
    { kind: 'correct', afterMs, priceChange: Decimal.parse(random.chance(0.5) ? '0.03' : '-0.02') },
    { kind: 'slow_ack', ms: random.integer(1, 400_000) },
    { kind: 'reject', code: 'NO', message: 'no' },
  ];
  return kinds[random.integer(0, kinds.length)] ?? { kind: 'drop_ack' };
}

function faultsOf(random: SeededRandom): readonly SimFault[] {
  const faults: SimFault[] = [];
  for (let nth = 1; nth <= 16; nth += 1) {
    if (random.chance(0.5)) faults.push({ ...orderFault(random), match: { nth } });
  }
  for (let outages = random.integer(0, 3); outages > 0; outages -= 1) {
    const from = random.integer(1, SESSION_MS);
    faults.push({
      kind: 'disconnect',
      from,
      to: Math.min(from + random.integer(1_000, 1_800_000), SESSION_MS - 1_000),
      refuses: random.chance(0.5) ? 'orders' : 'everything',
    });
  }
  // an exit that is busted comes back as a position; of an entry that is gone already the rest would be the other side
  if (random.chance(0.5)) faults.push({ kind: 'bust', afterMs: random.integer(1, 90_000), match: { purpose: 'exit' } });
  return faults.filter((fault) => fault.kind !== 'disconnect' || fault.from < fault.to);
}

describe('days with random faults and crashes', () => {
  test.each(Array.from({ length: RUNS }, (_, index) => index + 1))('seed=%i', async (seed) => {
    const random = SeededRandom.of(seed, 'simulation-fuzz');
    const day = home({
      seed: random.integer(1, 1_000),
      faults: faultsOf(random),
      profile: {
        partialFillProbability: random.chance(0.5) ? 0.6 : 0,
        maxParticipation: random.chance(0.3) ? 0.00002 : 0.1,
        rejectProbability: random.chance(0.3) ? 0.2 : 0,
      },
      settings: random.chance(0.3) ? { DAILY_LOSS_LIMIT: '0.0001' } : {},
    });
    const deaths = Array.from({ length: random.integer(0, 4) }, (): Death => {
      const nth = random.integer(1, 120);
      return { when: random.chance(0.5) ? 'before' : 'after', at: (_type, count) => count === nth };
    });
    await runThroughDeaths(day, DAY, deaths);
    await expectGoodBooks(day, { trades: 0, left: 'any' });
    await day.run(NEXT_DAY);
    await expectGoodBooks(day, { trades: 0, left: 'any' });
    expect(await day.eventsOf('SessionClosed')).toHaveLength(2);
    // whatever was in flight: books and broker agree, and no comparison said otherwise (ACC-62)
    expect(await day.eventsOf('BooksMismatchFound')).toEqual([]);
  });
});
