import { zonedToUtc } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE } from '../../domain/calendar/nyse.js';
import { cleanBars, deriveQuote, Findings } from '../../domain/market/quality.js';
import type { Bar, DailyBar, SymbolReference } from '../../domain/market/types.js';
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
import { byUtcDate, dailyFromMinutes, type RowsByUtcDate } from './daily-from-minutes.js';
import { parseCsvBars } from './csv-bars.js';
import { VixSource, type VixOption } from './vix-source.js';

const STALE_DAYS = 10;

export interface CsvFeedOptions {
  /** The folder of `<SYMBOL>.csv` files. */
  readonly dir: string;
  readonly symbols: readonly TickerSymbol[];
  readonly vix?: VixOption;
}

interface LoadedSymbol {
  readonly file: DataFile;
  /** Not checked by the quality rules yet. */
  readonly rows: RowsByUtcDate;
  /** Regular sessions only, oldest first; built on first use. */
  daily: readonly DailyBar[] | undefined;
}

/**
 * Replays minute bars from plain CSV (TRD-1): one `<SYMBOL>.csv` per symbol with a header that names at least
 * timestamp, open, high, low, close and volume; any number of days. Such files have no quotes: bid and ask are derived
 * from each bar and counted. References come from the previous regular session in the same file. Throws DataError or
 * ConfigError.
 */
export class CsvFeed extends ReplayFeed {
  private readonly dir: string;
  private readonly symbols: readonly TickerSymbol[];
  private readonly vix: VixSource;
  private readonly loaded = new Map<TickerSymbol, LoadedSymbol>();

  constructor(options: CsvFeedOptions) {
    super();
    this.dir = options.dir.replace(/\/+$/, '') || '/';
    this.symbols = checkedSymbols(options.symbols);
    this.vix = new VixSource(options.vix);
  }

  history(symbol: TickerSymbol, before: DateText, days: number): readonly DailyBar[] {
    const loaded = this.load(symbol);
    loaded.daily ??= dailyFromMinutes(symbol, loaded.rows);
    const earlier = loaded.daily.filter(({ date }) => date < before);
    return earlier.slice(Math.max(0, earlier.length - days));
  }

  openSession(date: DateText): RecordedSession {
    requireFolder(this.dir, 'Give the folder that holds one <SYMBOL>.csv for each symbol.');
    const findings = new Findings();
    const from = zonedToUtc(date, '00:00', EXCHANGE_ZONE);
    const to = zonedToUtc(addDays(date, 1), '00:00', EXCHANGE_ZONE);
    const bars = this.symbols.map((symbol) => this.barsOf(symbol, { date, from, to, findings }));
    findings.add(
      'QUOTE_DERIVED',
      bars.reduce((sum, list) => sum + list.length, 0),
    );
    const vix = this.vix.before(date, findings);
    return new RecordedDay({
      date,
      references: this.symbols.map((symbol) => this.referenceOf(symbol, date, findings)),
      description: {
        kind: 'csv',
        description: `minute bars from CSV on ${date}, quotes derived; VIX ${vix.words}`,
        seed: null,
        symbols: this.symbols,
        sha256: digestOf([...this.symbols.map((symbol) => this.load(symbol).file), ...vix.files]),
      },
      bars,
      quotes: bars.map((list) => list.map(deriveQuote)),
      vix: vix.value,
      findings,
    });
  }

  private barsOf(symbol: TickerSymbol, day: DayRange): Bar[] {
    const { rows } = this.load(symbol);
    // A day in New York ends within the next date of UTC.
    const near = [day.date, addDays(day.date, 1)].flatMap((date) => rows.get(date) ?? []);
    const bars = cleanBars(
      near.filter(({ start }) => start >= day.from && start < day.to),
      { symbol, from: day.from, to: day.to, findings: day.findings },
    );
    if (bars.length === 0) throw noSuchDay(symbol, day.date, rows);
    return bars;
  }

  private referenceOf(symbol: TickerSymbol, date: DateText, findings: Findings): SymbolReference {
    const [last] = this.history(symbol, date, 1);
    const stale = last !== undefined && Date.parse(date) - Date.parse(last.date) > STALE_DAYS * DAY_MS;
    if (stale) findings.add('REFERENCE_STALE');
    const known = stale ? undefined : last;
    return { symbol, previousClose: known?.close, previousVolume: known?.volume, marketCap: undefined };
  }

  private load(symbol: TickerSymbol): LoadedSymbol {
    let loaded = this.loaded.get(symbol);
    if (loaded === undefined) {
      const file = readDataFile(this.dir, `${symbol}.csv`);
      if (file === undefined) throw unknownSymbol(symbol, this.dir);
      loaded = { file, rows: byUtcDate(parseCsvBars(file)), daily: undefined };
      this.loaded.set(symbol, loaded);
    }
    return loaded;
  }
}

interface DayRange {
  readonly date: DateText;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly findings: Findings;
}

function unknownSymbol(symbol: TickerSymbol, dir: string): TradeBotError {
  const known = namesIn(dir)
    .filter((name) => name.endsWith('.csv'))
    .map((name) => name.slice(0, -'.csv'.length));
  return dataError({
    code: 'DATA_UNKNOWN_SYMBOL',
    message: `${dir} has no ${symbol}.csv`,
    remedy: `Choose among: ${brief(known)}.`,
  });
}

function noSuchDay(symbol: TickerSymbol, date: DateText, rows: RowsByUtcDate): TradeBotError {
  return dataError({
    code: 'DATA_NO_SUCH_DAY',
    message: `there are no minute bars for ${symbol} on ${date}${closedNote(date)}`,
    remedy: `Available days of ${symbol}: ${brief([...rows.keys()].sort())}.`,
  });
}
