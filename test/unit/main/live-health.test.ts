import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { HeldStreams } from '../../../src/app/streams/held-streams.js';
import { parseStreamName } from '../../../src/events/event.js';
import { BOT_STATES, type BotState } from '../../../src/domain/lifecycle/bot-state.js';
import type { ProcessNow } from '../../../src/domain/conditions/live.js';
import { configError, type TradeBotError } from '../../../src/kernel/errors.js';
import { MINUTE_MS, parseUtcText, plusMs } from '../../../src/kernel/time.js';
import { LiveHealth } from '../../../src/processes/main/live-health.js';
import { recorded } from '../support/events.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

/** A Tuesday, an hour after the open. */
const OPEN = parseUtcText('2026-01-06T15:30:00.000Z');
const RUNNING: readonly ProcessNow[] = (['engine', 'projector', 'web'] as const).map((name) => ({
  ...{ name, state: 'running', silentMs: 500 },
}));
const engine = (state: ProcessNow['state'], silentMs = 500): readonly ProcessNow[] =>
  RUNNING.map((one) => (one.name === 'engine' ? { ...one, state, silentMs } : one));

interface World {
  state: BotState;
  positions: readonly string[];
  children: readonly ProcessNow[];
  ticks: number;
  figures: Readonly<Record<string, string>>;
  reserveMissing: boolean;
  localFault: TradeBotError | undefined;
  streams: HeldStreams;
  terminalLost: string | undefined;
}

let world: World;
let folder: string;
let clock: VirtualClock;
let health: LiveHealth;

