import { afterAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basePaths } from '../../../src/domain/home/home-paths.js';
import { BOT_STATES } from '../../../src/domain/lifecycle/bot-state.js';
import { statusProgram, type Seen } from './control-program.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { makeHome, tradebotProcess } from './support.js';

afterAll(removeTemporaryHomes);

const POSITION = {
  ticker: 'AIG',
  trade_side: 'long',
  size: '2',
  average_price: '48.89',
  strategy_name: 'open',
  stop: '48.01',
};

describe('tradebot status (WEB-7)', () => {
  test('a bot that waits for setup has a state without an identity', () => {
    const home = temporaryHome();
    const { control } = basePaths(home);
    mkdirSync(control.dir);
    writeFileSync(control.botState, 'initialize\n');
    const { code, out, err } = tradebotProcess(['status', '--home', home]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`${home}: not set up yet`);
    expect(out).toMatch(/running +not running\n +state +initialize\n/);
    expect(JSON.parse(tradebotProcess(['status', '--home', home, '--json']).out)).toEqual({
      ok: true,
      home,
      identity: null,
      running: null,
      engine: null,
      state: 'initialize',
      overall: null,
      conditions: [],
      briefing: null,
      status: null,
    });
  });

  test.each(['', '{', '{"botIdentity":7}'])('a home that lost its marker is Critical, not new: %j', (marker) => {
    const { paths } = makeHome(temporaryHome());
    writeFileSync(paths.marker, marker);
    writeFileSync(paths.control.botState, 'trading\n');
    const { code, out } = tradebotProcess(['status', '--home', paths.home]);
    expect(code).toBe(3);
    expect(out).toContain(`${paths.home}: the bot of this home is not known`);
    expect(out).toMatch(/overall +Critical\n +Critical: storage\/home\.json .*positions may be open/);
  });

  test('critical findings are printed with their reasons and set the exit code', () => {
    const { paths } = makeHome(temporaryHome());
    const shown = { overall: { status: 'Critical', reasons: ['the journal is 9 s late'] }, open_positions: [POSITION] };
    writeFileSync(paths.output.statusMirror, JSON.stringify(shown));
    writeFileSync(paths.control.botState, 'monitoring\n');
    const { code, out } = tradebotProcess(['status', '--home', paths.home]);
    expect(code).toBe(3);
    expect(out).toContain('not running (stopped unexpectedly). Last known state:');
    expect(out).toContain('Critical: the journal is 9 s late');
    expect(out).toContain('AIG long 2 at 48.89, strategy open, stop 48.01');
  });

  test('it shows the important figures and leaves out missing or healthy parts', () => {
    const lines = (status: object): Readonly<Record<string, string>> =>
      Object.fromEntries(statusProgram.statusLines({ ...status }));
    expect(lines({})).toEqual({});
    expect(lines({ session: null, daily: 7, open_positions: 'none', kill_switch: [] })).toEqual({});
    expect(
      lines({
        as_of: { position: '07', time: '2013-10-07T14:00:00.000Z' },
        session: { state: 'OPEN', date: '2013-10-07', phase: 'open', opens_at: 'A', closes_at: 'B' },
        daily: { PnL: '-1.20' },
        open_positions: [],
        kill_switch: { armed: true, triggered: true, since: 'C', reason: 'by hand' },
        broker: { state: 'ok' },
        market_data: { state: 'down', since: 'D', reason: 'silent' },
        defense_mode: { active: false },
      }),
    ).toEqual({
      session: 'OPEN 2013-10-07, strategy open, from A to B',
      'P&L today': '-1.20',
      positions: 'none',
      'kill switch': 'triggered since C: by hand',
      'market data': 'down since D: silent',
      'as of': '2013-10-07T14:00:00.000Z',
    });
  });

  test('it separates realized from unrealized, of the day and of each position', () => {
    const lines = statusProgram.statusLines({
      daily: { PnL: '-5236.70' },
      daily_gain_loss: '-1532.54',
      equity_bridge: { unrealized: '3704.16' },
      open_positions: [{ ...POSITION, last_price: '48.00', unrealized: '-1.78' }],
    });
    expect(lines).toEqual([
      ['P&L today', '-1532.54 (realized -5236.70 after fees, unrealized 3704.16)'],
      ['positions', 'AIG long 2 at 48.89, strategy open, stop 48.01, unrealized -1.78 at 48.00'],
    ]);
  });
});

