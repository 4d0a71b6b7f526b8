import { describe, expect, test } from '@jest/globals';
import { zipSync } from 'fflate';
import { parseNumberRows } from '../../../src/adapters/feed-replay/number-rows.js';
import { unzipSingle } from '../../../src/adapters/feed-replay/zip.js';
import { errorOf, zip } from './support.js';

const TEXT = '34200000,1,2,3,4,5\n'.repeat(50);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const altered = (bytes: Uint8Array, index: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
};

describe('unzipSingle', () => {
  test('it returns the only file, stored or deflated, after folders and before a comment', () => {
    expect(text(unzipSingle(zip('a.csv', TEXT), 'a.zip'))).toBe(TEXT);
    expect(text(unzipSingle(zipSync({ 'a.csv': [Buffer.from(TEXT), { level: 0 }] }), 'a.zip'))).toBe(TEXT);
    expect(text(unzipSingle(zipSync({ 'd/': new Uint8Array(), 'd/a.csv': Buffer.from(TEXT) }), 'a.zip'))).toBe(TEXT);
    const commented = Buffer.concat([zip('a.csv', TEXT), Buffer.from('said later')]);
    commented.writeUInt16LE(10, commented.length - 12);
    expect(text(unzipSingle(commented, 'a.zip'))).toBe(TEXT);
  });

  const sound = zip('a.csv', TEXT);
  const central = Buffer.from(sound).indexOf('PK\u0001\u0002', 0, 'latin1');
  test.each<[string, Uint8Array]>([
    ['empty', new Uint8Array()],
    ['no zip', Buffer.from('34200000,1,2,3,4,5\n')],
    ['cut in half', sound.subarray(0, sound.length >> 1)],
    ['cut by a byte', sound.subarray(0, sound.length - 1)],
    ['without a file', zipSync({ 'd/': new Uint8Array() })],
    ['with two files', zipSync({ 'a.csv': Buffer.from(TEXT), 'b.csv': Buffer.from(TEXT) })],
    ['damaged in its content', altered(sound, 40)],
    ['damaged in its check sum', altered(sound, central + 16)],
    ['damaged in its size', altered(sound, central + 24)],
    ['damaged in its directory', altered(sound, central)],
    ['encrypted', altered(sound, central + 8)],
    ['of another method', altered(sound, central + 10)],
    ['pointing elsewhere', altered(sound, central + 42)],
  ])('it refuses a zip that is %s and names it', (_, bytes) => {
    const error = errorOf(() => unzipSingle(bytes, 'data/spy.zip'));
    expect([error.kind, error.code, error.callerMust]).toEqual(['DataError', 'DATA_ZIP_CORRUPT', 'refuse']);
    expect(error.message).toContain('data/spy.zip');
    expect(error.remedy).not.toBe('');
  });

  test('every altered byte of the content is detected', () => {
    for (let index = 35; index < central; index += 1) {
      let content: string | undefined;
      try {
        content = text(unzipSingle(altered(sound, index), 'a.zip'));
      } catch {
        content = undefined;
      }
      expect([undefined, TEXT]).toContain(content);
    }
  });
});

describe('parseNumberRows', () => {
  const rows = (csv: string, columns = 3): number[] => [...parseNumberRows(Buffer.from(csv), columns, 'x.csv')];

  test('it tolerates CRLF, spaces, blank lines, a missing last newline, a byte order mark', () => {
    expect(rows('1,2,3\r\n\r\n 4 , 5,6 \n7,8,9\n\n')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rows('\uFEFF1,2,3')).toEqual([1, 2, 3]);
    expect(rows('')).toEqual([]);
  });

  test('it reads signs, decimals, exponents, long figures; an empty field is NaN', () => {
    expect(rows('-1,2.5,1e3\n+7,.5,12345678901234567890')).toEqual([-1, 2.5, 1000, 7, 0.5, 12345678901234567890]);
    expect(rows('1,,3\n1,2,')).toEqual([1, Number.NaN, 3, 1, 2, Number.NaN]);
  });

  test('it grows beyond its initial capacity', () => {
    expect(rows('1,2,3\n'.repeat(5_000))).toHaveLength(15_000);
  });

  test.each([
    ['1,2,3\n4,5\n', 2],
    ['1,2,3\n4,5,6,7\n', 2],
    ['1,x,3\n', 1],
    ['1,2,3\n\n1 2,3,4\n', 3],
    ['1,2,0x10\n', 1],
  ])('it names the unreadable line in %j', (csv, line) => {
    const error = errorOf(() => rows(csv));
    expect(error.code).toBe('DATA_ROW_UNREADABLE');
    expect(error.message).toContain(`line ${line} of x.csv`);
  });
});
