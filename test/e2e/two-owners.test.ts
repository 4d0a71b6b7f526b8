import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { processesOf } from '../../src/adapters/home/running-processes.js';
import { builtPrograms } from '../../src/processes/main/programs.js';
import type { EngineHome } from '../support/engine-home.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { eventually } from '../support/eventually.js';
import { LiveBot } from './support/live-bot.js';
import { buildOnce, ended, removeScratch, ROOT, scratchFolder, startTradebot } from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

const PROGRAMS = Object.values(builtPrograms(ROOT)).map(({ file }) => file);

let double: EsdbDouble;
const bots: LiveBot[] = [];

beforeAll(async () => {
  await buildOnce();
  double = await EsdbDouble.start();
});
afterEach(async () => {
  for (const bot of bots) {
    await bot.kill9();
    for (const pid of processesOf(bot.home, PROGRAMS)) process.kill(pid, 'SIGKILL');
    await eventually('all processes are gone', () => processesOf(bot.home, PROGRAMS).length === 0);
  }
});
afterAll(async () => {
  double.stop();
  await removeScratch();
});

/** What the account of a home was asked to do, by its broker. */
function requestsOf(home: EngineHome): number {
  const db = new Database(home.made.paths.storage.simBrokerDb, { readonly: true });
  try {
    return db.prepare<[], number>('SELECT count(*) FROM requests').pluck().get() ?? 0;
  } finally {
    db.close();
  }
}

/** What the owner of a copy does first: the account of the simulated broker is in no journal, and this copy is from before it traded. */
function copyAccount(from: string, to: string): void {
  const account = join('storage', 'sim-broker');
  cpSync(join(from, account), join(to, account), { recursive: true, force: true });
}

async function takenBy(home: EngineHome): Promise<readonly string[]> {
  const taken = await home.eventsOf('OwnershipTaken');
  return taken.map(({ data }) => `${data.number} ${data.how} ${data.owner.home}`);
}

describe('two homes of one identity on one server (JRN-9, E1)', () => {
  test('the second is refused, takes over a frozen owner, and that one halts before its next order', async () => {
    const folder = scratchFolder();
    const [first, copy] = [join(folder, 'first'), join(folder, 'copy')];
    mkdirSync(first);
    const made = await botInTheOpenWindow(first, 4, { JOURNAL_URL: double.url });
    const { home, bot } = made;
    bots.push(bot);
    cpSync(first, copy, { recursive: true, verbatimSymlinks: true });
    await startTrading(bot, home);
    expect((await takenBy(home)).map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual([
      '1 first',
      '2 restart',
    ]);

    const refused = await ended(startTradebot(['run', '--home', copy, '--port', '0', ...bot.clock.args()]));
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('OWNED_ELSEWHERE') });
    expect(refused.err).toContain(first);

    const frozen = [bot.pid ?? 0, ...processesOf(first, PROGRAMS)];
    for (const pid of frozen) process.kill(pid, 'SIGSTOP');
    const before = requestsOf(home);
    copyAccount(first, copy);
    const second = new LiveBot(copy, bot.clock);
    bots.push(second);
    await second.start();
    expect(second.printed).toContain('is taken over when that owner confirms nothing for 15 s');
    await home.until(
      'its engine',
      ({ type, data }) => type === 'OwnershipTaken' && 'number' in data && data.number === 4,
    );
    expect((await takenBy(home)).slice(2)).toEqual([`3 lease ${copy}`, `4 restart ${copy}`]);

    for (const pid of frozen) process.kill(pid, 'SIGCONT');
    await bot.eventually('the first ends', () => processesOf(first, PROGRAMS).length === 0);
    await bot.eventually('it says who owns the bot', () => bot.printed.includes('OWNERSHIP_LOST'));
    expect(bot.printed).toContain(copy);
    await bot.eventually('main ends', () => !existsSync(`/proc/${frozen[0]}`));
    expect(await bot.stop()).toBe(1);
    expect(requestsOf(home)).toBe(before);
    const orders = (await home.eventsOf('OrderIntended')).map(({ data }) => data.clientOrderId);
    expect(new Set(orders).size).toBe(orders.length);
    expect((await home.states()).filter((state) => state === 'error')).toEqual([]);
    expect(await home.read((journal) => journal.verify())).toMatchObject({ ok: true });
  });
});
