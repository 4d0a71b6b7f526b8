import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { CheckpointDb, CHECKPOINT_SQL } from '../../../src/adapters/projection-targets/checkpoint-db.js';
import { parseSymbol } from '../../../src/events/names.js';
import type { Position, RecordedEvent } from '../../../src/events/event.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { awaitLedger } from '../../../src/composition/await-ledger.js';
import type { FeedChoice } from '../../../src/composition/market-source.js';
import {
  keepWorldFacts,
  keptWorldFacts,
  refuseOtherFeed,
  simulatedWorld,
  worldOf as worldFrom,
  type SimulatedWorld,
} from '../../../src/composition/simulated-world.js';
import { SyntheticFeed } from '../../../src/adapters/feed-synthetic/synthetic-feed.js';
import { EngineHome } from '../../support/engine-home.js';
import { TEST_PARTS } from '../../support/provision.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterEach(removeTemporaryHomes);

const IDENTITY = composeBotIdentity(TEST_PARTS);
const OTHER = composeBotIdentity({ ...TEST_PARTS, botId: 'B02' });
const DAY = parseDateText('2013-10-07');

async function worldOf(identity: typeof IDENTITY, symbols: readonly string[]): Promise<SimulatedWorld> {
  const bot = await EngineHome.make(temporaryHome(), '2013-10-05T12:00:00.000Z', { symbols });
  return bot.read((journal) => simulatedWorld(journal, identity));
}

/** Figures of a day that differ between any two markets. */
const fingerprint = ({ feed, brokerSeed }: SimulatedWorld): string =>
  JSON.stringify([brokerSeed, feed.openSession(DAY).references]);

describe('the world of a bot with the simulated broker', () => {
  test('it is the same after each start, and differs for another bot', async () => {
    const world = await worldOf(IDENTITY, ['TLRX', 'NOVQ']);
    expect(fingerprint(await worldOf(IDENTITY, ['TLRX', 'NOVQ']))).toBe(fingerprint(world));
    expect(fingerprint(await worldOf(OTHER, ['TLRX', 'NOVQ']))).not.toBe(fingerprint(world));
    expect(world.openingCash.text()).toBe('25000.00');
  });

  test('it has every ticker that a person may name, each with its own days', async () => {
    const { feed } = await worldOf(IDENTITY, ['SPY', 'AAPL', 'BRK.B']);
    const references = feed.openSession(DAY).references;
    expect(references.map(({ symbol }) => symbol)).toEqual(['SPY', 'AAPL', 'BRK.B'].map(parseSymbol));
    expect(new Set(references.map(({ previousClose }) => previousClose)).size).toBe(3);
  });

  test('it is refused to a home without setup', async () => {
    await expect(simulatedWorld({ readAll: () => Promise.resolve([]) }, IDENTITY)).rejects.toMatchObject({
      code: 'HOME_NOT_PROVISIONED',
    });
  });
});

describe('waiting for the ledger', () => {
  const at = (position: string) => ({ lastPosition: position as Position });
  const checkpoint = (position: string) => ({
    version: 1,
    position: position as Position,
    events: 3,
    recordedAt: null,
    state: '',
  });

  test('it is bounded and ends when the projector is ready', async () => {
    const path = `${temporaryHome()}/ledger.db`;
    expect(await awaitLedger(path, at('3'), 30)).toBe('behind');
    const db = new CheckpointDb(path);
    db.exec(CHECKPOINT_SQL);
    db.put('ledger', { checkpoint: checkpoint('2'), lengths: {} });
    expect(await awaitLedger(path, at('3'), 30)).toBe('behind');
    const waiting = awaitLedger(path, at('3'), 5_000);
    setTimeout(() => db.put('ledger', { checkpoint: checkpoint('3'), lengths: {} }), 50);
    expect(await waiting).toBe('caught up');
    db.close();
    expect(await awaitLedger(path, { lastPosition: undefined }, 0)).toBe('caught up');
  });
});

describe('the world of a bot that was started with --feed', () => {
  const choice = { feed: 'synthetic', dir: null, symbols: ['TLRX'], vix: null, seed: 7 } as const;

  test('an invented market has the seed, as the broker has', async () => {
    const bot = await EngineHome.make(temporaryHome(), '2013-10-05T12:00:00.000Z', { symbols: ['NOVQ'] });
    const world = await bot.read((journal) => simulatedWorld(journal, IDENTITY, choice));
    expect(world.brokerSeed).toBe(7);
    expect(world.market.facts).toMatchObject({ kind: 'synthetic', simulated: true, symbols: ['TLRX'], days: null });
    const same = new SyntheticFeed({ seed: 7, symbols: [parseSymbol('TLRX')] });
    expect(world.feed.openSession(DAY).description).toEqual(same.openSession(DAY).description);
  });

  test('it is kept for a kill without a journal, and kept again when it is another', () => {
    const path = join(temporaryHome(), 'world.json');
    const facts = { openingFloat: '25000.00', symbols: ['NOVQ'] };
    keepWorldFacts(path, facts);
    expect(keptWorldFacts(path)).toEqual(facts);
    keepWorldFacts(path, { ...facts, feed: choice });
    expect(worldFrom(IDENTITY, keptWorldFacts(path)).brokerSeed).toBe(7);
  });

  test('another market or seed is refused while a session is not over', async () => {
    const bot = await EngineHome.make(temporaryHome(), '2013-10-05T12:00:00.000Z', { symbols: ['NOVQ'] });
    const world = await bot.read((journal) => simulatedWorld(journal, IDENTITY, choice));
    const market = world.feed.openSession(DAY);
    const opened = { date: DAY, feed: market.description, brokerSeed: 7 };
    const refusal = (other: FeedChoice | undefined, events: readonly RecordedEvent[]): Promise<void> =>
      bot.read((journal) =>
        refuseOtherFeed(
          {
            readAll: (options = {}) =>
              options.filter?.types?.includes('SessionOpened') === true
                ? Promise.resolve(events)
                : journal.readAll(options),
          },
          IDENTITY,
          other,
        ),
      );
    const open = [{ type: 'SessionOpened', data: opened }] as unknown as readonly RecordedEvent[];
    const over = [{ type: 'SessionClosed', data: {} }] as unknown as readonly RecordedEvent[];
    await refusal(choice, open);
    await refusal(undefined, over);
    await expect(refusal(undefined, open)).rejects.toMatchObject({ code: 'SESSION_DIFFERS' });
    await expect(refusal({ ...choice, symbols: ['ZYNK'] }, open)).rejects.toMatchObject({
      message: expect.stringContaining('different market data'),
    });
    const otherSeed = [{ type: 'SessionOpened', data: { ...opened, brokerSeed: 8 } }];
    await expect(refusal(choice, otherSeed as unknown as readonly RecordedEvent[])).rejects.toMatchObject({
      message: expect.stringContaining('different broker seed'),
    });
  });
});
