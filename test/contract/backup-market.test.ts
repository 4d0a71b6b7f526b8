import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { backUpJournal, type Backup } from '../../src/adapters/backup/back-up.js';
import { placeRecordings, recordingsNamedIn } from '../../src/adapters/backup/market-recordings.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { homePaths, type HomePaths } from '../../src/domain/home/home-paths.js';
import { STREAMS } from '../../src/events/streams.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { parseDateText } from '../../src/kernel/time.js';
import { BOT, START } from './support/journal-events.js';

const FIRST = parseDateText('2026-01-05');
const SECOND = parseDateText('2026-01-06');

let home: string;
let paths: HomePaths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'backup-market-'));
  paths = homePaths(home, BOT);
  mkdirSync(paths.storage.market, { recursive: true });
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Records a day: the file of the home and its event. */
async function record(date: typeof FIRST, text: string): Promise<void> {
  const path = paths.marketRecording(date);
  writeFileSync(path, gzipSync(text));
  const clock = new VirtualClock(START);
  const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock });
  const appender = new EventAppender({ journal, identity: BOT, clock, actor: 'system:engine' });
  const data = { date, name: `${date}.csv.gz`, bars: 1, quotes: 1, sha256: sha256Hex(text), findings: {} };
  await appender.append(STREAMS.reporting, [
    { type: 'MarketDataRecorded', data, correlationId: date, causationId: null },
  ]);
  await journal.close();
}

const backUp = (folder: string): Promise<Backup> =>
  backUpJournal({ journal: paths.storage.journalDb, folder, pid: process.pid, market: paths });
const marketIn = (folder: string): readonly string[] => readdirSync(join(folder, 'market'));

describe('recordings of market data in a backup (JRN-35)', () => {
  test('each recording is kept once for all backups of a folder, and linked from one that has it already', async () => {
    await record(FIRST, 'one');
    const first = await backUp(paths.sessionBackups);
    const [name = ''] = marketIn(paths.sessionBackups);
    expect(name).toBe(`${FIRST}_${sha256Hex('one')}.csv.gz`);
    const kept = statSync(join(paths.sessionBackups, 'market', name));
    expect(first.manifest.recordings).toEqual({ count: 1, bytes: kept.size, missing: [] });
    await record(SECOND, 'two');
    await backUp(paths.sessionBackups);
    expect(marketIn(paths.sessionBackups)).toHaveLength(2);
    expect(statSync(join(paths.sessionBackups, 'market', name)).ino).toBe(kept.ino);
    await backUp(paths.backups);
    expect(statSync(join(paths.backups, 'market', name)).ino).toBe(kept.ino);
    // what the home has may be overwritten in place: a backup does not share its bytes
    expect(statSync(paths.marketRecording(FIRST)).ino).not.toBe(kept.ino);
  });

  test('a recording that is gone or altered is named, and the journal is copied all the same', async () => {
    await record(FIRST, 'one');
    await record(SECOND, 'two');
    rmSync(paths.marketRecording(FIRST));
    writeFileSync(paths.marketRecording(SECOND), gzipSync('three'));
    const { manifest } = await backUp(paths.backups);
    expect(manifest).toMatchObject({ count: 2, recordings: { count: 0, bytes: 0, missing: [FIRST, SECOND] } });
    expect(marketIn(paths.backups)).toEqual([]);
  });

  test('a restore places what the home lacks, checks it, and moves another recording of the day aside', async () => {
    await record(FIRST, 'one');
    await record(SECOND, 'two');
    const { path } = await backUp(paths.backups);
    const named = recordingsNamedIn(path);
    const aside = join(home, 'aside');
    rmSync(paths.marketRecording(FIRST));
    writeFileSync(paths.marketRecording(SECOND), gzipSync('later'));
    expect(placeRecordings(named, path, paths)).toEqual([SECOND]);
    expect(placeRecordings(named, path, paths, aside)).toEqual([]);
    expect(readFileSync(join(aside, `${SECOND}.csv.gz`)).equals(gzipSync('later'))).toBe(true);

    rmSync(paths.marketRecording(FIRST));
    for (const name of marketIn(paths.backups)) writeFileSync(join(paths.backups, 'market', name), 'damaged');
    expect(placeRecordings(named, path, paths, aside)).toEqual([FIRST]);
    expect(readdirSync(paths.storage.market)).toEqual([`${SECOND}.csv.gz`]);
  });
});
