import { afterAll, describe, expect, test } from '@jest/globals';
import { PROJECTIONS_BEHIND } from '../../src/app/day/session-deps.js';
import { DEFAULT_SIM_PROFILE, type SimProfile } from '../../src/adapters/broker-sim/profile.js';
import { openHome } from '../../src/adapters/home/home.js';
import { FileMarketRecorder } from '../../src/adapters/market-recorder/market-recorder.js';
import { marketOf } from './support/market.js';
import {
  DEFAULT_SETTINGS,
  describeSettings,
  parseSettings,
  settingsSha256,
  type SettingKey,
} from '../../src/domain/config/settings.js';
import type { BotState } from '../../src/domain/lifecycle/bot-state.js';
import type { Draft } from '../../src/events/draft.js';
import type { StreamName } from '../../src/events/event.js';
import { STREAMS } from '../../src/events/streams.js';
import { Decimal } from '../../src/kernel/decimal.js';
import type { UtcText } from '../../src/kernel/time.js';
import { whatIf, type WhatIf } from '../../src/composition/what-if-session.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { BOTH_WAYS, DAY } from './support/days.js';
import { PARTS } from './support/day-harness.js';
import { liveHome, type Life, type LiveHarness, type LiveOptions } from './support/live-harness.js';

afterAll(removeTemporaryHomes);

const BY_HAND = { reason: 'by hand', actor: 'user:admin' } as const;
/** Without exports, which the harness does not make. */
const SETTINGS = { ...BOTH_WAYS, LEDGER_EXPORT_MODE: 'off' };

/** They wait for the next session. */
const COLD = { MAX_TRADES: '2', WEIGHTS: '0.5,0.5' };

/** The account of the simulator as the settings make it. */
const PROFILE: Partial<SimProfile> = {
  ...DEFAULT_SIM_PROFILE,
  latencyMs: DEFAULT_SETTINGS.SIMULATED_LATENCY_MS,
  slippageType: DEFAULT_SETTINGS.SLIPPAGE_SIMULATION_TYPE,
  slippageMeanPct: DEFAULT_SETTINGS.SLIPPAGE_MEAN_PCT.toApproximateNumber(),
  slippageStddevPct: DEFAULT_SETTINGS.SLIPPAGE_STDDEV_PCT.toApproximateNumber(),
  fractional: DEFAULT_SETTINGS.FRACTIONAL,
};

type Plan = Readonly<Record<string, (life: Life) => unknown>>;

/** A home whose live session is recorded, and what-if over it. */
class Recorded {
  readonly #home = openHome({ dir: temporaryHome(), identity: PARTS, create: true, version: 'test' });
  readonly live: LiveHarness;

