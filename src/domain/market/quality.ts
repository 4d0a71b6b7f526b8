import { MINUTE_MS, type EpochMs } from '../../kernel/time.js';
import type { TickerSymbol } from '../../events/names.js';
import { STREAM_RULES } from './stream-rules.js';
import { hasTrade, type Bar, type Ohlc, type Price, type QuoteBar } from './types.js';

/**
 * Rules for bad market data (TRD-2), each with a fixed treatment and a count; the README gives the reasons. `drop`
 * removes the row, `keep` leaves it unchanged, `repair` corrects it as described.
 */
export const QUALITY_RULES = {
  BAR_OUTSIDE_DAY: { treatment: 'drop', means: 'its minute is not on the requested day' },
  BAR_OFF_MINUTE: { treatment: 'repair', means: 'starts within a minute: moved to the start of that minute' },
  BAR_OUT_OF_ORDER: { treatment: 'keep', means: 'follows a later minute: sorted by time' },
  BAR_DUPLICATE: { treatment: 'drop', means: 'repeats a minute: the first row is kept' },
  BAR_LATE: { treatment: 'drop', means: 'arrives after its minute has ended' },
  BAR_BAD_PRICE: { treatment: 'drop', means: 'a price is missing, zero, negative or above ten million dollars' },
  BAR_BAD_VOLUME: { treatment: 'drop', means: 'the volume is missing, negative or beyond 10^12 shares' },
  BAR_HIGH_BELOW_LOW: { treatment: 'repair', means: 'high and low are swapped' },
  BAR_OUTSIDE_RANGE: { treatment: 'drop', means: 'open or close is outside the range from low to high' },
  BAR_OUT_OF_HOURS: { treatment: 'keep', means: 'traded between 20:00 and 4:00 in New York: the times may be shifted' },
  BAR_WITHOUT_VOLUME: { treatment: 'keep', means: 'nobody traded: its prices are not used' },
  BAR_SPIKE: { treatment: 'keep', means: 'closes 20 % or more from the previous bar' },
  PRICE_ROUNDED: { treatment: 'repair', means: 'finer than 1/10,000 dollar: rounded half-even' },
  VOLUME_ROUNDED: { treatment: 'repair', means: 'a fraction of a share: rounded half-even' },
  QUOTE_OUTSIDE_DAY: { treatment: 'drop', means: 'its minute is not on the requested day' },
  QUOTE_OFF_MINUTE: { treatment: 'repair', means: 'starts within a minute: moved to the start of that minute' },
  QUOTE_OUT_OF_ORDER: { treatment: 'keep', means: 'follows a later minute: sorted by time' },
  QUOTE_DUPLICATE: { treatment: 'drop', means: 'repeats a minute: the first row is kept' },
  QUOTE_LATE: { treatment: 'drop', means: 'arrives after its minute has ended' },
  QUOTE_ONE_SIDED: { treatment: 'drop', means: 'bid or ask is missing' },
  QUOTE_BAD_FIGURE: { treatment: 'drop', means: 'a price or size is negative or implausible' },
  QUOTE_HIGH_BELOW_LOW: { treatment: 'repair', means: 'high and low of a side are swapped' },
  QUOTE_OUTSIDE_RANGE: { treatment: 'drop', means: 'open or close of a side is outside its range from low to high' },
  QUOTE_CROSSED: { treatment: 'repair', means: 'bid is above ask: swapped where they cross' },
  QUOTE_WIDE: { treatment: 'keep', means: 'spread of 20 % or more at the end of the minute' },
  QUOTE_DERIVED: { treatment: 'repair', means: 'a bar without quotes: bid and ask are derived from its prices' },
  ROW_CUT_OFF: { treatment: 'keep', means: 'the last line of the file does not end: its row may be incomplete' },
  REFERENCE_FAR: {
    treatment: 'keep',
    means: 'opens below half or above twice the previous close: another symbol, another scale or an unknown split',
  },
  REFERENCE_DAY_UNUSABLE: {
    treatment: 'drop',
    means: 'an earlier day is the reference: a later one has no usable row',
  },
  REFERENCE_STALE: { treatment: 'drop', means: 'the last known day is more than ten days old: treated as unknown' },
  VIX_STALE: { treatment: 'drop', means: 'the last known VIX is more than ten days old: treated as unknown' },
  ...STREAM_RULES,
} as const satisfies Readonly<
  Record<string, { readonly treatment: 'drop' | 'keep' | 'repair'; readonly means: string }>
