import { afterAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { killAt, undisturbed } from './support/torture-kills.js';
import { tortureJournal } from './support/torture-journal.js';

afterAll(removeTemporaryHomes);

describe('a journal that dies at its write boundaries', () => {
  test('100 points including torn logs: nothing acknowledged is lost or duplicated, and the chain is valid', async () => {
    const { points, byStep, ...found } = await tortureJournal(7, 100, join(temporaryHome(), 'torture'));
    expect(found).toEqual({ lost: [], doubled: [], faults: [] });
    expect(points).toBe(100);
    for (const step of [
      'after the begin',
      'before the commit',
      'within the commit',
      'after the commit',
      'after the answer',
    ]) {
      expect(byStep[step]).toBeGreaterThan(10);
    }
  });
});

describe('kill -9 of a process that appends, projects, publishes, rebuilds and checks', () => {
  test('it ends with the same bytes after kills at every kind of boundary and at random moments', async () => {
    const { steps } = await undisturbed(temporaryHome());
    const atBoundaries = Array.from({ length: 10 }, (_, n) => ({ dieAt: 1 + Math.floor((n * steps) / 10) }));
    const anywhere = [0, 5, 20].map((afterMs) => ({ afterMs }));
    const { kills, steps: died, faults } = await killAt([...atBoundaries, ...anywhere], temporaryHome());
    expect(faults).toEqual([]);
    expect(died).toHaveLength(10);
    expect(kills).toBeGreaterThanOrEqual(11);
  });
});
