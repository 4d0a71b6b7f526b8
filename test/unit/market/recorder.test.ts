import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { LeanFeed } from '../../../src/adapters/feed-replay/lean-feed.js';
import { SyntheticFeed } from '../../../src/adapters/feed-synthetic/synthetic-feed.js';
import { FileMarketRecorder, type RecorderMode } from '../../../src/adapters/market-recorder/market-recorder.js';
import { RecordedFeed } from '../../../src/adapters/market-recorder/recorded-feed.js';
import type { OptionChain } from '../../../src/domain/options/option-chain.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { plusMs, type DateText, type EpochMs } from '../../../src/kernel/time.js';
import type { RecordedSession } from '../../../src/ports/market-data.js';
import { testNeeding } from '../../support/needs.js';
import { marketData } from '../../support/shared-data.js';
import { at, CLOSE, date, errorOf, inFolder, OPEN, symbol } from './support.js';

const FEW = { seed: 7, symbols: ['ZYNK', 'PDLX'].map(symbol) };
const DAY = date('2026-11-18');
const HALTED_DAY = date('2026-11-16');
const HOURS = [at('2026-11-18T14:30:00Z'), at('2026-11-18T21:00:00Z')] as const;
const paths = (folder: string) => ({
  marketRecording: (day: DateText) => `${folder}/market/${day}.csv.gz`,
  marketRecordingPart: (day: DateText) => `${folder}/market/${day}.part.csv`,
});

const dayOf = (session: RecordedSession, [opensAt, closesAt]: readonly [EpochMs, EpochMs]) => ({
  ...{ date: session.date, opensAt, closesAt, halfDay: false },
});

