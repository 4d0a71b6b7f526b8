import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basePaths } from '../../../src/domain/home/home-paths.js';
import { controlProgram } from './control-program.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { makeHome, tradebot } from './support.js';

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
    const { code, out, err } = tradebot(['status', '--home', home]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`${home}: not set up yet`);
    expect(out).toMatch(/running +not running\n +state +initialize\n/);
    expect(JSON.parse(tradebot(['status', '--home', home, '--json']).out)).toEqual({
      ok: true,
      home,
      identity: null,
      running: null,
      engine: null,
      state: 'initialize',
      status: null,
    });
  });

  test('critical findings are printed with their reasons and set the exit code', () => {
    const { paths } = makeHome(temporaryHome());
    const shown = { overall: { status: 'Critical', reasons: ['the journal is 9 s late'] }, open_positions: [POSITION] };
    writeFileSync(paths.output.statusMirror, JSON.stringify(shown));
    writeFileSync(paths.control.botState, 'monitoring\n');
    const { code, out } = tradebot(['status', '--home', paths.home]);
    expect(code).toBe(3);
    expect(out).toContain('not running (stopped unexpectedly). Last known state:');
    expect(out).toContain('Critical: the journal is 9 s late');
    expect(out).toContain('AIG long 2 at 48.89, strategy open, stop 48.01');
  });

  test('it shows the important figures and leaves out missing or healthy parts', () => {
    const lines = (status: object): Readonly<Record<string, string>> =>
      Object.fromEntries(controlProgram.statusLines({ ...status }));
    expect(lines({})).toEqual({});
    expect(lines({ overall: 'OK', session: null, daily: 7, open_positions: 'none', kill_switch: [] })).toEqual({});
    expect(
      lines({
        as_of: { position: '07', time: '2013-10-07T14:00:00.000Z' },
        overall: { status: 'OK', reasons: [] },
        session: { state: 'OPEN', date: '2013-10-07', phase: 'open', opens_at: 'A', closes_at: 'B' },
        daily: { PnL: '-1.20' },
        open_positions: [],
        kill_switch: { armed: true, triggered: true, since: 'C', reason: 'by hand' },
        broker: { state: 'ok' },
        market_data: { state: 'down', since: 'D', reason: 'silent' },
        defense_mode: { active: false },
      }),
    ).toEqual({
      overall: 'OK',
      session: 'OPEN 2013-10-07, strategy open, from A to B',
      'P&L today': '-1.20',
      positions: 'none',
      'kill switch': 'triggered since C: by hand',
      'market data': 'down since D: silent',
      'as of': '2013-10-07T14:00:00.000Z',
    });
  });
});
