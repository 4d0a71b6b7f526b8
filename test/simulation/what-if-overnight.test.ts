import { afterAll, describe, expect, test } from '@jest/globals';
import { EMBEDDED } from '../../src/domain/config/journal-address.js';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import type { SimFault } from '../../src/adapters/broker-sim/faults.js';
import { marketOf } from './support/market.js';
import { openHome, type OpenedHome } from '../../src/adapters/home/home.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { parseSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import type { DateText } from '../../src/kernel/time.js';
import { openRuntime } from '../../src/composition/engine-runtime.js';
import { openDays } from '../../src/app/day/open-days.js';
import { runDays } from '../../src/composition/run-days.js';
import { whatIf, type WhatIf } from '../../src/composition/what-if-session.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { BOTH_WAYS, DAY, NEXT_DAY } from './support/days.js';

const PARTS = { entityCode: 'TEST', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
/** The broker accepts no exit of these on the first day, so open positions stay open overnight. */
const STUCK: readonly SimFault[] = ['TLRX', 'QRVS'].map((symbol) => ({
  kind: 'reject',
  code: 'BROKER_REJECTED',
  message: 'not today',
  match: { purpose: 'exit', date: DAY, symbol: parseSymbol(symbol) },
  times: 10_000,
}));

afterAll(removeTemporaryHomes);

/** Both days, in one process or in two. */
async function traded(daysOfAProcess: readonly (readonly [from: DateText, days: number])[]): Promise<OpenedHome> {
  const home = openHome({ dir: temporaryHome(), identity: PARTS, create: true, version: 'test' });
  const { paths, identity, identityParts } = home;
  const settings = parseSettings(BOTH_WAYS);
  for (const [from, days] of daysOfAProcess) {
    const runtime = await openRuntime({ paths, identity, identityParts, versionTag: 'test', address: EMBEDDED });
    await runDays(runtime, {
      days: openDays({ feed: marketOf(1), settings, from, days }),
      settings,
      brokerSeed: 1,
      openingCash: Decimal.parse('100000.00'),
      faults: STUCK,
      onProgress: () => undefined,
    });
    await runtime.close();
  }
  return home;
}

async function ask(home: OpenedHome, date: DateText): Promise<WhatIf> {
  const journal = SqliteJournal.open({ path: home.paths.storage.journalDb, clock: new SystemClock() });
  try {
    return await whatIf({ ...home, journal, date, changes: {}, onProgress: () => undefined });
  } finally {
    await journal.close();
  }
}

describe('what-if of a day that began with overnight shares (JRN-33)', () => {
  test.each([
    [
      'traded by a process of its own',
      [
        [DAY, 1],
        [NEXT_DAY, 1],
      ],
    ],
    ['traded by the process of the day before', [[DAY, 2]]],
  ] as const)('%s: the account holds them, and nothing differs', async (_, runs) => {
    const home = await traded(runs);
    const { comparison } = await ask(home, NEXT_DAY);
    expect(comparison.firstDifference).toBeNull();
    expect(comparison.recorded.reconciliation).toMatchObject({ ok: true });
    expect(comparison.whatIf.reconciliation).toEqual(comparison.recorded.reconciliation);
    const before = await ask(home, DAY);
    expect(before.comparison.recorded.openPositions).toEqual(['QRVS', 'TLRX']);
  });
});
