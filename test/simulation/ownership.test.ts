import { expect, test } from '@jest/globals';
import { OwnerSchedule, type Outcome } from './support/owner-schedule.js';
import type { Mutation } from './support/owner-world.js';

const SCHEDULES = 1_000;

async function outcomes(count: number, mutation?: Mutation): Promise<readonly Outcome[]> {
  const all: Outcome[] = [];
  for (let seed = 1; seed <= count; seed += 1) {
    all.push(await new OwnerSchedule(seed, mutation).run());
  }
  return all;
}

test('no order is sent twice, no former owner acts, and somebody trades in the end', async () => {
  const all = await outcomes(SCHEDULES);
  const faulty = all.flatMap(({ faults }, index) => faults.map((fault) => `seed ${index + 1}: ${fault}`));
  expect(faulty).toEqual([]);
  expect(all.flatMap(({ late }, index) => (late === 0 ? [`seed ${index + 1}`] : []))).toEqual([]);
  expect(all.filter(({ owners }) => owners > 2).length).toBeGreaterThan(SCHEDULES / 10);
}, 120_000);

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'confirmations never grow old': { ageless: true },
  'the server takes any revision': { anyRevision: true },
  'the lease is measured by the time of day': { leaseByWall: true },
  'an engine acts right after an admin took the bot': { noHold: true },
  'two copies of a process write the same confirmation': { sameNonce: true },
};

test.each(Object.entries(MUTATIONS))(
  'the schedules notice when %s',
  async (_name, mutation) => {
    for (let seed = 1; seed <= SCHEDULES; seed += 1) {
      const { faults } = await new OwnerSchedule(seed, mutation).run();
      if (faults.length > 0) return;
    }
    throw new Error(`${SCHEDULES} schedules noticed nothing`);
  },
  120_000,
);
