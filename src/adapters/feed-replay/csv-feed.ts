import { zonedToUtc } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE, isInCalendar, sessionOf } from '../../domain/calendar/nyse.js';
import { cleanBars, deriveQuotes, Findings } from '../../domain/market/quality.js';
import type { Bar, DailyBar, SymbolReference } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { dataError, TradeBotError } from '../../kernel/errors.js';
import { addDays, DAY_MS, type DateText, type EpochMs } from '../../kernel/time.js';
import type { RecordedSession } from '../../ports/market-data.js';
import {
  brief,
  closedNote,
  digestOf,
  namesIn,
  readDataFile,
  requireFolder,
  smallText,
  type DataFile,
} from '../feed-kit/data-files.js';
import { RecordedDay } from '../feed-kit/recorded-day.js';
import { ReplayFeed } from '../feed-kit/replay-feed.js';
import { commonDays, realDates } from '../feed-kit/common-days.js';
import { checkedSymbols, symbolsAmong } from '../feed-kit/symbols.js';
import { byUtcDate, dailyFromMinutes, type RowsByUtcDate } from './daily-from-minutes.js';
import { checkDay, countFarReference } from './day-checks.js';
import { hasBarHeader, parseCsvBars, type FileBar } from './csv-bars.js';
import { checkFile } from './csv-checks.js';
import { VixSource, type VixOption } from './vix-source.js';

const STALE_DAYS = 10;
/** Larger than a VIX history and other lists; a larger file is taken for bars without a look at its header. */
const SMALL_FILE = 1024 * 1024;
const FOLDER_REMEDY = 'Give the folder that holds one <SYMBOL>.csv for each symbol.';

export interface CsvFeedOptions {
  /** The folder of `<SYMBOL>.csv` files. */
  readonly dir: string;
  readonly symbols: readonly TickerSymbol[];
  readonly vix?: VixOption;
}

