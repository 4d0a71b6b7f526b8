import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { markImported, openSideFile, sideFiles } from '../../../src/adapters/files/side-file.js';
import type { SideLine } from '../../../src/app/break-glass/side-line.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { epochMs, toUtcText } from '../../../src/kernel/time.js';

const IDENTITY = 'DEMO_US_SIM_B01';
const ID = `${IDENTITY}-Gabc-AIG-1`;
const INTENDED = {
  kind: 'intended',
  clientOrderId: ID,
  symbol: 'AIG',
  side: 'sell',
  positionEffect: 'close_long',
  quantity: '16',
} as const;

let home: string;
let folder: string;
let aside: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tradebot-side-'));
  folder = join(home, 'break-glass');
  aside = `${tmpdir()}/tradebot-${IDENTITY}-${sha256Hex(folder).slice(0, 16)}`;
});
afterEach(() => {
  for (const each of [home, aside]) rmSync(each, { recursive: true, force: true });
});

function lineAt(ms: number, fact: SideLine['fact']): SideLine {
  return { at: toUtcText(epochMs(ms)), key: 'abc', fact };
}

function write(...lines: readonly SideLine[]): string | undefined {
  const file = openSideFile({ folder, identity: IDENTITY, key: 'abc', stderr: () => undefined });
  for (const line of lines) file.write(line);
  file.close();
  return file.path;
}

const found = (): readonly string[] =>
  sideFiles(folder, IDENTITY).map(({ lines }) => lines.map(({ fact }) => fact.kind).join(' '));

describe('the side file of a kill without a journal', () => {
  test('what the home refuses is in a folder of this home alone, and both files are one kill, imported once', () => {
    write(lineAt(1, { kind: 'begun', reason: 'r', cause: 'c' }), lineAt(2, INTENDED));
    const first = readFileSync(join(folder, 'abc.jsonl'), 'utf8');
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'no folder');
    const path = write(
      lineAt(3, { kind: 'accepted', clientOrderId: ID }),
      lineAt(4, { kind: 'ended', flat: true, open: [] }),
    );
    expect(path).toBe(join(aside, 'abc.jsonl'));
    rmSync(folder);
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'abc.jsonl'), first, { mode: 0o600 });

    expect(found()).toEqual(['begun intended accepted ended']);
    expect(sideFiles(join(home, 'another'), IDENTITY)).toEqual([]);
    for (const { paths } of sideFiles(folder, IDENTITY)) paths.forEach(markImported);
    expect(found()).toEqual([]);
    expect([folder, aside].flatMap((each) => readdirSync(each))).toEqual(['abc.jsonl.imported', 'abc.jsonl.imported']);
  });

  test('nothing is taken from a folder that others may write, nor through a link', () => {
    const forged = `${JSON.stringify(lineAt(1, INTENDED))}\n${JSON.stringify(lineAt(2, { kind: 'accepted', clientOrderId: ID }))}\n`;
    mkdirSync(aside);
    writeFileSync(join(aside, 'abc.jsonl'), forged, { mode: 0o600 });
    chmodSync(aside, 0o777);
    expect(found()).toEqual([]);
    writeFileSync(folder, 'no folder');
    expect(write(lineAt(3, INTENDED))).toBeUndefined();

    chmodSync(aside, 0o700);
    expect(found()).toEqual(['intended accepted']);
    chmodSync(join(aside, 'abc.jsonl'), 0o666);
    expect(found()).toEqual([]);
    rmSync(aside, { recursive: true });
    mkdirSync(join(home, 'theirs'), { mode: 0o700 });
    writeFileSync(join(home, 'theirs/abc.jsonl'), forged, { mode: 0o600 });
    symlinkSync(join(home, 'theirs'), aside);
    expect(found()).toEqual([]);
    expect(write(lineAt(3, INTENDED))).toBeUndefined();
    expect(readFileSync(join(home, 'theirs/abc.jsonl'), 'utf8')).toBe(forged);
  });

  test.each([
    ['null'],
    ['{}'],
    ['{"at":"yesterday","key":"abc","fact":{"kind":"begun","reason":"r","cause":"c"}}'],
    [JSON.stringify(lineAt(1, { ...INTENDED, clientOrderId: 'no order' }))],
    [JSON.stringify(lineAt(1, { ...INTENDED, quantity: '-3' }))],
    [JSON.stringify(lineAt(1, { ...INTENDED, quantity: 'all' }))],
    [JSON.stringify({ ...lineAt(1, INTENDED), fact: { kind: 'boom' } })],
    [JSON.stringify(lineAt(1, INTENDED)).slice(0, 60)],
  ])('what is no line is passed over: %s', (text) => {
    write(lineAt(1, { kind: 'begun', reason: 'r', cause: 'c' }));
    writeFileSync(join(folder, 'abc.jsonl'), `${text}\n${JSON.stringify(lineAt(2, INTENDED))}\n`, { flag: 'a' });
    expect(found()).toEqual(['begun intended']);
  });
});
