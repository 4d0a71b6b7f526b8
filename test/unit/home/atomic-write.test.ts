import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../src/adapters/files/atomic-write.js';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tradebot-files-'));
});
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

describe('writeFileAtomic', () => {
  test('it creates folders, writes text as UTF-8 and bytes unchanged, and leaves no other file', () => {
    const path = join(scratch, 'a/b/c.json');
    writeFileAtomic(path, '{"é":"€"}\n');
    expect(readFileSync(path, 'utf8')).toBe('{"é":"€"}\n');
    writeFileAtomic(path, Uint8Array.of(0, 255));
    expect([...readFileSync(path)]).toEqual([0, 255]);
    writeFileAtomic(path, '');
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(readdirSync(join(scratch, 'a/b'))).toEqual(['c.json']);
  });

  test('the file is private by default', () => {
    writeFileAtomic(join(scratch, 'private'), 'x');
    writeFileAtomic(join(scratch, 'shared'), 'x', 0o644);
    expect(statSync(join(scratch, 'private')).mode & 0o777).toBe(0o600);
    expect(statSync(join(scratch, 'shared')).mode & 0o777).toBe(0o644);
  });

  test('it replaces the name, not the bytes: an open reader keeps the whole old file', () => {
    const path = join(scratch, 'status.json');
    writeFileSync(path, 'old');
    const before = statSync(path).ino;
    writeFileAtomic(path, 'new');
    expect(statSync(path).ino).not.toBe(before);
  });

  test('when the disk refuses, the old content remains and no temporary file is left', () => {
    const path = join(scratch, 'target');
    mkdirSync(join(path, 'occupied'), { recursive: true });
    expect(() => {
      writeFileAtomic(path, 'x');
    }).toThrow();
    expect(readdirSync(scratch)).toEqual(['target']);
    expect(readdirSync(path)).toEqual(['occupied']);
  });
});
