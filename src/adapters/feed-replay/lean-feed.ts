import { zonedToUtc } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE } from '../../domain/calendar/nyse.js';
import {
  cleanBars,
  cleanQuotes,
  deriveQuotes,
  Findings,
  roundHalfEven,
  type CleaningContext,
  type RawBar,
  type RawQuote,
  type RawSide,
} from '../../domain/market/quality.js';
import { price, type Bar, type DailyBar, type QuoteBar, type SymbolReference } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { addDays, DAY_MS, type DateText, type EpochMs } from '../../kernel/time.js';
import type { RecordedSession } from '../../ports/market-data.js';
import {
  brief,
  closedNote,
  digestOf,
  namesIn,
  readDataFile,
  requireFolder,
  type DataFile,
} from '../feed-kit/data-files.js';
import { RecordedDay } from '../feed-kit/recorded-day.js';
import { ReplayFeed } from '../feed-kit/replay-feed.js';
import { checkedSymbols } from '../feed-kit/symbols.js';
import { parseDailyBars, parseSplitFactors, splitRatio } from './lean-reference.js';
import { parseNumberRows } from './number-rows.js';
import { VixSource, type VixOption } from './vix-source.js';
import { unzipSingle } from './zip.js';

const EQUITY = 'equity/usa';
const TRADE_COLUMNS = 6;
const QUOTE_COLUMNS = 11;
const STALE_DAYS = 10;

export interface LeanFeedOptions {
  /** The folder that contains equity/usa/minute. */
  readonly root: string;
  readonly symbols: readonly TickerSymbol[];
  /** One figure for every day, or a CSV of closes; when left out, the VIX is unknown. */
  readonly vix?: VixOption;
}

interface SymbolDay {
  readonly bars: readonly Bar[];
  readonly quotes: readonly QuoteBar[];
  readonly files: readonly DataFile[];
}

interface DayContext {
  readonly date: DateText;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly findings: Findings;
}

/**
 * Replays recorded days of the QuantConnect folder layout (TRD-1): one zip of minute trades and one of minute quotes
 * per symbol and day, prices x 10,000, times in milliseconds after midnight in New York. References come from the daily
 * files, adjusted for splits in between. Throws DataError (DATA_*) or ConfigError.
 */
export class LeanFeed extends ReplayFeed {
  private readonly root: string;
  private readonly symbols: readonly TickerSymbol[];
  private readonly vix: VixSource;
  private readonly dailyBars = new Map<TickerSymbol, readonly DailyBar[]>();

  constructor(options: LeanFeedOptions) {
    super();
    this.root = options.root.replace(/\/+$/, '') || '/';
    this.symbols = checkedSymbols(options.symbols);
    this.vix = new VixSource(options.vix);
  }

  history(symbol: TickerSymbol, before: DateText, days: number): readonly DailyBar[] {
    const earlier = this.dailyOf(symbol).filter(({ date }) => date < before);
    return earlier.slice(Math.max(0, earlier.length - days));
  }

  openSession(date: DateText): RecordedSession {
    this.checkLayout();
    const midnight = zonedToUtc(date, '00:00', EXCHANGE_ZONE);
    const nextMidnight = zonedToUtc(addDays(date, 1), '00:00', EXCHANGE_ZONE);
    const day: DayContext = { date, from: midnight, to: nextMidnight, findings: new Findings() };
    for (const symbol of this.symbols) this.checkHasDay(symbol, date);
    const perSymbol = this.symbols.map((symbol) => this.readSymbol(symbol, day));
    const references = this.symbols.map((symbol) => this.referenceOf(symbol, day));
    const vix = this.vix.before(date, day.findings);
    const files = [...perSymbol.flatMap(({ files: used }) => used), ...this.referenceFiles(), ...vix.files];
    return new RecordedDay({
      date,
      references,
      description: {
        kind: 'lean',
        description: `QuantConnect minute trades and quotes of ${date}; VIX ${vix.words}`,
        seed: null,
        symbols: this.symbols,
        sha256: digestOf(files),
      },
      bars: perSymbol.map(({ bars }) => bars),
      quotes: perSymbol.map(({ quotes }) => quotes),
      vix: vix.value,
      findings: day.findings,
    });
  }

  private checkLayout(): void {
    const remedy = `Give the folder that contains ${EQUITY}/minute (the Data folder of QuantConnect's LEAN).`;
    requireFolder(this.root, remedy);
    const below = namesIn(`${this.root}/${EQUITY}/minute`);
    if (below.length > 0) return;
    throw dataError({
      code: 'DATA_LAYOUT',
      message: `${this.root} has no minute data: ${EQUITY}/minute is missing or empty`,
      remedy,
    });
  }

  private checkHasDay(symbol: TickerSymbol, date: DateText): void {
    const names = namesIn(`${this.root}/${minuteFolder(symbol)}`);
    if (names.length === 0) throw this.unknownSymbol(symbol);
    if (!names.includes(`${compact(date)}_trade.zip`)) throw noSuchDay(symbol, date, daysIn(names));
  }