interface LoadedSymbol {
  readonly file: DataFile;
  /** Not checked by the quality rules yet. */
  readonly rows: RowsByUtcDate<FileBar>;
  /** The line without a line end; undefined when the file ends properly. */
  readonly cutOffLine: number | undefined;
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
    const earlier = this.daily(symbol).filter(({ date }) => date < before);
    return earlier.slice(Math.max(0, earlier.length - days));
  }

  /** Regular sessions that every symbol has minutes of, oldest first. */
  days(): readonly DateText[] {
    requireFolder(this.dir, FOLDER_REMEDY);
    return commonDays(this.symbols.map((symbol) => realDates(this.daily(symbol).map(({ date }) => date))));
  }

  openSession(date: DateText): RecordedSession {
    requireFolder(this.dir, FOLDER_REMEDY);
    const findings = new Findings();
    const day = rangeOf(date, findings);
    const bars = this.symbols.map((symbol) => this.barsOf(symbol, day));
    const references = this.symbols.map((symbol) => this.referenceOf(symbol, day));
    references.forEach((reference, index) => {
      countFarReference(bars[index] ?? [], reference, date, findings);
    });
    const vix = this.vix.before(date, findings);
    return new RecordedDay({
      date,
      references,
      description: {
        kind: 'csv',
        description: `minute bars from CSV on ${date}, quotes derived; VIX ${vix.words}`,
        seed: null,
        symbols: this.symbols,
        sha256: digestOf([...this.symbols.map((symbol) => this.load(symbol).file), ...vix.files]),
      },
      bars,
      quotes: bars.map((list) => deriveQuotes(list, findings)),
      vix: vix.value,
      findings,
    });
  }

  private barsOf(symbol: TickerSymbol, day: DayRange): readonly Bar[] {
    const bars = this.checkedBars(symbol, day);
    if (bars === undefined) throw noSuchDay(symbol, day.date, this.usableDays(symbol));
    return bars;
  }

  /** Undefined when the file has no row of the day. */
  private checkedBars(symbol: TickerSymbol, day: DayRange): readonly Bar[] | undefined {
    const loaded = this.load(symbol);
    const rows = rowsOn(loaded, day);
    if (rows.length === 0) return undefined;
    const findings = new Findings();
    const bars = cleanBars(rows, { symbol, from: day.from, to: day.to, findings });
    const lineOf = (index: number): number => rows[index]?.line ?? 1;
    checkDay({ symbol, date: day.date, path: loaded.file.path, rows, bars, findings, lineOf });
    if (rows.some(({ line }) => line === loaded.cutOffLine)) findings.add('ROW_CUT_OFF');
    day.findings.merge(findings);
    return bars;
  }

  private referenceOf(symbol: TickerSymbol, { date, findings }: DayRange): SymbolReference {
    const [last] = this.history(symbol, date, 1);
    findings.add('REFERENCE_DAY_UNUSABLE', this.unusableDays(symbol, last?.date, date));
    const stale = last !== undefined && Date.parse(date) - Date.parse(last.date) > STALE_DAYS * DAY_MS;
    if (stale) findings.add('REFERENCE_STALE');
    const known = stale ? undefined : last;
    return { symbol, previousClose: known?.close, previousVolume: known?.volume, marketCap: undefined };
  }

  /** Trading days after `after` and before `before` that have rows of a session, none of them usable. */
  private unusableDays(symbol: TickerSymbol, after: string | undefined, before: DateText): number {
    const days = [...this.load(symbol).rows].filter(([date, rows]) => {
      const session = isInCalendar(date) ? sessionOf(date) : undefined;
      if (session === undefined || date >= before || date <= (after ?? '')) return false;
      return rows.some(({ start }) => start >= session.opensAt && start < session.closesAt);
    });
    return days.length;
  }

  /** Trading days that `openDay` would not refuse for this symbol. */
  private usableDays(symbol: TickerSymbol): readonly DateText[] {
    return [...this.load(symbol).rows.keys()]
      .filter((date) => isInCalendar(date) && sessionOf(date) !== undefined && this.isUsable(symbol, date))
      .sort();
  }

  private isUsable(symbol: TickerSymbol, date: DateText): boolean {
    try {
      return this.checkedBars(symbol, rangeOf(date, new Findings())) !== undefined;
    } catch (error) {
      if (error instanceof TradeBotError && error.kind === 'DataError') return false;
      throw error;
    }
  }

  private daily(symbol: TickerSymbol): readonly DailyBar[] {
    const loaded = this.load(symbol);
    loaded.daily ??= dailyFromMinutes(symbol, loaded.rows);
    return loaded.daily;
  }

  private load(symbol: TickerSymbol): LoadedSymbol {
    let loaded = this.loaded.get(symbol);
    if (loaded === undefined) {
      const file = readDataFile(this.dir, `${symbol}.csv`);
      if (file === undefined) throw unknownSymbol(symbol, this.dir);
      const { rows, isCutOff } = parseCsvBars(file, symbol);
      const byDate = byUtcDate(rows);
      checkFile(file.path, byDate);
      loaded = { file, rows: byDate, cutOffLine: isCutOff ? rows.at(-1)?.line : undefined, daily: undefined };
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

function rangeOf(date: DateText, findings: Findings): DayRange {
  const from = zonedToUtc(date, '00:00', EXCHANGE_ZONE);
  return { date, from, to: zonedToUtc(addDays(date, 1), '00:00', EXCHANGE_ZONE), findings };
}

/** A day in New York ends within the next date of UTC. */
function rowsOn({ rows }: LoadedSymbol, { date, from, to }: DayRange): readonly FileBar[] {
  return [date, addDays(date, 1)]
    .flatMap((near) => rows.get(near) ?? [])
    .filter(({ start }) => start >= from && start < to);
}

function unknownSymbol(symbol: TickerSymbol, dir: string): TradeBotError {
  const files = namesIn(dir).filter(
    (name) => /\.csv$/i.test(name) && hasBarHeader(smallText(`${dir}/${name}`, SMALL_FILE)),
  );
  return dataError({
    code: 'DATA_UNKNOWN_SYMBOL',
    message: `${dir} has no ${symbol}.csv`,
    remedy: `Choose among: ${brief(symbolsAmong(files.map((name) => name.slice(0, -'.csv'.length))))}.`,
  });
}

function noSuchDay(symbol: TickerSymbol, date: DateText, days: readonly DateText[]): TradeBotError {
  return dataError({
    code: 'DATA_NO_SUCH_DAY',
    message: `there are no minute bars for ${symbol} on ${date}${closedNote(date)}`,
    remedy: `Available days of ${symbol}: ${brief(days)}.`,
  });
}
