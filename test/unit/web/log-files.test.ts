import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { logFacts, openLog, readLog } from '../../../src/adapters/log-files/log-files.js';

const folder = mkdtempSync(join(tmpdir(), 'tradebot-log-'));
const path = join(folder, 'a.log');

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});

/** All pages from the end to the beginning. */
async function pages(lines: number, search?: string): Promise<readonly string[]> {
  const found: string[] = [];
  let before: number | undefined;
  for (let page = 0; page < 10_000; page += 1) {
    const { lines: more, older } = await readLog(path, { lines, search, before });
    found.unshift(...more);
    if (older === null) return found;
    before = older;
  }
  throw new Error('the pages have no end');
}

describe('reading a log', () => {
  test('page by page: every line once and in order, whatever its content', async () => {
    const line = fc.string({ unit: 'binary', maxLength: 40 }).map((one) => one.replaceAll('\n', ' '));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (all, n, ended) => {
          writeFileSync(path, `${all.join('\n')}${ended && all.length > 0 ? '\n' : ''}`);
          const stored = ended || all.at(-1) !== '' ? all : all.slice(0, -1);
          expect(await pages(n)).toEqual(stored);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('beyond one block, and with a search', async () => {
    const all = Array.from({ length: 3_000 }, (_, n) => `${n} ${'\u00fc'.repeat(60)} ${n % 500 === 0 ? 'Needle' : ''}`);
    writeFileSync(path, all.join('\n'));
    expect(await pages(700)).toEqual(all);
    expect(await pages(2, 'needle')).toEqual(all.filter((line) => line.includes('Needle')));
  });

  test('a search continues beyond the limit of one read', async () => {
    const filler = `${'x'.repeat(999)}\n`;
    writeFileSync(path, `needle\n${filler.repeat(9_000)}`);
    const first = await readLog(path, { lines: 5, search: 'needle' });
    expect([first.lines, first.older === null]).toEqual([[], false]);
    expect(await pages(5, 'needle')).toEqual(['needle']);
  });

  test('an unterminated line is cut and does not block the reader', async () => {
    writeFileSync(path, `first\n${'y'.repeat(2_000_000)}\nlast\n`);
    const { lines, older } = await readLog(path, { lines: 1 });
    expect([lines, older]).toEqual([['last'], expect.any(Number)]);
    const all = await pages(10);
    expect(all.at(-1)).toBe('last');
    expect(all[0]).toBe('first');
    expect(all.every((line) => line.length <= 8_000)).toBe(true);
  });

  test('a missing log is empty; a folder in its place is reported', async () => {
    expect(await readLog(path, { lines: 5 })).toEqual({ lines: [], older: null, bytes: 0 });
    expect(await logFacts(path)).toEqual({ bytes: 0, changedAt: null });
    mkdirSync(path);
    await expect(readLog(path, { lines: 5 })).rejects.toMatchObject({ code: 'LOG_UNREADABLE' });
    await expect(openLog(path)).rejects.toMatchObject({ code: 'LOG_UNREADABLE' });
  });

  test('a download has the announced length while the log grows', async () => {
    writeFileSync(path, 'one\ntwo\n');
    const { bytes, content } = await openLog(path);
    appendFileSync(path, 'three\n');
    expect([bytes, await text(content)]).toEqual([8, 'one\ntwo\n']);
  });
});
