import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldOf } from '../../projections/kit/projection.js';
import { statusText } from '../../projections/status/render-status.js';
import { statusDefinition } from '../../projections/status/status.js';
import { briefingOf, type Briefing } from '../../src/domain/conditions/briefing.js';
import { overallOf } from '../../src/domain/conditions/condition.js';
import { standingConditions, type EngineLife } from '../../src/domain/conditions/standing.js';
import { statusFileOf, type StatusFile } from '../../src/domain/conditions/status-file.js';
import { STRATEGY_NAMES } from '../../src/domain/config/configured-strategies.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import { runs } from '../support/runs.js';
import { BOT_STATES, mayChange, type BotState } from '../../src/domain/lifecycle/bot-state.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import { entriesHeld } from '../../src/domain/session/trading-permissions.js';
import { epochMs, parseUtcText, plusMs, SECOND_MS, toUtcText, type UtcText } from '../../src/kernel/time.js';
import { DayTape } from '../unit/support/day-tape.js';
import { BOT, type Tape } from '../unit/support/events.js';

const STATES = Object.keys(BOT_STATES) as readonly BotState[];
/** Written out a second time: the states in which an engine holds positions by stops and exits, or closes them. */
const MANAGING =
  'started idle analyzing trading monitoring updating graceful_closing_positions emergency_closing_positions'.split(
    ' ',
  );
/** The states in which an entry may come in this session without a command of a person. */
const ACTIVE = ['idle', 'analyzing', 'trading', 'monitoring', 'updating'];
const NOT_SET_UP = ['initialize', 'provisioning', 'bootstrapping', 'registration'];

describe('the table of standing conditions (OUT-5)', () => {
  const NOW = epochMs(1_000_000_000_000);
  const facts = fc.record({
    at: fc.constant(NOW),
    botState: fc.constantFrom(...STATES),
    stateReason: fc.constantFrom('', 'a test'),
    stateSince: fc
      .option(fc.integer({ min: -60, max: 3_600 }), { nil: undefined })
      .map((ago) => (ago === undefined ? undefined : plusMs(NOW, -ago * SECOND_MS))),
    openPositions: fc.constantFrom<readonly string[]>([], ['AIG'], ['AIG', 'BAC']),
    engine: fc.constantFrom<EngineLife>('alive', 'absent', 'unknown'),
    engineReason: fc.constantFrom('', 'it died'),
    sessionOpen: fc.boolean(),
  });

  test('open positions without an engine, or in a state that manages none, are Critical and named', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const found = standingConditions(given);
        const unmanaged = given.engine === 'absent' || !MANAGING.includes(given.botState);
        if (given.openPositions.length === 0 || !unmanaged) return;
        expect(overallOf(found)).toBe('Critical');
        expect(found.some(({ text }) => text.includes(given.openPositions.join(', ')))).toBe(true);
      }),
      { numRuns: runs(700, 10_000) },
    );
  });

  test('in an open session a bot that is not active is never OK, and every condition has a remedy', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const found = standingConditions(given);
        const idle = !ACTIVE.includes(given.botState) || given.engine === 'absent';
        if (given.sessionOpen && idle && !NOT_SET_UP.includes(given.botState)) expect(overallOf(found)).not.toBe('OK');
        for (const { text, remedy } of found) expect([text === '', /[.]$/.test(remedy)]).toEqual([false, true]);
        if (given.openPositions.length === 0 && !given.sessionOpen && given.botState !== 'error')
          expect(found).toEqual([]);
      }),
      { numRuns: runs(700, 10_000) },
    );
  });

  test('a closing that lasts becomes Critical after five minutes of an open session', () => {
    const closing = (seconds: number): string => {
      const found = standingConditions({
        ...{ at: NOW, botState: 'emergency_closing_positions', stateReason: 'kill', openPositions: ['AIG'] },
        ...{ engine: 'alive', engineReason: '', sessionOpen: true, stateSince: plusMs(NOW, -seconds * SECOND_MS) },
      });
      return `${overallOf(found)} ${found.map(({ text }) => text).join()}`;
    };
    expect(closing(0)).toBe('Warning the bot is closing AIG; nothing is entered');
    expect(closing(299)).toBe('Warning closing does not advance: still open after 4 minutes: AIG');
    expect(closing(300)).toBe('Critical closing does not advance: still open after 5 minutes: AIG');
  });
});

const CODES = { entity: 'DEMO', jurisdiction: 'US', broker: 'SIM', bot: 'B01', account: 'SIM-B01' };
const DEFINITION = statusDefinition(homePaths('/home', BOT), {
  ...{ codes: CODES, lotMethod: 'FIFO', strategies: STRATEGY_NAMES },
});

/** A change to the n-th state that may follow, or the n-th thing that may happen. */
type Step = readonly ['go' | 'event', number];
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.nat({ max: 20 }).map((n): Step => ['go', n]),
    fc.nat({ max: 12 }).map((n): Step => ['event', n]),
  ),
  { maxLength: 40 },
);

