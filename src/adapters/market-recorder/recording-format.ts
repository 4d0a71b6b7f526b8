import type { OptionChain, OptionQuote } from '../../domain/options/option-chain.js';
import type { Fundamentals } from '../../domain/market/fundamentals.js';
import { Decimal } from '../../kernel/decimal.js';
import {
  type AuctionImbalance,
  type Bar,
  type MarketSlice,
  type Ohlc,
  type QuoteBar,
  type SymbolReference,
  price,
} from '../../domain/market/types.js';
import { parseSymbol, type TickerSymbol } from '../../events/names.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { epochMs, MINUTE_MS, parseDateText, plusMs, type DateText, type EpochMs } from '../../kernel/time.js';
import { FEED_KINDS, type DataFindings, type FeedDescription } from '../../ports/market-data.js';
import type { ChainOfMinute, HaltedMinute } from '../feed-kit/recorded-day.js';

/** First line of a recording: its type, and the version of its format. */
export const FORMAT_LINE = 'tradebot-market,1';

/** First line of the minutes of a session that has not closed. */
const PART_LINE = 'tradebot-market-part,1';

/** The first lines of a part. */
export function partHead(date: DateText): string {
  return `${PART_LINE}\nsession,${date}\n`;
}

/** A parsed recording. */
export interface Recording {
  readonly date: DateText;
  /** Undefined when the recorder had no description of the feed. */
  readonly description: FeedDescription | undefined;
  readonly findings: DataFindings;
  readonly references: readonly SymbolReference[];
  readonly bars: readonly Bar[];
  readonly quotes: readonly QuoteBar[];
  readonly halted: readonly HaltedMinute[];
  /** Changes of the VIX, oldest first. */
  readonly vix: readonly { readonly start: EpochMs; readonly value: MarketSlice['vix'] }[];
  /** News of auctions, oldest first; none in a recording of a feed without them. */
  readonly imbalances: readonly AuctionImbalance[];
  /** Option chains in the order in which they came; none in a recording without a broker of options. */
  readonly chains: readonly ChainOfMinute[];
}

/** As figures of the session are written: 0x11 is none of them. */
const NUMBER = /^-?\d+(\.\d+)?(e[+-]\d+)?$/;

/** Its quotes are added line by line. */
interface DraftChain extends ChainOfMinute {
  readonly chain: OptionChain & { readonly quotes: OptionQuote[] };
}

interface Draft {
  date: DateText | undefined;
  description: FeedDescription | undefined;
  findings: DataFindings;
  readonly references: SymbolReference[];
  readonly bars: Bar[];
  readonly quotes: QuoteBar[];
  readonly halted: HaltedMinute[];
  readonly vix: { start: EpochMs; value: number | undefined }[];
  readonly imbalances: AuctionImbalance[];
  readonly chains: DraftChain[];
  ended: boolean;
}

/**
 * Parses the text of a recording. Throws the errors of the parsers of its parts, or an Error with the unexpected line:
 * the caller knows the file and turns it into a DataError.
 */
export function parseRecording(text: string): Recording {
  const lines = text.split('\n');
  if (lines[0] !== FORMAT_LINE) throw new Error(`it does not start with "${FORMAT_LINE}"`);
  const draft = emptyDraft();
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line !== '' && !takeLine(draft, line)) throw new Error(`line ${index + 1} is unexpected`);
  }
  const { date, ended, ...rest } = draft;
  if (!ended || date === undefined) throw new Error('it is truncated');
  return { date, ...rest };
}

/** The line that ends a minute in a part: without it the minute is not whole. `findings` are those of the stream so far. */
export function minuteLine(start: EpochMs, findings: string): string {
  return `minute,${start},${findings}`;
}

/** The whole minutes of a part. */
export interface RecordedPart {
  readonly minutes: readonly MarketSlice[];
  readonly findings: DataFindings;
  /** Characters up to the end of the last whole minute; a part is ASCII. */
  readonly length: number;
}

