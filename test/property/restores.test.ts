import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findLostHistory } from '../../src/app/audit/lost-history.js';
import { restoresOf } from '../../src/app/audit/restored-history.js';
import { homeEvidence } from '../../src/composition/home-evidence.js';
import { settleRestore } from '../../src/composition/restore-home.js';
import { BOT } from '../contract/support/journal-events.js';
import { SmallHome } from '../support/restore-home.js';
import { runs } from '../support/runs.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

afterEach(removeTemporaryHomes);

const CRASH_POINTS = 9;
const step = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('seal' as const) }),
  fc.record({ kind: fc.constant('backup' as const) }),
  fc.record({ kind: fc.constant('restore' as const), which: fc.nat(20), crashAt: fc.nat(CRASH_POINTS) }),
);

async function restore(small: SmallHome, copy: string, crashAt: number): Promise<void> {
  let steps = 0;
  try {
    await small.restore(copy, () => {
      steps += 1;
      if (steps === crashAt) throw new Error('power cut');
    });
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'power cut') throw error;
  }
  settleRestore(small);
}

test('after any history of restores, cut off or not, the journal accounts for everything that was dropped', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (history) => {
      const small = new SmallHome(temporaryHome());
      await small.append(2);
      const copies = [await small.backUp()];
      for (const [at, one] of history.entries()) {
        const before = await small.hashes();
        if (one.kind === 'append') await small.append(one.count);
        else if (one.kind === 'seal') await small.seal(`s${at}`);
        else if (one.kind === 'backup') copies.push(await small.backUp());
        else await restore(small, copies[one.which % copies.length] ?? '', one.crashAt);
        const after = await small.hashes();
        const journal = small.open();
        const restores = await restoresOf(journal);
        const lost = await findLostHistory(journal, homeEvidence(small.paths, BOT));
        await journal.close();
        expect(lost).toEqual([]);
        const kept = before.every((hash, index) => after[index] === hash);
        const last = restores.at(-1)?.data;
        // what is gone from the journal is the abandoned head of its newest restore
        if (!kept) expect(last?.abandoned?.headHash).toBe(before.at(-1));
      }
    }),
    { numRuns: runs(20, 600) },
  );
});
