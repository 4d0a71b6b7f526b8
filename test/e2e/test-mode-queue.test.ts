import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { writeTestFlag } from '../../src/adapters/flags/write-flag.js';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { EngineHome } from '../support/engine-home.js';
import { LiveBot, WorldClock } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';

/** Saturday, the day after a half day. */
const AFTER_A_HALF_DAY = '2026-11-28T03:00:00.000Z';
const LONG_MS = 300_000;

let bot: LiveBot;
beforeAll(buildOnce);
afterEach(async () => {
  await bot.kill9();
});
afterAll(removeScratch);

const consumed = async (home: EngineHome): Promise<readonly string[]> =>
  (await home.eventsOf('ControlFlagConsumed')).map(({ data }) => `${data.flag} ${data.outcome}: ${data.reason}`);

const runsOf = (events: readonly RecordedEvent[]): readonly string[] =>
  events.flatMap((event) =>
    event.type === 'TestRunStarted' || event.type === 'TestRunEnded' ? [`${event.type} ${event.data.test}`] : [],
  );

describe('flags and commands while a run is under way', () => {
  test('flags wait for each other, a start is held, a stop ends the run, and a restart refuses what is left', async () => {
    const folder = scratchFolder();
    const home = await EngineHome.make(folder, AFTER_A_HALF_DAY);
    bot = new LiveBot(folder, new WorldClock(AFTER_A_HALF_DAY, 1));
    await bot.start();
    await bot.until('idle');
    const { control } = home.made.base;
    const set = (name: Parameters<typeof writeTestFlag>[0]): string =>
      writeTestFlag(name, { control, clock: new SystemClock(), by: null });
    set('logging_format');
    await home.until('the first run', ({ type }) => type === 'TestRunStarted');
    set('logging_format');
    set('env_bot');
    writeFileSync(control.flag('control_start.flag'), '');
    await bot.eventually(
      'all have ended',
      async () => (await home.eventsOf('ControlFlagConsumed')).length === 4,
      LONG_MS,
    );
    const [first, ...rest] = await consumed(home);
    expect(first).toBe('test_mode_logging_format.flag obeyed: the run ended, all passed');
    expect(rest).toHaveLength(3);
    const lines = (await home.events()).flatMap((event) =>
      event.type === 'ControlFlagConsumed' && event.data.command === 'start' ? ['start'] : runsOf([event]),
    );
    const one = ['TestRunStarted logging_format', 'TestRunEnded logging_format'];
    expect(lines.slice(0, 2)).toEqual(one);
    expect(lines.indexOf('start')).toBeGreaterThan(1);
    expect(lines.filter((line) => line !== 'start')).toEqual([
      ...one,
      ...one,
      'TestRunStarted env_bot',
      'TestRunEnded env_bot',
    ]);

    set('all');
    await home.until('all', (event) => event.type === 'TestRunStarted' && event.data.test === 'all');
    set('ledger_schema');
    writeFileSync(control.flag('control_stop.flag'), '');
    await bot.until('stopped');
    await bot.eventually('the flags are gone', () => !existsSync(control.flag('test_mode_ledger_schema.flag')));
    await home.until('its end', (event) => event.type === 'TestRunEnded' && event.data.test === 'all');
    expect((await home.eventsOf('TestRunEnded')).at(-1)?.data).toMatchObject({ test: 'all', ok: false });
    expect((await home.eventsOf('ProcessCrashed')).map(({ data }) => data.process)).toEqual([]);
    expect((await consumed(home)).filter((line) => line.startsWith('test_mode_ledger_schema'))).toEqual([
      expect.stringContaining('refused: a stop was asked for'),
    ]);

    expect(await bot.stop()).toBe(0);
    const before = runsOf(await home.events()).length;
    writeFileSync(control.flag('test_mode.flag'), '');
    await bot.start();
    await bot.eventually('the flag is gone', () => !existsSync(control.flag('test_mode.flag')));
    expect((await consumed(home)).at(-1)).toBe('test_mode.flag refused: it was set before this start of TradeBot');
    expect(runsOf(await home.events())).toHaveLength(before);
    expect(await bot.stop()).toBe(0);
  });
});