  private readSymbol(symbol: TickerSymbol, day: DayContext): SymbolDay {
    const folder = minuteFolder(symbol);
    const trades = readDataFile(this.root, `${folder}/${compact(day.date)}_trade.zip`);
    if (trades === undefined) throw noSuchDay(symbol, day.date, []);
    const context: CleaningContext = { symbol, from: day.from, to: day.to, findings: day.findings };
    const bars = cleanBars(tradeRows(rowsOf(trades, TRADE_COLUMNS), day), context);
    if (bars.length === 0) throw emptyDay(trades.path);
    const quotesFile = readDataFile(this.root, `${folder}/${compact(day.date)}_quote.zip`);
    if (quotesFile === undefined) {
      return { bars, quotes: deriveQuotes(bars, day.findings), files: [trades] };
    }
    const quotes = cleanQuotes(quoteRows(rowsOf(quotesFile, QUOTE_COLUMNS), day), context);
    return { bars, quotes, files: [trades, quotesFile] };
  }

  /** The last day before the session, in shares of the session's day (F19); unknown when there is no recent one. */
  private referenceOf(symbol: TickerSymbol, day: DayContext): SymbolReference {
    const unknown = { symbol, previousClose: undefined, previousVolume: undefined, marketCap: undefined };
    const [last] = this.history(symbol, day.date, 1);
    if (last === undefined) return unknown;
    if (Date.parse(day.date) - Date.parse(last.date) > STALE_DAYS * DAY_MS) {
      day.findings.add('REFERENCE_STALE');
      return unknown;
    }
    const file = readDataFile(this.root, factorFile(symbol));
    const ratio = file === undefined ? { shares: 1, per: 1 } : splitRatio(parseSplitFactors(file), last.date, day.date);
    return {
      symbol,
      previousClose: price(Math.max(1, roundHalfEven((last.close * ratio.per) / ratio.shares))),
      previousVolume: roundHalfEven((last.volume * ratio.shares) / ratio.per),
      marketCap: undefined,
    };
  }

  private dailyOf(symbol: TickerSymbol): readonly DailyBar[] {
    let bars = this.dailyBars.get(symbol);
    if (bars === undefined) {
      const file = readDataFile(this.root, dailyFile(symbol));
      bars = file === undefined ? [] : parseDailyBars(file, symbol);
      this.dailyBars.set(symbol, bars);
    }
    return bars;
  }

  private referenceFiles(): DataFile[] {
    return this.symbols
      .flatMap((symbol) => [readDataFile(this.root, dailyFile(symbol)), readDataFile(this.root, factorFile(symbol))])
      .filter((file) => file !== undefined);
  }

  private unknownSymbol(symbol: TickerSymbol): TradeBotError {
    const known = namesIn(`${this.root}/${EQUITY}/minute`)
      .filter((name) => /^[a-z]/i.test(name))
      .map((name) => name.toUpperCase());
    return dataError({
      code: 'DATA_UNKNOWN_SYMBOL',
      message: `there is no minute data for ${symbol} in ${this.root}`,
      remedy: `Choose among: ${brief(known)}.`,
    });
  }
}

function minuteFolder(symbol: TickerSymbol): string {
  return `${EQUITY}/minute/${symbol.toLowerCase()}`;
}

function dailyFile(symbol: TickerSymbol): string {
  return `${EQUITY}/daily/${symbol.toLowerCase()}.zip`;
}

function factorFile(symbol: TickerSymbol): string {
  return `${EQUITY}/factor_files/${symbol.toLowerCase()}.csv`;
}

function compact(date: DateText): string {
  return date.replaceAll('-', '');
}

function daysIn(names: readonly string[]): string[] {
  return names
    .map((name) => /^(\d{4})(\d{2})(\d{2})_trade\.zip$/.exec(name))
    .filter((match) => match !== null)
    .map(([, year = '', month = '', day = '']) => `${year}-${month}-${day}`);
}

function rowsOf(file: DataFile, columns: number): Float64Array {
  const rows = parseNumberRows(unzipSingle(file.bytes, file.path), columns, file.path);
  if (rows.length === 0) throw emptyDay(file.path);
  return rows;
}

function* tradeRows(rows: Float64Array, { from }: DayContext): Iterable<RawBar> {
  for (let at = 0; at < rows.length; at += TRADE_COLUMNS) {
    const { open, high, low, close, size } = sideAt(rows, at + 1);
    yield { start: from + (rows[at] ?? Number.NaN), open, high, low, close, volume: size };
  }
}

function* quoteRows(rows: Float64Array, { from }: DayContext): Iterable<RawQuote> {
  for (let at = 0; at < rows.length; at += QUOTE_COLUMNS) {
    yield { start: from + (rows[at] ?? Number.NaN), bid: sideAt(rows, at + 1), ask: sideAt(rows, at + 6) };
  }
}

/** Five columns from `at`: open, high, low, close, and shares. */
function sideAt(rows: Float64Array, at: number): RawSide {
  return {
    open: rows[at] ?? Number.NaN,
    high: rows[at + 1] ?? Number.NaN,
    low: rows[at + 2] ?? Number.NaN,
    close: rows[at + 3] ?? Number.NaN,
    size: rows[at + 4] ?? Number.NaN,
  };
}

function noSuchDay(symbol: TickerSymbol, date: DateText, days: readonly string[]): TradeBotError {
  return dataError({
    code: 'DATA_NO_SUCH_DAY',
    message: `there is no minute data for ${symbol} on ${date}${closedNote(date)}`,
    remedy: `Available days of ${symbol}: ${brief(days)}.`,
  });
}

function emptyDay(path: string): TradeBotError {
  return dataError({
    code: 'DATA_EMPTY',
    message: `${path} has no usable row`,
    remedy: 'Fetch the file again, or omit its day or symbol.',
  });
}
