import { afterEach, describe, expect, test } from '@jest/globals';
import { CheckpointDb, CHECKPOINT_SQL } from '../../../src/adapters/projection-targets/checkpoint-db.js';
import { parseSymbol } from '../../../src/events/names.js';
import type { Position } from '../../../src/events/event.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { awaitLedger } from '../../../src/composition/await-ledger.js';
import { simulatedWorld, type SimulatedWorld } from '../../../src/composition/simulated-world.js';
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
