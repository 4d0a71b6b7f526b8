import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { OutageSpoolFile } from '../../../src/adapters/files/outage-spool-file.js';
import { parseUtcText, toUtcText } from '../../../src/kernel/time.js';
import type { SpooledBatch } from '../../../src/ports/outage-spool.js';
import { ALPHA, reset } from '../../contract/support/journal-events.js';

const SINCE = toUtcText(parseUtcText('2026-11-20T15:00:00.000Z'));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/spool-`);
  path = `${folder}/journal-outage.jsonl`;
});
afterEach(() => rmSync(folder, { recursive: true }));

const batch = (n: number): SpooledBatch => ({ stream: ALPHA, expectedRevision: n, events: [reset(`e${n}`)] });

function filled(): OutageSpoolFile {
  const spool = new OutageSpoolFile(path);
  spool.begin(SINCE);
  for (const n of [1, 2, 3]) spool.add(batch(n));
  return spool;
}

describe('the file of an outage', () => {
  test('a later process reads what was kept, in order; nothing is left when the journal has it', () => {
    const first = filled();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const spool = new OutageSpoolFile(path);
    expect(spool.since).toBe(SINCE);
    expect(spool.batches).toEqual(first.batches);
    spool.add(batch(4));
    expect(new OutageSpoolFile(path).batches).toHaveLength(4);
    spool.clear();
    expect([existsSync(path), spool.since, spool.batches]).toEqual([false, undefined, []]);
    expect(new OutageSpoolFile(path).since).toBeUndefined();
  });

  test('each end that a crash can leave is cut, and what follows is read again', () => {
    filled();
    const whole = readFileSync(path);
    const lines = whole.toString().split('\n').length - 1;
    for (let cut = 1; cut < 400; cut += 13) {
      writeFileSync(path, whole.subarray(0, whole.length - cut), { mode: 0o600 });
      const spool = new OutageSpoolFile(path);
      const read = spool.batches.length;
      expect(read).toBeLessThan(lines - 1);
      expect(spool.batches).toEqual([1, 2, 3].slice(0, read).map(batch));
      spool.add(batch(9));
      expect(new OutageSpoolFile(path).batches).toEqual([...[1, 2, 3].slice(0, read), 9].map(batch));
    }
    expect(existsSync(`${path}.damaged`)).toBe(false);
  });

  test('a line that was changed, moved or taken out ends it, and the file is kept aside', () => {
    filled();
    const lines = readFileSync(path, 'utf8').split('\n');
    const broken = [
      [lines[0], lines[1], lines[3], ''],
      [lines[0], lines[1], lines[3], lines[2], ''],
      [lines[0], lines[1], lines[2]?.replace('e2', 'e7'), lines[3], ''],
    ];
    for (const text of broken) {
      rmSync(`${path}.damaged`, { force: true });
      writeFileSync(path, text.join('\n'));
      expect(new OutageSpoolFile(path).batches).toEqual([batch(1)]);
      expect(existsSync(`${path}.damaged`)).toBe(true);
    }
  });

  test('one that others may write, or that is no file, is refused: orders are recorded from it', () => {
    filled();
    chmodSync(path, 0o622);
    expect(() => new OutageSpoolFile(path)).toThrow('not a file of this user alone');
    expect(() => new OutageSpoolFile(folder)).toThrow('not a file of this user alone');
  });

  test('a batch beyond its limit, or that the disk refuses, is refused whole', () => {
    const small = new OutageSpoolFile(path, 1_000);
    small.begin(SINCE);
    small.add(batch(1));
    const size = statSync(path).size;
    expect(() => [2, 3, 4].forEach((n) => small.add(batch(n)))).toThrow(/may hold 1000 bytes/);
    expect(statSync(path).size).toBeLessThanOrEqual(1_000);
    expect(statSync(path).size).toBeGreaterThanOrEqual(size);
    const none = new OutageSpoolFile(`${folder}/none/journal-outage.jsonl`);
    expect(() => none.begin(SINCE)).toThrow(/cannot keep what happens meanwhile: ENOENT/);
    expect(none.since).toBeUndefined();
  });

  test('garbage alone is nothing', () => {
    appendFileSync(path, 'garbage\n', { mode: 0o600 });
    expect(new OutageSpoolFile(path).batches).toEqual([]);
  });
});
