import { SteadyClock } from '../../src/adapters/clock/steady-clock.js';
import { EMBEDDED } from '../../src/domain/config/journal-address.js';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { SimBroker } from '../../src/adapters/broker-sim/sim-broker.js';
import { VirtualPacer } from '../support/virtual-pacer.js';
import { MODULES } from '../../src/app/checks/module-checks.js';
import { JournalMeter } from '../../src/app/health/timed-journal.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { EngineLoop } from '../../src/app/live/engine-loop.js';
import { openCore } from '../../src/composition/engine-core.js';
import { liveEngineDeps } from '../../src/composition/live-engine-deps.js';
import { parseUtcText, plusMs, SECOND_MS } from '../../src/kernel/time.js';
import { STRATEGIES } from '../../src/strategies/registry.js';
import type { CheckResult } from '../../src/strategies/strategy.js';
import { EngineHome } from '../support/engine-home.js';
import { TEST_PARTS, TEST_VERSION } from '../support/provision.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

/** A Saturday: the bot boots, and no session follows. */
const START = '2026-01-10T15:00:00.000Z';

let home: EngineHome;
let now = parseUtcText(START);
beforeAll(async () => {
  home = await EngineHome.make(temporaryHome(), START);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(removeTemporaryHomes);

interface Boot {
  readonly state: string;
  readonly reason: string;
  /** Modules that the journaled self-check found faulty. */
  readonly failed: readonly string[];
  readonly asked: readonly string[];
}

/** One boot of the engine as its process wires it, until a shutdown ten seconds later. */
async function boot(): Promise<Boot> {
  const { paths, identity } = home.made;
  now = plusMs(now, 60 * SECOND_MS);
  const core = await openCore({
    paths,
    identity,
    identityParts: TEST_PARTS,
    versionTag: TEST_VERSION,
    address: EMBEDDED,
  });
  const pacer = new VirtualPacer(now);
  const { journal, clock, appender } = core;
  const worldAppender = new EventAppender({ journal, clock: pacer, identity, actor: 'system:engine' });
  if (core.state.botState === 'error') await worldAppender.changeBotState('started', 'the test starts it again');
  const deps = await liveEngineDeps(core, pacer, {
    masterKeyFile: null,
    scale: null,
    steady: new SteadyClock(),
    journalMeter: new JournalMeter({ elapsedMs: () => 0 }),
    ranFor: { elapsedMs: () => 0 },
    orders: { controlledStop: () => undefined, freeze: () => undefined },
  });
  const loop = new EngineLoop({ appender, worldAppender, time: { clock, pacer }, ...deps });
  let found = { state: '', reason: '' };
  pacer.plan(plusMs(now, 10 * SECOND_MS), async () => {
    const [last] = await journal.readAll({ direction: 'backwards', limit: 1, filter: { types: ['BotStateChanged'] } });
    if (last?.type === 'BotStateChanged') found = { state: last.data.to, reason: last.data.reason };
    void loop.command({ kind: 'shutdown', reason: 'the test is over', deadline: plusMs(now, 20 * SECOND_MS) });
  });
  try {
    await loop.run();
  } finally {
    await deps.close();
    await journal.close();
  }
  const checks = (await home.eventsOf('SelfCheckCompleted')).at(-1)?.data.checks ?? [];
  const failed = checks.filter(({ ok }) => !ok).map(({ module }) => module);
  return { ...found, failed, asked: checks.map(({ module }) => module) };
}

const BROKEN: CheckResult = { module: 'broken', ok: false, cause: 'it is broken', remedy: 'Repair it.' };

/** Each module of RUN-21, and a defect that its self-check must find. */
const BLOCKING: readonly (readonly [string, () => unknown])[] = [
  ['risk gate', () => jest.spyOn(MODULES, 'gate').mockReturnValue({ allow: true })],
  [
    'kill switch',
    () =>
      jest.spyOn(MODULES, 'loss').mockImplementation(() => {
        throw new Error('no loss');
      }),
  ],
  ['watchdog', () => jest.spyOn(MODULES, 'watch').mockImplementation((_, watch) => ({ watch, change: undefined }))],
  [
    'error handler',
    () =>
      jest.spyOn(MODULES, 'classify').mockImplementation(() => {
        throw new Error('no class');
      }),
  ],
  ['strategy router', () => jest.spyOn(MODULES, 'route').mockReturnValue([])],
  ['broker', () => jest.spyOn(SimBroker.prototype, 'selfCheck').mockRejectedValue(new Error('no broker'))],
];

const FILTERS = [
  ...new Map(STRATEGIES.flatMap(({ filters }) => filters.map((one) => [one.name, one] as const))).values(),
];

describe('engine start-up runs every self-check of RUN-21', () => {
  test('all modules pass and the bot becomes idle', async () => {
    const { state, failed, asked } = await boot();
    expect([state, failed]).toEqual(['idle', []]);
    for (const [module] of BLOCKING) expect(asked.some((one) => one.startsWith(module))).toBe(true);
    for (const { name } of STRATEGIES) expect(asked.some((one) => one.startsWith(`strategy ${name}`))).toBe(true);
  });

  test.each(BLOCKING)('a failing self-check of the %s blocks the session and is listed', async (module, breakIt) => {
    breakIt();
    const { state, reason, failed } = await boot();
    expect([state, failed]).toEqual(['error', [module]]);
    expect(reason).toContain(`${module}: `);
  });

  test.each(FILTERS.map((filter) => [filter.name, filter] as const))(
    'a failing self-check of the filter %s blocks the session and is listed',
    async (name, filter) => {
      jest.spyOn(filter, 'selfCheck').mockReturnValue({ ...BROKEN, module: `filter ${name}` });
      const { state, reason, failed } = await boot();
      expect([state, failed]).toEqual(['error', [`filter ${name}`]]);
      expect(reason).toContain('it is broken. Repair it.');
    },
  );

  test.each(STRATEGIES.map((strategy) => [strategy.name, strategy] as const))(
    'a failing self-check of the strategy %s is listed and disables the strategy',
    async (name, strategy) => {
      jest.spyOn(strategy, 'selfCheck').mockReturnValue([{ ...BROKEN, module: `strategy ${name}: window` }]);
      const { state, failed } = await boot();
      expect([state, failed]).toEqual(['idle', [`strategy ${name}: window`]]);
    },
  );

  test('all failures are listed, not only the first', async () => {
    for (const [, breakIt] of BLOCKING) breakIt();
    const { state, reason, failed } = await boot();
    expect(state).toBe('error');
    for (const [module] of BLOCKING)
      expect([failed.includes(module), reason.includes(`${module}: `)]).toEqual([true, true]);
  });
});
