import { describe, expect, test } from '@jest/globals';
import { CsvFeed } from '../../../src/adapters/feed-replay/csv-feed.js';
import { LeanFeed } from '../../../src/adapters/feed-replay/lean-feed.js';
import { SeededRandom } from '../../../src/kernel/random.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import type { RecordedSession } from '../../../src/ports/market-data.js';
import { CLOSE, date, inFolder, minute, OPEN, put, putLeanDay, SPY } from '../../unit/market/support.js';

const DAY = date('2013-10-07');
const MINUTES = 60;

interface Figures {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Bars whose every figure differs, so that a figure from another place is noticed. Prices in cents. */
const BARS: readonly Figures[] = Array.from({ length: MINUTES }, (_, index) => {
  const open = 10_000 + ((index * 37) % 61);
  const close = 10_000 + ((index * 53) % 59);
  return {
    open,
    close,
    high: Math.max(open, close) + 5 + (index % 7),
    low: Math.min(open, close) - 9 - (index % 5),
    volume: 50_000 + index * 13,
  };
});

const HEADER = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];
const dollars = (cents: number): string => (cents / 100).toFixed(2);
const csvRows = (): string[][] => [
  [...HEADER],
  ...BARS.map(({ open, high, low, close, volume }, index) => [
    new Date(minute(index)).toISOString(),
    ...[open, high, low, close].map(dollars),
    String(volume),
  ]),
];
const leanRows = (): string[][] =>
  BARS.map(({ open, high, low, close, volume }, index) => [
    String(34_200_000 + index * 60_000),
    ...[open, high, low, close].map((cents) => String(cents * 100)),
    String(volume),
  ]);

/** A kind of damage: what it makes of the rows of a file, or of its bytes. */
interface Damage {
  readonly name: string;
  rows?(rows: string[][], random: SeededRandom): string[][];
  text?(text: string, random: SeededRandom): string | Uint8Array;
}

const at = (rows: readonly unknown[], random: SeededRandom): number => random.integer(1, rows.length);
const changed = (rows: string[][], index: number, change: (row: string[]) => string[]): string[][] =>
  rows.map((row, place) => (place === index ? change(row) : row));

/** Every `step`-th bar, after the header where there is one. */
const coarser = (rows: string[][], step: number): string[][] =>
  rows.filter(([first], index) => first === 'timestamp' || (index - (rows.length - MINUTES)) % step === 0);

const DAMAGES: readonly Damage[] = [
  { name: 'a field too many', rows: (rows, random) => changed(rows, at(rows, random), (row) => [...row, '1']) },
  { name: 'a field too few', rows: (rows, random) => changed(rows, at(rows, random), (row) => row.slice(0, -1)) },
  { name: 'decimal commas', rows: (rows) => rows.map((row) => row.flatMap((field) => field.split('.'))) },
  {
    name: 'thousands separators',
    rows: (rows) => rows.map((row) => [...row.slice(0, -1), ...(row.at(-1) ?? '').split(/(?=(?:\d{3})+$)/)]),
  },
  { name: 'the header twice', rows: (rows) => [...rows.slice(0, 9), [...HEADER], ...rows.slice(9)] },
  { name: 'other separators', text: (text) => text.replaceAll(',', ';') },
  { name: 'UTF-16', text: (text) => Buffer.from(`\uFEFF${text}`, 'utf16le') },
  { name: 'a NUL byte', text: (text, random) => withAt(text, random, '\0') },
  { name: 'a letter', text: (text, random) => withAt(text, random, 'x') },
  { name: 'cut off', text: (text, random) => text.slice(0, random.integer(1, text.length - 1)) },
  { name: 'bars of five minutes', rows: (rows) => coarser(rows, 5) },
  {
    name: 'bars of five minutes and an odd row',
    rows: (rows, random) => {
      const kept = coarser(rows, 5);
      const odd = rows[rows.length - MINUTES + 5 * random.integer(0, 11) + random.integer(1, 4)] ?? [];
      return rows.filter((row) => kept.includes(row) || row === odd);
    },
  },
  { name: 'bars of two minutes', rows: (rows) => coarser(rows, 2) },
  {
    name: 'a huge volume',
    rows: (rows, random) => changed(rows, at(rows, random), (row) => [...row.slice(0, -1), '9'.repeat(12) + '99']),
  },
  {
    name: 'a negative price',
    rows: (rows, random) =>
      changed(rows, at(rows, random), (row) => row.map((field, place) => (place === 2 ? `-${field}` : field))),
  },
  {
    name: 'an empty figure',
    rows: (rows, random) =>
      changed(rows, at(rows, random), (row) => row.map((field, place) => (place === 4 ? '' : field))),
  },
  {
    name: 'a row twice',
    rows: (rows, random) => ((place) => [...rows.slice(0, place), ...rows.slice(place - 1)])(at(rows, random) + 1),
  },
  { name: 'shuffled rows', rows: (rows) => [...rows.slice(0, 1), ...rows.slice(1).reverse()] },
  {
    name: 'infinity',
    rows: (rows, random) =>
      changed(rows, at(rows, random), (row) => row.map((field, place) => (place === 3 ? 'Infinity' : field))),
  },
  {
    name: 'close and volume swapped',
    rows: (rows) =>
      rows.map((row, index) =>
        index === 0 && row[0] === 'timestamp' ? row : [...row.slice(0, 4), row[5] ?? '', row[4] ?? ''],
      ),
  },
];