>;

export type QualityRule = keyof typeof QUALITY_RULES;

/** Counts of bad data by rule. */
export class Findings {
  private readonly counts = new Map<QualityRule, number>();

  add(rule: QualityRule, times = 1): void {
    if (times > 0) this.counts.set(rule, (this.counts.get(rule) ?? 0) + times);
  }

  /** Adds all counts of `other`. */
  merge(other: Findings): void {
    for (const [rule, times] of other.counts) this.add(rule, times);
  }

  of(rule: QualityRule): number {
    return this.counts.get(rule) ?? 0;
  }

  /** Counts by rule, in alphabetical order, without rules that never applied. */
  toRecord(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** A count of bad data with what its rule does. */
export interface ExplainedFinding {
  readonly rule: string;
  readonly count: number;
  readonly treatment: 'drop' | 'keep' | 'repair';
  readonly means: string;
}

/** Counts by rule for a person: dropped rows first. A rule of another version counts as dropped, with its name alone. */
export function explainFindings(counts: Readonly<Record<string, number | string>>): readonly ExplainedFinding[] {
  const order = ['drop', 'repair', 'keep'];
  return Object.entries(counts)
    .map(([rule, count]) => ({ rule, count: Number(count), ...aboutRule(rule) }))
    .sort((a, b) => order.indexOf(a.treatment) - order.indexOf(b.treatment) || (a.rule < b.rule ? -1 : 1));
}

function aboutRule(rule: string): Pick<ExplainedFinding, 'treatment' | 'means'> {
  return isQualityRule(rule) ? QUALITY_RULES[rule] : { treatment: 'drop', means: rule };
}

/** How many rows of bars and quotes were left out, by counts of rule. */
export function droppedRows(counts: Readonly<Record<string, number | string>>): number {
  return explainFindings(counts)
    .filter(({ treatment, rule }) => treatment === 'drop' && /^(BAR|QUOTE|TRADE)_/.test(rule))
    .reduce((sum, { count }) => sum + count, 0);
}

/** A bar as read, not yet validated: prices in 1/10,000 dollar, NaN for an empty field. */
export interface RawBar {
  readonly start: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface RawSide {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly size: number;
}

export interface RawQuote {
  readonly start: number;
  readonly bid: RawSide;
  readonly ask: RawSide;
}

/** Symbol and day [from, to) of the rows. */
export interface CleaningContext {
  readonly symbol: TickerSymbol;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly findings: Findings;
}

const FAR = 0.2;
/** Ten million dollars a share, in 1/10,000 dollar: a higher figure is an error, and sums would lose exactness. */
const HIGHEST_PRICE = 1e11;
/** A larger figure is an error. */
export const MOST_SHARES = 1e12;

/** Cleans the bars of one symbol and day, from file order into time order with at most one per minute. */
export function cleanBars(rows: Iterable<RawBar>, context: CleaningContext): Bar[] {
  const placed = new Placer<Bar>(context, 'BAR');
  for (const row of rows) {
    const start = placed.place(row.start);
    if (start === undefined) continue;
    const bar = judgeBar(row, start, context);
    if (bar !== undefined) placed.keep(bar);
  }
  const bars = placed.inOrder();
  countSpikes(bars, context.findings);
  return bars;
}

/** Cleans the quotes of one symbol and day, from file order into time order with at most one per minute. */
export function cleanQuotes(rows: Iterable<RawQuote>, context: CleaningContext): QuoteBar[] {
  const placed = new Placer<QuoteBar>(context, 'QUOTE');
  for (const row of rows) {
    const start = placed.place(row.start);
    if (start === undefined) continue;
    const quote = judgeQuote(row, start, context);
    if (quote !== undefined) placed.keep(quote);
  }
  return placed.inOrder();
}

/**
 * Derives the quote of a minute without one: half a cent, or 1/10,000 of the price when that is more, on each side of
 * the traded prices (below one dollar: half a percent).
 */
function deriveQuote(bar: Bar): QuoteBar {
  const half =
    bar.close < 10_000 ? Math.max(1, Math.round(bar.close / 200)) : Math.max(50, Math.round(bar.close / 10_000));
  const moved = (by: number): Ohlc => ({
    open: Math.max(1, bar.open + by) as Price,
    high: Math.max(1, bar.high + by) as Price,
    low: Math.max(1, bar.low + by) as Price,
    close: Math.max(1, bar.close + by) as Price,
  });
  return { symbol: bar.symbol, start: bar.start, bid: moved(-half), ask: moved(half), bidSize: 100, askSize: 100 };
}

/** Derived quotes for the minutes that have a trade, counted: without one there is no price to derive them from. */
export function deriveQuotes(bars: readonly Bar[], findings: Findings): readonly QuoteBar[] {
  const traded = bars.filter(hasTrade);
  findings.add('QUOTE_DERIVED', traded.length);
  return traded.map(deriveQuote);
}

/** Rounds half to even, for figures below 2^52. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** Sorts rows of one symbol by time and detects duplicates; the first row of a minute is kept. */
class Placer<T extends { readonly start: EpochMs }> {
  private readonly rows: T[] = [];
  private readonly seen = new Set<number>();
  private latest = -Infinity;
  private sorted = true;

  constructor(
    private readonly context: CleaningContext,
    private readonly kind: 'BAR' | 'QUOTE',
  ) {}

  /** The minute of a row; undefined when the row is dropped. */
  place(start: number): EpochMs | undefined {
    const { from, to, findings } = this.context;
    if (!(start >= from && start < to)) {
      findings.add(`${this.kind}_OUTSIDE_DAY`);
      return undefined;
    }
    const inside = start % MINUTE_MS;
    if (inside !== 0) findings.add(`${this.kind}_OFF_MINUTE`);
    const minute = start - inside;
    if (this.seen.has(minute)) {
      findings.add(`${this.kind}_DUPLICATE`);
      return undefined;
    }
    return minute as EpochMs;
  }

  keep(row: T): void {
    if (row.start < this.latest) {
      this.context.findings.add(`${this.kind}_OUT_OF_ORDER`);
      this.sorted = false;
    } else {
      this.latest = row.start;
    }
    this.seen.add(row.start);
    this.rows.push(row);
  }

  inOrder(): T[] {
    return this.sorted ? this.rows : this.rows.sort((a, b) => a.start - b.start);
  }
}

/** The bar as the rules leave it; undefined when one of them drops it. */
export function judgeBar(
  row: RawBar,
  start: EpochMs,
  { symbol, findings }: Pick<CleaningContext, 'symbol' | 'findings'>,
): Bar | undefined {
  if (![row.open, row.high, row.low, row.close].every(isPossiblePrice)) {
    findings.add('BAR_BAD_PRICE');
    return undefined;
  }
  if (!(row.volume >= 0 && row.volume <= MOST_SHARES)) {
    findings.add('BAR_BAD_VOLUME');
    return undefined;
  }
  const prices = wholePrices(row, findings);
  if (prices === undefined) {
    findings.add('BAR_BAD_PRICE');
    return undefined;
  }
  const ordered = withHighAboveLow(prices, 'BAR_HIGH_BELOW_LOW', findings);
  if (!insideRange(ordered)) {
    findings.add('BAR_OUTSIDE_RANGE');
    return undefined;
  }
  const volume = roundHalfEven(row.volume);
  if (volume !== row.volume) findings.add('VOLUME_ROUNDED');
  if (volume === 0) findings.add('BAR_WITHOUT_VOLUME');
  return { symbol, start, open: ordered.open, high: ordered.high, low: ordered.low, close: ordered.close, volume };
}

/** The quotes as the rules leave them; undefined when one of them drops them. */
export function judgeQuote(
  row: RawQuote,
  start: EpochMs,
  { symbol, findings }: Pick<CleaningContext, 'symbol' | 'findings'>,
): QuoteBar | undefined {
  const reason = quoteFault(row);
  if (reason !== undefined) {
    findings.add(reason);
    return undefined;
  }
  const sides = [row.bid, row.ask].map((side) => {
    const prices = wholePrices(side, findings);
    return prices === undefined ? undefined : withHighAboveLow(prices, 'QUOTE_HIGH_BELOW_LOW', findings);
  });
  const [bid, ask] = sides;
  if (bid === undefined || ask === undefined || !insideRange(bid) || !insideRange(ask)) {
    findings.add('QUOTE_OUTSIDE_RANGE');
    return undefined;
  }
  const quote = uncrossed(bid, ask, findings);
  if (quote.ask.close - quote.bid.close >= FAR * quote.ask.close) findings.add('QUOTE_WIDE');
  return { symbol, start, ...quote, bidSize: roundHalfEven(row.bid.size), askSize: roundHalfEven(row.ask.size) };
}

/** True for a figure that can be a price in 1/10,000 dollar. */
export function isPossiblePrice(figure: number): boolean {
  return figure > 0 && figure <= HIGHEST_PRICE;
}

function quoteFault({ bid, ask }: RawQuote): QualityRule | undefined {
  const figures = [bid.open, bid.high, bid.low, bid.close, ask.open, ask.high, ask.low, ask.close];
  const soundSizes = [bid.size, ask.size].every((size) => size >= 0 && size <= MOST_SHARES);
  if (!soundSizes || figures.some((figure) => figure < 0 || figure > HIGHEST_PRICE)) return 'QUOTE_BAD_FIGURE';
  if (figures.some((figure) => !(figure > 0))) return 'QUOTE_ONE_SIDED';
  return undefined;
}

/** Corrects a crossed quote: at each of open, high, low and close the lower price is the bid. */
function uncrossed(bid: Ohlc, ask: Ohlc, findings: Findings): { readonly bid: Ohlc; readonly ask: Ohlc } {
  if (bid.open <= ask.open && bid.high <= ask.high && bid.low <= ask.low && bid.close <= ask.close) return { bid, ask };
  findings.add('QUOTE_CROSSED');
  const each = (pick: (a: Price, b: Price) => Price): Ohlc => ({
    open: pick(bid.open, ask.open),
    high: pick(bid.high, ask.high),
    low: pick(bid.low, ask.low),
    close: pick(bid.close, ask.close),
  });
  return { bid: each((a, b) => (a < b ? a : b)), ask: each((a, b) => (a > b ? a : b)) };
}

/** Rounds prices to whole units; undefined when one rounds to zero. */
function wholePrices(row: Omit<RawSide, 'size'>, findings: Findings): Ohlc | undefined {
  const { open, high, low, close } = row;
  if (Number.isInteger(open) && Number.isInteger(high) && Number.isInteger(low) && Number.isInteger(close)) {
    return { open: open as Price, high: high as Price, low: low as Price, close: close as Price };
  }
  findings.add('PRICE_ROUNDED');
  const whole = [open, high, low, close].map(roundHalfEven) as [Price, Price, Price, Price];
  if (!whole.every(isPossiblePrice)) return undefined;
  return { open: whole[0], high: whole[1], low: whole[2], close: whole[3] };
}

function withHighAboveLow(prices: Ohlc, rule: QualityRule, findings: Findings): Ohlc {
  if (prices.high >= prices.low) return prices;
  findings.add(rule);
  return { open: prices.open, high: prices.low, low: prices.high, close: prices.close };
}

function insideRange({ open, high, low, close }: Ohlc): boolean {
  return open >= low && open <= high && close >= low && close <= high;
}

function countSpikes(bars: readonly Bar[], findings: Findings): void {
  let before: Price | undefined;
  for (const { close } of bars) {
    if (before !== undefined && Math.abs(close - before) >= FAR * before) findings.add('BAR_SPIKE');
    before = close;
  }
}

export function isQualityRule(text: string): text is QualityRule {
  return Object.hasOwn(QUALITY_RULES, text);
}
