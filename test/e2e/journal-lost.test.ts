import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { newestSavedJournal } from '../../src/adapters/journal-sqlite/saved-journal.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { epochMs } from '../../src/kernel/time.js';
import type { EngineHome } from '../support/engine-home.js';
import type { LiveBot } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder, tradebot } from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

let bot: LiveBot;
beforeAll(buildOnce);
afterEach(async () => {
  await bot.kill9();
});
afterAll(removeScratch);

async function trading(): Promise<EngineHome> {
  const made = await botInTheOpenWindow(`${scratchFolder()}/home`, 60);
  bot = made.bot;
  await startTrading(bot, made.home);
  return made.home;
}

async function eventsIn(path: string): Promise<readonly RecordedEvent[]> {
  const journal = SqliteJournal.open({ path, clock: new VirtualClock(epochMs(0)) });
  try {
    expect((await journal.verify()).ok).toBe(true);
    return await journal.readAll();
  } finally {
    await journal.close();
  }
}

/** Every position that was opened is closed, nothing was entered after the loss, and the bot ended in error. */
function expectFlat(events: readonly RecordedEvent[], before: number): void {
  const count = (type: RecordedEvent['type']): number => events.filter((event) => event.type === type).length;
  expect(count('PositionOpened')).toBeGreaterThan(0);
  expect(count('PositionClosed')).toBe(count('PositionOpened'));
  const after = events.slice(before).flatMap((event) => (event.type === 'BotStateChanged' ? [event.data.to] : []));
  expect(after).toEqual(expect.arrayContaining(['emergency_closing_positions', 'stopped', 'error']));
  const halted = events.findIndex(
    (event) => event.type === 'BotStateChanged' && event.data.to === 'emergency_closing_positions',
  );
  const entries = events
    .slice(halted)
    .filter((event) => event.type === 'OrderIntended' && event.data.purpose === 'entry');
  expect(entries).toEqual([]);
}

describe('the journal of a bot with open positions is lost (books/17)', () => {
  test.each<[string, string, (journalDb: string) => void]>([
    [
      'rm journal.db*',
      'was removed',
      (path) => ['', '-wal', '-shm'].forEach((end) => rmSync(path + end, { force: true })),
    ],
    [
      'mv of another file over it',
      'was replaced by another file',
      (path) => {
        writeFileSync(`${path}.other`, 'notes of somebody else');
        renameSync(`${path}.other`, path);
      },
    ],
  ])('%s: positions are closed, the bot is in error, and no event is lost', async (_what, says, lose) => {
    const home = await trading();
    const { journalDb } = home.made.paths.storage;
    const before = await home.events();
    lose(journalDb);
    expect(await bot.until('error')).toBe('error');
    const left = existsSync(journalDb) ? readFileSync(journalDb, 'utf8') : undefined;
    expect(bot.printed).toContain(says);
    await bot.eventually('the remedy', () => bot.printed.includes('tradebot restore'));
    expect(bot.printed).toMatch(/The bot ends in error: .*tradebot restore .*; everything was closed/);
    const health = await bot.call('GET', '/api/health');
    expect(health.text).not.toContain('"overall":"OK"');
    expect(await bot.stop()).toBe(0);
    expect(existsSync(journalDb) ? readFileSync(journalDb, 'utf8') : undefined).toBe(left);
    const saved = newestSavedJournal(journalDb) ?? '';
    expect(readdirSync(home.made.paths.storage.journalDir).filter((name) => name.includes('.saved-'))).toHaveLength(1);
    const events = await eventsIn(saved);
    expect(events.slice(0, before.length)).toEqual(before);
    expectFlat(events, before.length);
    const refused = await tradebot('run', '--home', home.made.paths.home, '--port', '0');
    expect(refused.code).not.toBe(0);
    const restored = await tradebot(
      'restore',
      saved,
      '--home',
      home.made.paths.home,
      '--yes',
      '--reason',
      'it was lost',
    );
    expect({ code: restored.code, err: restored.err }).toMatchObject({ code: 0 });
    const again = await eventsIn(journalDb);
    expect(again.slice(0, events.length)).toEqual(events);
    expect((await tradebot('verify', '--home', home.made.paths.home)).code).toBe(0);
  });

  test('its folder is renamed: positions are closed, and everything is there when it is moved back', async () => {
    const home = await trading();
    const { home: folder, storage } = home.made.paths;
    const before = await home.events();
    renameSync(folder, `${folder}-elsewhere`);
    await bot.eventually('the loss is reported', () => bot.printed.includes('move the folder back'));
    await bot.until('error');
    await bot.stop();
    rmSync(folder, { recursive: true, force: true });
    renameSync(`${folder}-elsewhere`, folder);
    expectFlat(await eventsIn(storage.journalDb), before.length);
    expect((await tradebot('verify', '--home', folder)).code).toBe(0);
  });

  test('with main gone the engine closes the positions and saves the journal itself', async () => {
    const home = await trading();
    const { journalDb } = home.made.paths.storage;
    process.kill(bot.pid!, 'SIGSTOP');
    ['', '-wal', '-shm'].forEach((end) => rmSync(journalDb + end, { force: true }));
    // the engine has a second to look, and closes within the next ones
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    process.kill(bot.pid!, 'SIGKILL');
    await bot.eventually('a saved journal', () => newestSavedJournal(journalDb) !== undefined, 30_000);
    const events = await eventsIn(newestSavedJournal(journalDb) ?? '');
    const reasons = events.flatMap((event) =>
      event.type === 'BotStateChanged' && event.data.to === 'emergency_closing_positions' ? [event.data.reason] : [],
    );
    expect(reasons.join()).toContain('the journal is lost');
  });
});
