import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { SealKeys, verifySignature } from '../../../src/adapters/seal-keys/seal-keys.js';
import { storedText } from '../../../src/adapters/event-codec/codec.js';
import { checkSeals, type SealCheck } from '../../../src/app/audit/check-seals.js';
import type { SignedSeal } from '../../../src/domain/audit/seal.js';
import { parseBotIdentity } from '../../../src/kernel/identity.js';
import { BOT, START } from '../../contract/support/journal-events.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { rechain, unlocked } from '../support/tampering.js';
import { fill, sealOver, signed } from './support.js';

const EARLY = 12;
const LATE = 30;
const ALL = 33;

let original: string;
let keys: SealKeys;
let early: SignedSeal;
let late: SignedSeal;

beforeAll(async () => {
  const dir = temporaryHome();
  original = join(dir, 'journal.db');
  keys = new SealKeys({ privateKey: join(dir, 'a.key'), publicKey: join(dir, 'a.pub') });
  const journal = SqliteJournal.open({ path: original, clock: new VirtualClock(START) });
  await fill(journal, EARLY, 'first');
  early = signed(await sealOver(journal, 'early'), keys);
  await fill(journal, LATE - EARLY, 'second');
  late = signed(await sealOver(journal, 'late'), keys);
  await fill(journal, ALL - LATE, 'third');
  await journal.close();
});

afterAll(removeTemporaryHomes);

interface Asked {
  readonly seals?: readonly SignedSeal[];
  readonly publicKey?: string;
  readonly identity?: string;
}

/** The result of checking the seals against a modified copy of the journal. */
async function checked(tamper: (db: Database.Database) => void, asked: Asked = {}): Promise<readonly SealCheck[]> {
  const path = join(temporaryHome(), 'journal.db');
  copyFileSync(original, path);
  const db = unlocked(path);
  tamper(db);
  db.close();
  return answers(path, asked);
}

async function answers(path: string, asked: Asked): Promise<readonly SealCheck[]> {
  const journal = SqliteJournal.open({ path, clock: new VirtualClock(START) });
  const questions = (asked.seals ?? [early, late]).map((item) => ({ source: 'a file', signed: item }));
  const trust = {
    identity: parseBotIdentity(asked.identity ?? BOT),
    publicKey: asked.publicKey ?? keys.knownPublicKey(),
    verifySignature,
  };
  const found = await checkSeals({ journal, storedText }, questions, await journal.verify(), trust);
  await journal.close();
  return found;
}

/** The same for a copy with changed bytes. */
function checkedBytes(tamper: (bytes: Buffer) => void): Promise<readonly SealCheck[]> {
  const path = join(temporaryHome(), 'journal.db');
  const bytes = readFileSync(original);
  tamper(bytes);
  writeFileSync(path, bytes);
  return answers(path, {});
}

const codes = (checks: readonly SealCheck[]): readonly (readonly string[])[] =>
  checks.map(({ faults }) => faults.map(({ code }) => code));
const messages = (checks: readonly SealCheck[]): string =>
  checks.flatMap(({ faults }) => faults.map(({ message }) => message)).join('\n');

