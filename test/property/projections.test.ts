import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { twoDays } from '../unit/support/day-tape.js';
import { Tape } from '../unit/support/events.js';
import { filesUnder, removeTemporaryHomes } from '../unit/support/home.js';
import { ReportHome } from '../unit/support/report-home.js';

afterAll(removeTemporaryHomes);

const tape = twoDays();
let wanted: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  const once = new ReportHome('json', true);
  const { projections } = await once.run(tape);
  expect(projections.map(({ stopped }) => stopped)).toEqual([null, null, null, null, null]);
  wanted = filesUnder(`${once.home}/output`);
});

const steps = fc.array(
  fc.record({
    upTo: fc.integer({ min: 0, max: tape.events.length }),
    pageSize: fc.integer({ min: 1, max: 40 }),
    restart: fc.boolean(),
    rebuild: fc.constantFrom('none', 'all', 'ledger', 'logs', 'status', 'daily-summary'),
  }),
  { minLength: 1, maxLength: 5 },
);

test('batch ends, restarts and rebuilds at any point give the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const report = new ReportHome('json', true);
      const growing = new Tape();
      let projector = report.projector(growing, 7);
      for (const { upTo, pageSize, restart, rebuild } of plan) {
        growing.events.push(...tape.events.slice(growing.events.length, upTo));
        await projector.catchUp();
        if (rebuild !== 'none') await projector.rebuild(rebuild);
        if (!restart) continue;
        await projector.close();
        projector = report.projector(growing, pageSize);
      }
      growing.events.push(...tape.events.slice(growing.events.length));
      await projector.catchUp();
      await projector.close();
      expect(filesUnder(`${report.home}/output`)).toEqual(wanted);
    }),
    { numRuns: 25 },
  );
});
