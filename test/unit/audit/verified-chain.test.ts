import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { VerifiedMarkFile } from '../../../src/adapters/home/verified-mark-file.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { ChainVerifier, isJournalDamage } from '../../../src/app/audit/verified-chain.js';
import type { Sha256Hex } from '../../../src/kernel/hash.js';
import type { JournalHead, VerifyResult } from '../../../src/ports/journal.js';
import { ALPHA, START, named } from '../../contract/support/journal-events.js';

let dir: string;
let path: string;
let journal: MemoryJournal;
/** Where each verification of the journal began: 0 is the first event. */
let from: number[];
let broken: VerifyResult | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'verified-'));
  path = join(dir, 'mark.json');
  journal = new MemoryJournal({ clock: new VirtualClock(START) });
  from = [];
  broken = undefined;
});
afterEach(() => rmSync(dir, { recursive: true }));

const append = (count: number, prefix: string) =>
  journal.append(ALPHA, named(count, prefix), { expectedRevision: 'any' });

/** A process that opens the journal; journals of up to three events are short. */
function process(): ChainVerifier {
  const watched = {
    head: () => journal.head(),
    verify: (onProgress?: (checked: number, total: number) => void, since?: JournalHead) => {
      from.push(since?.count ?? 0);
      return broken === undefined ? journal.verify(onProgress, since) : Promise.resolve(broken);
    },
  };
  return new ChainVerifier({ journal: watched, mark: new VerifiedMarkFile(path), shortUpTo: 3 });
}

describe('the chain is verified before anything is made from the journal (JRN-30)', () => {
  test('a short journal is verified whole by every process, and leaves no file', async () => {
    await append(3, 'a');
    await process().verifyNews();
    await process().verifyNews();
    expect(from).toEqual([0, 0]);
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  test('a long journal is verified from where any process has verified it last', async () => {
    await append(5, 'a');
    const first = process();
    await first.verifyNews();
    await append(2, 'b');
    await first.verifyNews();
    await append(1, 'c');
    await process().verifyNews();
    await process().verifyWhole();
    expect(from).toEqual([0, 5, 7, 0]);
  });

  test('one process verifies the same events of a short journal once', async () => {
    const one = process();
    await append(2, 'a');
    await one.verifyNews();
    await append(1, 'b');
    await one.verifyNews();
    expect(from).toEqual([0, 2]);
  });

  test.each<[string, (text: string) => string]>([
    ['a damaged mark', (text) => text.replace('"count":5', '"count":6')],
    ['a mark that is no JSON', (text) => text.slice(0, 10)],
    ['an endless mark', (text) => text.replace('"count"', `"padding":"${'x'.repeat(2_000)}","count"`)],
    ['an empty mark', () => ''],
  ])('%s only costs a verification of the whole journal', async (_what, damaged) => {
    await append(5, 'a');
    await process().verifyNews();
    writeFileSync(path, damaged(readFileSync(path, 'utf8')));
    await process().verifyNews();
    expect(from).toEqual([0, 0]);
  });

  test('a forged mark of a journal that has other events is not believed', async () => {
    await append(5, 'a');
    const head = await journal.head();
    if (head === undefined) throw new Error('the journal is empty');
    new VerifiedMarkFile(path).keep({ ...head, hash: 'f'.repeat(64) as Sha256Hex });
    const checked: number[] = [];
    const found = await journal.verify((done) => checked.push(done), new VerifiedMarkFile(path).read());
    expect(found).toMatchObject({ ok: true, count: 5 });
    await process().verifyNews();
    expect(new VerifiedMarkFile(path).read()).toEqual(head);
  });

  test('damage is refused with its position, and the next process verifies the whole journal', async () => {
    await append(5, 'a');
    const one = process();
    await one.verifyNews();
    const { position } = (await journal.head()) ?? { position: undefined };
    if (position === undefined) throw new Error('the journal is empty');
    broken = { ok: false, position, code: 'HASH_MISMATCH', message: 'the event does not match' };
    await expect(one.verifyWhole()).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      callerMust: 'stop',
      message: `the journal is damaged at position ${position}: the event does not match (HASH_MISMATCH)`,
    });
    const refused: unknown = await process()
      .verifyNews()
      .catch((error: unknown) => error);
    expect(isJournalDamage(refused)).toBe(true);
    expect(from).toEqual([0, 0, 0]);
  });

  test('a mark that cannot be written stops nothing', async () => {
    path = join(dir, 'file', 'mark.json');
    writeFileSync(join(dir, 'file'), '');
    await append(5, 'a');
    await process().verifyNews();
    await process().verifyNews();
    expect(from).toEqual([0, 0]);
  });
});
