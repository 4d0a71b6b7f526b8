import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { storedText } from '../../src/adapters/event-codec/codec.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { moveJournal, type MoveOrder } from '../../src/composition/move-journal.js';
import { openHomeJournal } from '../../src/composition/open-home-journal.js';
import { openJournal } from '../../src/composition/open-journal.js';
import { ownBot } from '../../src/composition/own-bot.js';
import { EMBEDDED, type JournalAddress } from '../../src/domain/config/journal-address.js';
import { homePaths, type HomePaths } from '../../src/domain/home/home-paths.js';
import type { Journal } from '../../src/ports/journal.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { fill } from '../unit/audit/support.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { ALPHA, BOT, named, START } from './support/journal-events.js';

const clock = new VirtualClock(START);
let double: EsdbDouble;
let server: JournalAddress;
let paths: HomePaths;

beforeEach(async () => {
  double = await EsdbDouble.start();
  server = { url: double.url };
  paths = homePaths(temporaryHome(), BOT);
  await at(EMBEDDED, (journal) => fill(journal, 25));
});
afterEach(() => double.stop());
afterAll(removeTemporaryHomes);

async function at<T>(address: JournalAddress, work: (journal: Journal) => Promise<T>): Promise<T> {
  const journal = await openJournal(address, { journalDb: paths.storage.journalDb, botIdentity: BOT, clock });
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

const saved: string[] = [];
const order = (from: JournalAddress, to: JournalAddress, onStep?: (step: string) => void): MoveOrder => ({
  ...{ paths, identity: BOT, clock, pid: process.pid, from, to, account: 'trader', reason: 'a test' },
  saveAddress: () => Promise.resolve(void saved.push(to.url)),
  ...(onStep === undefined ? {} : { onStep }),
});

const textsOf = (address: JournalAddress): Promise<readonly string[]> =>
  at(address, async (journal) => (await journal.readAll()).map(storedText));
const openToUse = async (address: JournalAddress): Promise<void> =>
  (await openHomeJournal({ paths, identity: BOT, clock, address })).close();

describe('a move of a journal (JRN-6)', () => {
  test('to a server, on to another one, and back: texts, ids and order stay, and each earlier journal is closed', async () => {
    const other = await EsdbDouble.start();
    const second = { url: other.url };
    try {
      const before = await textsOf(EMBEDDED);
      const bytes = readFileSync(paths.storage.journalDb);
      const there = await moveJournal(order(EMBEDDED, server));
      expect(await textsOf(server)).toEqual([...before, expect.stringContaining('"type":"JournalMoved"')]);
      expect(readFileSync(join(there.folder, 'journal.db')).equals(bytes)).toBe(true);
      await expect(openToUse(EMBEDDED)).rejects.toMatchObject({ code: 'JOURNAL_MOVED' });
      await at(server, (journal) => journal.append(ALPHA, named(3, 'there'), { expectedRevision: 'any' }));
      await moveJournal(order(server, second));
      await expect(openToUse(server)).rejects.toMatchObject({ code: 'JOURNAL_MOVED' });
      const onSecond = await textsOf(second);
      expect(onSecond).toEqual([...(await textsOf(server)), expect.stringContaining('"type":"JournalMoved"')]);
      const back = await moveJournal(order(second, EMBEDDED));
      expect(back.facts.count).toBe(onSecond.length);
      expect(await textsOf(EMBEDDED)).toEqual([...onSecond, expect.stringContaining('"type":"JournalMoved"')]);
      await openToUse(EMBEDDED);
      await moveJournal(order(EMBEDDED, server));
      await openToUse(server);
      expect((await textsOf(server)).slice(0, -1)).toEqual([...onSecond, expect.stringContaining(back.facts.moveId)]);
    } finally {
      other.stop();
    }
  });

  test.each([
    ['to a server', true],
    ['back into the home', false],
  ])('%s: cut off after any step, the journal is the old one or the same command finishes it', async (_name, out) => {
    if (!out) await moveJournal(order(EMBEDDED, server));
    const [from, to] = out ? [EMBEDDED, server] : [server, EMBEDDED];
    const before = await textsOf(from);
    const steps: string[] = [];
    const reached = new Set<string>();
    for (let cuts = 0; cuts < 20; cuts += 1) {
      let isCut = false;
      const cut = (step: string): void => {
        if (isCut || reached.has(step)) return;
        isCut = true;
        reached.add(step);
        steps.push(step);
        throw new Error(`cut off ${step}`);
      };
      const ended = await moveJournal(order(from, to, cut)).catch((error: unknown) => error);
      if (!(ended instanceof Error)) break;
      const decided = existsSync(paths.storage.moveNote);
      expect(decided).toBe(steps.length > 1);
      if (decided) await expect(openToUse(from)).rejects.toMatchObject({ code: 'MOVE_UNFINISHED' });
      else await openToUse(from);
    }
    expect(steps).toEqual(expect.arrayContaining(['after the events', 'after the decision', 'after the settings']));
    expect(await textsOf(to)).toEqual([...before, expect.stringContaining('"type":"JournalMoved"')]);
    await openToUse(to);
    expect(saved.at(-1)).toBe(to.url);
  });

  test('a decided move is finished to its own target only', async () => {
    const cut = (step: string): void => {
      if (step === 'after the decision') throw new Error('cut off');
    };
    await expect(moveJournal(order(EMBEDDED, server, cut))).rejects.toThrow('cut off');
    const other = { url: 'esdb://127.0.0.1:9?tls=false' };
    await expect(moveJournal(order(EMBEDDED, other))).rejects.toMatchObject({ code: 'MOVE_UNFINISHED' });
  });

  test('a server that has other events of the bot refuses, and the home keeps its journal', async () => {
    await at(server, (journal) => journal.append(ALPHA, named(1, 'own'), { expectedRevision: 'any' }));
    await expect(moveJournal(order(EMBEDDED, server))).rejects.toMatchObject({ code: 'JOURNAL_NOT_EMPTY' });
    await openToUse(EMBEDDED);
  });

  test('another home that owns the bot keeps its journal until it has ended', async () => {
    await moveJournal(order(EMBEDDED, server));
    await at(server, async (journal) => {
      const { pid } = process;
      const other = { address: server, paths: { home: temporaryHome() }, identity: BOT, journal, clock, pid };
      const owner = await ownBot({ ...other, actor: 'system:main' });
      await expect(moveJournal(order(server, EMBEDDED))).rejects.toMatchObject({
        code: 'OWNED_ELSEWHERE',
        message: expect.stringContaining(other.paths.home),
      });
      await openToUse(server);
      await owner?.end('it is moved');
    });
    await moveJournal(order(server, EMBEDDED));
    await openToUse(EMBEDDED);
  });

  test('a bot that writes to the server during the move refuses it', async () => {
    await moveJournal(order(EMBEDDED, server));
    const late = await openJournal(server, { journalDb: '', botIdentity: BOT, clock });
    const writes: Promise<unknown>[] = [];
    const write = (step: string): void => {
      if (step === 'after the events') writes.push(Promise.resolve());
    };
    const moving = moveJournal({
      ...order(server, EMBEDDED, write),
      onProgress: () => void writes.push(late.append(ALPHA, named(1, 'late'), { expectedRevision: 'any' })),
    });
    await expect(moving).rejects.toMatchObject({ code: expect.stringMatching(/JOURNAL_IN_USE|MOVE_DIFFERS/) });
    await Promise.all(writes);
    await late.close();
    await openToUse(server);
  });

  test('a changed text in the earlier journal ends the move before anything is moved', async () => {
    const file = SqliteJournal.open({ path: paths.storage.journalDb, clock });
    await file.close();
    await moveJournal(order(EMBEDDED, server));
    const record = double.store.log[4];
    if (record !== undefined) double.store.log[4] = { ...record, data: Buffer.from('{"reason":"x"}') };
    await expect(moveJournal(order(server, EMBEDDED))).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    expect(existsSync(paths.storage.moveNote)).toBe(false);
  });
});
