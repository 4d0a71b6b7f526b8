import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { positionNumber } from '../../src/adapters/journal-common/position.js';
import { PageReader } from '../../src/adapters/journal-sqlite/reader.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { verifyFile } from '../../src/adapters/journal-sqlite/verifier.js';
import { SealKeys, verifySignature } from '../../src/adapters/seal-keys/seal-keys.js';
import { storedText } from '../../src/adapters/event-codec/codec.js';
import { checkSeals } from '../../src/app/audit/check-seals.js';
import type { SignedSeal } from '../../src/domain/audit/seal.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { SeededRandom } from '../../src/kernel/random.js';
import type { Journal } from '../../src/ports/journal.js';
import { BOT, START } from '../contract/support/journal-events.js';
import { fill, sealOver, signed } from '../unit/audit/support.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { bareJournal, mutated, rowsOf, writeRows, type Row } from '../unit/support/mutations.js';

const SEALED = 11;
const ALL = 12;
/** Half of them changes of rows, half of them bytes of the file; TRADEBOT_SOAK_MUTATIONS makes it a shorter run. */
const MUTATIONS = Number(process.env['TRADEBOT_SOAK_MUTATIONS'] ?? 1_000_000);
const HOURS = 3_600_000;

let seal: SignedSeal;
let publicKey: string | undefined;
let bare: Buffer;
let image: Buffer;
let original: readonly Row[];
let names: string;

beforeAll(async () => {
  const dir = temporaryHome();
  const path = join(dir, 'journal.db');
  const keys = new SealKeys({ privateKey: join(dir, 'a.key'), publicKey: join(dir, 'a.pub') });
  const journal = SqliteJournal.open({ path, clock: new VirtualClock(START) });
  await fill(journal, SEALED);
  seal = signed(await sealOver(journal), keys);
  publicKey = keys.knownPublicKey();
  await fill(journal, ALL - SEALED, 'later');
  await journal.close();
  copyFileSync(path, join(dir, 'bare.db'));
  bare = bareJournal(join(dir, 'bare.db'));
  const db = new Database(path);
  db.pragma('journal_mode = DELETE');
  original = rowsOf(db);
  names = namesIn(db);
  image = db.serialize();
  db.close();
});

afterAll(removeTemporaryHomes);

function namesIn(db: Database.Database): string {
  return JSON.stringify([
    db.prepare('SELECT * FROM streams ORDER BY 1').raw().all(),
    db.prepare('SELECT * FROM types ORDER BY 1').raw().all(),
  ]);
}

/** The same checks as on a file, on a database that was never on a disk: a million of them are a matter of minutes. */
async function isGivenAway(db: Database.Database): Promise<boolean> {
  try {
    const chain = await verifyFile(db, undefined);
    if (!chain.ok) return true;
    const reader = new PageReader(db);
    const readAll: Journal['readAll'] = async ({ after, limit } = {}) =>
      reader.readPage(after === undefined ? 0 : positionNumber(after), undefined, limit ?? 1_000).events;
    const trust = { identity: BOT, publicKey, verifySignature };
    const [check] = await checkSeals(
      { journal: { readAll }, storedText },
      [{ source: 'memory', signed: seal }],
      chain,
      trust,
    );
    return check === undefined || check.faults.length > 0;
  } catch (error) {
    if (error instanceof TradeBotError && error.kind === 'JournalError') return true;
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_')) return true;
    throw error;
  }
}

/** Values only: SQLite treats `event_id` and `evenT_id` in a schema as equal. */
function valuesOf(rows: readonly Row[]): string {
  return JSON.stringify(rows.slice(0, SEALED).map((row): readonly unknown[] => Object.values(row)));
}

/** Sealed data is unchanged: the change hit an index, an unused byte, or unsealed data. */
function readsTheSame(db: Database.Database): boolean {
  try {
    return namesIn(db) === names && valuesOf(rowsOf(db)) === valuesOf(original);
  } catch {
    return false;
  }
}

describe('a million changes of a sealed journal', () => {
  test(
    'changed rows, covered up as well as possible: each is detected',
    async () => {
      let changes = 0;
      for (let seed = 0; changes < MUTATIONS / 2; seed += 1) {
        const { kind, rows } = mutated(SeededRandom.of('soak', seed), original, SEALED);
        if (JSON.stringify(rows.slice(0, SEALED)) === JSON.stringify(original.slice(0, SEALED))) continue;
        const db = new Database(bare);
        writeRows(db, rows);
        if (!(await isGivenAway(db))) expect({ seed, kind, found: false }).toEqual({ seed, kind, found: true });
        db.close();
        changes += 1;
      }
      expect(changes).toBeGreaterThan(0);
    },
    2 * HOURS,
  );

  test(
    'changed bytes anywhere in the file: each is detected or changes nothing that was sealed',
    async () => {
      let harmless = 0;
      for (let seed = 0; seed < MUTATIONS / 2; seed += 1) {
        const random = SeededRandom.of('bytes', seed);
        const bytes = Buffer.from(image);
        const at = random.integer(0, bytes.length);
        bytes[at] = bytes.readUInt8(at) ^ (1 << random.integer(0, 8));
        const found = await bytesGivenAway(bytes);
        if (found === 'harmless') harmless += 1;
        if (found === 'missed') expect({ seed, at, found }).toEqual({ seed, at, found: 'given away' });
      }
      expect(harmless).toBeLessThan(MUTATIONS / 2);
    },
    2 * HOURS,
  );
});

async function bytesGivenAway(bytes: Buffer): Promise<'given away' | 'harmless' | 'missed'> {
  let db: Database.Database;
  try {
    db = new Database(bytes);
  } catch {
    return 'given away';
  }
  try {
    if (await isGivenAway(db)) return 'given away';
    return readsTheSame(db) ? 'harmless' : 'missed';
  } finally {
    db.close();
  }
}
