import { Adx } from '../../src/domain/market/indicators/adx.js';
import { Bollinger } from '../../src/domain/market/indicators/bollinger.js';
import { type MarketSlice, price } from '../../src/domain/market/types.js';
import { MarketView } from '../../src/domain/market/view.js';
import { parseSymbol } from '../../src/events/names.js';
import { SeededRandom } from '../../src/kernel/random.js';
import { epochMs, MINUTE_MS, plusMs } from '../../src/kernel/time.js';

/** One line of `npm run bench`: ours against a yardstick of the same run, in the same unit. */
export interface BenchRow {
  readonly what: string;
  readonly ours: number;
  readonly yardstick: number;
  readonly ratio: number;
  readonly unit: string;
  readonly goal: string;
}

const BARS = 1_000_000;
const ROUNDS = 7;
const MINUTES = 390;
const CLOSES = plusMs(epochMs(0), BARS * MINUTE_MS);
const SPY = parseSymbol('SPY');

interface Columns {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

function makeColumns(): Columns {
  const random = SeededRandom.of('bench indicators');
  const columns = { high: new Float64Array(BARS), low: new Float64Array(BARS), close: new Float64Array(BARS) };
  let at = 500_000;
  for (let index = 0; index < BARS; index += 1) {
    at = Math.max(100_000, at + random.integer(-200, 201));
    columns.close[index] = at;
    columns.high[index] = at + random.integer(0, 300);
    columns.low[index] = at - random.integer(0, 300);
  }
  return columns;
}

/** The yardstick: ADX(14) and Bollinger(20, 2) in one bare loop over arrays, floats, no objects; counts decisions. */
function tightPass({ high, low, close }: Columns): number {
  let range = 0;
  let up = 0;
  let down = 0;
  let adx = 0;
  let dxSum = 0;
  let sum = 0;
  let squares = 0;
  let decisions = 0;
  for (let i = 0; i < BARS; i += 1) {
    const h = high[i]!;
    const l = low[i]!;
    const c = close[i]!;
    if (i > 0) {
      const rise = h - high[i - 1]!;
      const fall = low[i - 1]! - l;
      const before = close[i - 1]!;
      const tr = Math.max(h, before) - Math.min(l, before);
      const plus = rise > fall && rise > 0 ? rise : 0;
      const minus = fall > rise && fall > 0 ? fall : 0;
      range += i <= 14 ? tr : tr - range / 14;
      up += i <= 14 ? plus : plus - up / 14;
      down += i <= 14 ? minus : minus - down / 14;
      if (i >= 28) {
        adx = (adx * 13 + (100 * Math.abs(up - down)) / (up + down)) / 14;
      } else if (i >= 14) {
        dxSum += (100 * Math.abs(up - down)) / (up + down);
        adx = dxSum / (i - 13);
      }
    }
    sum += c;
    squares += c * c;
    if (i >= 20) {
      const old = close[i - 20]!;
      sum -= old;
      squares -= old * old;
    }
    if (i >= 27) {
      const mean = sum / 20;
      const deviation = Math.sqrt(squares / 20 - mean * mean);
      if (adx <= 25 && (c > mean + 2 * deviation || c < mean - 2 * deviation)) decisions += 1;
    }
  }
  // What is computed must be used, or the compiler may leave it out.
  return range > 0 ? decisions : -1;
}

function streaming({ high, low, close }: Columns): number {
  const adx = new Adx(14);
  const bands = new Bollinger(20, 2);
  let decisions = 0;
  for (let index = 0; index < BARS; index += 1) {
    const at = close[index]!;
    adx.update(high[index]!, low[index]!, at);
    bands.update(at);
    const trend = adx.value;
    const band = bands.value;
    if (trend === undefined || band === undefined || trend > 25) continue;
    if (at > band.upper || at < band.lower) decisions += 1;
  }
  return decisions;
}

function makeSlices({ high, low, close }: Columns): MarketSlice[] {
  const first = epochMs(0);
  return Array.from({ length: BARS }, (_, index) => {
    const start = plusMs(first, index * MINUTE_MS);
    const [top, bottom, at] = [price(high[index]!), price(low[index]!), price(close[index]!)];
    const bar = { symbol: SPY, start, open: at, high: top, low: bottom, close: at, volume: 1_000 };
    return { start, end: plusMs(start, MINUTE_MS), bars: [bar], quotes: [], halted: [], vix: undefined };
  });
}

/** The whole view, a new one each day of 390 minutes: stored bars, VWAP, ADX, ATR, RSI, bands; one decision a bar. */
function wholeView(slices: readonly MarketSlice[]): number {
  const references = [{ symbol: SPY, previousClose: undefined, previousVolume: undefined, marketCap: undefined }];
  let view = new MarketView({ references, opensAt: epochMs(0), closesAt: CLOSES });
  let decisions = 0;
  for (let index = 0; index < slices.length; index += 1) {
    const slice = slices[index]!;
    if (index % MINUTES === 0) view = new MarketView({ references, opensAt: slice.start, closesAt: CLOSES });
    view.apply(slice);
    const { adx, bollinger, lastPrice } = view.of(SPY);
    if (adx === undefined || bollinger === undefined || lastPrice === undefined || adx > 25) continue;
    if (lastPrice > bollinger.upper || lastPrice < bollinger.lower) decisions += 1;
  }
  return decisions;
}

function barsPerSecond(pass: () => number): number {
  const started = performance.now();
  pass();
  return (BARS * 1_000) / (performance.now() - started);
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[figures.length >> 1] ?? Number.NaN;
}

/** Goal 11: streaming ADX + Bollinger at a quarter of the tight pass or better; both sides in turn, medians. */
export function run(): Promise<BenchRow[]> {
  const columns = makeColumns();
  const slices = makeSlices(columns);
  const passes = [() => tightPass(columns), () => streaming(columns), () => wholeView(slices)] as const;
  const figures = passes.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    passes.forEach((pass, index) => figures[index]?.push(barsPerSecond(pass)));
  }
  const [tight = 0, ours = 0, view = 0] = figures.map(median);
  const row = (what: string, figure: number, goal: string): BenchRow => ({
    what,
    ours: figure,
    yardstick: tight,
    ratio: figure / tight,
    unit: 'bars/s',
    goal,
  });
  return Promise.resolve([
    row('streaming ADX(14) + Bollinger(20) against one tight pass', ours, '>= 25 %'),
    row(
      'MarketView by days of 390 minutes (five indicators, stored bars) against that pass',
      view,
      '1 M bars well under 1 s',
    ),
  ]);
}
