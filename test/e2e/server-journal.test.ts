import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import type { EngineHome } from '../support/engine-home.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { filesUnder } from '../unit/support/home.js';
import type { LiveBot } from './support/live-bot.js';
import * as program from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

let double: EsdbDouble;
let home: EngineHome;
let bot: LiveBot;
beforeAll(async () => {
  await program.buildOnce();
  double = await EsdbDouble.start();
});
afterEach(() => bot.kill9());
afterAll(async () => {
  double.stop();
  await program.removeScratch();
});

const PASSWORD = 'correct-horse-battery';

/** What any user of the machine sees of the processes of the bot, and what their own user sees. */
function shownByTheSystem(): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => ['cmdline', 'environ'].map((file) => procFile(`/proc/${pid}/${file}`)));
}

function procFile(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

describe('a bot whose journal is on a server', () => {
  test('trades, saves a setting, verifies and seals; its password is shown nowhere', async () => {
    const url = double.url.replace('esdb://', `esdb://bot:${PASSWORD}@`);
    const made = await botInTheOpenWindow(program.scratchFolder(), 10, { JOURNAL_URL: url });
    [home, bot] = [made.home, made.bot];
    await startTrading(bot, home);
    expect(shownByTheSystem().some((text) => text.includes(bot.home))).toBe(true);
    expect(shownByTheSystem().filter((text) => text.includes(PASSWORD))).toEqual([]);
    const tradebot = (...args: readonly string[]): Promise<program.Ended> =>
      program.tradebot(...args, '--home', bot.home);

    expect(await tradebot('settings', 'set', 'MAX_OPEN_POSITIONS=3')).toMatchObject({ code: 0, err: '' });
    expect(await tradebot('settings', 'get', 'JOURNAL_URL')).toMatchObject({ out: `JOURNAL_URL=${double.url}\n` });
    expect(await tradebot('verify')).toMatchObject({ code: 0 });
    expect(await tradebot('seal')).toMatchObject({ code: 0, err: '' });
    expect(await tradebot('float', 'inject', '1.50', '--reason', 'as agreed')).toMatchObject({ code: 0, err: '' });
    expect(await bot.stop()).toBe(0);

    const events = await home.events();
    const orders = events.flatMap(({ type, data }) => (type === 'OrderIntended' ? [data.clientOrderId] : []));
    expect(new Set(orders).size).toBe(orders.length);
    expect(events.filter(({ type }) => type === 'ErrorRecorded' || type === 'ProcessCrashed')).toEqual([]);
    expect(await home.read((journal) => journal.verify())).toMatchObject({ ok: true, count: events.length });
    const everything = [
      ...Object.values(filesUnder(bot.home)),
      ...bot.said,
      JSON.stringify(events),
      ...double.store.log.map((record) => record.data.toString() + record.metadata.toString()),
    ];
    expect(everything.filter((text) => text.includes(PASSWORD))).toEqual([]);
  });
});