describe('a journal and its seals', () => {
  test('an unchanged journal matches all seals, also with later events', async () => {
    expect(codes(await checked(() => undefined))).toEqual([[], []]);
  });

  test('F29 a truncated tail is detected, although the chain alone is valid', async () => {
    const found = await checked((db) => db.exec(`DELETE FROM events WHERE position > ${LATE - 4}`));
    expect(codes(found)).toEqual([[], ['JOURNAL_CUT']]);
    expect(messages(found)).toContain('ends after 26 events, seal late covers 30: at least 4 are missing');
    expect(messages(found)).toContain(`seal early still matches, so the change is after event ${EARLY}`);
  });

  test('events after the last seal are not yet sealed', async () => {
    expect(codes(await checked((db) => db.exec(`DELETE FROM events WHERE position > ${LATE}`)))).toEqual([[], []]);
  });

  test('a chain rebuilt after a change is valid but matches no seal after the change', async () => {
    const found = await checked((db) => rechain(db, 20, (body) => body.replace('13:30', '13:31')));
    expect(codes(found)).toEqual([[], ['JOURNAL_REWRITTEN']]);
    expect(messages(found)).toContain(`so the change is after event ${EARLY}`);
    const whole = await checked((db) => rechain(db, 1, (body) => body.replace('13:30', '13:31')));
    expect(codes(whole)).toEqual([['JOURNAL_REWRITTEN'], ['JOURNAL_REWRITTEN']]);
  });

  test('a flipped byte, a deleted and a swapped event are damage at their position', async () => {
    const flip = await checked((db) =>
      db.exec("UPDATE events SET body = replace(body, 'because', 'becauze') WHERE position = 7"),
    );
    const gone = await checked((db) => db.exec('DELETE FROM events WHERE position = 7'));
    const swap = await checked((db) =>
      db.exec(`CREATE TEMP TABLE t AS SELECT * FROM events WHERE position IN (7, 9);
        UPDATE events SET body = (SELECT body FROM t WHERE position = 9) WHERE position = 7;
        UPDATE events SET body = (SELECT body FROM t WHERE position = 7) WHERE position = 9;`),
    );
    for (const found of [flip, gone, swap]) {
      expect(codes(found)).toEqual([['JOURNAL_DAMAGED'], ['JOURNAL_DAMAGED']]);
      expect(messages(found)).toContain('damaged at position 0000000000000007, under the seal');
    }
    const after = await checked((db) => db.exec('DELETE FROM events WHERE position = 32'));
    expect(messages(after)).toContain('after its last event');
  });

  test('a row whose key was changed inside its page, which SQLite does not detect, is damage', async () => {
    const found = await checkedBytes((bytes) => {
      const db = new Database(original, { readonly: true });
      const id = db.prepare<[], string>('SELECT event_id FROM events WHERE position = 7').pluck().get()!;
      db.close();
      const text = `${id}{"data"`;
      // a page that was split keeps a stale copy of what moved
      for (let from = bytes.indexOf(text); from >= 0; from = bytes.indexOf(text, from + 1)) {
        // before the text: the key, the header of ten bytes, the small columns
        const at = bytes.lastIndexOf(Buffer.from([7, 10]), from);
        expect(from - at).toBeLessThan(20);
        bytes[at] = 7 + 64;
      }
    });
    expect(codes(found)).toEqual([['JOURNAL_DAMAGED'], ['JOURNAL_DAMAGED']]);
    expect(messages(found)).toContain('damaged at position 0000000000000007');
  });

  test('a changed seal, and one of another key or bot, is invalid', async () => {
    const nothing = (): void => undefined;
    const forged = { ...late, seal: { ...late.seal, sealedAt: early.seal.sealedAt, sealId: 'never' } };
    expect(codes(await checked(nothing, { seals: [forged] }))).toEqual([['SEAL_FORGED']]);
    const stranger = new SealKeys({ privateKey: join(temporaryHome(), 'b.key'), publicKey: '' });
    expect(codes(await checked(nothing, { seals: [signed(late.seal, stranger)] }))).toEqual([['SEAL_OTHER_KEY']]);
    expect(codes(await checked(nothing, { identity: 'DEMO_US_SIM_B02' }))).toEqual([
      ['SEAL_OTHER_BOT'],
      ['SEAL_OTHER_BOT'],
    ]);
  });

  test('a root made for other events is detected although the last event is the same', async () => {
    const seal = { ...late.seal, merkleRoot: early.seal.merkleRoot };
    expect(codes(await checked(() => undefined, { seals: [signed(seal, keys)] }))).toEqual([['ROOT_DIFFERS']]);
  });
});
