import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { backUpServerJournal } from '../../src/adapters/backup/back-up.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { storedText } from '../../src/adapters/event-codec/codec.js';
import { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import { CopiedEvents } from '../../src/adapters/journal-sqlite/copied-events.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import type { ImportedEvent, ImportSource, Journal, VerifyResult } from '../../src/ports/journal.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { fill } from '../unit/audit/support.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { ALPHA, BOT, named, START } from './support/journal-events.js';

const clock = new VirtualClock(START);
let double: EsdbDouble;
let server: EsdbJournal;
let path: string;

beforeEach(async () => {
  double = await EsdbDouble.start();
  server = await EsdbJournal.open({ url: double.url, botIdentity: BOT, clock, attempts: 2, pauseMs: 1 });
  path = join(temporaryHome(), 'journal.db');
});
afterEach(async () => {
  await server.close();
  double.stop();
});
afterAll(removeTemporaryHomes);

/** A file with `count` events more, as the source of an import. */
async function source(count: number, prefix = 'e'): Promise<ImportSource & { readonly verified: VerifyResult }> {
  const file = SqliteJournal.open({ path, clock });
  await fill(file, count, prefix);
  const verified = await file.verify();
  await file.close();
  if (!verified.ok || verified.eventsDigest === undefined) throw new Error('the file is damaged');
  const events = new CopiedEvents(path);
  return { verified, count: verified.count, eventsDigest: verified.eventsDigest, all: () => events.all() };
}

const bring = (from: ImportSource, id = 'move-1'): Promise<void> =>
  server.relocation.importEvents(id, from, 'JournalMoved');
const textsOf = async (journal: Journal): Promise<readonly string[]> => (await journal.readAll()).map(storedText);

describe('events of a file on a server', () => {
  test('texts, ids and order are those of the file, and the way back gives the same file content', async () => {
    const from = await source(50);
    await bring(from);
    await server.relocation.finish('move-1');
    expect(await server.verify()).toMatchObject({ ok: true, count: 50, eventsDigest: from.eventsDigest });
    const file = SqliteJournal.open({ path, clock });
    expect(await textsOf(server)).toEqual(await textsOf(file));
    const head = await file.head();
    await file.close();
    const folder = join(temporaryHome(), 'back');
    const { manifest } = await backUpServerJournal({ journal: server, identity: BOT, folder, pid: 1 });
    expect(manifest).toMatchObject({ headHash: head?.hash, position: head?.position });
    await server.append(ALPHA, named(1, 'after'), { expectedRevision: 'any' });
    expect(await server.verify()).toMatchObject({ ok: true, count: 51 });
  });

  test('an import that was cut off at any append continues, and adds nothing twice', async () => {
    const from = await source(30);
    for (const cutAt of [1, 2, 3, 10, 29, 30]) {
      for (const fault of ['applied, then unavailable', 'unavailable'] as const) {
        function* all(): Generator<ImportedEvent> {
          let n = 0;
          for (const event of from.all()) {
            n += 1;
            if (n === cutAt) double.failNext('append', fault, fault);
            yield event;
          }
        }
        await bring({ ...from, all }).catch(() => undefined);
        double.clearFaults();
      }
    }
    expect(await server.relocation.note()).toMatchObject({ kind: 'started', id: 'move-1', count: 30 });
    await bring(from);
    expect(await server.verify()).toMatchObject({ ok: true, count: 30, eventsDigest: from.eventsDigest });
  });

  test('other events of the bot refuse the import and nothing is written', async () => {
    const from = await source(9);
    await server.append(ALPHA, named(2, 'own'), { expectedRevision: 'any' });
    const before = double.store.log.length;
    await expect(bring(from)).rejects.toMatchObject({ code: 'JOURNAL_NOT_EMPTY' });
    expect(double.store.log).toHaveLength(before);
  });

  test('the same events without an import that was begun refuse it too: a bot may live there', async () => {
    await fill(server, 6);
    const from = await source(9);
    await expect(bring(from)).rejects.toMatchObject({ code: 'JOURNAL_NOT_EMPTY', details: { common: 6 } });
    expect(await server.relocation.note()).toBeUndefined();
  });

  test('a journal that was moved away takes the longer journal back', async () => {
    await fill(server, 6);
    await server.relocation.markMoved('move-0', 'a file');
    expect(await server.relocation.note()).toEqual({ kind: 'moved', id: 'move-0', to: 'a file' });
    await source(6);
    const from = await source(5, 'later');
    await bring(from);
    await server.relocation.finish('move-1');
    expect(await server.verify()).toMatchObject({ ok: true, count: 11, eventsDigest: from.eventsDigest });
    await bring(from);
    expect(await server.relocation.note()).toEqual({ kind: 'finished', id: 'move-1' });
  });
});