function record(
  files: ReturnType<typeof paths>,
  session: RecordedSession,
  hours: readonly [EpochMs, EpochMs],
  mode: RecorderMode = 'at the close',
) {
  const recording = new FileMarketRecorder(files, mode).begin(session, dayOf(session, hours));
  for (const slice of session.slices(...hours)) recording.add(slice, {});
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

  test.each(['at the close', 'as they come'] as const)(
    'news of auctions come back with their minute, written %s; a damaged line makes the recording unusable',
    (mode) => {
      inFolder((folder) => {
        const session = new SyntheticFeed(FEW).openSession(DAY);
        const slices = [...session.slices(...HOURS)].map((slice, index) => {
          const auction = { symbol: symbol('PDLX'), at: plusMs(slice.start, 59_999), price: undefined };
          const news = { ...auction, volume: index, imbalance: index % 2 === 0 ? -index : undefined };
          return index < 300 ? slice : { ...slice, imbalances: [news] };
        });
        const files = paths(folder);
        const begin = () => new FileMarketRecorder(files, mode).begin(session, dayOf(session, HOURS));
        const recording = begin();
        for (const slice of slices) recording.add(slice, {});
        expect(begin().earlier.minutes).toEqual(mode === 'as they come' ? slices : []);
        recording.finish({});
        expect([...new RecordedFeed(files.marketRecording).openSession(DAY).slices(...HOURS)]).toEqual(slices);
        rewrite(files.marketRecording(DAY), (text) => text.replace(/^(imbalance,PDLX,\d+),.*$/m, '$1,x,,'));
        expect(errorOf(() => new RecordedFeed(files.marketRecording).openSession(DAY)).code).toBe(
          'DATA_RECORDING_UNUSABLE',
        );
      });
    },
  );
  test('option chains come again in the minute in which they came, also in a session that is cut off', () => {
    const session = new SyntheticFeed(FEW).openSession(DAY);
    const quote = {
      ...{ expiry: date('2026-12-18'), strike: Decimal.parse('52.5'), right: 'put' as const },
      ...{ bid: Decimal.parse('1.05'), ask: null, impliedVolatility: Decimal.parse('0.31'), underlying: null },
    };
    const chain = (n: number, quotes: OptionChain['quotes']): OptionChain => ({
      ...{ symbol: symbol('ZYNK'), right: 'put', at: at(`2026-11-18T14:3${n}:02Z`), quotes },
    });
    const slices = [...session.slices(...HOURS)].slice(0, 6).map((slice, n) => ({
      ...slice,
      ...(n === 2 ? { chains: [chain(2, [quote, quote]), chain(3, [])] } : {}),
      ...(n === 5 ? { chains: [chain(5, [quote])] } : {}),
    }));
    inFolder((folder) => {
      const files = paths(folder);
      const recorder = new FileMarketRecorder(files, 'as they come');
      const first = recorder.begin(session, dayOf(session, HOURS));
      for (const slice of slices) first.add(slice, {});
      const second = recorder.begin(session, dayOf(session, HOURS));
      expect(second.earlier.minutes).toEqual(slices);
      second.finish({});
      const again = new RecordedFeed(files.marketRecording).openSession(DAY);
      expect([...again.slices(HOURS[0], slices.at(-1)!.end)]).toEqual(slices);
      rewrite(files.marketRecording(DAY), (text) => text.replace(/^chain,.*\n/gm, ''));
      expect(errorOf(() => new RecordedFeed(files.marketRecording).openSession(DAY)).code).toBe(
        'DATA_RECORDING_UNUSABLE',
      );
    });
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

  test.each([Number.POSITIVE_INFINITY, Number.NaN, -3, 0, 1_000, 1e-9])(
    'a figure that no reader takes for the VIX is written as unknown: %s (F33)',
    (figure) => {
      inFolder((folder) => {
        const session = new SyntheticFeed(FEW).openSession(DAY);
        const files = paths(folder);
        const recording = new FileMarketRecorder(files, 'at the close').begin(session, dayOf(session, HOURS));
        for (const slice of session.slices(...HOURS)) recording.add({ ...slice, vix: figure }, {});
        recording.finish({});
        const again = [...new RecordedFeed(files.marketRecording).openSession(DAY).slices(...HOURS)];
        expect(new Set(again.map(({ vix }) => vix))).toEqual(new Set([undefined]));
      });
    },
  );

  test('a VIX in another notation makes a recording unusable', () => {
    inFolder((folder) => {
      const files = paths(folder);
      record(files, new SyntheticFeed(FEW).openSession(DAY), HOURS);
      const path = files.marketRecording(DAY);
      rewrite(path, (text) => text.replace(/^(vix,\d+),.*$/m, '$1,0x11'));
      expect(errorOf(() => new RecordedFeed(files.marketRecording).openSession(DAY)).code).toBe(
        'DATA_RECORDING_UNUSABLE',
      );
    });
  });

  describe('written as it comes', () => {
    const session = new SyntheticFeed(FEW).openSession(HALTED_DAY);
    const hours = [at(`${HALTED_DAY}T14:30:00Z`), at(`${HALTED_DAY}T21:00:00Z`)] as const;
    const slices = [...session.slices(...hours)];
    const begin = (files: ReturnType<typeof paths>) =>
      new FileMarketRecorder(files, 'as they come').begin(session, dayOf(session, hours));

    test('it becomes the same file as one written at the close, whatever process wrote which minute', () => {
      inFolder((folder) => {
        const files = paths(folder);
        const whole = record(files, session, hours);
        const expected = readFileSync(files.marketRecording(HALTED_DAY));
        rmSync(files.marketRecording(HALTED_DAY));
        let seen = 0;
        for (const upTo of [3, 100, 101, slices.length]) {
          const recording = begin(files);
          expect(recording.earlier.minutes).toEqual(slices.slice(0, seen));
          for (; seen < upTo; seen += 1) recording.add(slices[seen]!, { BAR_LATE: seen });
          expect(recording.fault).toBeUndefined();
        }
        const last = begin(files);
        expect(last.earlier).toMatchObject({ minutes: slices, findings: { BAR_LATE: slices.length - 1 } });
        expect(last.finish(session.findings())).toEqual(whole);
        expect(readFileSync(files.marketRecording(HALTED_DAY)).equals(expected)).toBe(true);
        last.done();
        expect(readdirSync(`${folder}/market`)).toEqual([`${HALTED_DAY}.csv.gz`]);
        expect(begin(files).earlier.minutes).toEqual(slices);
      });
    });

    test('a torn tail is cut at its last whole minute, at every byte of it', () => {
      inFolder((folder) => {
        const files = paths(folder);
        const path = files.marketRecordingPart(HALTED_DAY);
        const first = begin(files);
        for (const slice of slices.slice(0, 3)) first.add(slice, {});
        const bytes = readFileSync(path);
        const ends = [2, 3].map((count) => lengthOf(folder, count));
        for (let length = ends[0]!; length <= ends[1]!; length += 1) {
          writeFileSync(path, bytes.subarray(0, length));
          const again = begin(files);
          expect(again.earlier.minutes).toHaveLength(length === ends[1] ? 3 : 2);
          if (length === ends[1]) continue;
          again.add(slices[2]!, {});
          expect(readFileSync(path).equals(bytes)).toBe(true);
        }
      });
    });

    function lengthOf(folder: string, count: number): number {
      const files = paths(`${folder}/${count}`);
      const recording = begin(files);
      for (const slice of slices.slice(0, count)) recording.add(slice, {});
      return readFileSync(files.marketRecordingPart(HALTED_DAY)).length;
    }

    test('a file spoiled in its middle is good up to there', () => {
      inFolder((folder) => {
        const files = paths(folder);
        const path = files.marketRecordingPart(HALTED_DAY);
        const first = begin(files);
        for (const slice of slices.slice(0, 9)) first.add(slice, {});
        const lines = readFileSync(path, 'utf8').split('\n');
        const third = lines.findIndex((line) => line.startsWith(`minute,${slices[4]!.start}`));
        writeFileSync(path, lines.map((line, index) => (index === third - 1 ? 'bar,ZYNK,x' : line)).join('\n'));
        const again = begin(files);
        expect(again.earlier.minutes).toEqual(slices.slice(0, 4));
        for (const slice of slices.slice(4, 9)) again.add(slice, {});
        expect(begin(files).earlier.minutes).toEqual(slices.slice(0, 9));
      });
    });

    test('while the disk refuses, minutes wait in memory, and follow when it does not', () => {
      inFolder((folder) => {
        const files = paths(folder);
        writeFileSync(`${folder}/market`, 'a file where the folder should be');
        const recording = begin(files);
        recording.add(slices[0]!, {});
        recording.add(slices[1]!, {});
        expect(recording.fault).toContain(files.marketRecordingPart(HALTED_DAY));
        rmSync(`${folder}/market`);
        recording.add(slices[2]!, {});
        expect(recording.fault).toBeUndefined();
        expect(begin(files).earlier.minutes).toEqual(slices.slice(0, 3));
      });
    });

    test('on a disk that has only what exits and halts need, minutes wait in memory', () => {
      inFolder((folder) => {
        const files = paths(folder);
        let free = 20e6;
        const disk = { freeBytes: () => free };
        const recorder = new FileMarketRecorder(files, 'as they come', disk);
        const recording = recorder.begin(session, dayOf(session, hours));
        recording.add(slices[0]!, {});
        expect(existsSync(files.marketRecordingPart(HALTED_DAY))).toBe(false);
        expect(recording.fault).toBeUndefined();
        free = 200e6;
        recording.add(slices[1]!, {});
        expect(begin(files).earlier.minutes).toEqual(slices.slice(0, 2));
      });
    });

    test('a file that cannot be read now is left as it is', () => {
      inFolder((folder) => {
        const files = paths(folder);
        mkdirSync(files.marketRecordingPart(HALTED_DAY), { recursive: true });
        const recording = begin(files);
        const recordedBars = slices.reduce((sum, { bars }) => sum + bars.length, 0);
        for (const slice of slices) recording.add(slice, {});
        expect(recording.fault).toContain('EISDIR');
        expect(recording.finish(session.findings()).bars).toBe(recordedBars);
      });
    });
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
