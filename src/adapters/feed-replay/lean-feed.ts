import { zonedToUtc } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE } from '../../domain/calendar/nyse.js';
import {
  cleanBars,
  cleanQuotes,
  deriveQuotes,
  Findings,
  roundHalfEven,
  type CleaningContext,
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
  pathIn,
  readDataFile,
  requireFolder,
  type DataFile,
} from '../feed-kit/data-files.js';
import { RecordedDay } from '../feed-kit/recorded-day.js';
import { ReplayFeed } from '../feed-kit/replay-feed.js';
import { commonDays } from '../feed-kit/common-days.js';
import { checkedSymbols, symbolsAmong } from '../feed-kit/symbols.js';
import { checkDay, checkQuotes, countFarReference } from './day-checks.js';
import { compact, daysIn, type ZipContent } from './lean-names.js';
import { parseDailyBars, parseSplitFactors, splitRatio, type DailyFile } from './lean-reference.js';
import { quoteRows, tradeRows } from './lean-rows.js';
import { VixSource, type VixOption } from './vix-source.js';

const EQUITY = 'equity/usa';
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
  private readonly daily = new Map<TickerSymbol, DailyFile>();

  constructor(options: LeanFeedOptions) {
    super();
    this.root = options.root.replace(/\/+$/, '') || '/';
    this.symbols = checkedSymbols(options.symbols);
    this.vix = new VixSource(options.vix);
  }

  history(symbol: TickerSymbol, before: DateText, days: number): readonly DailyBar[] {
    const earlier = this.dailyOf(symbol).bars.filter(({ date }) => date < before);
    return earlier.slice(Math.max(0, earlier.length - days));
  }

  /** Days that every symbol has minute trades of, oldest first. */
  days(): readonly DateText[] {
    this.checkLayout();
    return commonDays(
      this.symbols.map((symbol) => {
        const names = namesIn(pathIn(this.root, minuteFolder(symbol)));
        if (names.length === 0) throw this.unknownSymbol(symbol);
        return daysIn(names);
      }),
    );
  }

  openSession(date: DateText): RecordedSession {
    this.checkLayout();
    const midnight = zonedToUtc(date, '00:00', EXCHANGE_ZONE);
    const nextMidnight = zonedToUtc(addDays(date, 1), '00:00', EXCHANGE_ZONE);
    const day: DayContext = { date, from: midnight, to: nextMidnight, findings: new Findings() };
    for (const symbol of this.symbols) this.checkHasDay(symbol, date);
    const perSymbol = this.symbols.map((symbol) => this.readSymbol(symbol, day));
    const references = this.symbols.map((symbol) => this.referenceOf(symbol, day));
    references.forEach((reference, index) => {
      countFarReference(perSymbol[index]?.bars ?? [], reference, date, day.findings);
    });
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
    const names = namesIn(pathIn(this.root, minuteFolder(symbol)));
    if (names.length === 0) throw this.unknownSymbol(symbol);
    const wanted = `${compact(date)}_trade.zip`;
    if (!names.some((name) => name.toLowerCase() === wanted)) throw noSuchDay(symbol, date, daysIn(names));
  }

  private readSymbol(symbol: TickerSymbol, day: DayContext): SymbolDay {
    const { date, from, to } = day;
    const folder = minuteFolder(symbol);
    const trades = readDataFile(this.root, `${folder}/${compact(date)}_trade.zip`);
    if (trades === undefined) throw noSuchDay(symbol, date, []);
    const findings = new Findings();
    const context: CleaningContext = { symbol, from, to, findings };
    const read = tradeRows(trades, { symbol, resolution: 'minute', date, kind: 'trade' }, from);
    const bars = cleanBars(read.rows, context);
    checkDay({ symbol, date, path: trades.path, ...read, bars, findings });
    if (findings.of('PRICE_ROUNDED') * 2 > read.rows.length) throw notScaled(trades.path);
    day.findings.merge(findings);
    const quotes = this.quotesOf(`${folder}/${compact(date)}_quote.zip`, bars, context, day);
    return { bars, quotes: quotes.quotes, files: [trades, ...quotes.files] };
  }

  private quotesOf(
    name: string,
    bars: readonly Bar[],
    context: CleaningContext,
    day: DayContext,
  ): { readonly quotes: readonly QuoteBar[]; readonly files: readonly DataFile[] } {
    const { symbol } = context;
    const file = readDataFile(this.root, name);
    if (file === undefined) {
      return { quotes: deriveQuotes(bars, day.findings), files: [] };
    }
    const content: ZipContent = { symbol, resolution: 'minute', date: day.date, kind: 'quote' };
    const { rows } = quoteRows(file, content, day.from);
    const findings = new Findings();
    const quotes = cleanQuotes(rows, { ...context, findings });
    checkQuotes({ path: file.path, rows, quotes, findings }, bars);
    day.findings.merge(findings);
    return { quotes, files: [file] };
  }

  /** The last day before the session, in shares of the session's day (F19); unknown when there is no recent one. */
  private referenceOf(symbol: TickerSymbol, day: DayContext): SymbolReference {
    const unknown = { symbol, previousClose: undefined, previousVolume: undefined, marketCap: undefined };
    const [last] = this.history(symbol, day.date, 1);
    const unusable = this.dailyOf(symbol).unusable.filter((date) => date > (last?.date ?? '') && date < day.date);
    day.findings.add('REFERENCE_DAY_UNUSABLE', unusable.length);
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

  private dailyOf(symbol: TickerSymbol): DailyFile {
    let daily = this.daily.get(symbol);
    if (daily === undefined) {
      const file = readDataFile(this.root, dailyFile(symbol));
      daily = file === undefined ? { bars: [], unusable: [] } : parseDailyBars(file, symbol);
      this.daily.set(symbol, daily);
    }
    return daily;
  }

  private referenceFiles(): DataFile[] {
    return this.symbols
      .flatMap((symbol) => [readDataFile(this.root, dailyFile(symbol)), readDataFile(this.root, factorFile(symbol))])
      .filter((file) => file !== undefined);
  }

  private unknownSymbol(symbol: TickerSymbol): TradeBotError {
    const folder = `${this.root}/${EQUITY}/minute`;
    const known = namesIn(folder).filter((name) => daysIn(namesIn(`${folder}/${name}`)).length > 0);
    return dataError({
      code: 'DATA_UNKNOWN_SYMBOL',
      message: `there is no minute data for ${symbol} in ${this.root}`,
      remedy: `Choose among: ${brief(symbolsAmong(known))}.`,
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

function noSuchDay(symbol: TickerSymbol, date: DateText, days: readonly string[]): TradeBotError {
  return dataError({
    code: 'DATA_NO_SUCH_DAY',
    message: `there is no minute data for ${symbol} on ${date}${closedNote(date)}`,
    remedy: `Available days of ${symbol}: ${brief(days)}.`,
  });
}

function notScaled(path: string): TradeBotError {
  return dataError({
    code: 'DATA_NOT_SCALED',
    message: `${path} has prices with a fraction: the layout has whole numbers of 1/10,000 dollar`,
    remedy: 'Multiply the prices by 10,000, or give the data as <SYMBOL>.csv with prices in dollars.',
  });
}
