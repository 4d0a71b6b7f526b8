import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { processesOf } from '../../src/adapters/home/running-processes.js';
import type { SideLine } from '../../src/app/break-glass/side-line.js';
import { startChild } from '../contract/support/children.js';
import { copyTree } from '../support/copy-tree.js';
import { EngineHome } from '../support/engine-home.js';
import { eventually } from '../support/eventually.js';
import { LiveBot, WorldClock } from './support/live-bot.js';
import { buildOnce, removeScratch, ROOT, scratchFolder, tradebot } from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

const ENGINE = `${ROOT}/dist/program/engine-process.js`;
/** A projector that outlives main for two seconds would change the home while it is copied. */
const CHILDREN = [ENGINE, ...['projector', 'web', 'worker'].map((name) => `${ROOT}/dist/program/${name}-process.js`)];

let bot: LiveBot;
let folder: string;
/** A home with an open position whose bot was killed, every process of it; each test works on a copy. */
let killed: string;
let killedAt: Date;
beforeAll(async () => {
  await buildOnce();
  killed = scratchFolder();
  const { bot: first, home } = await botInTheOpenWindow(killed, 60);
  try {
    await startTrading(first, home);
  } finally {
    await first.kill9();
  }
  killedAt = first.clock.now();
  for (const pid of processesOf(killed, CHILDREN)) process.kill(pid, 'SIGKILL');
  await eventually('its processes are gone', () => processesOf(killed, CHILDREN).length === 0);
});
afterEach(() => bot.kill9());
afterAll(removeScratch);

function killedHome(): EngineHome {
  folder = `${scratchFolder()}/home`;
  copyTree(killed, folder);
  bot = new LiveBot(folder, new WorldClock(killedAt.toISOString(), 60));
  return EngineHome.at(folder);
}

/** Damages the journal in a copy's place; returns how to put the sound one back. */
function damage(journalDb: string): () => void {
  const db = new Database(journalDb);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  copyFileSync(journalDb, `${journalDb}.sound`);
  writeFileSync(journalDb, Buffer.alloc(65_536, 7));
  return () => {
    for (const end of ['-wal', '-shm']) rmSync(`${journalDb}${end}`, { force: true });
    copyFileSync(`${journalDb}.sound`, journalDb);
  };
}

function sideLines(dir: string): readonly SideLine[] {
  return readdirSync(dir).flatMap((name) =>
    readFileSync(join(dir, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as SideLine),
  );
}

const intents = (lines: readonly SideLine[]): readonly string[] =>
  lines.flatMap(({ fact }) => (fact.kind === 'intended' ? [fact.clientOrderId] : []));

describe('a kill while the journal is damaged', () => {
  test('everything is closed with the broker alone, once, and the journal has it after its repair', async () => {
    const home = killedHome();
    const { storage, control } = home.made.paths;
    const held = [...(await home.state()).positions.values()].filter(({ quantity }) => !quantity.isZero());
    const repair = damage(storage.journalDb);

    expect((await tradebot('kill', '--home', folder)).out).toMatch(/queued/);
    const run = ['run', '--home', folder, '--port', '0'] as const;
    const first = await tradebot(...run, ...bot.clock.args());
    expect([first.code === 0, first.err]).toEqual([false, expect.stringContaining('closed with the broker alone')]);
    const last = JSON.parse(readFileSync(control.lastCommand, 'utf8')) as object;
    expect(last).toMatchObject({ command: 'kill', outcome: 'closed_without_journal', open: [] });
    expect(existsSync(control.flag('control_kill.flag'))).toBe(true);
    const sent = intents(sideLines(storage.breakGlass));
    // an entry whose fill the bot did not see any more is closed too
    expect(sent.length).toBeGreaterThanOrEqual(held.length);

    await tradebot(...run, ...bot.clock.args());
    expect(intents(sideLines(storage.breakGlass))).toEqual(sent);

    repair();
    await bot.start();
    await home.until('stopped', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');
    await eventually('the flag is consumed', () => !existsSync(control.flag('control_kill.flag')));
    const state = await home.state();
    expect([...state.positions.values()].filter(({ quantity }) => !quantity.isZero())).toEqual([]);
    const [imported] = await home.eventsOf('BreakGlassImported');
    expect(imported?.data).toMatchObject({ orders: sent, unmatched: [], open: [] });
    const exits = (await home.eventsOf('OrderIntended')).filter(({ data }) => sent.includes(data.clientOrderId));
    expect(exits.map(({ data }) => [data.purpose, data.exitReason])).toEqual(sent.map(() => ['exit', 'kill']));
    const filled: readonly string[] = (await home.eventsOf('OrderFilled')).map(({ data }) => data.clientOrderId);
    expect(sent.every((id) => filled.includes(id))).toBe(true);
    expect((await home.eventsOf('ControlFlagConsumed')).map(({ data }) => data.outcome)).toEqual(['obeyed']);
    expect(await bot.stop()).toBe(0);
    expect((await home.eventsOf('BreakGlassImported')).length).toBe(1);
  });

  test('another process holds the journal when main starts: everything is closed, and the journal has it later', async () => {
    const home = killedHome();
    const { storage, control } = home.made.paths;
    const holder = startChild('test/e2e/support/hold-lock.ts', storage.journalDb);
    if (holder.stdout !== null) await once(holder.stdout, 'data');
    await tradebot('kill', '--home', folder);
    const first = await tradebot('run', '--home', folder, '--port', '0', ...bot.clock.args());
    expect([first.code === 0, first.err]).toEqual([false, expect.stringContaining('closed with the broker alone')]);
    expect(JSON.parse(readFileSync(control.lastCommand, 'utf8'))).toMatchObject({ outcome: 'closed_without_journal' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');

    await bot.start();
    await home.until('stopped', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');
    await eventually('the flag is consumed', () => !existsSync(control.flag('control_kill.flag')));
    const { positions } = await home.state();
    expect([...positions.values()].filter(({ quantity }) => !quantity.isZero())).toEqual([]);
    expect((await home.eventsOf('ControlFlagConsumed')).map(({ data }) => data.outcome)).toEqual(['obeyed']);
  });

  test('what it cannot reach is listed as not known, and nothing is called obeyed', async () => {
    const home = killedHome();
    const { storage, control } = home.made.paths;
    damage(storage.journalDb);
    rmSync(storage.simWorld);
    await tradebot('kill', '--home', folder);
    await tradebot('run', '--home', folder, '--port', '0', ...bot.clock.args());
    const last = JSON.parse(readFileSync(control.lastCommand, 'utf8')) as object;
    expect(last).toMatchObject({ outcome: 'open_without_journal', open: [expect.stringMatching(/not known/)] });
    expect(existsSync(control.flag('control_kill.flag'))).toBe(true);
  });
});