beforeEach(() => {
  folder = temporaryHome();
  mkdirSync(folder, { recursive: true });
  clock = new VirtualClock(OPEN);
  world = {
    state: 'idle',
    positions: [],
    children: RUNNING,
    ticks: 0,
    figures: {},
    reserveMissing: false,
    localFault: undefined,
    streams: new HeldStreams(),
    terminalLost: undefined,
  };
  health = new LiveHealth({
    home: {
      get state() {
        return world.state;
      },
      reason: 'a test',
      get streams() {
        return world.streams;
      },
      statusPath: `${folder}/status.json`,
      openPositions: () => world.positions,
      identityParts: { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' },
    },
    children: () => world.children.map((child) => ({ ...child, figures: world.figures })),
    reserveMissing: () => world.reserveMissing,
    localFault: () => world.localFault,
    terminalLost: () => world.terminalLost,
    clock,
    wall: clock,
    speed: 60,
    ticks: () => world.ticks,
    pid: 7,
    path: `${folder}/health.json`,
    statePath: `${folder}/bot_state.txt`,
  });
  file({});
});

function file(more: object, position = '0000000000000010'): void {
  const as_of = { position, time: '2026-01-06T15:29:00.000Z' };
  writeFileSync(`${folder}/status.json`, JSON.stringify({ as_of, conditions: [], bot_state: world.state, ...more }));
}

async function standing(): Promise<string> {
  await health.look();
  const { overall, conditions } = health.now();
  return [overall, ...conditions.map(({ code }) => code)].join(' ');
}

describe('how the bot stands now (OUT-5)', () => {
  test('a bot that trades is OK', async () => {
    expect(await standing()).toBe('OK');
  });

  test.each<readonly [ProcessNow['state'], number, string]>([
    ['given up', 0, 'Critical POSITIONS_UNMANAGED PROCESS_GIVEN_UP'],
    ['waiting to restart', 0, 'Critical POSITIONS_UNMANAGED PROCESS_RESTARTS'],
    ['starting', 0, 'Critical POSITIONS_UNMANAGED'],
    ['stopped', 0, 'Critical POSITIONS_UNMANAGED'],
    ['running', 10_000, 'Critical POSITIONS_UNMANAGED PROCESS_SILENT'],
    ['running', 9_999, 'OK'],
  ])('open positions and an engine that is %s, silent for %d ms: %s', async (state, silentMs, wanted) => {
    world.positions = ['AIG long'];
    world.children = engine(state, silentMs);
    expect(await standing()).toBe(wanted);
  });

  test('an open session without an engine is Critical, and a stopped bot in a closed market is OK', async () => {
    world.children = engine('given up');
    expect(await standing()).toBe('Critical ENGINE_ABSENT PROCESS_GIVEN_UP');
    world.children = RUNNING;
    world.state = 'stopped';
    expect(await standing()).toBe('Warning HALTED_IN_SESSION');
    clock.advanceTo(plusMs(OPEN, 8 * 60 * MINUTE_MS));
    expect(await standing()).toBe('OK');
  });

  test('the trading hours of the settings count, and those of another version are the exchange hours', async () => {
    world.state = 'stopped';
    file({ trading_hours: { TRADING_DAYS: 'mon,wed', MARKET_OPEN: null, MARKET_CLOSE: null } });
    expect(await standing()).toBe('OK');
    file({ trading_hours: { TRADING_DAYS: 'someday', MARKET_OPEN: null, MARKET_CLOSE: null } });
    expect(await standing()).toBe('Warning HALTED_IN_SESSION');
  });

  test('in every state with open positions and no living engine it is Critical', async () => {
    world.positions = ['AIG long'];
    world.children = engine('given up');
    for (const state of Object.keys(BOT_STATES) as readonly BotState[]) {
      if (['initialize', 'provisioning', 'bootstrapping', 'registration'].includes(state)) continue;
      world.state = state;
      expect([state, (await standing()).split(' ')[0]]).toEqual([state, 'Critical']);
    }
  });

  test('conditions of the file are kept, but not those that main sees better', async () => {
    const one = (code: string) => ({ code, severity: 'Critical', text: code, remedy: 'None.' });
    file({ conditions: [one('BOOKS_DIFFER'), one('PROCESS_DEAD'), one('POSITIONS_UNMANAGED')] });
    expect(await standing()).toBe('Critical BOOKS_DIFFER');
  });

  test('a halt of a held symbol is a Warning until the engine no longer says it', async () => {
    world.figures = { held_halted: 'AIG 2026-01-06T15:20:00.000Z' };
    expect(await standing()).toBe('Warning HELD_SYMBOL_HALTED');
    expect(health.now().conditions[0]?.text).toBe(
      'trading in AIG is halted since 2026-01-06T15:20:00.000Z and the bot holds it: neither its stop nor an exit can trade',
    );
    world.figures = {};
    expect(await standing()).toBe('OK');
  });

  test('a disk without room for a kill is a Warning with its remedy', async () => {
    world.reserveMissing = true;
    expect(await standing()).toBe('Warning DISK_RESERVE_MISSING');
    expect(health.now().conditions[0]?.remedy).toContain('Free space');
  });

  test('a bot that no command can reach is a Warning with the cause and its remedy', async () => {
    world.localFault = configError({ code: 'X', message: 'the socket cannot be made: ENOSPC', remedy: 'Free space.' });
    expect(await standing()).toBe('Warning LOCAL_SOCKET_UNUSABLE');
    expect(health.now().conditions[0]).toMatchObject({
      text: 'commands cannot reach the running bot: the socket cannot be made: ENOSPC',
      remedy: 'Free space.',
    });
  });

  test('streams that others reached are Critical until they are restored or acknowledged', async () => {
    const about = { stream: 'orders', remedy: 'Undo it.' };
    world.streams.take({ ...about, kind: 'cut', message: 'stream orders hides events' });
    expect(await standing()).toBe('Critical STREAM_CUT');
    expect(health.now().conditions[0]).toMatchObject({
      text: 'stream orders hides events: entries are held, positions keep their exits',
      remedy: 'Undo it.',
    });
    world.streams.take({ ...about, kind: 'blocked', message: 'revision 3 of orders was not written by this bot' });
    world.streams.take({ ...about, kind: 'restored', message: 'stream orders shows all its events' });
    expect(await standing()).toBe('Critical STREAM_BLOCKED');
    world.streams.follow({ type: 'ForeignEventsAcknowledged', stream: parseStreamName('orders') });
    world.streams.take({ ...about, kind: 'restricted', message: 'user bot has no right to stream orders' });
    expect(await standing()).toBe('Critical STREAM_RESTRICTED');
    world.streams.take({ ...about, kind: 'restored', message: 'stream orders takes ours again' });
    expect(await standing()).toBe('OK');
    expect(world.streams.fault).toBeUndefined();
    world.streams.take({ ...about, kind: 'lost', message: 'revisions 0 to 2 are gone' });
    expect(world.streams.fault).toMatchObject({ code: 'JOURNAL_EVENTS_LOST', callerMust: 'stop' });
  });

  test('what others did to the streams of the journal is undone by a person', async () => {
    world.figures = { journal_away: '2026-01-06T15:00:00.000Z', journal_fault: 'cut', journal_waits_for: 'person' };
    expect(await standing()).toBe('Critical JOURNAL_AWAY');
    expect(health.now().conditions[0]?.remedy).toContain('tradebot journal streams');
  });

  test('events that are gone for good: the remedy is to close what is open and to restore a backup', async () => {
    world.figures = {
      ...{ journal_away: '2026-01-06T15:00:00.000Z', journal_fault: 'revision 0 is gone' },
      ...{ journal_waits_for: 'restore', events_kept: '7' },
    };
    expect(await standing()).toBe('Critical JOURNAL_LOST');
    const [condition] = health.now().conditions;
    expect(condition?.text).toContain('are gone (revision 0 is gone)');
    expect(condition?.text).toContain('7 events wait in the home');
    expect(condition?.remedy).toContain('tradebot restore FILE');
  });

  test('while the journal is away the state is what the engine says, also in the file that kill --wait reads', async () => {
    const inFile = (): string | undefined =>
      existsSync(`${folder}/bot_state.txt`) ? readFileSync(`${folder}/bot_state.txt`, 'utf8') : undefined;
    world.state = 'trading';
    const away = { journal_away: '2026-01-06T15:00:00.000Z' };
    world.figures = { state: 'stopped' };
    expect([await standing(), inFile()]).toEqual(['OK', undefined]);
    world.figures = { ...away, state: 'trading' };
    expect([await standing(), inFile()]).toEqual(['Critical JOURNAL_AWAY', undefined]);
    world.figures = { ...away, state: 'emergency_closing_positions' };
    await health.look();
    expect(inFile()).toBe('emergency_closing_positions\n');
    world.figures = { ...away, state: 'stopped' };
    expect([await standing(), inFile()]).toEqual(['Critical HALTED_IN_SESSION JOURNAL_AWAY', 'stopped\n']);
    // the projector writes it again from here on
    world.figures = { state: 'stopped' };
    world.state = 'stopped';
    writeFileSync(`${folder}/bot_state.txt`, 'of the projector');
    await health.look();
    expect(inFile()).toBe('of the projector');
  });

  test('a bot that continues without its terminal is a Warning that says how to end it', async () => {
    world.terminalLost = 'its terminal was closed (SIGHUP)';
    expect(await standing()).toBe('Warning TERMINAL_LOST');
    expect(health.now().conditions[0]).toMatchObject({
      text: 'the bot continues without a terminal: its terminal was closed (SIGHUP)',
      remedy: 'End it with: kill -TERM 7. It closes positions first.',
    });
  });

  test('the briefing names bot, clock and next session, also in the file of tradebot status', async () => {
    await health.look();
    const { briefing } = health.now();
    expect(briefing).toMatchObject({ identity: 'DEMO_US_SIM_B01', simulated: true, clock: { speed: '60' } });
    expect(briefing.nextSession.text).toContain('open now');
    world.figures = { next_session: '2026-01-08' };
    expect(health.now().briefing.nextSession.date).toBe('2026-01-08');
    world.figures = { next_session: 'none with data' };
    expect(health.now().briefing.nextSession.date).toBeNull();
    world.children = engine('given up');
    expect(health.now().briefing.nextSession.date).toBe('2026-01-06');
    expect(JSON.parse(readFileSync(`${folder}/health.json`, 'utf8'))).toMatchObject({ briefing });
  });

  test('a file that stays behind the journal is a Warning after 10 s and Critical after a minute', async () => {
    const event = { position: 11 };
    health.follow(recorded('BotStateChanged', { from: 'started', to: 'idle', reason: 'test' }, event));
    expect(await standing()).toBe('OK');
    world.ticks = 9_999;
    expect(await standing()).toBe('OK');
    world.ticks = 10_000;
    expect(await standing()).toBe('Warning STATUS_OLD');
    world.ticks = 60_000;
    expect(await standing()).toBe('Critical STATUS_OLD');
    file({}, '0000000000000011');
    expect(await standing()).toBe('OK');
  });

  test('a file that follows a fast journal is not behind', async () => {
    for (let position = 11; position < 100; position += 1) {
      health.follow(recorded('BotStateChanged', { from: 'started', to: 'idle', reason: 'test' }, { position }));
      file({}, String(position - 1).padStart(16, '0'));
      world.ticks += 5_000;
      expect(await standing()).toBe('OK');
    }
  });

  test('an event that no figure shows is not awaited', async () => {
    const data = { userId: 'U-1', role: 'admin', first: true } as const;
    health.follow(recorded('UserRegistered', data, { position: 11 }));
    await standing();
    world.ticks = 60_000;
    expect(await standing()).toBe('OK');
  });

  test.each([
    ['no file', undefined],
    ['garbage', '{'],
    ['a list', '[]'],
  ])('%s is a Warning', async (_what, text) => {
    if (text === undefined) file({});
    writeFileSync(`${folder}/status.json`, text ?? '');
    expect(await standing()).toBe('Warning STATUS_MISSING');
  });

  test('it writes what it finds with its own age, and takes the file along when it ends', async () => {
    await standing();
    const written = JSON.parse(readFileSync(`${folder}/health.json`, 'utf8')) as object;
    expect(written).toMatchObject({ at: '2026-01-06T15:30:00.000Z', pid: 7, overall: 'OK', conditions: [] });
    await health.stop();
    expect(existsSync(`${folder}/health.json`)).toBe(false);
  });
});