  constructor(options: Partial<LiveOptions> = {}) {
    const recorder = new FileMarketRecorder(this.#home.paths, 'as they come');
    this.live = liveHome({ settings: SETTINGS, profile: PROFILE, recorder, ...options });
  }

  /** Runs a process with an action at each given time. */
  async run(plan: Plan, more: Partial<LiveOptions> = {}): Promise<string> {
    const life = await this.live.start(more);
    for (const [clock, act] of Object.entries(plan)) life.pacer.plan(this.live.at(clock), () => act(life));
    return life.session.run();
  }

  /** Another process writes to the journal. */
  async write({ session, pacer }: Life, stream: StreamName, draft: Pick<Draft, 'type' | 'data'>): Promise<void> {
    const full = { ...draft, correlationId: 'test', causationId: null } as Draft;
    await this.live.appender(pacer, 'user:admin').append(stream, [full]);
    session.followed();
  }

  reset(life: Life): Promise<void> {
    return this.write(life, STREAMS.risk, { type: 'KillSwitchReset', data: { reason: 'looked at' } });
  }

  /** A worker saves settings, and main sends the reload. */
  async change(life: Life, settings: Readonly<Record<string, string>>): Promise<void> {
    const before = describeSettings(life.settings);
    life.settings = parseSettings({ ...SETTINGS, ...settings });
    const changes = (Object.keys(settings) as SettingKey[]).map((key) => ({
      key,
      from: before[key],
      to: settings[key] ?? '',
      secret: false,
    }));
    const data = { changes, settingsSha256: settingsSha256(life.settings), reason: 'test' };
    await this.write(life, STREAMS.config, { type: 'ConfigChanged', data });
    void life.commands.put({ kind: 'reload' });
  }

  /** Main notes that it starts another engine. */
  async engineStarts(clock: string): Promise<void> {
    const at = this.live.at(clock);
    await this.live.appender({ now: () => at }).append(STREAMS.processes, [
      {
        type: 'ProcessStarted',
        data: { process: 'engine', versionTag: 'test', attempt: 1 },
        correlationId: 'processes',
        causationId: null,
      },
    ]);
  }

  /** The loop of the engine moves the bot between two sessions. */
  async walk(states: readonly BotState[], clock: string): Promise<void> {
    const at = this.live.at(clock);
    for (const to of states) await this.live.appender({ now: () => at }).changeBotState(to, 'test');
  }

  ask(changes: Readonly<Record<string, string>> = {}): Promise<WhatIf> {
    const { live } = this;
    return whatIf({ ...this.#home, journal: live.journal, date: live.date, changes, onProgress: () => undefined });
  }

  /** Nothing differs without a change. */
  async expectSame(): Promise<void> {
    const { comparison } = await this.ask();
    expect(comparison.firstDifference).toBeNull();
    expect(comparison.whatIf).toEqual(comparison.recorded);
    expect(comparison.recorded.date).toBe(DAY);
  }
}

describe('what-if on a session of the running bot (JRN-33)', () => {
  test.each([
    ['started before the open', {}],
    ['started in the first minute', { startsAt: '14:30:07.123' }],
    ['started in the middle of the day', { startsAt: '16:40:12.345' }],
  ])('nothing differs from an undisturbed session: %s', async (_, more: Partial<LiveOptions>) => {
    const recorded = new Recorded();
    await recorded.run({}, more);
    await recorded.expectSame();
  });

  test.each(['14:52:10.500', '15:00:10.500', '15:00:00.000', '17:20:30.001'])('killed at %s', async (clock) => {
    const recorded = new Recorded();
    await recorded.run({ [clock]: ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor) });
    expect((await recorded.live.states()).at(-1)).toBe('stopped');
    await recorded.expectSame();
  });

  test('stopped and started again by hand, twice', async () => {
    const recorded = new Recorded();
    await recorded.run({
      '15:00:10.500': ({ commands }) => void commands.put({ kind: 'stop', ...BY_HAND }),
      '16:00:00.250': ({ commands }) => void commands.put({ kind: 'start', ...BY_HAND }),
      '17:22:30.700': ({ commands }) => void commands.put({ kind: 'stop', ...BY_HAND }),
      '18:00:00.000': ({ commands }) => void commands.put({ kind: 'start', ...BY_HAND }),
    });
    expect((await recorded.live.states()).filter((state) => state === 'started').length).toBe(3);
    await recorded.expectSame();
  });

  test('killed, then started again; a needless kill and a needless stop before', async () => {
    const recorded = new Recorded();
    await recorded.run({
      '14:59:10.500': ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor),
      '15:10:00.500': ({ session }) => void session.kill(BY_HAND.reason, BY_HAND.actor),
      '15:20:00.500': ({ commands }) => void commands.put({ kind: 'stop', ...BY_HAND }),
      '16:00:00.250': ({ commands }) => void commands.put({ kind: 'start', ...BY_HAND }),
    });
    expect((await recorded.live.eventsOf('ErrorRecorded')).length).toBe(2);
    await recorded.expectSame();
  });

  test('killed before the open', async () => {
    const recorded = new Recorded();
    const life = await recorded.live.start();
    void life.session.kill(BY_HAND.reason, BY_HAND.actor);
    await life.session.run();
    await recorded.expectSame();
  });

  test('the kill switch trips, is reset and the bot is started; it trips again', async () => {
    const recorded = new Recorded({
      feed: marketOf(11),
      settings: { ...SETTINGS, DAILY_LOSS_LIMIT: '0.0001' },
    });
    await recorded.run({
      '16:00:30.500': (life) => recorded.reset(life),
      '16:02:00.500': ({ commands }) => void commands.put({ kind: 'start', ...BY_HAND }),
    });
    expect(await recorded.live.eventsOf('KillSwitchTripped')).toHaveLength(2);
    await recorded.expectSame();
  });

  test('the float was raised and lowered while positions were open', async () => {
    const recorded = new Recorded();
    const adjust = (life: Life, direction: 'inject' | 'return', amount: string): Promise<void> =>
      recorded.write(life, STREAMS.float, {
        type: 'FloatAdjusted',
        data: {
          adjustmentId: `FA-${direction}`,
          amount: Decimal.parse(amount).text(),
          direction,
          source: 'acknowledged-transfer',
          reason: 'by hand',
        },
      });
    await recorded.run({
      '15:00:10.500': (life) => adjust(life, 'inject', '20000.00'),
      '16:30:10.500': (life) => adjust(life, 'return', '99000.00'),
    });
    await recorded.expectSame();
  });

  test('settings that changed in the session: hot ones at their time, cold ones not at all', async () => {
    const recorded = new Recorded();
    await recorded.run({
      '15:00:10.500': (life) => recorded.change(life, { MAX_OPEN_POSITIONS: '1', ...COLD }),
      '17:30:10.500': (life) => recorded.change(life, { MAX_OPEN_POSITIONS: '5', ...COLD }),
    });
    expect((await recorded.live.states()).filter((state) => state === 'updating')).toHaveLength(2);
    await recorded.expectSame();
    const { comparison, changed } = await recorded.ask({ MAX_OPEN_POSITIONS: '5' });
    expect(changed).toMatchObject([{ key: 'MAX_OPEN_POSITIONS', to: '5' }]);
    expect(comparison.blocks).toContainEqual({
      what: 'mid/ZYNK entry',
      recorded: 'MAX_OPEN_POSITIONS',
      whatIf: null,
    });
  });

  test('settings that changed while the bot was stopped', async () => {
    const recorded = new Recorded();
    await recorded.run({
      '15:00:10.500': ({ commands }) => void commands.put({ kind: 'stop', ...BY_HAND }),
      '15:30:10.500': (life) => recorded.change(life, { DISABLE_ALL_TRADES: 'true' }),
      '16:00:00.250': ({ commands }) => void commands.put({ kind: 'start', ...BY_HAND }),
    });
    expect(await recorded.live.eventsOf('PositionOpened')).toHaveLength(2);
    await recorded.expectSame();
  });

  test('entries held by a test run', async () => {
    const recorded = new Recorded();
    const test = { runId: 'T-1', test: 'all' };
    await recorded.run({
      '14:52:00.500': (life) =>
        recorded.write(life, STREAMS.processes, { type: 'TestRunStarted', data: { ...test, by: null } }),
      '17:20:00.500': (life) =>
        recorded.write(life, STREAMS.processes, { type: 'TestRunEnded', data: { ...test, ok: true, results: [] } }),
    });
    const made = (await recorded.live.eventsOf('PositionOpened')).map(({ occurredAt }) => occurredAt.slice(11, 16));
    expect(made.filter((at) => at > '14:52' && at < '17:20')).toEqual([]);
    expect(made.length).toBeGreaterThan(1);
    await recorded.expectSame();
  });

  test.each([
    ['14:53:30.000', '14:54:40.000'],
    ['15:00:30.000', '15:37:00.500'],
    ['15:29:59.999', '15:30:07.776'],
    ['17:20:30.000', '17:22:10.000'],
    ['20:59:30.000', '21:03:00.000'],
  ])('killed by the machine at %s, started again at %s', async (dies, back) => {
    const recorded = new Recorded();
    const died = new Error('kill -9');
    const first = recorded.run({
      [dies]: () => {
        throw died;
      },
    });
    await expect(first).rejects.toBe(died);
    await recorded.engineStarts(back);
    expect(await recorded.run({}, { startsAt: back })).toBe('closed');
    await recorded.expectSame();
  });

  test('shut down and started again, with other settings from then on', async () => {
    const recorded = new Recorded();
    const deadline = recorded.live.at('15:00:40.500');
    const ended = await recorded.run({
      '15:00:10.500': ({ commands }) => void commands.put({ kind: 'shutdown', reason: 'SIGTERM', deadline }),
    });
    expect(ended).toBe('shutdown');
    await recorded.walk(['shutdown_triggered', 'shutdown', 'started', 'idle'], '15:20:00.000');
    await recorded.engineStarts('15:20:00.000');
    expect(await recorded.run({}, { startsAt: '15:20:01.000' })).toBe('closed');
    await recorded.expectSame();
  });

  test.each(['orders', 'everything', 'nothing'] as const)('the broker was away and refused %s', async (refuses) => {
    const at = (clock: string): UtcText => `${DAY}T${clock}Z` as UtcText;
    const recorded = new Recorded({
      faults: [{ kind: 'disconnect', from: at('14:51:20.500'), to: at('15:10:00.500'), refuses }],
    });
    await recorded.run({});
    expect(await recorded.live.eventsOf('BrokerResumed')).toHaveLength(1);
    await recorded.expectSame();
  });

  test('the ledger file was locked at the close: its error is not compared, and the answer says so', async () => {
    const recorded = new Recorded({ projections: { catchUp: () => Promise.resolve(PROJECTIONS_BEHIND) } });
    await recorded.run({});
    expect(await recorded.live.eventsOf('ErrorRecorded')).toHaveLength(1);
    await recorded.expectSame();
    const { comparison } = await recorded.ask();
    expect(comparison.leftOut).toMatchObject([{ events: 1, why: expect.stringContaining('a replay writes no file') }]);
  });
});
