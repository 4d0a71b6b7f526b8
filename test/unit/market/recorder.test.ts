import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { LeanFeed } from '../../../src/adapters/feed-replay/lean-feed.js';
import { SyntheticFeed } from '../../../src/adapters/feed-synthetic/synthetic-feed.js';
import { FileMarketRecorder } from '../../../src/adapters/market-recorder/market-recorder.js';
import { RecordedFeed } from '../../../src/adapters/market-recorder/recorded-feed.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import type { DateText, EpochMs } from '../../../src/kernel/time.js';
import type { RecordedSession } from '../../../src/ports/market-data.js';
import { testNeeding } from '../../support/needs.js';
import { marketData } from '../../support/shared-data.js';
import { at, CLOSE, date, errorOf, inFolder, OPEN, symbol } from './support.js';

const FEW = { seed: 7, symbols: ['ZYNK', 'PDLX'].map(symbol) };
const DAY = date('2026-11-18');
const HALTED_DAY = date('2026-11-16');
const HOURS = [at('2026-11-18T14:30:00Z'), at('2026-11-18T21:00:00Z')] as const;
const paths = (folder: string) => ({ marketRecording: (day: DateText) => `${folder}/market/${day}.csv.gz` });

function record(files: ReturnType<typeof paths>, session: RecordedSession, hours: readonly [EpochMs, EpochMs]) {
  const recording = new FileMarketRecorder(files).begin(session);
  for (const slice of session.slices(...hours)) recording.add(slice);
  return recording.finish(session.findings());
}

function rewrite(path: string, change: (text: string) => string): void {
  writeFileSync(path, gzipSync(change(gunzipSync(readFileSync(path)).toString('utf8'))));
}

function roundTrip(session: RecordedSession, [from, to]: readonly [EpochMs, EpochMs]) {
  return inFolder((folder) => {
    const files = paths(folder);
    const recording = record(files, session, [from, to]);
    const again = new RecordedFeed(files.marketRecording).openSession(session.date);
    const packed = readFileSync(files.marketRecording(session.date));
    return { recording, again, packed, names: readdirSync(`${folder}/market`) };
  });
}

function expectSame(session: RecordedSession, hours: readonly [EpochMs, EpochMs]): void {
  const { again, recording, packed } = roundTrip(session, hours);
  const slices = [...session.slices(...hours)];
  expect([...again.slices(...hours)]).toEqual(slices);
  expect(again.references).toEqual(session.references);
  expect(again.description).toEqual(session.description);
  expect(again.findings()).toEqual(session.findings());
  expect(recording.bars).toBe(slices.reduce((sum, { bars }) => sum + bars.length, 0));
  expect(recording.quotes).toBe(slices.reduce((sum, { quotes }) => sum + quotes.length, 0));
  expect(recording.sha256).toBe(sha256Hex(gunzipSync(packed)));
}

describe('a recorded session (TRD-6)', () => {
  test('it replays minute by minute, with halts, VIX, references and feed', () => {
    for (const day of [HALTED_DAY, DAY]) {
      const hours = [at(`${day}T14:30:00Z`), at(`${day}T21:00:00Z`)] as const;
      const session = new SyntheticFeed(FEW).openSession(day);
      expectSame(session, hours);
    }
  });

  test('it is the same file for the same session, under its own name only', () => {
    const session = new SyntheticFeed(FEW).openSession(DAY);
    const [first, second] = [roundTrip(session, HOURS), roundTrip(session, HOURS)];
    expect(second.packed.equals(first.packed)).toBe(true);
    expect(first.names).toEqual(['2026-11-18.csv.gz']);
    expect(first.recording.name).toBe('2026-11-18.csv.gz');
    // No time and no operating system in the gzip header.
    expect([...first.packed.subarray(4, 8), first.packed[9]]).toEqual([0, 0, 0, 0, 255]);
  });

  test('without its feed it still plays, but knows nothing of the previous day', () => {
    inFolder((folder) => {
      const files = paths(folder);
      const session = new SyntheticFeed({ seed: 7, symbols: [symbol('SIMX')] }).openSession(DAY);
      record(files, session, HOURS);
      rewrite(files.marketRecording(DAY), (text) => text.replace(/(feed|reference),.*\n/g, ''));
      const again = new RecordedFeed(files.marketRecording).openSession(DAY);
      expect([...again.slices(...HOURS)]).toEqual([...session.slices(...HOURS)]);
      expect(again.references).toEqual([{ symbol: 'SIMX' }]);
    });
  });

  const spoiled: readonly (readonly [string, (text: string) => string | Uint8Array])[] = [
    ['no gzip', () => 'tradebot-market,1\n'],
    ['cut short', (text) => gzipSync(text.slice(0, text.length >> 1))],
    ['without its end', (text) => gzipSync(text.replace(/end,.*\n$/, ''))],
    ['short of a bar', (text) => gzipSync(text.replace(/bar,.*\n/, ''))],
    ['of a newer form', (text) => gzipSync(text.replace('market,1', 'market,2'))],
    ['of another day', (text) => gzipSync(text.replace('session,2026-11-18', 'session,2026-11-19'))],
    ['with a bad price', (text) => gzipSync(text.replace(/(bar,[A-Z]+,\d+),\d+/, '$1,0'))],
    ['with a foreign line', (text) => gzipSync(text.replace('end,', 'order,1\nend,'))],
  ];
  test.each(spoiled)('it refuses a file that is %s', (_, spoil) => {
    inFolder((folder) => {
      const files = paths(folder);
      const session = new SyntheticFeed({ seed: 7, symbols: [symbol('SIMX')] }).openSession(DAY);
      record(files, session, HOURS);
      const path = files.marketRecording(DAY);
      writeFileSync(path, spoil(gunzipSync(readFileSync(path)).toString()));
      const error = errorOf(() => new RecordedFeed(files.marketRecording).openSession(DAY));
      expect([error.code, error.kind]).toEqual(['DATA_RECORDING_UNUSABLE', 'DataError']);
      expect(error.message).toContain(path);
    });
  });

  test('a day that was not recorded is refused', () => {
    inFolder((folder) => {
      const feed = new RecordedFeed(paths(folder).marketRecording);
      expect(errorOf(() => feed.openSession(DAY)).code).toBe('DATA_NO_SUCH_DAY');
    });
  });
});

testNeeding(marketData)('a real session replays minute by minute', () => {
  const symbols = ['SPY', 'AIG', 'BAC', 'IBM'].map(symbol);
  expectSame(new LeanFeed({ root: marketData.path, symbols, vix: { value: 17 } }).openSession(date('2013-10-07')), [
    OPEN,
    CLOSE,
  ]);
});
