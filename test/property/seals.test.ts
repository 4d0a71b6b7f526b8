import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { SealKeys, verifySignature } from '../../src/adapters/seal-keys/seal-keys.js';
import { storedText } from '../../src/adapters/event-codec/codec.js';
import { checkSeals } from '../../src/app/audit/check-seals.js';
import type { SignedSeal } from '../../src/domain/audit/seal.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { SeededRandom } from '../../src/kernel/random.js';
import { BOT, START } from '../contract/support/journal-events.js';
import { fill, sealOver, signed } from '../unit/audit/support.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { bareJournal, mutated, rowsOf, writeRows, type Kind, type Row } from '../unit/support/mutations.js';

const SEALED = 21;
const ALL = 24;
const MUTATIONS = 600;

let dir: string;
let seal: SignedSeal;
let keys: SealKeys;
let bare: Buffer;
let original: readonly Row[];

beforeAll(async () => {
  dir = temporaryHome();
  const path = join(dir, 'journal.db');
  keys = new SealKeys({ privateKey: join(dir, 'a.key'), publicKey: join(dir, 'a.pub') });
  const journal = SqliteJournal.open({ path, clock: new VirtualClock(START) });
  await fill(journal, SEALED);
  seal = signed(await sealOver(journal), keys);
  await fill(journal, ALL - SEALED, 'later');
  await journal.close();
  const db = new Database(path, { readonly: true });
  original = rowsOf(db);
  db.close();
  bare = bareJournal(path);
});

afterAll(removeTemporaryHomes);

/** Findings of opening the file, verifying it and comparing it with the seal; empty when there are none. */
async function findings(rows: readonly Row[]): Promise<readonly string[]> {
  const path = join(dir, 'mutated.db');
  writeFileSync(path, bare);
  const db = new Database(path);
  writeRows(db, rows);
  db.close();
  let journal: SqliteJournal | undefined;
  try {
    journal = SqliteJournal.open({ path, clock: new VirtualClock(START) });
    const chain = await journal.verify();
    const trust = { identity: BOT, publicKey: keys.knownPublicKey(), verifySignature };
    const checks = await checkSeals({ journal, storedText }, [{ source: 'a file', signed: seal }], chain, trust);
    return [...(chain.ok ? [] : [chain.code]), ...checks.flatMap(({ faults }) => faults.map(({ code }) => code))];
  } catch (error) {
    if (error instanceof TradeBotError && error.kind === 'JournalError') return [error.code];
    throw error;
  } finally {
    await journal?.close();
  }
}

describe('a sealed journal', () => {
  test('an unchanged journal has no findings', async () => {
    expect(await findings(original)).toEqual([]);
  });

  test(`each of ${MUTATIONS} random changes under the seal is detected`, async () => {
    const seen = new Map<Kind, number>();
    for (let seed = 0; seed < MUTATIONS; seed += 1) {
      const { kind, rows } = mutated(SeededRandom.of('seals', seed), original, SEALED);
      if (JSON.stringify(rows.slice(0, SEALED)) === JSON.stringify(original.slice(0, SEALED))) continue;
      const found = await findings(rows);
      expect({ seed, kind, found: found.length > 0 }).toEqual({ seed, kind, found: true });
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual(['cut', 'delete', 'flip', 'insert', 'move', 'rewrite', 'swap']);
    expect(Math.min(...seen.values())).toBeGreaterThan(MUTATIONS / 20);
  });
});