/** Parses the text of a part up to its last whole minute; undefined when it is not a part of that day. */
export function parsePart(text: string, date: DateText): RecordedPart | undefined {
  const head = partHead(date);
  if (!text.startsWith(head)) return undefined;
  const minutes: MarketSlice[] = [];
  let part: RecordedPart = { minutes, findings: {}, length: head.length };
  let draft = emptyDraft();
  let vix: MarketSlice['vix'];
  for (let from = head.length; ;) {
    const end = text.indexOf('\n', from);
    if (end === -1) return part;
    const line = text.slice(from, end);
    from = end + 1;
    try {
      if (!line.startsWith('minute,')) {
        if (!takeLine(draft, line)) return part;
        continue;
      }
      const last = draft.vix.at(-1);
      if (last !== undefined) vix = last.value;
      minutes.push(minuteOf(draft, line, vix));
      part = { minutes, findings: findingsOf(line) ?? part.findings, length: from };
      draft = emptyDraft();
    } catch {
      return part;
    }
  }
}

function minuteOf(
  { bars, quotes, halted, imbalances, chains }: Draft,
  line: string,
  vix: MarketSlice['vix'],
): MarketSlice {
  const start = timeAt(line.split(','), 1);
  return {
    start,
    end: plusMs(start, MINUTE_MS),
    bars,
    quotes,
    halted: halted.map(({ symbol }) => symbol),
    vix,
    ...(imbalances.length === 0 ? {} : { imbalances }),
    ...(chains.length === 0 ? {} : { chains: chains.map(({ chain }) => chain) }),
  };
}

function findingsOf(line: string): DataFindings | undefined {
  const json = line.split(',').slice(2).join(',');
  if (json === '') return undefined;
  const counts: unknown = JSON.parse(json);
  if (!isRecord(counts)) throw new Error('the findings are not an object');
  return Object.fromEntries(Object.entries(counts).map(([rule, count]) => [rule, Number(count)]));
}

function emptyDraft(): Draft {
  return {
    date: undefined,
    description: undefined,
    findings: {},
    references: [],
    bars: [],
    quotes: [],
    halted: [],
    vix: [],
    imbalances: [],
    chains: [],
    ended: false,
  };
}

function takeLine(draft: Draft, line: string): boolean {
  if (draft.ended) return false;
  const cut = line.indexOf(',');
  const rest = line.slice(cut + 1);
  const fields = rest.split(',');
  switch (line.slice(0, cut)) {
    case 'bar':
      return draft.bars.push(barOf(fields)) > 0;
    case 'quote':
      return draft.quotes.push(quoteOf(fields)) > 0;
    case 'halt':
      return draft.halted.push({ symbol: symbolAt(fields, 0), start: timeAt(fields, 1) }) > 0;
    case 'vix':
      return draft.vix.push({ start: timeAt(fields, 0), value: optional(fields[1]) }) > 0;
    case 'imbalance':
      return draft.imbalances.push(imbalanceOf(fields)) > 0;
    case 'chain':
      return draft.chains.push(chainOf(fields)) > 0;
    case 'option':
      return takeOption(draft.chains.at(-1)?.chain, fields);
    case 'reference':
      return draft.references.push(referenceOf(fields)) > 0;
    case 'session':
      draft.date = parseDateText(fields[0] ?? '');
      return true;
    case 'feed':
      return takeFeed(draft, rest);
    case 'end':
      draft.ended = Number(fields[0]) === draft.bars.length && Number(fields[1]) === draft.quotes.length;
      return draft.ended;
    default:
      return false;
  }
}

