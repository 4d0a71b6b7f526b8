import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SIM_PROFILE } from '../../src/adapters/broker-sim/profile.js';
import { SqliteSimStore } from '../../src/adapters/broker-sim/sqlite-store.js';
import { MemorySimStore, type SimStore } from '../../src/adapters/broker-sim/store.js';
import { dec, flat, minute, Rig, SPY } from '../unit/broker-sim/harness.js';
import { parseDateText } from '../../src/kernel/time.js';
import { CONTRACT_CARDS } from './broker-kit/contract-cards.js';
import { conformance, type BrokerBench } from './broker-kit/kit.js';

async function simWorld(store: SimStore, after: () => void = () => undefined): Promise<BrokerBench> {
  const profile = { ...DEFAULT_SIM_PROFILE, maxParticipation: 0.01, partialFillProbability: 0.5 };
  const rig = await new Rig({ store, profile, minutes: 60, seed: 7 }).open();
  let next = 0;
  const pass = async (): Promise<void> => {
    await rig.play(minute(next, { SPY: flat(100 + (next % 3), 1_500) }));
    next += 1;
  };
  await pass();
  return {
    broker: rig.broker,
    symbol: SPY,
    near: dec('100'),
    openingCash: dec('100000.00'),
    now: () => rig.clock.now(),
    dayOff: parseDateText('2013-10-05'),
    pass,
    transfer: (reference, amount, direction) => {
      rig.broker.transferCash({ reference, amount, direction });
      return Promise.resolve();
    },
    finish: async () => {
      await rig.close();
      store.close();
      after();
    },
  };
}

conformance('SIM, in memory', () => simWorld(new MemorySimStore()), CONTRACT_CARDS);
conformance(
  'SIM, on file',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'sim-broker-'));
    return simWorld(new SqliteSimStore(join(folder, 'broker.db')), () => rmSync(folder, { recursive: true }));
  },
  CONTRACT_CARDS,
);
