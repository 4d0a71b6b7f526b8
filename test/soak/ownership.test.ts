import { expect, test } from '@jest/globals';
import { OwnerSchedule } from '../simulation/support/owner-schedule.js';

const SCHEDULES = 100_000;
const LONGEST_MS = 4 * 3_600_000;

test(
  `${SCHEDULES} schedules: no order is sent twice, no former owner acts, and somebody trades in the end (JRN-9)`,
  async () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= SCHEDULES; seed += 1) {
      const { faults, late } = await new OwnerSchedule(seed).run();
      wrong.push(
        ...faults.map((fault) => `seed ${seed}: ${fault}`),
        ...(late === 0 ? [`seed ${seed}: nobody trades`] : []),
      );
    }
    expect(wrong).toEqual([]);
  },
  LONGEST_MS,
);