/** What may happen to a bot in a session, by number. */
function happen(tape: Tape, n: number, at: string): void {
  const watch = { subject: 'disk', reason: 'test', figures: {} } as const;
  const run = { runId: 'run-1', test: 'all' };
  const setting = (to: string) => ({ key: 'DISABLE_ALL_TRADES', from: null, to, secret: false });
  const config = (to: string) => ({ changes: [setting(to)], reason: 'test', settingsSha256: 'a'.repeat(64) as never });
  const crash = {
    process: 'engine',
    lastEventAt: at as never,
    signal: 'SIGKILL',
    exitCode: null,
  } as const;
  const doings: readonly (() => unknown)[] = [
    () => tape.add('KillSwitchTripped', { code: 'DAILY_LOSS_LIMIT', figures: {} }, { at }),
    () => tape.add('KillSwitchReset', { reason: 'test' }, { at }),
    () => tape.add('WatchdogStateChanged', { ...watch, from: 'healthy', to: 'down' }, { at }),
    () => tape.add('WatchdogStateChanged', { ...watch, from: 'down', to: 'healthy' }, { at }),
    () => tape.add('BrokerSuspended', { code: 'BROKER_DISCONNECTED', message: 'test' }, { at }),
    () => tape.add('BrokerResumed', { fetched: 0, outageSeconds: 1 }, { at }),
    () => tape.add('TestRunStarted', { ...run, by: null }, { at }),
    () => tape.add('TestRunEnded', { ...run, ok: true, results: [] }, { at }),
    () => tape.add('ConfigChanged', config('true'), { at }),
    () => tape.add('ConfigChanged', config('false'), { at }),
    () => tape.add('ProcessCrashed', { ...crash, action: 'not started again', deaths: 5, restartInMs: null }, { at }),
    () => tape.add('ProcessStarted', { process: 'engine', versionTag: '1', nodeVersion: '24.0.0', attempt: 0 }, { at }),
    () => tape.add('MarketDataLost', { symbols: ['AIG' as never], since: at as never }, { at }),
  ];
  doings[n]?.();
}

/** As main makes it, with the conditions of the file alone. */
function briefingAt(at: UtcText, botState: BotState, file: StatusFile | undefined): Briefing {
  const now = parseUtcText(at);
  return briefingOf({
    ...{ at: now, machineAt: now, speed: 1, identity: BOT, simulated: true, botState, stateReason: 'test', file },
    ...{ engine: undefined, conditions: file?.conditions ?? [] },
  });
}

const TO_TRADING = ['provisioning', 'bootstrapping', 'started', 'idle', 'analyzing', 'trading'] as const;

describe('status.json over all states that a bot can reach in a session', () => {
  test('it is not OK whenever no entry can come, and OK only for a bot that trades', () => {
    const fold = foldOf(DEFINITION);
    fc.assert(
      fc.property(steps, (walk) => {
        const tape = new DayTape();
        tape.open();
        for (const [at, state] of TO_TRADING.entries()) {
          tape.add(
            'BotStateChanged',
            { from: TO_TRADING[at - 1] ?? 'initialize', to: state, reason: 'test' },
            { at: '2013-10-07T13:31:00.000Z' },
          );
        }
        const engine = new EngineState(CODES);
        for (const event of tape.events) engine.apply(event);
        let status = tape.events.reduce(fold, DEFINITION.initial());
        let alive = true;
        const from = parseUtcText('2013-10-07T14:00:00.000Z');
        walk.forEach((step, n) => {
          const before = tape.events.length;
          const at = toUtcText(plusMs(from, n * SECOND_MS));
          if (step[0] === 'event') happen(tape, step[1], at);
          else {
            const legal = STATES.filter((to) => mayChange(engine.botState, to));
            const to = legal[step[1] % legal.length] ?? 'error';
            tape.add('BotStateChanged', { from: engine.botState, to, reason: 'test' }, { at });
          }
          for (const event of tape.events.slice(before)) {
            engine.apply(event);
            status = fold(status, event);
            if (event.type === 'ProcessCrashed') alive = false;
            if (event.type === 'ProcessStarted') alive = true;
          }
          const file = JSON.parse(statusText(status, [], STRATEGY_NAMES)) as { overall: { status: string } };
          const { overall } = file;
          const blocked =
            !ACTIVE.includes(engine.botState) ||
            engine.killTripped !== undefined ||
            entriesHeld(engine) ||
            engine.session?.dataLostSince !== undefined ||
            engine.settings['DISABLE_ALL_TRADES'] === 'true' ||
            !alive;
          if (blocked && !NOT_SET_UP.includes(engine.botState)) expect(overall.status).not.toBe('OK');
          if (!blocked) expect(overall.status).toBe('OK');
          // and a person sees why
          const { notTrading } = briefingAt(at, engine.botState, statusFileOf(file));
          expect(notTrading.length > 0).toBe(blocked);
          expect(notTrading.every(({ text, remedy }) => text !== '' && remedy !== '')).toBe(true);
        });
      }),
      { numRuns: runs(100, 2_000) },
    );
  });
});