function takeFeed(draft: Draft, json: string): boolean {
  const feed: unknown = JSON.parse(json);
  if (!isRecord(feed) || !isRecord(feed['findings']) || !Array.isArray(feed['symbols'])) return false;
  const { kind: kindText, description, seed, sha256 } = feed;
  const kind = FEED_KINDS.find((known) => known === kindText);
  if (kind === undefined || typeof description !== 'string' || typeof sha256 !== 'string') return false;
  draft.description = {
    kind,
    description,
    seed: typeof seed === 'number' ? seed : null,
    symbols: feed['symbols'].map((symbol) => parseSymbol(String(symbol))),
    sha256: sha256 as Sha256Hex,
  };
  draft.findings = Object.fromEntries(Object.entries(feed['findings']).map(([rule, count]) => [rule, Number(count)]));
  return true;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The bar of a line `bar,...`. Throws an Error for a line of another form. */
export function barIn(line: string): Bar {
  return barOf(line.split(',').slice(1));
}

/** The halted minute of a line `halt,...`. Throws an Error for a line of another form. */
export function haltIn(line: string): HaltedMinute {
  const fields = line.split(',');
  return { symbol: symbolAt(fields, 1), start: timeAt(fields, 2) };
}

function barOf(fields: readonly string[]): Bar {
  return {
    symbol: symbolAt(fields, 0),
    start: timeAt(fields, 1),
    ...ohlcAt(fields, 2),
    volume: countAt(fields, 6),
  };
}

function quoteOf(fields: readonly string[]): QuoteBar {
  return {
    symbol: symbolAt(fields, 0),
    start: timeAt(fields, 1),
    bid: ohlcAt(fields, 2),
    ask: ohlcAt(fields, 7),
    bidSize: countAt(fields, 6),
    askSize: countAt(fields, 11),
  };
}

function imbalanceOf(fields: readonly string[]): AuctionImbalance {
  const auctionPrice = optionalCount(fields, 3);
  return {
    symbol: symbolAt(fields, 0),
    at: timeAt(fields, 1),
    volume: optionalCount(fields, 2),
    price: auctionPrice === undefined ? undefined : price(auctionPrice),
    imbalance: optionalCount(fields, 4),
  };
}

function chainOf(fields: readonly string[]): DraftChain {
  const [, right] = fields;
  if (right !== 'call' && right !== 'put')
    throw new Error(`"${String(right).slice(0, 20)}" is not the right of an option`);
  return { start: timeAt(fields, 2), chain: { symbol: symbolAt(fields, 0), right, at: timeAt(fields, 3), quotes: [] } };
}

function takeOption(chain: DraftChain['chain'] | undefined, fields: readonly string[]): boolean {
  const [expiry = '', strike = '', bid, ask, impliedVolatility, underlying] = fields;
  if (chain === undefined) return false;
  const quote: OptionQuote = {
    expiry: parseDateText(expiry),
    strike: Decimal.parse(strike),
    right: chain.right,
    bid: exactOrNull(bid),
    ask: exactOrNull(ask),
    impliedVolatility: exactOrNull(impliedVolatility),
    underlying: exactOrNull(underlying),
  };
  return chain.quotes.push(quote) > 0;
}

function exactOrNull(text = ''): Decimal | null {
  return text === '' ? null : Decimal.parse(text);
}

function referenceOf(fields: readonly string[]): SymbolReference {
  const close = optional(fields[1]);
  return {
    symbol: symbolAt(fields, 0),
    previousClose: close === undefined ? undefined : price(close),
    previousVolume: optional(fields[2]),
    marketCap: optional(fields[3]),
    ...(fields.length > 4 ? { fundamentals: fundamentalsOf(fields.slice(4)) } : {}),
  };
}

/** As a recording of a home with providers of fundamental figures has them. */
function fundamentalsOf([pe, eps, debtEquity, marketCap]: readonly string[]): Fundamentals {
  const exact = (text = ''): Decimal | undefined => (text === '' ? undefined : Decimal.parse(text));
  return { pe: exact(pe), eps: exact(eps), debtEquity: exact(debtEquity), marketCap: exact(marketCap) };
}

function ohlcAt(fields: readonly string[], at: number): Ohlc {
  return {
    open: price(countAt(fields, at)),
    high: price(countAt(fields, at + 1)),
    low: price(countAt(fields, at + 2)),
    close: price(countAt(fields, at + 3)),
  };
}

function symbolAt(fields: readonly string[], at: number): TickerSymbol {
  return parseSymbol(fields[at] ?? '');
}

function timeAt(fields: readonly string[], at: number): EpochMs {
  return epochMs(countAt(fields, at));
}

/** A whole number; an empty or foreign field becomes NaN, which every constructor of a branded figure refuses. */
function countAt(fields: readonly string[], at: number): number {
  const text = fields[at] ?? '';
  if (!/^-?\d{1,16}$/.test(text)) throw new Error(`"${text.slice(0, 20)}" is not a whole number`);
  return Number(text);
}

function optionalCount(fields: readonly string[], at: number): number | undefined {
  return (fields[at] ?? '') === '' ? undefined : countAt(fields, at);
}

function optional(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new Error(`"${text.slice(0, 20)}" is not a number`);
  return value;
}
