import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { backUpServerJournal, type Backup } from '../../src/adapters/backup/back-up.js';
import { checkBackup } from '../../src/adapters/backup/restore.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { storedText } from '../../src/adapters/event-codec/codec.js';
import { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { SealKeys, verifySignature } from '../../src/adapters/seal-keys/seal-keys.js';
import { checkSeals } from '../../src/app/audit/check-seals.js';
import { surplusCopies } from '../../src/app/backup/retention.js';
import { proveEvent } from '../../src/app/audit/prove-event.js';
import { copyHomeJournal, lacksOf } from '../../src/composition/copy-home-journal.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import { proofFaults } from '../../src/domain/audit/proof.js';
import type { SignedSeal } from '../../src/domain/audit/seal.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { parseBotIdentity } from '../../src/kernel/identity.js';
import type { UtcText } from '../../src/kernel/time.js';
import type { Journal } from '../../src/ports/journal.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { fill, sealOver, signed } from '../unit/audit/support.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { BOT, START } from './support/journal-events.js';

const clock = new VirtualClock(START);
let double: EsdbDouble;
let journal: EsdbJournal;
let folder: string;

beforeEach(async () => {
  double = await EsdbDouble.start();
  journal = await EsdbJournal.open({ url: double.url, botIdentity: BOT, clock });
  folder = join(temporaryHome(), 'backups');
});
afterEach(async () => {
  await journal.close();
  double.stop();
});
afterAll(removeTemporaryHomes);

const backUp = (): Promise<Backup> => backUpServerJournal({ journal, identity: BOT, folder, pid: process.pid });

async function inCopy<T>({ path }: Backup, work: (copy: Journal) => Promise<T>): Promise<T> {
  const copy = SqliteJournal.open({ path, clock });
  try {
    return await work(copy);
  } finally {
    await copy.close();
  }
}

const placesOf = (events: readonly RecordedEvent[]): readonly string[] => events.map(storedText);

async function faultsOf(of: Journal, seal: SignedSeal, keys: SealKeys): Promise<readonly string[]> {
  const trust = { identity: BOT, publicKey: keys.knownPublicKey(), verifySignature };
  const [check] = await checkSeals(
    { journal: of, storedText },
    [{ source: 'x', signed: seal }],
    await of.verify(),
    trust,
  );
  return (check?.faults ?? []).map(({ code }) => code);
}

describe('a backup of a journal on a server (JRN-35)', () => {
  test('the copy is a checked journal file with the same texts in the same order, and no event of another bot', async () => {
    const other = await EsdbJournal.open({ url: double.url, botIdentity: parseBotIdentity('OTHER_US_SIM_B01'), clock });
    await fill(journal, 14);
    await fill(other, 5, 'other');
    await fill(journal, 9, 'later');
    await other.close();
    const made = await backUp();
    expect(made.manifest).toMatchObject({ botIdentity: BOT, count: 23, position: '0000000000000023' });
    expect(await checkBackup(made.path)).toMatchObject({ count: 23, hasManifest: true });
    const verified = await journal.verify();
    expect(verified).toMatchObject({ ok: true, count: 23, eventsDigest: made.manifest.eventsDigest });
    const here = await journal.readAll();
    await inCopy(made, async (copy) => {
      expect(await copy.verify()).toMatchObject({ ok: true, eventsDigest: made.manifest.eventsDigest });
      expect(placesOf(await copy.readAll())).toEqual(placesOf(here));
    });
    expect(await backUp()).toEqual(made);
  });

  test('a seal of the server holds in the copy and proves each event there, until a text differs', async () => {
    const dir = temporaryHome();
    const keys = new SealKeys({ privateKey: join(dir, 'a.key'), publicKey: join(dir, 'a.pub') });
    await fill(journal, 12);
    const seal = signed(await sealOver(journal), keys);
    await fill(journal, 4, 'later');
    const made = await backUp();
    const ofCopy = await inCopy(made, async (copy) => {
      expect(await faultsOf(copy, seal, keys)).toEqual([]);
      for (const { id } of (await copy.readAll({ limit: 12 })).filter((_event, index) => index % 4 === 0)) {
        expect(proofFaults(await proveEvent({ journal: copy, storedText }, id, seal))).toEqual([]);
      }
      return signed(await sealOver(copy, 'copy'), keys);
    });
    expect(await faultsOf(journal, ofCopy, keys)).toEqual([]);
    const short = { ...seal, seal: { ...seal.seal, count: 11 } };
    const wrong = { ...ofCopy, seal: { ...ofCopy.seal, position: '0000000000000015' as typeof seal.seal.position } };
    await inCopy(made, async (copy) => {
      expect(await faultsOf(copy, short, keys)).toEqual(['SEAL_FORGED', 'JOURNAL_REWRITTEN']);
      expect(await faultsOf(copy, wrong, keys)).toEqual(['SEAL_FORGED', 'JOURNAL_REWRITTEN']);
    });
  });

  test('a later backup continues a whole earlier copy, and makes a new one when all were changed', async () => {
    await fill(journal, 2_200);
    const first = await backUp();
    await fill(journal, 7, 'later');
    const readFrom: (string | undefined)[] = [];
    const watched = {
      readAll: (options: Parameters<Journal['readAll']>[0] = {}) => {
        if (options.direction !== 'backwards' && (options.limit ?? 0) > 1) readFrom.push(options.after);
        return journal.readAll(options);
      },
    };
    const options = { journal: watched, identity: BOT, folder, pid: process.pid };
    const second = await backUpServerJournal(options);
    expect(readFrom).toEqual([first.manifest.source?.position]);
    expect(second.manifest).toMatchObject({ count: 2_207 });
    expect(await journal.verify()).toMatchObject({ eventsDigest: second.manifest.eventsDigest });
    for (const { path } of [first, second]) {
      const db = new Database(path);
      db.exec(
        "DROP TRIGGER events_update_refused; UPDATE events SET body = replace(body, 'e7', 'e8') WHERE position = 8",
      );
      db.close();
    }
    await fill(journal, 1, 'last');
    readFrom.length = 0;
    const third = await backUpServerJournal(options);
    expect(readFrom[0]).toBeUndefined();
    expect(await checkBackup(third.path)).toMatchObject({ count: 2_208 });
  });

  test('a copy whose source others changed is marked, and says what it lacks; retention keeps one without a mark', async () => {
    await fill(journal, 6);
    const paths = homePaths(temporaryHome(), BOT);
    const copy = async (): Promise<Backup> => {
      const opened = await EsdbJournal.open({ url: double.url, botIdentity: BOT, clock });
      const options = { paths, identity: BOT, journal: opened, folder: paths.backups, pid: process.pid };
      return copyHomeJournal(options).finally(() => opened.close());
    };
    const whole = await copy();
    expect(whole.manifest.findings).toBeUndefined();
    const last = double.store.log.findLast(({ stream }) => stream.startsWith(BOT));
    if (last === undefined) throw new Error('there is no event');
    last.data = Buffer.from(`${last.data.toString()} `);
    const marked = await copy();
    expect(marked.manifest).toMatchObject({
      count: 5,
      findings: ['revision 2 of stream beta-1 does not match its hash'],
    });
    expect(await checkBackup(marked.path)).toMatchObject({ findings: marked.manifest.findings });
    mkdirSync(dirname(paths.storage.outageSpool), { recursive: true });
    writeFileSync(paths.storage.outageSpool, 'half a line');
    expect(lacksOf(marked.manifest, paths)).toEqual([
      expect.stringMatching(/^made from a damaged journal, without what is gone or not ours: /),
      expect.stringContaining(`11 bytes in ${paths.storage.outageSpool}`),
    ]);
    expect(
      surplusCopies([whole.manifest, { ...marked.manifest, createdAt: '2031-01-01T00:00:00.000Z' as UtcText }]),
    ).toEqual([]);
  });

  test('a copy of another server in the folder is not continued', async () => {
    await fill(journal, 6);
    const first = await backUp();
    const text = readFileSync(`${first.path}.json`, 'utf8').replace(
      /"position":"\d{20}-/,
      '"position":"09999999999999999999-',
    );
    writeFileSync(`${first.path}.json`, text);
    await fill(journal, 3, 'later');
    expect((await backUp()).manifest).toMatchObject({ count: 9 });
  });

  test('an event that does not fit its chain ends the backup; the older copies stay', async () => {
    await fill(journal, 6);
    const first = await backUp();
    await fill(journal, 6, 'later');
    const record = double.store.log[6];
    if (record !== undefined) double.store.log[6] = { ...record, data: Buffer.from('{"reason":"changed"}') };
    await expect(backUp()).rejects.toThrow();
    expect(readdirSync(folder)).toHaveLength(2);
    expect(await checkBackup(first.path)).toMatchObject({ count: 6 });
  });
});