function withAt(text: string, random: SeededRandom, inserted: string): string {
  const place = random.integer(Math.floor(text.length / 3), text.length - 1);
  return text.slice(0, place) + inserted + text.slice(place);
}

const fileOf = (rows: string[][], damage: Damage, random: SeededRandom): string | Uint8Array => {
  const text = `${(damage.rows?.(rows, random) ?? rows).map((row) => row.join(',')).join('\n')}\n`;
  return damage.text?.(text, random) ?? text;
};

/** Counts that a person sees, next to those of every file without quotes. */
const shown = (session: RecordedSession): number =>
  Object.entries(session.findings()).reduce((sum, [rule, times]) => (rule === 'QUOTE_DERIVED' ? sum : sum + times), 0);

/** Each bar is one that was written, and what is missing is counted; or the file is refused by name. */
function expectHonest(open: () => RecordedSession, name: string): 'refused' | 'read' {
  let session: RecordedSession;
  try {
    session = open();
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    expect([name, error.kind, error.callerMust]).toEqual([name, 'DataError', 'refuse']);
    expect(error.message).toMatch(/SPY\.csv|spy\/20131007_trade\.zip/);
    expect(error.remedy).not.toBe('');
    return 'refused';
  }
  const bars = [...session.slices(OPEN, CLOSE)].flatMap((slice) => slice.bars);
  const wrong = bars.filter(({ start, open: first, high, low, close, volume }) => {
    const wanted = BARS[(start - OPEN) / 60_000];
    const figures = [first, high, low, close].map((price) => price / 100).concat(volume);
    return String(figures) !== String(wanted && [wanted.open, wanted.high, wanted.low, wanted.close, wanted.volume]);
  });
  if (wrong.length > 0 || bars.length < MINUTES) expect([name, shown(session)]).not.toEqual([name, 0]);
  return 'read';
}

describe('a damaged file is read right, refused by name, or what it lost is counted (F31, F34)', () => {
  const seeds = Array.from({ length: 12 }, (_, seed) => seed);

  test.each(DAMAGES.map((damage) => [damage.name, damage] as const))('CSV: %s', (name, damage) => {
    for (const seed of seeds) {
      const content = fileOf(csvRows(), damage, SeededRandom.of(seed, name));
      inFolder((dir) => {
        put(dir, 'SPY.csv', content);
        expectHonest(() => new CsvFeed({ dir, symbols: [SPY] }).openSession(DAY), `${name} ${seed}`);
      });
    }
  });

  // a zip that is cut off fails its checksum, see the tests of zips
  const inZips = DAMAGES.filter(({ name }) => name !== 'cut off');

  test.each(inZips.map((damage) => [damage.name, damage] as const))('QuantConnect: %s', (name, damage) => {
    for (const seed of seeds) {
      const content = fileOf(leanRows(), damage, SeededRandom.of(seed, name));
      inFolder((root) => {
        putLeanDay(root, { symbol: 'SPY', day: DAY, trades: Buffer.from(content).toString('latin1') });
        expectHonest(() => new LeanFeed({ root, symbols: [SPY] }).openSession(DAY), `${name} ${seed}`);
      });
    }
  });

  test('files without damage are read, and nothing is counted', () => {
    inFolder((dir) => {
      put(dir, 'SPY.csv', fileOf(csvRows(), { name: 'none' }, SeededRandom.of(1)));
      const open = () => new CsvFeed({ dir, symbols: [SPY] }).openSession(DAY);
      expect([expectHonest(open, 'none'), open().findings()]).toEqual(['read', { QUOTE_DERIVED: MINUTES }]);
    });
  });
});