test('the states before a home has a marker are those of the set-up', () => {
  const setup = Object.entries(BOT_STATES).filter(([, { stage }]) => stage === 'setup');
  expect(statusProgram.BEFORE_SETUP).toEqual(setup.map(([state]) => state));
});

describe('how the bot stands, for a command that only reads files', () => {
  const AT = Date.parse('2026-01-06T15:00:00.000Z');
  const ago = (seconds: number): string => new Date(AT - seconds * 1_000).toISOString();
  const holder = { pid: 7, command: 'run', since: ago(600) };
  const condition = { code: 'KILL_SWITCH', severity: 'Critical', text: 'kill switch: LOSS', remedy: 'Reset it.' };
  const FILE = {
    as_of: { position: '07', time: ago(3_600) },
    overall: { status: 'OK', reasons: [] },
    conditions: [],
    processes: { main: { state: 'running' } },
    open_positions: [],
  };
  const HEALTH = { at: ago(3), pid: 7, overall: 'OK', conditions: [] };
  const all = (more: Partial<Seen>): Seen => ({
    ...{ identity: 'B', holder, orphan: null, state: 'idle', found: FILE, health: HEALTH, at: AT },
    ...more,
  });
  const seen = (more: Partial<Seen>): string => {
    const { overall, conditions } = statusProgram.standing(all(more));
    return [overall, ...conditions.map(({ code }) => code)].join(' ');
  };
  const briefing = (more: Partial<Seen>): readonly (readonly [string, string])[] =>
    statusProgram.briefingLines(all(more), statusProgram.standing(all(more)));

  test.each<readonly [string, Partial<Seen>, string]>([
    ['what main wrote a moment ago counts', {}, 'OK'],
    [
      'also when the file says otherwise',
      { health: { ...HEALTH, overall: 'Critical', conditions: [condition] } },
      'Critical KILL_SWITCH',
    ],
    ['a main that has not written for 20 s is hung', { health: { ...HEALTH, at: ago(21) } }, 'Critical MAIN_SILENT'],
    ['so is one whose file is of another process', { health: { ...HEALTH, pid: 8 } }, 'Critical MAIN_SILENT'],
    ['and one without a file', { health: null }, 'Critical MAIN_SILENT'],
    ['a file of the future is no sign of life', { health: { ...HEALTH, at: ago(-3_600) } }, 'Critical MAIN_SILENT'],
    ['a file of garbage is none', { health: { ...HEALTH, at: 'today' } }, 'Critical MAIN_SILENT'],
    ['one that has just started has not written yet', { health: null, holder: { ...holder, since: ago(5) } }, 'OK'],
    ['without a bot, its last active state is no state', { holder: null }, 'Critical BOT_GONE'],
    [
      'an engine that outlived its main needs another main',
      { holder: null, orphan: { alive: true } },
      'Critical MAIN_GONE',
    ],
    ['one that ended too manages nothing', { holder: null, orphan: { alive: false } }, 'Critical BOT_GONE'],
    [
      'what it left open counts, not the old file',
      { holder: null, orphan: { alive: false, open: ['AIG long'] } },
      'Critical POSITIONS_UNMANAGED',
    ],
    ['a bot that was stopped and ended is OK', { holder: null, state: 'stopped' }, 'OK'],
    ['another command is no bot', { holder: { ...holder, command: 'rebuild' } }, 'Critical BOT_GONE'],
    ['a home of simulated days expects no bot', { holder: null, found: { ...FILE, processes: {} } }, 'OK'],
    [
      'a home that is not set up has no standing',
      { identity: null, state: 'initialize', found: null, holder: null },
      '',
    ],
    [
      'open positions without a bot are Critical in every state',
      { holder: null, state: 'stopped', found: { ...FILE, open_positions: [POSITION] } },
      'Critical POSITIONS_UNMANAGED',
    ],
    [
      'positions that no strategy holds are the holdings of the account',
      { holder: null, state: 'stopped', found: { ...FILE, open_positions: [{ ...POSITION, strategy_name: null }] } },
      'OK',
    ],
    [
      'the file of an older version has reasons only',
      { holder: null, state: 'stopped', found: { overall: { status: 'Warning', reasons: ['a', 'b'] } } },
      'Warning REASON REASON',
    ],
  ])('%s', (_what, more, wanted) => {
    expect(seen(more)).toBe(wanted);
  });

  const BRIEFING = {
    simulated: true,
    clock: { utc: 'U', text: 'Monday 7 October 2013, 10:00 New York', speed: '1', machine: 'M' },
    nextSession: { text: 'open now' },
    notTrading: [
      { code: 'KILL_SWITCH', text: 'kill switch: LOSS', remedy: 'Reset it.' },
      { code: 'EXCHANGE_CLOSED', text: 'the exchange is closed today', remedy: 'Nothing has to be done.' },
    ],
  };

  test('what main knows of clock, next session and entries is shown; a remedy once', () => {
    expect(briefing({ health: { ...HEALTH, conditions: [condition], briefing: BRIEFING } })).toEqual([
      ['mode', 'SIMULATED: no order reaches a market'],
      ['clock', 'Monday 7 October 2013, 10:00 New York'],
      ['next session', 'open now'],
      ['no entries', 'kill switch: LOSS'],
      ['', 'the exchange is closed today. Nothing has to be done.'],
    ]);
    const fast = { ...BRIEFING, clock: { ...BRIEFING.clock, speed: '60' }, notTrading: [] };
    expect(briefing({ health: { ...HEALTH, briefing: fast } })[1]?.[1]).toBe(
      'Monday 7 October 2013, 10:00 New York, 60 times as fast as the clock of this machine, which shows M',
    );
  });

  test('a bot that does not run has no next session, and a file of an older main has none either', () => {
    const found = { ...FILE, simulated: true };
    expect(briefing({ found, holder: null, state: 'stopped' })).toEqual([
      ['mode', 'SIMULATED: no order reaches a market'],
      ['next session', 'none: no bot runs. Start it: tradebot run'],
    ]);
    expect(briefing({ holder: null, found: { ...FILE, processes: {} } })).toEqual([]);
    expect(briefing({})).toEqual([]);
    expect(briefing({ health: { ...HEALTH, briefing: 7 } })).toEqual([]);
  });

  test('each condition is shown with its remedy below it', () => {
    const lines = statusProgram.conditionLines({ overall: 'Critical', conditions: [condition] });
    expect(lines.map(([, text]) => text)).toEqual(['Critical', 'Critical: kill switch: LOSS', '  Reset it.']);
  });
});

describe('tradebot start with a tripped kill switch', () => {
  test('it is refused at once with the remedy; nothing is set', () => {
    const { paths } = makeHome(temporaryHome());
    writeFileSync(paths.control.botState, 'stopped\n');
    writeFileSync(paths.lock.holder, JSON.stringify({ pid: process.pid, command: 'run', since: 'now' }));
    const kill = { kill_switch: { triggered: true, reason: 'DAILY_LOSS_LIMIT' } };
    writeFileSync(paths.output.statusMirror, JSON.stringify(kill));
    const refused = tradebotProcess(['start', '--home', paths.home]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('the kill switch has tripped (DAILY_LOSS_LIMIT)');
    expect(refused.err).toContain('tradebot reset kill-switch --reason');
    expect(existsSync(paths.control.flag('control_start.flag'))).toBe(false);
    writeFileSync(paths.output.statusMirror, JSON.stringify({ kill_switch: { triggered: false } }));
    expect(tradebotProcess(['start', '--home', paths.home]).code).toBe(0);
    expect(existsSync(paths.control.flag('control_start.flag'))).toBe(true);
  });
});
