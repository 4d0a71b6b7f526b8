import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestAuthority } from '../support/certificates.js';
import type { EngineHome } from '../support/engine-home.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { provisionTestHome } from '../support/provision.js';
import { filesUnder } from '../unit/support/home.js';
import type { LiveBot } from './support/live-bot.js';
import * as program from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

let double: EsdbDouble;
let home: EngineHome;
let bot: LiveBot | undefined;
beforeAll(async () => {
  await program.buildOnce();
  double = await EsdbDouble.start();
});
afterEach(() => bot?.kill9());
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
    const running = made.bot;
    await startTrading(running, home);
    expect(shownByTheSystem().some((text) => text.includes(running.home))).toBe(true);
    expect(shownByTheSystem().filter((text) => text.includes(PASSWORD))).toEqual([]);
    const tradebot = (...args: readonly string[]): Promise<program.Ended> =>
      program.tradebot(...args, '--home', running.home);

    expect(await tradebot('settings', 'set', 'MAX_OPEN_POSITIONS=3')).toMatchObject({ code: 0, err: '' });
    expect(await tradebot('settings', 'get', 'JOURNAL_URL')).toMatchObject({ out: `JOURNAL_URL=${double.url}\n` });
    expect(await tradebot('verify')).toMatchObject({ code: 0 });
    expect(await tradebot('seal')).toMatchObject({ code: 0, err: '' });
    expect(await tradebot('float', 'inject', '1.50', '--reason', 'as agreed')).toMatchObject({ code: 0, err: '' });
    expect(await running.stop()).toBe(0);

    const events = await home.events();
    const orders = events.flatMap(({ type, data }) => (type === 'OrderIntended' ? [data.clientOrderId] : []));
    expect(new Set(orders).size).toBe(orders.length);
    expect(events.filter(({ type }) => type === 'ErrorRecorded' || type === 'ProcessCrashed')).toEqual([]);
    expect(await home.read((journal) => journal.verify())).toMatchObject({ ok: true, count: events.length });
    const everything = [
      ...Object.values(filesUnder(running.home)),
      ...running.said,
      JSON.stringify(events),
      ...double.store.log.map((record) => record.data.toString() + record.metadata.toString()),
    ];
    expect(everything.filter((text) => text.includes(PASSWORD))).toEqual([]);
  });

  test('a password that was changed on the server is given by a command, which tries it first', async () => {
    const authority = new TestAuthority();
    const caFile = join(program.scratchFolder(), 'ca.pem');
    writeFileSync(caFile, authority.certificate);
    const secured = await EsdbDouble.start({ tls: { ...authority.issue(['127.0.0.1']), caFile } });
    try {
      const user = { name: 'bot', password: 'first-word', groups: ['$admins'] };
      secured.users.push(user);
      const folder = program.scratchFolder();
      await provisionTestHome(folder, {
        settings: { JOURNAL_URL: secured.url.replace('://', '://bot:first-word@') },
      });
      secured.users[secured.users.indexOf(user)] = { ...user, password: 'second-word' };
      const login = async (password: string): Promise<program.Ended> => {
        const args = ['journal', 'login', '--user', 'bot', '--reason', 'changed on the server', '--home', folder];
        const child = program.startTradebot(args, 'pipe');
        child.stdin?.end(`${password}\n`);
        return program.ended(child);
      };
      const refused = { code: 1, err: expect.stringContaining('JOURNAL_ACCESS_DENIED') };
      expect(await program.tradebot('events', '--home', folder)).toMatchObject(refused);
      expect(await login('third-word')).toMatchObject(refused);
      const saved = await login('second-word');
      expect(saved).toMatchObject({ code: 0, err: '' });
      expect(saved.out).toContain('accepts bot: saved');
      expect(await program.tradebot('verify', '--home', folder)).toMatchObject({ code: 0 });
    } finally {
      secured.stop();
    }
  });
});
