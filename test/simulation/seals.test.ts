import { describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { marketOf } from './support/market.js';
import { JournalTree } from '../../src/app/audit/journal-tree.js';
import { sealNow } from '../../src/app/audit/seal-journal.js';
import { EngineAppender } from '../../src/app/journal/engine-appender.js';
import { foldJournal } from '../../src/app/journal/fold-journal.js';
import { MerkleTree } from '../../src/domain/audit/merkle.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { epochMs, parseDateText } from '../../src/kernel/time.js';
import { deathAt, dying, runThroughDeaths, story } from './support/crash.js';
import { CODES, DayHarness, PARTS } from './support/day-harness.js';
import { chainOf } from '../support/chain.js';

const DAY = parseDateText('2026-01-06');
const NEXT_DAY = parseDateText('2026-01-07');

const harness = (): DayHarness => new DayHarness({ feed: marketOf(1) });

/** Every seal matches the journal before it, computed independently. */
async function expectTrueSeals(day: DayHarness, dates: readonly string[]): Promise<void> {
  const events = await day.events();
  const seals = await day.eventsOf('JournalSealed');
  expect(seals.map(({ data }) => data.sealId)).toEqual(dates);
  for (const { data, position, meta } of seals) {
    const covered = events.filter((event) => event.position < position);
    const tree = new MerkleTree();
    for (const { hash } of covered) tree.add(hash);
    const last = covered.at(-1)!;
    expect(data).toMatchObject({ count: covered.length, position: last.position, hash: last.hash });
    expect(data.merkleRoot).toBe(tree.root());
    expect(data.sealedAt).toBe(last.recordedAt);
    expect(meta.sessionDate).toBeNull();
  }
}

describe('the journal is sealed at each session end (JRN-30)', () => {
  test('once a day, after SessionClosed; a closed day that is run again adds nothing', async () => {
    const day = harness();
    await day.run(DAY);
    await day.run(NEXT_DAY);
    await expectTrueSeals(day, [DAY, NEXT_DAY]);
    const events = await day.events();
    for (const [at, { type }] of events.entries()) {
      if (type === 'JournalSealed') expect(events[at - 1]?.type).toBe('SessionClosed');
    }
    await day.run(NEXT_DAY);
    expect(await day.events()).toHaveLength(events.length);
  });

  test.each(['SessionClosed', 'JournalSealed'])(
    'a crash around %s leaves one seal, identical to that without a crash',
    async (type) => {
      const undisturbed = harness();
      await undisturbed.run(DAY);
      const wanted = await undisturbed.eventsOf('JournalSealed');
      for (const when of ['before', 'after'] as const) {
        const day = harness();
        expect(await runThroughDeaths(day, DAY, [deathAt(type, 1, when)])).toBe(1);
        expect(story(await day.events())).toEqual(story(await undisturbed.events()));
        const resumed = type === 'SessionClosed' && when === 'before';
        if (!resumed) expect(await day.eventsOf('JournalSealed')).toEqual(wanted);
        await expectTrueSeals(day, [DAY]);
      }
    },
  );

  test('an unsealed session is sealed before the next day begins', async () => {
    const day = harness();
    day.options = { ...day.options, wrapJournal: (journal) => dying(journal, deathAt('SessionClosed', 1)) };
    await expect(day.run(DAY)).rejects.toThrow();
    day.options = { ...day.options, wrapJournal: (journal) => journal };
    await day.run(NEXT_DAY);
    await expectTrueSeals(day, [DAY, NEXT_DAY]);
  });

  test('on request a journal is sealed at its head, once for each head', async () => {
    const day = harness();
    const clock = new VirtualClock(epochMs(0));
    const state = new EngineState(CODES);
    const appender = new EngineAppender({
      ...{ journal: day.journal, clock, state, actor: 'system:test' },
      identity: composeBotIdentity(PARTS),
    });
    const parts = { appender, clock, tree: new JournalTree(day.journal), chain: chainOf(day.journal) };
    await expect(sealNow(parts, day.journal)).rejects.toMatchObject({ code: 'NOTHING_TO_SEAL' });
    await day.run(DAY);
    await foldJournal(day.journal, state);
    expect(await sealNow(parts, day.journal)).toMatchObject({ made: false, data: { sealId: DAY } });
    await day.run(NEXT_DAY);
    const [last] = await day.journal.readAll({ direction: 'backwards', limit: 1 });
    expect(last?.type).toBe('JournalSealed');
  });
});
